"""The network beside optimised pictures in the same style: scores, and what they take."""

from pathlib import Path

import numpy as np
import pandas as pd
from markupsafe import Markup

from common.report import wording
from common.report.parts import table
from projects.neural_style_transfer.data import OPTIMISED, PAINTED
from projects.neural_style_transfer.embedded import PHOTOGRAPHS
from projects.neural_style_transfer.shown import in_percent, records, share

NETWORK, OPTIMISER, COLOURS = "network", "optimised", "colours alone"
ALL = "all"
_KINDS = {Path(name).stem: kind for name, kind in PHOTOGRAPHS.items()}
"""What the photographs show, so that their crops can be set against them."""


def compared(predictions: pd.DataFrame, style: str) -> Markup:
    """Return medians of the network's pictures beside those optimised, and the baseline's.

    Of all contents, and of each kind that both painted. `style` is the spec that the network was
    trained with.
    """
    named = Path(style.removeprefix("file:")).stem
    network = predictions[predictions["unit"] == PAINTED]
    ways = {NETWORK: network.assign(kind=network["label"].astype(str))}
    optimised = predictions[predictions["unit"] == OPTIMISED]
    if len(optimised):
        same = optimised[optimised["grid.style"] == named]
        if len(same):
            ways[OPTIMISER] = same.assign(kind=same["grid.content"].replace(_KINDS))
    common = sorted(set.intersection(*(set(rows["kind"]) for rows in ways.values())))
    kinds = common if len(ways) > 1 else []
    painted = ways[NETWORK]
    colours = painted.assign(distance=painted["untouched"], edges=painted["untouched_edges"])
    rows = [
        _row(kind, way, some[some["kind"] == kind] if kind != ALL else some)
        for kind in (ALL, *kinds)
        for way, some in {**ways, COLOURS: colours}.items()
    ]
    shown = table(
        pd.DataFrame(rows),
        right=("pictures", "style distance", "edges kept", "time"),
        html=("style distance",),
    )
    return shown + Markup('<p class="note">{} {}</p>').format(
        _difference(ways, kinds, named),
        "Medians, behind them the lowest and the highest. Style distance: as a share of what"
        " transferring colours alone leaves of it; edges kept: correlation with the content's."
        " Colours alone are the baseline, on the network's contents. Time: of one picture on the"
        " machine of this run; the network's after a warm-up, without reading or writing a file.",
    )


def _row(kind: str, way: str, rows: pd.DataFrame) -> dict[str, object]:
    shares = _shares(rows)
    distance = Markup("{}").format(in_percent(float(np.median(shares))))
    if len(rows) > 1:
        distance += Markup(' <span class="soft">{} to {}</span>').format(
            in_percent(shares.min()), in_percent(shares.max())
        )
    return {
        "content": kind,
        "way": way,
        "pictures": len(rows),
        "style distance": distance,
        "edges kept": f"{rows['edges'].median():.2f}",
        "time": _time(way, rows),
    }


def _time(way: str, rows: pd.DataFrame) -> str:
    if way == OPTIMISER:
        return f"{wording.number(float(rows['grid.seconds'].median()))}\u00a0s"
    if way == NETWORK:
        return f"{wording.number(float(rows['milliseconds'].median()))}\u00a0ms"
    return "–"


def _shares(rows: pd.DataFrame) -> np.ndarray:
    return np.array([share(row) for row in records(rows)])


def _difference(ways: dict[str, pd.DataFrame], kinds: list[str], style: str) -> str:
    """Return where both differ, on kinds that both painted where there are, or why it is open."""
    if len(ways) == 1:
        return (
            f"No picture was optimised in {style}, the network's style: name it in grid.styles"
            " to compare."
        )
    network, optimised = (
        rows[rows["kind"].isin(kinds)] if kinds else rows for rows in ways.values()
    )
    farther = float(np.median(_shares(network)) - np.median(_shares(optimised)))
    kept = float(network["edges"].median() - optimised["edges"].median())
    on = f"Of the kinds that both painted ({', '.join(kinds)}), the" if kinds else "The"
    return (
        f"{on} network's pictures are {100 * abs(farther):.0f} points"
        f" {'farther from' if farther > 0 else 'nearer to'} the style and keep"
        f" {'more' if kept > 0 else 'less'} of the edges (by {abs(kept):.2f}). Sizes and"
        " croppings are not the same, so small differences say nothing."
    )
