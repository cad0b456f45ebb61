"""Scenes with houses: one in a garden, and a street of them in a town."""

import numpy as np

from projects.neural_style_transfer.drawing.canvas import Colour, mixed, shaded
from projects.neural_style_transfer.drawing.sky import (
    LEAVES,
    Stage,
    paint_grass,
    paint_hills,
    paint_round_tree,
    paint_sky,
)

_WALLS: tuple[Colour, ...] = (
    (232, 216, 180), (214, 150, 110), (176, 196, 206), (206, 106, 84), (238, 234, 226),
    (226, 190, 96), (150, 176, 140),
)  # fmt: skip
_ROOFS: tuple[Colour, ...] = ((156, 66, 50), (110, 72, 62), (92, 98, 112), (184, 96, 56))
_MEADOW: tuple[Colour, ...] = ((54, 92, 40), (96, 138, 56), (158, 176, 84))
_LAMP: Colour = (255, 214, 120)
_PANE: Colour = (88, 116, 140)


def house(stage: Stage) -> None:
    """A house with a tiled roof, windows and a door, trees, a path and a fence."""
    canvas, rand = stage.canvas, stage.rand
    horizon = stage.sky + 0.1
    paint_sky(stage, horizon)
    paint_hills(stage, horizon, (92, 124, 80), (110, 136, 150), 3)
    paint_grass(stage, horizon, _MEADOW, 500)
    left, width = rand.uniform(0.2, 0.4), rand.uniform(0.36, 0.46)
    foot, wall = horizon + rand.uniform(0.16, 0.22), rand.uniform(0.2, 0.26)
    leaf = rand.choice(LEAVES)
    paint_round_tree(stage, left - 0.1, foot - 0.02, rand.uniform(0.4, 0.55), leaf)
    door = left + width * rand.choice((0.3, 0.5, 0.68))
    path = stage.lit((196, 174, 140))
    canvas.polygon([(door - 0.03, foot), (door + 0.03, foot), (0.62, 1.02), (0.34, 1.02)], path)
    for _ in range(40):
        share = rand.random()
        x = door + (0.48 - door) * share + rand.uniform(-0.9, 0.9) * (0.03 + 0.11 * share)
        spot = 0.004 + 0.012 * share
        canvas.disc(x, foot + (1.02 - foot) * share, spot * 1.5, spot * 0.7, shaded(path, 0.82))
    _cottage(stage, left, width, foot, wall, door)
    paint_round_tree(stage, left + width + 0.16, foot + 0.08, rand.uniform(0.45, 0.6), leaf)
    post = stage.lit((226, 220, 206))
    for rail in (0.025, 0.06):
        canvas.line([(0, foot + 0.15 - rail), (0.27, foot + 0.15 - rail)], 0.009, shaded(post, 0.8))
    for x in np.arange(0.0, 0.28, 0.032).tolist():
        top = foot + 0.06
        canvas.polygon(
            [(x, foot + 0.16), (x, top + 0.01), (x + 0.008, top), (x + 0.016, top + 0.01),
             (x + 0.016, foot + 0.16)], post,
        )  # fmt: skip


def town(stage: Stage) -> None:
    """A row of gabled houses, a tower with a clock behind, lamps and a cobbled street."""
    canvas, rand = stage.canvas, stage.rand
    street = 0.78 + 0.06 * rand.random()
    paint_sky(stage, street)
    roofs = stage.sky + 0.08
    _tower(stage, rand.uniform(0.25, 0.75), street, max(0.06, roofs - 0.2))
    x = -0.05
    while x < 1.02:
        width = rand.uniform(0.17, 0.26)
        _gabled(stage, x, width, street, roofs + rand.uniform(-0.02, 0.1))
        x += width
    stone = stage.lit((132, 124, 120))
    canvas.polygon([(0, street), (1, street), (1, 1), (0, 1)], stone)
    canvas.polygon([(0, street), (1, street), (1, street + 0.018), (0, street + 0.018)],
                   shaded(stone, 1.25))  # fmt: skip
    y, size = street + 0.026, 0.011
    while y < 1.03:
        for place in np.arange(-size * rand.random(), 1, 2.6 * size).tolist():
            canvas.disc(place, y, size * 1.2, size * 0.62, shaded(stone, rand.uniform(0.72, 1.2)))
        y, size = y + 1.35 * size, size * 1.12
    iron = (34, 36, 42)
    for lamp in (rand.uniform(0.08, 0.35), rand.uniform(0.6, 0.92)):
        canvas.line([(lamp, street + 0.1), (lamp, street - 0.2)], 0.012, iron)
        canvas.disc(lamp, street + 0.1, 0.02, 0.009, iron)
        canvas.disc(lamp, street - 0.215, 0.024, 0.028, _LAMP if stage.dark else (236, 234, 220))
        canvas.polygon([(lamp - 0.024, street - 0.235), (lamp + 0.024, street - 0.235),
                        (lamp, street - 0.265)], iron)  # fmt: skip


def _cottage(
    stage: Stage, left: float, width: float, foot: float, wall: float, door: float
) -> None:
    canvas, rand = stage.canvas, stage.rand
    front, tile = stage.lit(rand.choice(_WALLS)), stage.lit(rand.choice(_ROOFS))
    right, eaves, ridge = left + width, foot - wall, foot - wall - width * rand.uniform(0.36, 0.5)
    canvas.polygon([(left, foot), (left, eaves), (right, eaves), (right, foot)], front)
    for y in np.arange(eaves, foot, 0.018).tolist():
        canvas.line([(left, y), (right, y)], 0.0025, shaded(front, 0.86))
    stack = left + width * rand.choice((0.24, 0.72))
    brick = stage.lit((150, 84, 66))
    canvas.polygon([(stack, eaves - 0.05), (stack, ridge - 0.06), (stack + 0.055, ridge - 0.06),
                    (stack + 0.055, eaves - 0.05)], brick)  # fmt: skip
    canvas.line(
        [(stack - 0.008, ridge - 0.06), (stack + 0.063, ridge - 0.06)], 0.016, shaded(brick, 0.7)
    )
    over, inset = 0.035, width * 0.16
    rows = 9
    for row in range(rows):
        low, high = row / rows, (row + 1) / rows
        ends = [(left - over + (over + inset) * s, right + over - (over + inset) * s,
                 eaves + (ridge - eaves) * s) for s in (low, high)]  # fmt: skip
        (a, b, y0), (c, d, y1) = ends
        canvas.polygon([(a, y0), (b, y0), (d, y1), (c, y1)], shaded(tile, rand.uniform(0.9, 1.1)))
        for x in np.arange(a, b, 0.026).tolist():
            canvas.line(
                [(x + 0.013 * (row % 2), y0), (x + 0.013 * (row % 2), y1)], 0.002, shaded(tile, 0.7)
            )
        canvas.line([(a, y0), (b, y0)], 0.004, shaded(tile, 0.62))
    canvas.line([(left, eaves + 0.006), (right, eaves + 0.006)], 0.012, shaded(front, 0.6))
    for share in (0.08, 0.42, 0.76):
        x = left + width * share
        if abs(x + 0.035 - door) > 0.075:
            _window(stage, x, eaves + wall * 0.22, 0.075, wall * 0.42)
    frame = stage.lit(rand.choice(((120, 60, 40), (50, 84, 110), (70, 100, 66))))
    canvas.polygon([(door - 0.038, foot), (door - 0.038, foot - wall * 0.72),
                    (door + 0.038, foot - wall * 0.72), (door + 0.038, foot)], frame)  # fmt: skip
    canvas.disc(door + 0.024, foot - wall * 0.33, 0.006, 0.006, _LAMP)


def _window(stage: Stage, x: float, y: float, width: float, height: float) -> None:
    canvas, frame = stage.canvas, stage.lit((240, 238, 230))
    glass = _LAMP if stage.dark and stage.rand.random() < 0.7 else stage.lit(_PANE)
    box = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    canvas.polygon(box, glass)
    shine = [(x, y + height), (x, y + height * 0.5), (x + width * 0.6, y)]
    canvas.polygon(shine, mixed(glass, (255, 255, 255), 0.25))
    thick = max(0.006, width * 0.09)
    canvas.line([*box, box[0]], thick, frame)
    canvas.line([(x + width / 2, y), (x + width / 2, y + height)], thick * 0.7, frame)
    canvas.line([(x, y + height * 0.45), (x + width, y + height * 0.45)], thick * 0.7, frame)


def _gabled(stage: Stage, x: float, width: float, street: float, eaves: float) -> None:
    canvas, rand = stage.canvas, stage.rand
    wall, tile = stage.lit(rand.choice(_WALLS)), stage.lit(rand.choice(_ROOFS))
    gable = eaves - width * rand.uniform(0.4, 0.65)
    canvas.polygon([(x, street), (x, eaves), (x + width / 2, gable), (x + width, eaves),
                    (x + width, street)], wall)  # fmt: skip
    for share in (0.86, 1.0):
        edge = x + width * share
        canvas.line([(edge, street), (edge, eaves)], 0.004, shaded(wall, 0.6))
    low = eaves + 0.01
    roof = [(x - 0.012, low), (x + width / 2, gable), (x + width + 0.012, low)]
    canvas.line(roof, 0.024, tile)
    columns, size = (3 if width > 0.22 else 2), width * 0.17
    gap = (width - columns * size) / (columns + 1)
    storey, y = 0.125, eaves + 0.03
    while y + storey < street - 0.1:
        canvas.line([(x, y - 0.018), (x + width, y - 0.018)], 0.004, shaded(wall, 0.75))
        for column in range(columns):
            _window(stage, x + gap + column * (size + gap), y, size, storey * 0.62)
        y += storey
    _window(stage, x + width / 2 - size * 0.4, gable + (eaves - gable) * 0.5, size * 0.8, 0.05)
    door, frame = x + width * rand.choice((0.18, 0.55)), stage.lit((84, 54, 40))
    canvas.polygon([(door, street), (door, street - 0.1), (door + 0.055, street - 0.1),
                    (door + 0.055, street)], frame)  # fmt: skip
    awning = stage.lit(rand.choice(((180, 50, 46), (50, 96, 120), (80, 120, 70))))
    for k in range(6):
        a = x + 0.01 + k * (width - 0.02) / 6
        b = a + (width - 0.02) / 6
        colour = awning if k % 2 else stage.lit((240, 236, 226))
        canvas.polygon([(a, street - 0.125), (b, street - 0.125), (b, street - 0.1),
                        (a, street - 0.1)], colour)  # fmt: skip


def _tower(stage: Stage, x: float, street: float, top: float) -> None:
    canvas, stone, roof = stage.canvas, stage.lit((176, 160, 138)), stage.lit((84, 128, 116))
    canvas.polygon([(x - 0.07, street), (x - 0.07, top + 0.13), (x + 0.07, top + 0.13),
                    (x + 0.07, street)], stone)  # fmt: skip
    canvas.polygon([(x + 0.03, street), (x + 0.03, top + 0.13), (x + 0.07, top + 0.13),
                    (x + 0.07, street)], shaded(stone, 0.8))  # fmt: skip
    canvas.polygon([(x - 0.085, top + 0.13), (x, top - 0.06), (x + 0.085, top + 0.13)], roof)
    canvas.polygon([(x, top + 0.13), (x, top - 0.06), (x + 0.085, top + 0.13)], shaded(roof, 0.75))
    canvas.disc(x, top + 0.2, 0.045, 0.045, _LAMP if stage.dark else (240, 236, 222))
    canvas.line([(x, top + 0.2), (x, top + 0.168)], 0.006, (40, 40, 44))
    canvas.line([(x, top + 0.2), (x + 0.024, top + 0.21)], 0.006, (40, 40, 44))
