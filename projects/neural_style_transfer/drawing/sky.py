"""Light, sky, and what stands under it in every scene: clouds, trees, and a far shore of hills."""

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from projects.neural_style_transfer.drawing.canvas import (
    Canvas,
    Colour,
    Field,
    along,
    mixed,
    noise,
    shaded,
    smoothstep,
)


@dataclass(frozen=True)
class Light:
    """An hour of the day: the sky from top to horizon, the sun, and the colour of all things."""

    sky: tuple[Colour, ...]
    sun: Colour
    clouds: Colour
    cast: tuple[float, float, float]
    """What the light multiplies colours with."""
    contrast: float


LIGHTS = {
    "day": Light(
        ((66, 124, 200), (126, 176, 226), (206, 226, 238)), (255, 252, 232), (250, 250, 250),
        (1.0, 1.0, 0.97), 1.0,
    ),
    "evening": Light(
        ((78, 84, 140), (206, 130, 130), (250, 190, 110)), (255, 226, 160), (250, 170, 140),
        (1.0, 0.84, 0.72), 0.95,
    ),
    "overcast": Light(
        ((150, 158, 168), (180, 186, 192), (208, 210, 210)), (226, 226, 224), (126, 132, 142),
        (0.88, 0.9, 0.93), 0.75,
    ),
    "night": Light(
        ((12, 18, 46), (26, 38, 82), (62, 76, 122)), (240, 240, 222), (48, 58, 96),
        (0.42, 0.48, 0.68), 0.8,
    ),
}  # fmt: skip

LEAVES: tuple[Colour, ...] = (
    (74, 128, 54), (102, 144, 60), (56, 104, 62), (198, 136, 48), (190, 84, 44),
)  # fmt: skip


class Stage:
    """What a scene is painted with: the canvas, its light, and two streams of chance.

    `rand` is for what things are and where, `rng` for their texture.
    """

    def __init__(self, canvas: Canvas, light: str, sky: float, content: str) -> None:
        self.canvas, self.light, self.dark = canvas, LIGHTS[light], light == "night"
        self.sky = sky
        self.rand = Random(content)
        self.rng = np.random.default_rng(self.rand.getrandbits(64))

    def noise(self, cells: float, octaves: int = 4, stretch: float = 1.0) -> Field:
        """Smooth noise over the sheet."""
        return noise(self.rng, self.canvas.side, cells, octaves, stretch)

    def lit(self, colour: Colour, factor: float = 1.0) -> Colour:
        """The colour of a thing in this light."""
        r, g, b = (
            max(0, min(255, round(part * cast * factor)))
            for part, cast in zip(colour, self.light.cast, strict=True)
        )
        return r, g, b

    def lit_shade(self, palette: tuple[Colour, ...], share: Field) -> NDArray[np.float32]:
        """The colours at these shares of the palette, in this light."""
        return along(palette, share) * np.array(self.light.cast, np.float32)


def paint_sky(stage: Stage, horizon: float) -> None:
    """Sky down to the horizon (share of the height): sun or moon, stars, clouds."""
    canvas, light, rand = stage.canvas, stage.light, stage.rand
    x, y = canvas.x(), canvas.y()
    level = np.broadcast_to(y / max(horizon, 0.2), (canvas.side, canvas.side))
    canvas.cover(along(light.sky, np.clip(level, 0, 1)))
    if stage.dark:
        for _ in range(60):
            size = rand.choice((0.0015, 0.0025, 0.004))
            canvas.disc(rand.random(), rand.random() * horizon, size, size, (220, 224, 236))
    sx, sy, radius = rand.uniform(0.12, 0.88), horizon * rand.uniform(0.2, 0.6), 0.045
    distance = np.hypot(x - sx, y - sy)
    glow = 0.45 * np.exp(-((distance / 0.14) ** 2))
    disc = 1 - smoothstep(distance, radius, radius + 0.006)
    sun = np.broadcast_to(np.array(light.sun, np.float32), (*distance.shape, 3))
    if light.contrast > 0.76:
        canvas.cover(sun, np.maximum(glow, disc))
    amount = rand.uniform(-0.1, 1.0)
    bank = stage.noise(3, 5, stretch=2.5)
    clouds = smoothstep(bank, amount, amount + 0.9) * smoothstep(horizon - y, 0.0, 0.2)
    lining = along((shaded(light.clouds, 0.8), light.clouds), np.clip(bank - amount, 0, 1))
    canvas.cover(lining, 0.9 * clouds)


def profile(stage: Stage, cells: float, octaves: int = 6) -> Field:
    """A skyline, (1, side), of mean 0 and deviation about 1."""
    return stage.noise(cells, octaves)[stage.canvas.side // 2][None, :]


def paint_hills(stage: Stage, horizon: float, near: Colour, far: Colour, layers: int) -> None:
    """Rounded hills one before the other, ending on the horizon, paler the farther they are."""
    y = stage.canvas.y()
    for layer in range(layers):
        share = (layer + 1) / layers
        top = horizon - 0.13 * (1 - share * 0.75) + 0.03 * profile(stage, 2.5, 4)
        mask = smoothstep(y - top, 0, 0.004)
        colour = mixed(mixed(far, stage.light.sky[-1], 0.35), near, share)
        ends = (shaded(colour, 0.72), shaded(colour, 1.2))
        stage.canvas.cover(stage.lit_shade(ends, 0.5 + 0.25 * stage.noise(12, 3)), mask)


def paint_round_tree(stage: Stage, x: float, foot: float, height: float, leaf: Colour) -> None:
    """A tree with a trunk, branches, and a crown of leaves lit from the upper left."""
    canvas, rand = stage.canvas, stage.rand
    trunk, width = stage.lit((96, 70, 50)), height * 0.075
    fork = foot - height * 0.42
    canvas.polygon(
        [(x - width, foot), (x - width * 0.5, fork), (x + width * 0.5, fork), (x + width, foot)],
        trunk,
    )
    canvas.line([(x - width * 0.5, foot), (x - width * 0.3, fork)], width * 0.3, shaded(trunk, 1.3))
    for side in (-1, 1):
        tip = (x + side * height * 0.2, fork - height * 0.18)
        canvas.line([(x, fork + width), tip], width * 0.5, trunk)
    middle, radius = foot - height * 0.66, height * 0.3
    for shade, number, size in (
        (0.55, 34, 0.36),
        (0.8, 46, 0.26),
        (1.05, 52, 0.17),
        (1.3, 34, 0.1),
    ):
        for _ in range(number):
            angle, reach = rand.uniform(0, 2 * np.pi), radius * rand.random() ** 0.5
            lift = (shade - 0.7) * 0.3 * radius
            cx = x + reach * np.cos(angle) * 1.1 - lift
            cy = middle + reach * np.sin(angle) * 1.05 - lift
            spot = radius * size * rand.uniform(0.6, 1.1)
            canvas.disc(cx, cy, spot, spot * 0.8, stage.lit(leaf, shade * rand.uniform(0.88, 1.12)))


def paint_conifer(stage: Stage, x: float, foot: float, height: float, needle: Colour) -> None:
    """A fir: a trunk and tiers of drooping branches, lighter on their left."""
    canvas, rand = stage.canvas, stage.rand
    canvas.line([(x, foot), (x, foot - height * 0.5)], height * 0.05, stage.lit((74, 54, 42)))
    tiers = 8
    for tier in range(tiers):
        share = tier / tiers
        base, tip = foot - height * (0.1 + 0.78 * share), foot - height * (0.3 + 0.72 * share)
        wide = height * 0.25 * (1 - share) * rand.uniform(0.85, 1.15) + height * 0.02
        teeth = [(x + wide * (k / 3 - 1), base + height * 0.03 * (k % 2)) for k in range(7)]
        canvas.polygon([*teeth, (x, tip)], stage.lit(needle, 0.72 + 0.25 * rand.random()))
        left = [(x - wide, base), (x - wide * 0.35, base), (x - wide * 0.05, tip)]
        canvas.polygon(left, stage.lit(needle, 1.15))


def paint_grass(stage: Stage, top: float, palette: tuple[Colour, ...], number: int) -> None:
    """A meadow from `top` down: patches, then blades and flowers that grow towards the viewer."""
    canvas, rand = stage.canvas, stage.rand
    patches = np.clip(0.5 + 0.25 * stage.noise(6, 5, stretch=0.4), 0, 1)
    edge = smoothstep(canvas.y() - top + 0.004 * profile(stage, 8), 0, 0.006)
    canvas.cover(stage.lit_shade(palette, patches), np.broadcast_to(edge, patches.shape))
    flowers = [rand.choice(((240, 220, 80), (236, 236, 236), (206, 60, 60), (150, 90, 190)))] * 2
    rows = sorted(rand.random() for _ in range(number))
    for row in rows:
        y, size = top + (1.03 - top) * row**1.3 + 0.01, 0.008 + 0.03 * row
        x = rand.random()
        blade = stage.lit(rand.choice(palette), rand.uniform(0.7, 1.3))
        lean = rand.uniform(-0.4, 0.4) * size
        canvas.line([(x, y), (x + lean, y - size)], 0.0025 + 0.003 * row, blade)
        if rand.random() < 0.12:
            spot = 0.1 * size + 0.0025
            canvas.disc(x + lean, y - size, spot, spot, stage.lit(rand.choice(flowers)))
