"""Where a translation looked: pieces of source and target with the attention between them."""

import base64
import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projects.machine_translation.tokens import REPLACEMENT, SPACE, SPECIAL, Tokens

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Weights = NDArray[np.float32]

END_SHOWN = "⏎"
_NAMES = {SPECIAL[3]: END_SHOWN, SPECIAL[1]: REPLACEMENT}
_LINES, _SHADES = "#e2dfd8", ("#ffffff", "#b4431f")
_FONT = "DejaVu Sans"


class Alignment(NamedTuple):
    """Pieces as they are shown, and how much each of the target's looked at each of the source's.

    `weights`: (target pieces, source pieces) in [0, 1].
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: Weights

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see: a network without attention gives zeros."""
        return not self.weights.any()


def shown(tokens: Tokens, ids: Iterable[int]) -> tuple[str, ...]:
    """Return pieces as a picture labels them; the end is a return sign."""
    return tuple(_NAMES.get(piece, piece) for piece in tokens.shown(ids))


def packed(alignment: Alignment) -> str:
    """Return the alignment as JSON, its weights rounded to 1/255."""
    weights = np.rint(255 * np.clip(alignment.weights, 0, 1)).astype(np.uint8)
    return json.dumps(
        {
            "source": alignment.source,
            "target": alignment.target,
            "weights": base64.b64encode(weights.tobytes()).decode(),
        },
        ensure_ascii=False,
    )


def unpacked(text: str) -> Alignment:
    """Return the alignment that was packed."""
    kept = json.loads(text)
    source, target = tuple(kept["source"]), tuple(kept["target"])
    levels = np.frombuffer(base64.b64decode(kept["weights"]), np.uint8)
    weights = levels.reshape(len(target), len(source)) / np.float32(255)
    return Alignment(source, target, weights.astype(np.float32))


def by_source_words(alignment: Alignment) -> Alignment:
    """Return the alignment with the source's pieces joined to words, their weights added."""
    words = _words(alignment.source)
    weights = np.stack([alignment.weights[:, word].sum(axis=1) for word in words], axis=1)
    return alignment._replace(source=_joined(alignment.source, words), weights=weights)


def by_words(alignment: Alignment) -> Alignment:
    """Return the alignment between words: target pieces are averaged, source pieces added."""
    found = by_source_words(alignment)
    words = _words(found.target)
    weights = np.stack([found.weights[word].mean(axis=0) for word in words])
    return found._replace(target=_joined(found.target, words), weights=weights)


def width(piece: str) -> int:
    """Return how many columns a piece takes: marks none, Chinese characters two."""
    return sum(
        0 if unicodedata.combining(one) else 1 + (unicodedata.east_asian_width(one) in "WF")
        for one in piece
    )


def figure(
    source_pieces: Sequence[str], target_pieces: Sequence[str], attention: Weights
) -> "Figure":
    """Return the picture of an alignment: source from left to right, target from top to bottom.

    `attention`: (target pieces, source pieces) in [0, 1]. What no font here has is a box.
    """
    import matplotlib
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    widest = max(map(width, source_pieces))
    cell, turn = (0.2, 0) if widest <= 2 else (0.25, 90)
    left, top = 0.2 + 0.09 * max(map(width, target_pieces)), 0.2 + 0.09 * widest
    columns, rows = len(source_pieces), len(target_pieces)
    inches = (left + cell * columns + 0.1, top + 0.2 * rows + 0.1)
    place = (left / inches[0], 0.1 / inches[1])
    with matplotlib.rc_context(
        {"font.family": _families((*source_pieces, *target_pieces)), "text.parse_math": False}
    ):
        drawn = Figure(figsize=inches, dpi=150)
        axes = drawn.add_axes((*place, cell * columns / inches[0], 0.2 * rows / inches[1]))
        shades = LinearSegmentedColormap.from_list("attention", _SHADES)
        axes.pcolormesh(attention, cmap=shades, vmin=0, vmax=1, edgecolor=_LINES, linewidth=0.5)
        axes.invert_yaxis()
        axes.xaxis.tick_top()
        axes.tick_params(length=0, labelsize=9, pad=2)
        axes.set_xticks(np.arange(columns) + 0.5, source_pieces, rotation=turn)
        axes.set_yticks(np.arange(rows) + 0.5, target_pieces)
        axes.spines[:].set_visible(False)
    return drawn


def _words(pieces: Sequence[str]) -> list[list[int]]:
    """Return the places of the pieces of each word: runs of letters, digits or other signs."""
    found: list[list[int]] = []
    last = ""
    for place, piece in enumerate(pieces):
        bare = piece.lstrip(SPACE)
        kinds = [_kind(one) for one in bare] or [last]
        starts = piece.startswith(SPACE) or kinds[0] != last
        after_blank = found and pieces[found[-1][-1]] == SPACE
        if (starts and not after_blank) or piece == END_SHOWN or not found:
            found.append([])
        found[-1].append(place)
        last = kinds[-1]
    return found


def _kind(character: str) -> str:
    general = unicodedata.category(character)[0]
    return {"M": "L"}.get(general, general if general in "LN" else "other")


def _joined(pieces: Sequence[str], words: list[list[int]]) -> tuple[str, ...]:
    said = ("".join(pieces[place] for place in word) for word in words)
    return tuple(one.replace(SPACE, " ").strip(" ") or SPACE for one in said)


def _families(pieces: Iterable[str]) -> list[str]:
    """Return font families that have all of these characters, as far as any here does."""
    from matplotlib.font_manager import findfont, fontManager, get_font

    missing = {ord(one) for piece in pieces for one in piece}
    found = []
    # matplotlib's own font of boxes has every character: it comes last
    others = sorted(
        (one.name.startswith("Last"), one.name, one.fname) for one in fontManager.ttflist
    )
    for _, name, file in [(False, _FONT, findfont(_FONT)), *others]:
        drawn = missing & set(get_font(file).get_charmap()) if missing else set()
        if drawn:
            found.append(name)
            missing -= drawn
    return found or [_FONT]
