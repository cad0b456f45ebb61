"""Style pictures painted by code, each of a kind of mark, a palette and a scale of its own."""

from collections.abc import Callable
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from common.errors import UserError
from projects.neural_style_transfer.drawing.canvas import Canvas
from projects.neural_style_transfer.drawing.strokes import dotted, starry
from projects.neural_style_transfer.drawing.surfaces import glass, wash, waves, woodcut

_PAINTERS: dict[str, Callable[[Canvas, np.random.Generator], None]] = {
    "starry": starry,
    "dotted": dotted,
    "glass": glass,
    "wash": wash,
    "woodcut": woodcut,
    "waves": waves,
}
STYLES = tuple(_PAINTERS)


def style(name: str, size: int, seed: int = 0) -> NDArray[np.uint8]:
    """The style picture of this name, RGB, shape (size, size, 3), uint8.

    It is the same picture at every size; another seed paints another one in the same manner.
    Raises UserError when there is no such style.
    """
    if name not in _PAINTERS:
        raise UserError(f"there is no painted style {name!r}: {', '.join(STYLES)} are there")
    canvas = Canvas(size)
    _PAINTERS[name](canvas, np.random.default_rng([seed, crc32(name.encode())]))
    return canvas.picture()
