"""Styles made of marks laid one over the other: brush strokes, and dots."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from projects.neural_style_transfer.drawing.canvas import Canvas, Colour, Field, along, noise

_MAP = 256
"""Side of the maps that marks take direction and colour from."""
_NIGHT: tuple[Colour, ...] = (
    (14, 22, 62), (24, 46, 112), (38, 84, 160), (76, 138, 190), (150, 190, 190),
    (226, 206, 120), (250, 226, 90),
)  # fmt: skip
_EARTH: tuple[Colour, ...] = (
    (18, 28, 40), (28, 52, 56), (42, 78, 66), (88, 104, 60), (160, 124, 60), (206, 152, 72),
)  # fmt: skip
_LIGHTS = (
    (0.83, 0.17, 0.11, 0.9), (0.42, 0.36, 0.19, 0.42), (0.68, 0.5, 0.11, 0.36),
    (0.1, 0.14, 0.05, 1.0), (0.27, 0.1, 0.04, 1.0), (0.45, 0.12, 0.05, 1.0),
    (0.62, 0.22, 0.04, 1.0), (0.12, 0.42, 0.045, 1.0), (0.92, 0.48, 0.05, 1.0),
    (0.24, 0.56, 0.04, 1.0), (0.62, 0.06, 0.035, 0.9),
)  # fmt: skip
"""x, y, radius and strength of what shines or whirls in the night."""
_SHORE: tuple[tuple[float, Colour], ...] = (
    (0.0, (98, 134, 196)), (0.22, (168, 180, 214)), (0.42, (246, 206, 160)),
    (0.5, (250, 178, 112)), (0.52, (66, 112, 160)), (0.72, (62, 142, 160)),
    (0.76, (226, 196, 130)), (1.0, (196, 148, 88)),
)  # fmt: skip


def starry(canvas: Canvas, rng: np.random.Generator) -> None:
    """Long strokes that run round whirls and lights in a blue night, over dark hills."""
    y, x = np.mgrid[0:_MAP, 0:_MAP].astype(np.float32) / _MAP
    flow = np.exp(1j * 0.5 * noise(rng, _MAP, 2, 2))
    glow = 0.3 + 0.1 * noise(rng, _MAP, 3, 3)
    for cx, cy, radius, light in _LIGHTS:
        cx, cy = np.array((cx, cy)) + rng.uniform(-0.04, 0.04, 2)
        distance = np.hypot(x - cx, y - cy) / radius
        turn = 1j * ((x - cx) + 1j * (y - cy)) / np.maximum(np.hypot(x - cx, y - cy), 1e-4)
        flow = flow + 4 * np.exp(-(distance**2) / 2) * turn * rng.choice((-1, 1))
        rings = 0.6 + 0.4 * np.cos(distance * 6)
        glow = glow + light * np.exp(-((0.75 * distance) ** 2)) * rings
    hills = y - 0.72 - 0.05 * np.sin(7 * x + 1) - 0.04 * np.sin(17 * x)
    earth = hills > 0
    flow = np.where(earth, np.exp(1j * (0.45 * np.cos(9 * x + 3 * y))), flow)
    glow = np.clip(np.where(earth, 0.3 + 0.22 * noise(rng, _MAP, 7, 3) - hills, glow), 0, 1)
    colours = np.where(earth[..., None], along(_EARTH, glow), along(_NIGHT, glow))
    row = np.arange(canvas.side) * _MAP // canvas.side
    canvas.cover(0.8 * colours[row[:, None], row])  # where no stroke comes, as in an eye of a whirl
    for length, width, number in ((0.13, 0.016, 2400), (0.1, 0.009, 5200)):
        _strokes(canvas, rng, np.angle(flow), colours, length, width, number)


def _strokes(
    canvas: Canvas,
    rng: np.random.Generator,
    angle: NDArray[np.float64],
    colours: Field,
    length: float,
    width: float,
    number: int,
) -> None:
    """Strokes that follow the angles (radians); each of the colour under its middle, varied.

    A darker and a lighter hair beside the stroke make it stand out like thick paint.
    """
    steps = 9
    paths = np.empty((steps, number, 2))
    middle = rng.random((number, 2))
    heading_x, heading_y = np.cos(angle), np.sin(angle)
    for way in (1, -1):
        where = middle.copy()
        for step in range(steps // 2 + 1):
            paths[steps // 2 + way * step] = where
            at = [where[:, 1] * (_MAP - 1), where[:, 0] * (_MAP - 1)]
            headings = [map_coordinates(one, at, order=1, mode="nearest")
                        for one in (heading_x, heading_y)]  # fmt: skip
            where = where + way * length / steps * np.stack(headings, -1)
    row, column = (np.clip(middle[:, ::-1].T * _MAP, 0, _MAP - 1)).astype(int)
    base = colours[row, column] * rng.normal(1, 0.1, (number, 1)) + rng.normal(0, 9, (number, 3))
    for path, colour, one in zip(
        paths.transpose(1, 0, 2), base, rng.uniform(0.7, 1.3, number) * width, strict=True
    ):
        for offset, share, light in ((0.28, 0.8, 0.72), (0.0, 0.8, 1.0), (-0.25, 0.25, 1.25)):
            points = [(x, y + offset * one) for x, y in path.tolist()]
            r, g, b = np.clip(colour * light, 0, 255).astype(int).tolist()
            canvas.line(points, one * share, (r, g, b))


def dotted(canvas: Canvas, rng: np.random.Generator) -> None:
    """Dots of pure colour, complementary ones among them: a shore at evening (pointillism)."""
    y, x = np.mgrid[0:_MAP, 0:_MAP].astype(np.float32) / _MAP
    level = y + 0.025 * noise(rng, _MAP, 4, 3) * (y > 0.55)
    places, palette = zip(*_SHORE, strict=True)
    scene = np.stack(
        [np.interp(level, places, part) for part in zip(*palette, strict=True)], -1
    ).astype(np.float32)
    sun = np.hypot(x - 0.66, (y - 0.4) * 1.05)
    scene += np.exp(-((sun / 0.16) ** 2))[..., None] * np.array((60, 40, -30), np.float32)
    path = np.exp(-(((x - 0.66) / (0.03 + 0.25 * np.abs(y - 0.5))) ** 2)) * (y > 0.52) * (y < 0.75)
    scene += path[..., None] * np.array((150, 70, -10), np.float32)
    crown = np.zeros((_MAP, _MAP), bool)
    for cx, cy, radius in ((0.16, 0.3, 0.17), (0.3, 0.2, 0.14), (0.08, 0.16, 0.15)):
        crown |= np.hypot(x - cx, (y - cy) * 1.2) < radius + 0.02 * noise(rng, _MAP, 9, 2)
    trunk = np.abs(x - 0.17 - 0.06 * np.sin(3 * y)) < 0.022 + 0.03 * np.maximum(0, y - 0.8)
    tree = np.array((44, 92, 62), np.float32) * (1 + 0.25 * noise(rng, _MAP, 6, 2))[..., None]
    scene = np.where((trunk & (y > 0.2) & (y < 0.92))[..., None], (88, 52, 74), scene)
    scene = np.where(crown[..., None], tree, scene)
    canvas.cover(np.full((canvas.side, canvas.side, 3), (238, 228, 206), np.float32))
    for radius, number in ((0.0115, 9000), (0.0075, 12000), (0.0055, 9000)):
        spots = rng.random((number, 2))
        row, column = (spots[:, ::-1].T * _MAP).astype(int)
        colour = scene[row, column]
        grey = colour.mean(1, keepdims=True)
        vivid = grey + (colour - grey) * rng.uniform(1.1, 1.9, (number, 1))
        other = np.where(rng.random((number, 1)) < 0.13, 2 * grey - vivid + 30, vivid)
        other = np.clip(other + rng.normal(0, 16, (number, 3)), 0, 255).astype(int)
        sizes = radius * rng.uniform(0.75, 1.2, number)
        for (cx, cy), size, (r, g, b) in zip(
            spots.tolist(), sizes.tolist(), other.tolist(), strict=True
        ):
            canvas.disc(cx, cy, size, size, (r, g, b))
