"""The network beside optimised pictures in the same style: scores, and what they take."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from markupsafe import Markup

from common.report import wording
from common.report.parts import table
from projects.neural_style_transfer.data import OPTIMISED, PAINTED
from projects.neural_style_transfer.shown import in_percent, records, share

NETWORK, OPTIMISER = "network", "optimised"


def compared(predictions: pd.DataFrame, style: str) -> Markup:
    """Return medians of the network's pictures and of those optimised in the same `style`.

    By kind of content, where there is more than one. `style` is the spec the network was trained
    with.
    """
    named = Path(style.removeprefix("file:")).stem
    network = predictions[predictions["unit"] == PAINTED]
    optimised = predictions[predictions["unit"] == OPTIMISED]
    same = optimised[optimised["grid.style"] == named] if len(optimised) else optimised
    rows = _rows(NETWORK, network, "label")
    rows += _rows(OPTIMISER, same, "grid.content") if len(same) else []
    shown = table(
        pd.DataFrame(rows),
        right=("pictures", "style distance", "lowest to highest", "edges kept", "seconds"),
    )
    return shown + _told(network, same, named)


def _rows(way: str, rows: pd.DataFrame, kinds: str) -> list[dict[str, object]]:
    """Return what is said of all the rows, and of each kind where there are several."""
    made = [_row(way, "all", rows)]
    if rows[kinds].nunique() > 1:
        made += [_row("", str(kind), some) for kind, some in rows.groupby(kinds, sort=True)]
    return made


def _row(way: str, kind: str, rows: pd.DataFrame) -> dict[str, object]:
    shares = _shares(rows)
    seconds = rows["grid.seconds"].dropna() if "grid.seconds" in rows else pd.Series(dtype=float)
    return {
        "way": way,
        "content": kind,
        "pictures": len(rows),
        "style distance": in_percent(float(np.median(shares))),
        "lowest to highest": f"{in_percent(shares.min())} to {in_percent(shares.max())}",
        "edges kept": f"{rows['edges'].median():.2f}",
        "seconds": wording.number(float(seconds.median())) if len(seconds) else "–",
    }


def _shares(rows: pd.DataFrame) -> np.ndarray:
    return np.array([share(row) for row in records(rows)])


def _told(network: pd.DataFrame, optimised: pd.DataFrame, style: str) -> Markup:
    """Return where both differ, or why they cannot be compared, and what the columns are."""
    columns = (
        "Medians. Style distance: as a share of what transferring colours alone leaves of it;"
        " edges kept: correlation with the content's."
        " The network takes one pass per picture, whose milliseconds are"
    )
    return Markup('<p class="note">{} {} under <a href="#exports">Exported</a>.</p>').format(
        _difference(network, optimised, style), columns
    )


def _difference(network: pd.DataFrame, optimised: pd.DataFrame, style: str) -> str:
    if optimised.empty:
        return (
            f"No picture was optimised in {style}, the network's style: add it to grid.styles"
            " to compare."
        )
    nearer = float(np.median(_shares(network)) - np.median(_shares(optimised)))
    kept = float(network["edges"].median() - optimised["edges"].median())
    words: Sequence[str] = (
        f"The network's pictures are {100 * abs(nearer):.0f} points"
        f" {'farther from' if nearer > 0 else 'nearer to'} the style",
        f"keep {'more' if kept > 0 else 'less'} of the edges ({abs(kept):.2f})",
    )
    return (
        " and ".join(words) + ". Contents and sizes are not the same, so small differences say"
        " nothing."
    )
