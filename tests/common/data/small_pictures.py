"""Small pictures made with Pillow, and folders of them."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def photograph(seed: int = 0, width: int = 40, height: int = 30) -> Image.Image:
    """Smooth colours that differ in every corner, so that compression changes them little."""
    rand = np.random.default_rng(seed)
    corners = rand.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(corners).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    """The bytes of a picture's file."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def write_pictures(folder: Path, number: int, first_seed: int = 0) -> None:
    """Write `number` different JPEG files."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(first_seed, first_seed + number):
        (folder / f"{seed}.jpg").write_bytes(encoded(photograph(seed), quality=95))
