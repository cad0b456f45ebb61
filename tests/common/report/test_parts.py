import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from markupsafe import Markup
from PIL import Image
from sample import scene

from common.report.parts import picture, table


def decoded(element: str) -> Image.Image:
    found = re.search(r"base64,([^\"]+)", element)
    assert found
    return Image.open(io.BytesIO(base64.b64decode(found[1])))


@pytest.mark.parametrize("shape", [(96, 96, 3), (10, 800, 3), (3000, 12, 3), (1, 1, 3)])
def test_picture_is_scaled_down_and_never_up(shape: tuple[int, int, int]) -> None:
    image = decoded(picture(np.zeros(shape, np.uint8), "", 64))
    assert image.width <= min(64, shape[1])
    assert image.height <= min(128, shape[0])


def test_picture_keeps_what_is_seen() -> None:
    pixels = scene(3)
    seen = np.asarray(decoded(picture(pixels, "", 96)).convert("RGB")).astype(float)
    assert np.abs(seen - pixels).mean() < 10


def test_flat_drawings_are_stored_exactly() -> None:
    flat = np.full((50, 50, 3), (200, 30, 10), np.uint8)
    image = decoded(picture(flat, "", 64))
    assert image.format == "PNG"
    assert (np.asarray(image.convert("RGB")) == flat).all()


def test_alt_text_is_escaped() -> None:
    assert '"><script>' not in picture(scene(0), '"><script>', 64)


def test_pixels_of_another_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        picture(np.zeros((4, 4, 3)), "", 4)


def test_table_escapes_aligns_and_counts_the_rest() -> None:
    frame = pd.DataFrame(
        {"<b>name": ["<i>x"] * 40, "n": [1234] * 40, "bar": [Markup("<i></i>")] * 40}
    )
    html = table(frame, html=["bar"])
    assert "&lt;b&gt;name" in html
    assert "&lt;i&gt;x" in html
    assert '<td class="n">1,234</td>' in html
    assert html.count("<i></i>") == 30
    assert "and 10 more" in html
