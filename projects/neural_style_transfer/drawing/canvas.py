"""A square sheet in shares of its side, and what is spread over it: noise and colours."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Field = NDArray[np.floating]
"""A value for each place, (size, size)."""
Shade = NDArray[np.floating]
"""A colour for each place, (size, size, 3), 0 to 255."""

_SUPERSAMPLING = 2
_LEAST = 160
"""Pixels that are painted at least: thin things would vanish from a small sheet."""


class Canvas:
    """A sheet to paint on; (0, 0) is the upper left corner and (1, 1) the lower right one."""

    def __init__(self, size: int, colour: Colour = (255, 255, 255)) -> None:
        self.size = size
        self.side = max(size * _SUPERSAMPLING, _LEAST)
        self.image = Image.new("RGB", (self.side, self.side), colour)
        self._pen = ImageDraw.Draw(self.image)

    def x(self) -> Field:
        """Where each place lies from left (0) to right (1), (1, side)."""
        return ((np.arange(self.side, dtype=np.float32) + 0.5) / self.side)[None, :]

    def y(self) -> Field:
        """Where each place lies from top (0) to bottom (1), (side, 1)."""
        return self.x().T

    def cover(self, shade: Shade, mask: Field | None = None) -> None:
        """Paint the colours over the sheet, where there is a mask with its opacity (0 to 1)."""
        top = Image.fromarray(np.clip(shade, 0, 255).astype(np.uint8))
        if mask is None:
            self.image.paste(top)
        else:
            stencil = Image.fromarray((np.clip(mask, 0, 1) * 255).astype(np.uint8))
            self.image.paste(top, (0, 0), stencil)

    def polygon(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """Fill the outline."""
        self._pen.polygon([(x * self.side, y * self.side) for x, y in points], fill=colour)

    def line(self, points: Sequence[tuple[float, float]], width: float, colour: Colour) -> None:
        """Draw the path, `width` in shares of the side and at least a painted pixel."""
        path = [(x * self.side, y * self.side) for x, y in points]
        self._pen.line(path, fill=colour, width=max(1, round(width * self.side)), joint="curve")

    def disc(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """Fill the ellipse of these half axes."""
        box = [(x - rx) * self.side, (y - ry) * self.side, (x + rx) * self.side,
               (y + ry) * self.side]  # fmt: skip
        self._pen.ellipse(box, fill=colour)

    def shade(self) -> Shade:
        """What was painted so far, to be worked on."""
        return np.asarray(self.image, np.float32)

    def picture(self) -> NDArray[np.uint8]:
        """What was painted, (size, size, 3) uint8."""
        sheet = self.image.resize((self.size, self.size), Image.Resampling.BOX)
        return np.asarray(sheet, np.uint8).copy()


def noise(
    rng: np.random.Generator, side: int, cells: float, octaves: int = 4, stretch: float = 1.0
) -> Field:
    """Smooth noise of mean 0 and deviation about 1, (side, side): the same at every size.

    `cells` bumps lie along the side in the first octave, twice as many in the next, half as
    high; `stretch` above 1 draws them out across, below 1 downwards.
    """
    total = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        number = cells * 2**octave
        shape = [max(2, round(number * stretch**0.5)), max(2, round(number / stretch**0.5))]
        lattice = rng.standard_normal(shape, np.float32)
        spread = Image.fromarray(lattice).resize((side, side), Image.Resampling.BICUBIC)
        total += np.asarray(spread) * 0.5**octave
    return total * 1.3


def along(palette: Sequence[Colour], share: Field) -> Shade:
    """The colours at these shares (0 to 1) of the way through the palette, (..., 3)."""
    stops = np.linspace(0, 1, len(palette))
    channels = [np.interp(share, stops, part) for part in zip(*palette, strict=True)]
    return np.stack(channels, -1).astype(np.float32)


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """The colour with this share of the other in it."""
    r, g, b = (round(a + (o - a) * share) for a, o in zip(colour, other, strict=True))
    return r, g, b


def shaded(colour: Colour, factor: float) -> Colour:
    """The colour, lighter (factor above 1) or darker (below 1)."""
    r, g, b = (max(0, min(255, round(part * factor))) for part in colour)
    return r, g, b


def smoothstep(value: Field, low: float, high: float) -> Field:
    """0 below `low`, 1 above `high`, smooth between."""
    share = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
