"""What the report says and shows of one painted or optimised picture."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from common.data.picture_store import pixels
from common.errors import UserError
from common.report import wording
from common.report.parts import picture
from projects.neural_style_transfer.data import PAINTED

Row = Mapping[str, Any]
Picture = NDArray[np.uint8]
"""RGB, (h, w, 3)."""


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows one by one, each by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def before(row: Row) -> Picture:
    """Return the content of a painted or an optimised picture."""
    if row["unit"] == PAINTED:
        return np.asarray(pixels(pd.DataFrame([row]))[0])
    return opened(row["grid.original"])


def after(row: Row) -> Picture | None:
    """Return the picture that was made of the content, or None where it was not kept."""
    if row["unit"] != PAINTED:
        return opened(row["grid.file"])
    kept = row.get("painted")
    return _decoded(io.BytesIO(kept)) if isinstance(kept, bytes) and kept else None


def opened(path: str) -> Picture:
    """Return a picture of the cache; raises UserError when it is no longer there."""
    try:
        return _decoded(Path(path))
    except OSError:
        raise UserError(
            f"{path} is gone or damaged: delete its folder and train again, which optimises it anew"
        ) from None


def side_by_side(pictures: Sequence[tuple[Picture, str]], width: int, least: int = 60) -> Markup:
    """Return pictures, each with its text for those who cannot see it, in one row.

    Where there is no room for `least` pixels each, they are one below the other.
    """
    shown = [picture(one, alt, width) for one, alt in pictures]
    return Markup(
        '<div style="display:grid;gap:2px;'
        'grid-template-columns:repeat(auto-fit,minmax(min({}px,100%),1fr))">{}</div>'
    ).format(least, Markup("").join(shown))


def share(row: Row) -> float:
    """Return the distance to the style as a share of colour transfer's, which may exceed 1.

    NaN where the content is the style.
    """
    untouched = float(row["untouched"])
    return float(row["distance"]) / untouched if untouched > 0 else float("nan")


def in_percent(value: float) -> str:
    """Return a share in whole percent: "41 %"."""
    return wording.UNKNOWN if np.isnan(value) else f"{wording.whole(100 * value)}\u00a0%"


def name_of(row: Row) -> str:
    """Return what a picture shows, in words: "china in starry", or the kind of its content."""
    if row["unit"] == PAINTED:
        return str(row["label"])
    return f"{row['grid.content']} in {row['grid.style']}"


def _decoded(file: io.BytesIO | Path) -> Picture:
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"), np.uint8)
