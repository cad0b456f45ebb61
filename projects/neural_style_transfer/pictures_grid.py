"""Tables of optimised pictures: contents by styles, strengths by scales."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from common.report import wording
from common.report.parts import picture
from projects.neural_style_transfer.optimise import SMALLEST
from projects.neural_style_transfer.shown import (
    after,
    before,
    in_percent,
    name_of,
    opened,
    records,
    share,
)

MOST_ROWS, MOST_COLUMNS = 6, 6
"""Contents and styles that are shown, so that the page stays small."""
_WIDEST, _NARROWEST, _STRENGTH = 230, 118, 84
"""Widths of columns in pixels: at most and at least, and that of the strengths."""
_PAGE = 920
_CSS = Markup(
    "<style>.paintings{table-layout:fixed}.paintings td,.paintings th{border:0;"
    "padding:0 10px 12px 0;vertical-align:top;font-size:13px;line-height:1.35}"
    ".paintings img{display:block;width:100%;height:auto;border-radius:4px;margin-bottom:4px}"
    ".paintings td:last-child,.paintings th:last-child{padding-right:10px}</style>"
)


def grid(rows: pd.DataFrame) -> Markup:
    """Return contents (a row each) in styles (a column each), scores under every picture.

    `rows`: the optimised units, with their scores and `grid.*`.
    """
    contents, styles = _firsts(rows, "grid.content"), _firsts(rows, "grid.style")
    shown_contents, shown_styles = contents[:MOST_ROWS], styles[:MOST_COLUMNS]
    each = min(_WIDEST, _PAGE // (len(shown_styles) + 1))
    heads = [_headed(row["grid.style_file"], f"style {row['grid.style']}", each)
             for row in shown_styles]  # fmt: skip
    sides = [_headed(row["grid.original"], str(row["grid.content"]), each)
             for row in shown_contents]  # fmt: skip
    cells = {(row["grid.content"], row["grid.style"]): row for row in records(rows)}
    body = [
        [
            _cell(cells.get((content["grid.content"], style["grid.style"])), each)
            for style in shown_styles
        ]
        for content in shown_contents
    ]
    html = _table("contents and styles", heads, sides, body, each=each)
    left_out = len(contents) * len(styles) - len(shown_contents) * len(shown_styles)
    return html + _told(rows, left_out)


def sheet(rows: pd.DataFrame) -> Markup:
    """Return one content in one style: strengths (a row each) by numbers of scales.

    `rows`: units of the contact sheet; of several contents or styles, a table each.
    """
    html = Markup("")
    for _, some in rows.groupby(["grid.content", "grid.style"], sort=False):
        strengths = sorted(some["grid.strength"].unique())
        scales = sorted(some["grid.scales"].unique())
        made = records(some)
        cells = {(row["grid.strength"], row["grid.scales"]): row for row in made}
        each = min(_WIDEST, 2 * before(made[0]).shape[1])
        html += Markup("<h3>{}</h3>").format(name_of(made[0])) + _table(
            "",
            [Markup("{} scale{}").format(int(n), "s" if n > 1 else "") for n in scales],
            [Markup("strength {}").format(wording.number(float(one))) for one in strengths],
            [[_cell(cells.get((one, n)), each) for n in scales] for one in strengths],
            each=each,
            first=_STRENGTH,
        )
    return html + Markup(
        '<p class="note">Strength is the weight of the style against the content; scales, how many'
        " sizes are optimised one after the other, the smallest first, with as many steps at every"
        " size; sizes with a side below {} pixels are left out. {}</p>"
    ).format(SMALLEST, _changes(rows))


def _changes(rows: pd.DataFrame) -> str:
    """Return what the medians do from the least strength to the most, and of scales."""
    said = []
    for column, name in (("grid.strength", "strength"), ("grid.scales", "scales")):
        ends = rows[column].min(), rows[column].max()
        if ends[0] == ends[1]:
            continue
        some = [records(rows[rows[column] == end]) for end in ends]
        shares = [in_percent(float(np.median([share(row) for row in part]))) for part in some]
        edges = [f"{np.median([row['edges'] for row in part]):.2f}" for part in some]
        said.append(
            f"{name} {ends[0]:g} to {ends[1]:g}: distance {shares[0]} to {shares[1]},"
            f" edges {edges[0]} to {edges[1]}"
        )
    return f"Medians, {'; '.join(said)}." if said else ""


def not_applicable(rows: pd.DataFrame) -> Markup:
    """Return why the gaps of this report say nothing of optimised pictures."""
    return Markup(
        '<p class="note">Bias, variance and the other gaps are not applicable to these {} pictures:'
        " each was optimised for itself, pixel by pixel, and nothing was trained. There are no"
        " pictures seen in training to set against unseen ones, so what is left of the distance is"
        " the objective's and its number of steps', not a failure to generalise. The gaps of this"
        " page are those of the network.</p>"
    ).format(wording.whole(len(rows)))


def _told(rows: pd.DataFrame, left_out: int) -> Markup:
    middle = {name: float(np.median([score(row) for row in records(rows)]))
              for name, score in _SCORES.items()}  # fmt: skip
    stopped = [f"{name_of(row)}: {row['grid.stopped']}" for row in records(rows)
               if row["grid.stopped"]]  # fmt: skip
    return Markup(
        '<p class="note">Under each: distance to the style as a share of what is left after'
        " transferring colours alone (the error, no optimiser saw it), edges of the content that"
        " are kept (correlation), seconds. Medians: {}, edges {}, {}\u00a0s.{}{}</p>"
    ).format(
        in_percent(middle["share"]),
        f"{middle['edges']:.2f}",
        _seconds(middle["seconds"]),
        f" {left_out} more pictures are in the run's table." if left_out else "",
        f" Ended early: {'; '.join(stopped[:3])}." if stopped else "",
    )


_SCORES: Mapping[str, Callable[[Mapping[str, Any]], float]] = {
    "share": share,
    "edges": lambda row: float(row["edges"]),
    "seconds": lambda row: float(row["grid.seconds"]),
}


def _firsts(rows: pd.DataFrame, column: str) -> list[dict[str, Any]]:
    return records(rows.drop_duplicates(column))


def _headed(path: str, name: str, width: int) -> Markup:
    return picture(opened(path), name, width) + Markup("{}").format(name)


def _cell(row: Mapping[str, Any] | None, width: int) -> Markup:
    made = None if row is None else after(row)
    if row is None or made is None:
        return Markup("–")
    return picture(made, name_of(row), width) + Markup(
        '<b>{}</b> <span class="soft">edges {}, {}\u00a0s</span>'
    ).format(in_percent(share(row)), f"{row['edges']:.2f}", _seconds(row["grid.seconds"]))


def _seconds(value: float) -> str:
    return wording.decimal(value, 0 if value >= 10 else 1)


def _table(
    corner: str,
    heads: Sequence[Markup],
    sides: Sequence[Markup],
    body: Sequence[Sequence[Markup]],
    *,
    each: int,
    first: int | None = None,
) -> Markup:
    """Return the table; columns are `each` pixels wide at most, the first one `first`."""
    cells = [
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            side, Markup("").join(Markup("<td>{}</td>").format(cell) for cell in row)
        )
        for side, row in zip(sides, body, strict=True)
    ]
    return Markup(
        '{}<div class="scroll"><table class="paintings" style="width:min(100%,{}px);min-width:{}px"'
        '><colgroup><col{}></colgroup><thead><tr><td class="soft">{}</td>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(
        _CSS,
        (first or each) + each * len(heads),
        (first or _NARROWEST) + _NARROWEST * len(heads),
        Markup(' style="width:{}px"').format(first) if first else "",
        corner,
        Markup("").join(Markup('<th scope="col">{}</th>').format(one) for one in heads),
        Markup("").join(cells),
    )
