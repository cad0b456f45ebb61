"""An alignment for the report, in the page's own colours: an SVG map, or glosses over words."""

from collections.abc import Collection, Sequence

import numpy as np
from markupsafe import Markup

from projects.machine_translation.alignment import END_SHOWN, Alignment, width

LEVELS = 8
"""Shades of attention; what is below half of the first is left out."""
_FONT, _EM, _ROW, _GAP = 11, 7.4, 14.0, 4.0
_LONGEST, _LONGEST_TURNED = 16, 9
"""Letters of a label before it is cut."""


def drawn(
    alignment: Alignment, label: str, *, turned: bool = False, wrong: Collection[int] = ()
) -> Markup:
    """Return the map: a column per source piece, a row per target piece.

    It scrolls inside itself where it is wider than its place. `turned`, for a small card: a row
    per source piece, and it shrinks with the card. `label` says in words what is to be seen;
    target pieces at the places `wrong` stand out.
    """
    longest = _LONGEST_TURNED if turned else _LONGEST
    sides = [_short(pieces, longest) for pieces in alignment[:2]]
    styles = [
        ["fill:var(--soft)"] * len(sides[0]),
        [_WRONG if place in wrong else "fill:var(--ink)" for place in range(len(sides[1]))],
    ]
    cells = alignment.weights
    if turned:
        sides, styles, cells = sides[::-1], styles[::-1], cells.T
    (across, down), (across_styles, down_styles) = sides, styles
    upright = max(map(width, across)) <= 1
    pitch = 9.0 if upright else _ROW
    left = round(_EM * max(map(width, down)) + _GAP, 1)
    top = _ROW if upright else round(_EM * max(map(width, across)) + 2 * _GAP, 1)
    whole = (round(left + pitch * len(across) + 1, 1), round(top + _ROW * len(down) + 1, 1))
    names = [
        _text(name, style, round(left - _GAP, 1), round(top + _ROW * (row + 0.5) + 4, 1), "end")
        for row, (name, style) in enumerate(zip(down, down_styles, strict=True))
    ]
    for column, (name, style) in enumerate(zip(across, across_styles, strict=True)):
        x = round(left + pitch * (column + 0.5), 1)
        names.append(
            _text(name, style, x, top - _GAP, "middle")
            if upright
            else _text(name, style, round(x + 4, 1), top - _GAP, "start", turn=True)
        )
    size = "width:100%;max-width" if turned else "width"
    return Markup(
        '<div class="scroll" style="margin:0"><svg viewBox="0 0 {} {}" style="{}:{}px"'
        ' role="img" aria-label="{}"><g transform="translate({} {}) scale({} {})"'
        ' style="fill:var(--line)"><rect width="{}" height="{}" style="opacity:.4"/>'
        '<g style="fill:var(--accent)">{}</g></g><g style="font-size:{}px">{}</g></svg></div>'
    ).format(
        *whole, size, whole[0], label, left, top, pitch, _ROW,
        len(across), len(down), _shades(cells), _FONT, Markup("").join(names),
    )  # fmt: skip


def glossed(alignment: Alignment) -> Markup:
    """Return the target with, over each word, the source word it looked at most.

    The fainter, the less it did. It flows like text, so it fits where no map does.
    """
    words = [
        Markup(
            '<ruby style="white-space:nowrap">{}<rt style="color:var(--accent);font-size:10px;'
            'padding:0 2px;opacity:{}">{}</rt></ruby>'
        ).format(word, round(0.3 + 0.7 * float(weights.max()), 2), source)
        for word, weights in zip(alignment.target, alignment.weights, strict=True)
        for source in [alignment.source[int(weights.argmax())]]
        if word != END_SHOWN
    ]
    return Markup(
        '<p style="margin:4px 0 0;line-height:2.3;border-top:1px solid var(--line)">{}</p>'
    ).format(Markup(" ").join(words))


_WRONG = "fill:var(--accent);font-weight:700"


def _short(pieces: Sequence[str], longest: int) -> list[str]:
    return [one if len(one) <= longest else one[: longest - 1] + "…" for one in pieces]


def _text(name: str, style: str, x: float, y: float, anchor: str, turn: bool = False) -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}" style="{}"{}>{}</text>').format(
        x, y, anchor, style, Markup(' transform="rotate(-90 {} {})"').format(x, y) if turn else "",
        name,
    )  # fmt: skip


def _shades(cells: np.ndarray) -> Markup:
    """Return a path of unit squares for each shade; attention is sparse, so they are few."""
    levels = np.rint(LEVELS * np.clip(cells, 0, 1)).astype(int)
    paths = []
    for level in range(1, LEVELS + 1):
        squares = "".join(f"M{x} {y}h1v1h-1z" for y, x in np.argwhere(levels == level))
        if squares:
            paths.append(
                Markup('<path d="{}" style="fill-opacity:{}"/>').format(squares, level / LEVELS)
            )
    return Markup("").join(paths)
