"""Styles made of surfaces: glass in lead, wet colour on paper, carved wood, printed waves."""

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from projects.neural_style_transfer.drawing.canvas import (
    Canvas,
    Colour,
    Field,
    along,
    noise,
    smoothstep,
)

_JEWELS: tuple[Colour, ...] = (
    (24, 44, 128), (20, 104, 168), (30, 140, 120), (96, 160, 60), (238, 190, 50),
    (226, 110, 36), (190, 30, 50), (112, 28, 110),
)  # fmt: skip
_WASHES: tuple[Colour, ...] = (
    (38, 92, 150), (64, 158, 170), (120, 84, 160), (222, 96, 120), (240, 150, 70), (60, 130, 90),
    (236, 190, 70),
)  # fmt: skip
_PAPER: Colour = (246, 240, 226)


def glass(canvas: Canvas, rng: np.random.Generator) -> None:
    """Pieces of coloured glass in dark lead, lit from behind (stained glass)."""
    side = canvas.side
    sites = rng.uniform(-0.1, 1.1, (330, 2))
    for _ in range(2):  # towards even pieces, but not all the way (Lloyd's relaxation)
        probes = rng.uniform(-0.1, 1.1, (20000, 2))
        owner = cKDTree(sites).query(probes)[1]
        sums = np.stack([np.bincount(owner, probes[:, k], len(sites)) for k in (0, 1)], -1)
        means = sums / np.maximum(np.bincount(owner, minlength=len(sites)), 1)[:, None]
        sites = 0.4 * sites + 0.6 * means
    y, x = np.broadcast_arrays(canvas.y(), canvas.x())
    bend = 0.006
    places = np.stack([x + bend * noise(rng, side, 5, 2), y + bend * noise(rng, side, 5, 2)], -1)
    distances, owners = cKDTree(sites).query(places.reshape(-1, 2), k=2)
    near, next_ = distances.reshape(side, side, 2).transpose(2, 0, 1)
    piece = owners[:, 0].reshape(side, side)
    rose = np.hypot(sites[:, 0] - 0.52, sites[:, 1] - 0.46)
    turn = np.arctan2(sites[:, 1] - 0.46, sites[:, 0] - 0.52)
    share = (1.55 * rose + 0.12 * np.cos(6 * turn) + rng.normal(0, 0.07, len(sites))) % 1.0
    colours = along(_JEWELS[::-1], share) * rng.uniform(0.75, 1.2, (len(sites), 1))
    inside = smoothstep(next_ - near, 0.006, 0.03)
    light = (0.72 + 0.45 * inside) * (1 + 0.09 * noise(rng, side, 14, 3, stretch=3))
    lead = smoothstep(next_ - near, 0.0045, 0.0085)[..., None]
    painted = colours[piece] * light[..., None].astype(np.float32)
    canvas.cover(painted * lead + np.array((22, 20, 24), np.float32) * (1 - lead))


def wash(canvas: Canvas, rng: np.random.Generator) -> None:
    """Wet blots that run into each other, darker at their rims, on grained paper (watercolour)."""
    side = canvas.side
    grain = noise(rng, side, 60, 2)
    sheet = np.full((side, side, 3), _PAPER, np.float32)
    x, y = canvas.x(), canvas.y()
    start = rng.random(2)
    for number in range(46):
        # Multiples of these two shares lie evenly in the square (Roberts' R2 sequence).
        cx, cy = 1.1 * ((start + number * np.array((0.7548777, 0.5698403))) % 1) - 0.05
        radius = rng.uniform(0.14, 0.27) if number < 16 else rng.uniform(0.03, 0.13)
        flat, dye = rng.uniform(0.8, 1.25), _WASHES[int(6 * cx + rng.normal(0, 1.2)) % len(_WASHES)]
        half = round(1.9 * radius * side)  # of the square that the blot can reach
        top, left = round(cy * side) - half, round(cx * side) - half
        there = tuple(slice(max(0, at), max(0, at + 2 * half)) for at in (top, left))
        part = tuple(
            slice(max(0, -at), max(0, -at) + min(side, at + 2 * half) - max(0, at))
            for at in (top, left)
        )
        ragged = 1 + 0.22 * np.clip(noise(rng, 2 * half, 13 * radius, 5)[part], -3, 3)
        ragged -= np.hypot(x[:, there[1]] - cx, (y[there[0]] - cy) * flat) / radius
        body = smoothstep(ragged, 0.0, 0.035)
        rim = np.exp(-(((ragged - 0.035) / 0.05) ** 2)) * body
        pool = 0.5 + 0.3 * noise(rng, 2 * half, 9 * radius, 3)[part]
        depth = body * np.clip(0.34 + 0.3 * pool + 0.05 * grain[there], 0.06, 1) + 0.4 * rim
        share = (depth * rng.uniform(0.45, 0.95))[..., None]
        sheet[there] *= 1 - share * (1 - np.array(dye) / 255.0)  # transparent: it takes light
    spots = rng.random((180, 3))
    canvas.cover(np.clip(sheet + 5 * grain[..., None], 0, 255))
    for cx, cy, share in spots.tolist():
        r, g, b = _WASHES[int(share * 991) % len(_WASHES)]
        size = 0.0015 + 0.006 * share**4
        canvas.disc(cx, cy, size, size, (r, g, b))


def woodcut(canvas: Canvas, rng: np.random.Generator) -> None:
    """Black lines that swell and thin with the shade, carved round hills and clouds, and a red."""
    side = canvas.side
    height = noise(rng, side, 3, 3)
    bands = 0.9 * height + 6 * np.broadcast_to(canvas.y(), (side, side))
    region = np.floor(bands).astype(int)
    inside = bands - region
    swing = np.stack([noise(rng, side, 2, 2) for _ in range(2)])
    lines = np.empty((side, side), np.float32)
    x, y = canvas.x(), canvas.y()
    for one in np.unique(region):
        turn = rng.uniform(0, np.pi)
        across = np.cos(turn) * x + np.sin(turn) * y + 0.06 * swing[one % 2]
        if one % 3 == 0:  # along the hill instead of straight over it
            across = bands / 6
        lines = np.where(region == one, across, lines)
    teeth = np.abs((lines * 52) % 1.0 - 0.5) * 2
    shade = np.clip(0.12 + 0.78 * inside + 0.1 * noise(rng, side, 9, 2), 0.05, 0.95)
    ink = smoothstep(shade - teeth, -0.1, 0.1)
    contour = 1 - smoothstep(np.minimum(inside, 1 - inside), 0.02, 0.05)
    ink = np.maximum(ink, contour)
    paper = np.array((238, 222, 188), np.float32) + 4 * noise(rng, side, 40, 2)[..., None]
    red = np.isin(region, (1, 4))[..., None]
    ground = np.where(red, np.array((204, 74, 48), np.float32), paper)
    ground = np.where((region == 3)[..., None], np.array((222, 164, 84), np.float32), ground)
    worn = np.clip(0.95 + 0.05 * noise(rng, side, 70, 1), 0.7, 1)
    print_ = (gaussian_filter(ink, side / 1600) * worn)[..., None]
    canvas.cover(ground * (1 - print_) + np.array((28, 24, 26), np.float32) * print_)


def waves(canvas: Canvas, rng: np.random.Generator) -> None:
    """Rows of ringed scales in indigo and foam, each before the last, with gold (seigaiha)."""
    side = canvas.side
    sea: tuple[Colour, ...] = ((18, 34, 84), (30, 66, 128), (60, 120, 170), (238, 232, 214))
    sheet = np.full((side, side, 3), (238, 206, 150), np.float32)
    x, y = (np.broadcast_to(one, (side, side)) for one in (canvas.x(), canvas.y()))
    roll = 0.014 * noise(rng, side, 2, 2)
    radius = 0.135
    for row, top in enumerate(np.arange(-0.05, 1.3, radius / 2).tolist()):
        for place in np.arange(-0.2 + (row % 2) * radius, 1.4, 2 * radius).tolist():
            tone, gold = rng.uniform(-0.25, 0.25), rng.random() < 0.12
            reach = [(at + np.array((-1.3, 1.3)) * radius) * side for at in (top, place)]
            there = tuple(slice(max(0, round(low)), max(0, round(high))) for low, high in reach)
            distance = np.hypot(x[there] - place + roll[there], y[there] - top - 1.4 * roll[there])
            distance = distance / radius
            step = np.clip(np.floor(distance * 4), 0, 3)
            foam = ((distance * 4) % 1.0 > 0.7) | (distance > 0.95)
            body = along(sea, np.clip(0.06 + 0.19 * step + 0.2 * tone, 0, 0.7))
            if gold:
                body = body * 0.25 + np.array((232, 150, 40), np.float32) * 0.75
            scale = np.where(foam[..., None], np.array((240, 234, 216), np.float32), body)
            sheet[there] = np.where((distance < 1)[..., None], scale, sheet[there])
    grain: Field = 1 + 0.03 * noise(rng, side, 50, 2, stretch=6)
    canvas.cover(sheet * grain[..., None])
