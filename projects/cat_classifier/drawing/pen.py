"""Shapes in a frame of their own: the geometry below the drawings."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Points = NDArray[np.complex128]
Colour = tuple[int, int, int]

_CIRCLE: Points = np.exp(2j * np.pi * np.arange(28) / 28)
_T = np.arange(5) / 5
_CATMULL_ROM = 0.5 * np.stack(
    [-_T + 2 * _T**2 - _T**3, 2 - 5 * _T**2 + 3 * _T**3, _T + 4 * _T**2 - 3 * _T**3, _T**3 - _T**2]
)


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """The colour with this share of the other in it."""
    r, g, b = (round(a + (o - a) * share) for a, o in zip(colour, other, strict=True))
    return r, g, b


def shaded(colour: Colour, factor: float) -> Colour:
    """The colour, lighter (factor above 1) or darker (below 1)."""
    r, g, b = (min(255, round(part * factor)) for part in colour)
    return r, g, b


def ellipse(centre: complex, rx: float, ry: float, angle: float = 0.0) -> Points:
    """The outline of an ellipse; the angle in radians, clockwise since y points down."""
    points = rx * _CIRCLE.real + 1j * ry * _CIRCLE.imag
    return centre + points * np.exp(1j * angle) if angle else centre + points


def smooth(points: Sequence[complex] | Points, closed: bool = False) -> Points:
    """A Catmull-Rom curve through the points, five steps from each to the next."""
    p = np.asarray(points, dtype=np.complex128)
    ring = np.concatenate([p[-1:], p, p[:2]] if closed else [p[:1], p, p[-1:]])
    curve = sum(ring[k : len(ring) - 3 + k, None] * _CATMULL_ROM[k] for k in range(4))
    flat: Points = np.asarray(curve).ravel()
    return flat if closed else np.append(flat, p[-1])


def ribbon(path: Sequence[complex] | Points, *widths: float) -> Points:
    """The outline of a band along a smooth path; its half widths run evenly over the length."""
    middle = smooth(path)
    along = np.gradient(middle)
    side = 1j * along / np.maximum(np.abs(along), 1e-9)
    half = np.interp(np.linspace(0, 1, len(middle)), np.linspace(0, 1, len(widths)), widths)
    cap = middle[-1] + half[-1] * along[-1] / max(abs(along[-1]), 1e-9)
    return np.concatenate([middle + side * half, [cap], (middle - side * half)[::-1]])


def grown(points: Points, factor: float) -> Points:
    """The outline, larger by the factor around its middle."""
    middle = points.mean()
    return middle + (points - middle) * factor


def flipped(points: Sequence[complex] | Points, side: int) -> Points:
    """The points as they are for side 1, mirrored at the vertical axis for side -1."""
    p = np.asarray(points, dtype=np.complex128)
    return side * p.real + 1j * p.imag


class Pen:
    """Draws on a picture in a frame that is placed, turned, stretched and mirrored on it.

    A point is a complex number, x to the right and y down; a point `z` of the frame falls on
    pixel `centre + scale * exp(i * angle) * z`, after x was multiplied by `stretch`.
    """

    def __init__(
        self,
        image: Image.Image,
        centre: complex,
        scale: float,
        angle: float = 0.0,
        stretch: float = 1.0,
    ) -> None:
        self.image = image
        self._draw = ImageDraw.Draw(image)
        self._centre, self._scale, self._stretch = centre, scale, stretch
        self._turn = scale * np.exp(1j * angle)

    def at(self, centre: complex, scale: float, angle: float = 0.0) -> "Pen":
        """A pen for a part: its frame lies in this one, with its origin at `centre`."""
        part = Pen(self.image, complex(self._pixels(np.array([centre]))[0]), scale * self._scale)
        part._turn = self._turn * scale * np.exp(1j * angle * np.sign(self._stretch))
        part._stretch = self._stretch
        return part

    def on(self, image: Image.Image) -> "Pen":
        """The same frame on another picture."""
        pen = Pen(image, self._centre, self._scale)
        pen._turn, pen._stretch = self._turn, self._stretch
        return pen

    def fill(self, points: Points, colour: Colour) -> None:
        """Fill the outline with one colour."""
        self._draw.polygon(self._flat(points), fill=colour)

    def paint(self, points: Points, texture: Image.Image) -> None:
        """Fill the outline with what the texture, of the picture's size, shows there."""
        mask = Image.new("L", self.image.size)
        ImageDraw.Draw(mask).polygon(self._flat(points), fill=255)
        self.image.paste(texture, mask=mask)

    def rimmed(self, outline: Points, texture: Image.Image, edge: Colour) -> None:
        """Paint the outline, on a slightly larger one of the edge's colour."""
        self.fill(grown(outline, 1.05), edge)
        self.paint(outline, texture)

    def line(self, points: Sequence[complex] | Points, width: float, colour: Colour) -> None:
        """A line through the points; the width in units of the frame, at least a pixel."""
        thick = max(1, round(width * self._scale))
        self._draw.line(self._flat(np.asarray(points)), fill=colour, width=thick)

    def _pixels(self, points: Points) -> Points:
        return self._centre + self._turn * (self._stretch * points.real + 1j * points.imag)

    def _flat(self, points: Points) -> list[float]:
        flat: list[float] = self._pixels(points).view(np.float64).tolist()
        return flat
