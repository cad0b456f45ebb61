"""Scenes in the open: mountains over a lake, a wood, a harbour."""

import numpy as np

from projects.neural_style_transfer.drawing.canvas import Colour, mixed, shaded, smoothstep
from projects.neural_style_transfer.drawing.sky import (
    LEAVES,
    Stage,
    paint_conifer,
    paint_grass,
    paint_hills,
    paint_sky,
    profile,
)

_LAMP: Colour = (255, 214, 120)


def mountains(stage: Stage) -> None:
    """Snowy mountains, mirrored in a lake, and firs on its near bank."""
    canvas, rand, shore = stage.canvas, stage.rand, stage.sky + 0.22
    paint_sky(stage, shore)
    y = canvas.y()
    rock = mixed((92, 88, 96), (128, 106, 88), rand.random())
    for layer in range(3):
        share = layer / 2
        skyline = shore - (0.27 - 0.1 * layer) * (1 + 0.38 * profile(stage, 1.6 + 1.2 * layer, 7))
        depth = (y - skyline) / np.maximum(shore - skyline, 0.02)
        slope = stage.noise(5, 6, stretch=1.6)
        left = np.maximum(0, np.arange(canvas.side) - canvas.side // 90)
        facets = np.clip(0.5 + 0.9 * (slope - slope[:, left]), 0, 1)
        haze = mixed(rock, stage.light.sky[1], 0.55 * (1 - share))
        ground = stage.lit_shade((shaded(haze, 0.55), shaded(haze, 1.25)), facets)
        snow = smoothstep(0.36 - 0.1 * layer - depth + 0.1 * slope, 0, 0.08)[..., None]
        white = stage.lit_shade(((150, 168, 200), (252, 252, 255)), facets)
        canvas.cover(ground * (1 - snow) + white * snow, smoothstep(depth, 0, 0.015))
    _mirror(stage, shore, 0.86)
    bank = 0.9 + 0.03 * profile(stage, 2, 3)
    canvas.cover(
        stage.lit_shade(((40, 52, 34), (96, 104, 60)), 0.5 + 0.3 * stage.noise(14, 3)),
        np.broadcast_to(smoothstep(y - bank, 0, 0.006), (canvas.side, canvas.side)),
    )
    for x in sorted((rand.uniform(-0.05, 1.05) for _ in range(12)), key=lambda x: -abs(x - 0.5)):
        height = rand.uniform(0.16, 0.3) * (0.6 + 1.3 * abs(x - 0.5))
        paint_conifer(stage, x, rand.uniform(0.93, 1.02), height, (52, 88, 62))


def wood(stage: Stage) -> None:
    """Birches in a wood, paler the farther they are, and fallen leaves on the ground."""
    canvas, rand = stage.canvas, stage.rand
    floor, leaf = 0.62 + 0.1 * stage.sky, rand.choice(LEAVES)
    far = mixed(stage.lit(leaf), stage.light.sky[2], 0.5)
    spread = 0.5 + 0.3 * stage.noise(5, 5)
    canvas.cover(
        stage.lit_shade((shaded(far, 0.75), far, mixed(far, (255, 255, 220), 0.6)), spread)
    )
    paint_grass(stage, floor, ((70, 66, 36), (112, 100, 48), shaded(leaf, 0.9)), 250)
    for layer in range(4):
        share = layer / 3
        for _ in range(7 - layer):
            x, width = rand.uniform(-0.02, 1.02), (0.012 + 0.055 * share**1.6)
            _birch(stage, x, floor + 0.03 + 0.3 * share**1.5, width, 1 - share)
        for _ in range(170):
            cx, cy = rand.random(), rand.random() ** 1.8 * (stage.sky + 0.12)
            size = (0.008 + 0.014 * share) * rand.uniform(0.6, 1.2)
            tint = mixed(stage.lit(leaf, rand.uniform(0.5, 1.35)), far, 0.6 * (1 - share))
            canvas.disc(cx, cy, size, size * 0.7, tint)
    for _ in range(220):
        depth = rand.random()
        size = 0.003 + 0.009 * depth
        colour = stage.lit(rand.choice(LEAVES[2:]), rand.uniform(0.7, 1.3))
        canvas.disc(rand.random(), floor + 0.03 + (1 - floor) * depth, size * 1.4, size, colour)


def harbour(stage: Stage) -> None:
    """Sailing boats on a rippled sea, a far coast, and a lighthouse on its rock."""
    canvas, rand, horizon = stage.canvas, stage.rand, stage.sky + 0.08
    paint_sky(stage, horizon)
    paint_hills(stage, horizon, (96, 110, 116), (130, 146, 168), 2)
    _mirror(stage, horizon, 0.72)
    for _ in range(420):
        depth = rand.random() ** 1.5
        y, length = horizon + (1 - horizon) * depth, (0.006 + 0.06 * depth) * rand.uniform(0.5, 1.4)
        x, dip = rand.random(), 0.006 * depth
        crest = rand.choice(
            (stage.light.sky[2], stage.lit((24, 62, 92)), stage.lit((70, 130, 150)))
        )
        canvas.line(
            [(x, y), (x + length / 2, y - dip), (x + length, y)], 0.002 + 0.004 * depth, crest
        )
    side = rand.choice((0.13, 0.87))
    stone = stage.lit((104, 92, 84))
    rock = [(side + dx, horizon + dy) for dx, dy in
            ((-0.2, 0.1), (-0.13, 0.03), (-0.06, 0.0), (0.06, 0.01), (0.14, 0.05),
             (0.22, 0.1))]  # fmt: skip
    canvas.polygon(rock, stone)
    for _ in range(26):
        x, y = side + rand.uniform(-0.13, 0.13), horizon + rand.uniform(0.03, 0.09)
        canvas.polygon([(x, y), (x + 0.03, y - 0.02), (x + 0.045, y + 0.01)],
                       shaded(stone, rand.uniform(0.7, 1.3)))  # fmt: skip
    _lighthouse(stage, side, horizon + 0.02)
    for place, size in ((0.5, 0.2), (rand.uniform(0.2, 0.8), 0.34)):
        x = place + rand.uniform(-0.12, 0.12)
        _boat(stage, min(0.8, max(0.2, x)), horizon + 0.12 + size * 0.75, size)


def _mirror(stage: Stage, level: float, strength: float) -> None:
    """Water from `level` (share of the height) down, in which what stands above is seen."""
    canvas = stage.canvas
    side, row = canvas.side, round(level * canvas.side)
    sheet = canvas.shade().copy()
    depth = np.arange(side - row, dtype=np.float32)[:, None]
    ripples = stage.noise(16, 3, stretch=12)[row:] * (0.004 + 0.02 * depth / side) * side
    above = np.clip(row - 1 - depth * 0.8 + ripples, 0, max(0, row - 1)).astype(int)
    seen = sheet[above, np.arange(side)[None, :]]
    deep = np.array(stage.lit((36, 78, 108)), np.float32)
    share = strength * (1 - 0.5 * depth / side)[..., None]
    sheet[row:] = seen * share + deep * (1 - share)
    canvas.cover(sheet)


def _birch(stage: Stage, x: float, foot: float, width: float, distance: float) -> None:
    canvas, rand = stage.canvas, stage.rand
    haze = stage.light.sky[2]
    bark = mixed(stage.lit((228, 222, 210)), haze, 0.65 * distance)
    lean = rand.uniform(-0.04, 0.04)
    for share, part, light in ((-0.5, 1.0, 0.62), (-0.5, 0.72, 0.85), (-0.42, 0.4, 1.06)):
        a, b = x + width * share, x + width * (share + part)
        canvas.polygon([(a, foot), (a + lean, 0), (b + lean, 0), (b, foot)], shaded(bark, light))
    dark = mixed(stage.lit((48, 42, 42)), haze, 0.7 * distance)
    for _ in range(16):
        y, long = rand.uniform(0, foot), width * rand.uniform(0.2, 0.7)
        start = x + lean * (1 - y / foot) + rand.choice((-width / 2, width / 2 - long))
        canvas.line([(start, y), (start + long, y + 0.2 * long)], 0.16 * width, dark)


def _boat(stage: Stage, x: float, water: float, size: float) -> None:
    canvas, rand = stage.canvas, stage.rand
    hull = stage.lit(rand.choice(((130, 52, 40), (40, 70, 110), (232, 226, 214), (60, 96, 80))))
    sail = stage.lit(rand.choice(((244, 240, 226), (226, 140, 80), (206, 70, 56))))
    mast = stage.lit((92, 66, 46))
    top, boom = water - size * 1.15, water - size * 0.2
    canvas.line([(x, water), (x, top)], size * 0.025, mast)
    canvas.polygon([(x + size * 0.03, top + size * 0.04), (x + size * 0.1, water - size * 0.6),
                    (x + size * 0.46, boom), (x + size * 0.03, boom)], sail)  # fmt: skip
    canvas.polygon([(x - size * 0.03, top + size * 0.14), (x - size * 0.03, boom),
                    (x - size * 0.36, boom)], shaded(sail, 0.84))  # fmt: skip
    for share in (0.3, 0.55, 0.8):
        y = top + (boom - top) * share
        canvas.line(
            [(x + size * 0.03, y), (x + size * (0.03 + 0.4 * share), y)], 0.003, shaded(sail, 0.75)
        )
    canvas.polygon([(x - size * 0.42, water - size * 0.14), (x + size * 0.52, water - size * 0.15),
                    (x + size * 0.38, water + size * 0.06), (x - size * 0.32, water + size * 0.06)],
                   hull)  # fmt: skip
    canvas.line([(x - size * 0.42, water - size * 0.13), (x + size * 0.52, water - size * 0.14)],
                size * 0.035, shaded(hull, 1.35))  # fmt: skip
    for k in range(9):
        y = water + size * (0.09 + 0.05 * k)
        wide, shift = size * (0.34 - 0.025 * k), size * rand.uniform(-0.07, 0.07)
        canvas.line([(x + shift - wide, y), (x + shift + wide, y)], size * 0.016,
                    shaded(hull if k < 3 else sail, 0.75))  # fmt: skip


def _lighthouse(stage: Stage, x: float, foot: float) -> None:
    canvas, height = stage.canvas, min(0.34, foot - 0.1)
    for k in range(6):
        low, high = foot - height * k / 6, foot - height * (k + 1) / 6
        a, b = 0.042 - 0.003 * k, 0.042 - 0.003 * (k + 1)
        colour = stage.lit((240, 236, 228) if k % 2 else (190, 48, 42))
        canvas.polygon([(x - a, low), (x + a, low), (x + b, high), (x - b, high)], colour)
        canvas.polygon([(x + a * 0.35, low), (x + a, low), (x + b, high), (x + b * 0.35, high)],
                       shaded(colour, 0.78))  # fmt: skip
    top = foot - height
    canvas.line([(x - 0.036, top), (x + 0.036, top)], 0.012, stage.lit((60, 60, 66)))
    canvas.polygon([(x - 0.018, top), (x - 0.018, top - 0.045), (x + 0.018, top - 0.045),
                    (x + 0.018, top)], _LAMP)  # fmt: skip
    canvas.polygon([(x - 0.024, top - 0.045), (x + 0.024, top - 0.045), (x, top - 0.075)],
                   stage.lit((150, 44, 40)))  # fmt: skip
