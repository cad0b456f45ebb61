"""A still life: fruit and a jug on a table with a cloth, before a papered wall."""

import numpy as np

from projects.neural_style_transfer.drawing.canvas import Colour, Field, shaded, smoothstep
from projects.neural_style_transfer.drawing.sky import Stage

_FRUIT: tuple[Colour, ...] = (
    (196, 40, 44), (232, 136, 36), (226, 200, 62), (112, 156, 56), (120, 52, 96),
)  # fmt: skip
_PAPERS: tuple[Colour, ...] = ((112, 132, 128), (164, 120, 96), (92, 104, 142), (186, 170, 132))
_CLOTHS: tuple[Colour, ...] = ((176, 56, 52), (58, 92, 140), (92, 128, 84), (206, 170, 90))
_GLAZES: tuple[Colour, ...] = ((60, 92, 140), (214, 206, 190), (150, 84, 52), (52, 104, 88))


def still_life(stage: Stage) -> None:
    """Paint the wall (its share of the height is `stage.sky`), the table, and what is on it."""
    canvas, rand = stage.canvas, stage.rand
    edge = stage.sky + 0.16
    _wall(stage, rand.choice(_PAPERS))
    _table(stage, edge, rand.choice(_CLOTHS))
    jug = rand.uniform(0.22, 0.78)
    _jug(stage, jug, edge + 0.12, rand.uniform(0.36, 0.46), rand.choice(_GLAZES))
    bowl = jug + (0.36 if jug < 0.5 else -0.36)
    glaze = rand.choice(_GLAZES)
    for dx, dy in ((-0.1, -0.1), (0.08, -0.11), (0.0, -0.17), (-0.02, -0.09), (0.14, -0.06)):
        _fruit(stage, bowl + dx, edge + 0.13 + dy, rand.uniform(0.06, 0.075), shadow=False)
    _bowl(stage, bowl, edge + 0.11, 0.22, glaze)
    for _ in range(4):
        _fruit(
            stage,
            rand.uniform(0.1, 0.9),
            edge + rand.uniform(0.27, 0.42),
            rand.uniform(0.06, 0.085),
        )
    canvas.cover(canvas.shade() * (1.1 - 0.35 * canvas.x()[..., None]))


def _wall(stage: Stage, paper: Colour) -> None:
    canvas, rand = stage.canvas, stage.rand
    canvas.cover(stage.lit_shade((shaded(paper, 0.75), shaded(paper, 1.2)),
                                 0.5 + 0.2 * stage.noise(6, 4)))  # fmt: skip
    step, light = rand.uniform(0.09, 0.14), stage.lit(paper, 1.22)
    for k, x in enumerate(np.arange(step / 2, 1, step).tolist()):
        canvas.line([(x + step / 2, 0), (x + step / 2, 1)], 0.008, stage.lit(paper, 0.8))
        for y in np.arange(0.03 + step / 2 * (k % 2), 1, step).tolist():
            for turn in range(5):
                way = 2 * np.pi * turn / 5
                dx, dy = 0.014 * np.cos(way), 0.014 * np.sin(way)
                canvas.disc(x + dx, y + dy, 0.008, 0.008, light)


def _table(stage: Stage, edge: float, cloth: Colour) -> None:
    canvas = stage.canvas
    x, y = np.broadcast_arrays(canvas.x(), canvas.y())
    depth = 1 / (y - edge + 0.35)
    folds = 0.02 * stage.noise(3, 3)
    across, along_ = (x - 0.5) * depth * 1.1 + folds, depth * 1.6 + folds
    checks = ((across * 7) % 1 > 0.5).astype(np.float32) + ((along_ * 7) % 1 > 0.5)
    colours = stage.lit_shade(
        ((240, 234, 220), shaded(cloth, 1.25), shaded(cloth, 0.8)), checks / 2
    )
    weave = 1 + 0.35 * folds[..., None] / 0.08 + 0.03 * stage.noise(70, 1)[..., None]
    canvas.cover(colours * weave, smoothstep(y - edge, 0, 0.004))


def _sphere(stage: Stage, x: float, y: float, radius: float) -> tuple[Field, Field, Field]:
    """How bright each place of a ball is, where it shines, and where it is."""
    canvas = stage.canvas
    dx, dy = (canvas.x() - x) / radius, (canvas.y() - y) / radius
    rim = dx**2 + dy**2
    dz = np.sqrt(np.maximum(0, 1 - rim))
    facing = -0.5 * dx - 0.6 * dy + 0.62 * dz
    shine = np.clip(-0.3 * dx - 0.38 * dy + 0.87 * dz, 0, 1) ** 40
    return np.clip(facing, 0, 1), shine, smoothstep(1 - rim, 0, 0.04)


def _fruit(stage: Stage, x: float, y: float, radius: float, shadow: bool = True) -> None:
    canvas, rand = stage.canvas, stage.rand
    colour = rand.choice(_FRUIT)
    if shadow:
        _shadow(stage, x + radius * 0.5, y + radius * 0.8, radius * 1.3, radius * 0.42)
    facing, shine, mask = _sphere(stage, x, y, radius)
    skin = facing + 0.06 * stage.noise(20, 2, stretch=0.4)
    ends = (shaded(colour, 0.28), colour, shaded(colour, 1.35))
    ball = stage.lit_shade(ends, np.clip(skin, 0, 1)) + 190 * shine[..., None]
    canvas.cover(ball, mask)
    top = y - radius * 0.75
    canvas.line([(x, top), (x + radius * 0.2, top - radius * 0.5)], 0.008, stage.lit((70, 48, 30)))
    if rand.random() < 0.5:
        a, b = x + radius * 0.2, top - radius * 0.35
        leaf = [
            (a, b),
            (a + radius * 0.4, b - radius * 0.3),
            (a + radius * 0.8, b),
            (a + radius * 0.4, b + radius * 0.12),
        ]
        canvas.polygon(leaf, stage.lit((76, 120, 50)))


def _shadow(stage: Stage, x: float, y: float, rx: float, ry: float) -> None:
    canvas = stage.canvas
    rim = ((canvas.x() - x) / rx) ** 2 + ((canvas.y() - y) / ry) ** 2
    black = np.zeros((canvas.side, canvas.side, 3), np.float32)
    canvas.cover(black, 0.5 * (1 - smoothstep(rim, 0.35, 1.25)))


def _turned(stage: Stage, x: float, half: Field, colour: Colour) -> None:
    """A vessel of this half width at every height (0 where there is none), shaded round."""
    canvas = stage.canvas
    across = (canvas.x() - x) / np.maximum(half, 1e-4)
    facing = np.clip(0.5 - 0.62 * across + 0.4 * np.sqrt(np.maximum(0, 1 - across**2)), 0, 1)
    glaze = facing + 0.04 * stage.noise(12, 3)
    ends = (shaded(colour, 0.3), colour, shaded(colour, 1.3))
    body = stage.lit_shade(ends, np.clip(glaze, 0, 1))
    body += 130 * np.exp(-(((across + 0.45) / 0.1) ** 2))[..., None]
    canvas.cover(body, smoothstep(1 - np.abs(across), 0, 0.04) * (half > 1e-3))


def _jug(stage: Stage, x: float, foot: float, height: float, colour: Colour) -> None:
    canvas = stage.canvas
    _shadow(stage, x + 0.09, foot - 0.005, 0.2, 0.045)
    share = (foot - canvas.y()) / height
    widths = np.interp(
        share, (0, 0.03, 0.35, 0.6, 0.78, 0.95, 1.0), (0.6, 0.66, 1.0, 0.8, 0.42, 0.5, 0.6)
    )
    half = np.where((share >= 0) & (share <= 1), widths * height * 0.34, 0).astype(np.float32)
    handle = [(x + height * (0.2 + 0.22 * np.sin(np.pi * t)), foot - height * (0.45 + 0.47 * t))
              for t in np.linspace(0, 1, 14).tolist()]  # fmt: skip
    canvas.line(handle, height * 0.07, stage.lit(colour, 0.45))
    canvas.line([(a - 0.006, b - 0.004) for a, b in handle], height * 0.03, stage.lit(colour, 0.9))
    _turned(stage, x, half, colour)
    canvas.disc(x, foot - height, height * 0.2, height * 0.045, stage.lit(colour, 1.2))
    canvas.disc(x, foot - height, height * 0.17, height * 0.032, stage.lit(colour, 0.3))


def _bowl(stage: Stage, x: float, foot: float, width: float, colour: Colour) -> None:
    _shadow(stage, x + 0.07, foot + 0.0, width * 0.95, 0.05)
    share = (foot - stage.canvas.y()) / 0.13
    curve = np.sqrt(np.clip(share, 0, 1)) * 0.62 + 0.38
    half = np.where((share >= 0) & (share <= 1), curve * width, 0).astype(np.float32)
    _turned(stage, x, half, colour)
