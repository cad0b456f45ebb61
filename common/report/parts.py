"""Pieces of HTML that projects and the report are made of: pictures and tables."""

import base64
import io
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from PIL import Image

from common.report import wording
from common.report.templating import rendered

MOST_ROWS = 30


def picture(pixels: np.ndarray, alt: str, width: int) -> Markup:
    """Return a small picture with its data inside the element.

    `pixels`: (height, width, 3), uint8. It is scaled down to `width` pixels at most (twice that
    in height), never up, and stored as PNG or JPEG, whichever is smaller.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError(f"pixels are {pixels.dtype} {pixels.shape}, expected uint8 (h, w, 3)")
    thumbnail = Image.fromarray(pixels)
    thumbnail.thumbnail((width, 2 * width))
    encoded = {
        "png": _encoded(thumbnail, format="PNG", optimize=True),
        "jpeg": _encoded(thumbnail, format="JPEG", quality=80, optimize=True),
    }
    kind = min(encoded, key=lambda name: len(encoded[name]))
    return Markup(
        '<img src="data:image/{};base64,{}" alt="{}" width="{}" height="{}" decoding="async">'
    ).format(kind, base64.b64encode(encoded[kind]).decode(), alt, *thumbnail.size)


def _encoded(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


def table(
    frame: pd.DataFrame,
    right: Collection[str] = (),
    html: Collection[str] = (),
    most_rows: int = MOST_ROWS,
) -> Markup:
    """Return the frame as a table that scrolls inside itself when the screen is narrow.

    Numeric columns, and those named in `right`, are right-aligned. Text is escaped, except in the
    columns named in `html`, which hold safe HTML (a frame turns Markup into plain text, so it
    must be said). Rows after `most_rows` are counted, not shown.
    """
    aligned = [
        str(name) in right or pd.api.types.is_numeric_dtype(dtype)
        for name, dtype in zip(frame.columns, frame.dtypes, strict=True)
    ]
    return rendered(
        "table.html",
        names=[str(name) for name in frame.columns],
        aligned=aligned,
        rows=[
            [
                Markup(value) if name in html else _cell(value)
                for name, value in zip(frame.columns, row, strict=True)
            ]
            for row in frame.head(most_rows).itertuples(index=False, name=None)
        ],
        more=max(0, len(frame) - most_rows),
    )


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, np.integer)):
        return wording.whole(int(value))
    if isinstance(value, (float, np.floating)):
        return wording.number(float(value))
    return str(value)
