"""How the report shows pictures in a style, and the room's own parts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from common.report.content import Card, Part
from projects.neural_style_transfer.colour import transferred
from projects.neural_style_transfer.compared import compared
from projects.neural_style_transfer.cost_curves import cost_curves
from projects.neural_style_transfer.data import OPTIMISED, PAINTED, SHEET, Assets, style_of
from projects.neural_style_transfer.pictures_grid import grid, not_applicable, sheet
from projects.neural_style_transfer.settings import Settings
from projects.neural_style_transfer.shown import (
    Row,
    after,
    before,
    in_percent,
    name_of,
    records,
    share,
    side_by_side,
)
from projects.neural_style_transfer.slider import CSS, slider

if TYPE_CHECKING:
    Table = pd.DataFrame

WORST = 6
MOST_ATTRIBUTES = 3
_CARD, _TRIPLE = 150, 170
"""Widths of a picture, in pixels."""


def card(row: Mapping[str, Any], settings: Settings) -> Card:
    """Return the content beside what was made of it, how near the style it is, what is kept."""
    made = after(row)
    shown = [(before(row), f"content: {name_of(row)}")]
    shown += [(made, f"{name_of(row)}, painted")] if made is not None else []
    media, said = side_by_side(shown, _CARD, least=100), _said(row)
    return Card(media=media, detail=_detail(row), answer=said["answer"], truth=said["truth"])


def parts(
    units: "Table", predictions: "Table", assets: Assets, settings: Settings
) -> tuple[Part, ...]:
    """Return optimised pictures, sliders, curves, the network's worst, the contact sheet, both."""
    by_unit = {str(unit): rows for unit, rows in predictions.groupby("unit")}
    made = []
    if OPTIMISED in by_unit:
        optimised = by_unit[OPTIMISED]
        histories = [pd.read_parquet(path) for path in optimised["grid.history"]]
        made += [
            Part("Optimised pictures", grid(optimised) + not_applicable(optimised), leads=True),
            Part("Before and after", sliders(optimised), leads=True),
            Part("Costs while optimising", cost_curves(histories)),
        ]
    if PAINTED in by_unit:
        made.append(Part("The network's worst pictures", worst(by_unit[PAINTED], assets)))
    if SHEET in by_unit:
        made.append(Part("Strengths and scales", sheet(by_unit[SHEET])))
    if PAINTED in by_unit:
        made.append(Part("Network or optimiser", compared(predictions, assets.style)))
    return tuple(made)


def sliders(optimised: "Table") -> Markup:
    """Return sliders between content and picture, for the one nearest its style and the farthest.

    As shares of what transferring colours leaves of the distance.
    """
    ordered = sorted(records(optimised), key=share)
    chosen = {"nearest": ordered[0], "farthest": ordered[-1]}
    if len(ordered) == 1:
        del chosen["farthest"]
    html = [
        slider(
            before(row),
            made,
            f"{name_of(row)}: {said} its style",
            f"{in_percent(share(row))} of colour transfer's distance,"
            f" edges {float(row['edges']):.2f}",
        )
        for said, row in (
            (f"{word} {'to' if word == 'nearest' else 'from'}", row) for word, row in chosen.items()
        )
        if (made := after(row)) is not None
    ]
    return Markup('{}<div class="sliders">{}</div><p class="note">{}</p>').format(
        CSS,
        Markup("").join(html),
        "Left of the edge the content, right of it what was made of it. The bar below a picture"
        " moves the edge, and so do swiping and the arrow keys.",
    )


def worst(painted: "Table", assets: Assets) -> Markup:
    """Return the paintings farthest from the style: content, colour transfer's, the network's."""
    style = style_of(assets)
    figures = []
    for row in sorted(records(painted), key=share, reverse=True)[:WORST]:
        content, made = before(row), after(row)
        if made is None:
            return Markup('<p class="note">{}</p>').format(
                "The predictions hold no paintings, so none are shown."
            )
        colours = np.rint(255 * transferred((content / 255).astype(np.float32), style))
        pictures = [
            (content, f"content: {name_of(row)}"),
            (colours.astype(np.uint8), "its colours transferred"),
            (made, "painted by the network"),
        ]
        said = _said(row)
        figures.append(
            Markup(
                '<figure><div class="thumb">{}</div><figcaption><b>{}</b> <span>{}</span>'
                "<small>{}</small></figcaption></figure>"
            ).format(side_by_side(pictures, _TRIPLE), said["answer"], said["truth"], _detail(row))
        )
    return Markup(
        '<div class="gallery" style="grid-template-columns:'
        'repeat(auto-fill,minmax(min(300px,100%),1fr))">{}</div><p class="note">{}</p>'
    ).format(
        Markup("").join(figures),
        f"{_farther(painted)} From left to right: the content, the content in the style's colours"
        " (the baseline), and the network's picture. No random sample: the farthest from"
        " the style come first.",
    )


def _farther(painted: "Table") -> str:
    """Return in words how many paintings are no nearer to the style than the baseline is."""
    number = sum(share(row) > 1 for row in records(painted))
    are = "are" if number > 1 else "is"
    errors = "as errors they count" if number > 1 else "as an error it counts"
    counted = f"; {errors} 100\u00a0%" if number else ""
    return (
        f"{number or 'None'} of {len(painted)} {are} farther from the style than the content in its"
        f" colours alone{counted}."
    )


def _said(row: Row) -> dict[str, str]:
    return {
        "answer": f"style distance {in_percent(share(row))} of colour transfer's",
        "truth": f"edges kept {float(row['edges']):.2f}",
    }


def _detail(row: Row) -> str:
    """Return what a picture is of: kinds first, then what was measured on the content."""
    if row["unit"] != PAINTED:
        strength, scales = float(row["grid.strength"]), int(row["grid.scales"])
        return f"{name_of(row)}, strength {strength:g}, {scales} scale{'s' * (scales > 1)}"
    known = {name.removeprefix("attr."): value for name, value in row.items()
             if name.startswith("attr.")}  # fmt: skip
    words = [str(value) for value in known.values() if isinstance(value, str) and value]
    words += [
        f"{name} {value:.2f}"
        for name, value in known.items()
        if name in ("detail", "contrast", "brightness") and not pd.isna(value)
    ]
    return ", ".join(dict.fromkeys(words[:MOST_ATTRIBUTES]))
