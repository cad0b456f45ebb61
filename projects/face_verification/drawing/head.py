"""A head that turns: points on its round front, and where they fall on the picture."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from projects.face_verification.drawing.person import Colour, Person

Points = NDArray[np.complex128]
Depth = float | NDArray[np.float64]

_DEPTH = 0.6
_CIRCLE: Points = np.exp(2j * np.pi * np.arange(24) / 24)


def ellipse(centre: complex, rx: float, ry: float, angle: float = 0.0) -> Points:
    """The outline of an ellipse; the angle in radians, clockwise since y points down."""
    return centre + (rx * _CIRCLE.real + 1j * ry * _CIRCLE.imag) * np.exp(1j * angle)


def rounded(points: Sequence[complex] | Points, closed: bool = True) -> Points:
    """The outline with its corners cut three times (Chaikin 1974): nearly a smooth curve."""
    curve = np.asarray(points, np.complex128)
    for _ in range(3):
        after = np.roll(curve, -1) if closed else curve[1:]
        before = curve if closed else curve[:-1]
        cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], 1).ravel()
        curve = cut if closed else np.concatenate([curve[:1], cut, curve[-1:]])
    return curve


def mirrored(points: Sequence[complex]) -> list[complex]:
    """The points on the other side of the face, in reversed order: they go on where these end."""
    return [complex(-p.real, p.imag) for p in reversed(points)]


def outline(who: Person) -> Points:
    """The outline of the face, from the crown around the chin."""
    wide, jaw, chin = who["face_width"], who["face_width"] * who["jaw"], who["chin"]
    half = [0.42 * wide - 1.02j, 0.9 * wide - 0.78j, wide - 0.2j, wide + 0.18j]
    half += [jaw + 0.58j, (jaw + chin) / 2 + 0.9j, chin + 1.03j]
    return rounded([*half, *mirrored(half)])


class Head:
    """Draws on a picture what is on a turned head.

    A point is a complex number, x to the right and y down, seen from the front; the chin is at
    y = 1 and the crown at y = -1. Its depth is that of the rounded front, or one that is given
    (for all points, or for each). Angles are in radians; the projection is orthographic.
    """

    def __init__(
        self,
        image: Image.Image,
        centre: complex,
        scale: float,
        turn: tuple[float, float, float] = (0.0, 0.0, 0.0),
    ) -> None:
        self.image, self.centre, self.scale = image, centre, scale
        self._draw = ImageDraw.Draw(image)
        yaw, pitch, roll = turn
        self._yaw, self._pitch = (np.sin(yaw), np.cos(yaw)), (np.sin(pitch), np.cos(pitch))
        self._roll = scale * np.exp(1j * roll)

    def fill(self, points: Points, colour: Colour, depth: Depth | None = None) -> None:
        """Fill the outline with one colour."""
        self._draw.polygon(self.flat(points, depth), fill=colour)

    def line(
        self, points: Points, width: float, colour: Colour, depth: Depth | None = None
    ) -> None:
        """A line through the points; the width in units of the head, at least a pixel."""
        thick = max(1, round(width * self.scale))
        self._draw.line(self.flat(points, depth), fill=colour, width=thick, joint="curve")

    def flat(self, points: Points, depth: Depth | None = None) -> list[float]:
        """The pixels of the points, as Pillow takes them: x, y, x, y, ..."""
        x, y = points.real, points.imag
        out = np.sqrt(np.maximum(0, 1 - (x / 0.95) ** 2 - (y / 1.25) ** 2)) * _DEPTH
        z = out if depth is None else depth + np.zeros_like(x)
        (sin, cos), (sin_up, cos_up) = self._yaw, self._pitch
        right, z = x * cos + z * sin, z * cos - x * sin
        down = y * cos_up + z * sin_up
        pixels: Points = self.centre + self._roll * (right + 1j * down)
        flat: list[float] = pixels.view(np.float64).tolist()
        return flat
