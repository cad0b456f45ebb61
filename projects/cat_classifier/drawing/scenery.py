"""What is behind, before and instead of an animal: rooms and gardens, occluders, objects."""

from random import Random

import numpy as np
from PIL import Image

from projects.cat_classifier.drawing.coat import COATS, DARK, Coat
from projects.cat_classifier.drawing.kinds import KINDS
from projects.cat_classifier.drawing.pen import (
    Colour,
    Pen,
    Points,
    ellipse,
    flipped,
    grown,
    mixed,
    ribbon,
    shaded,
    smooth,
)

OBJECTS = ("house", "teapot", "bush", "clutter")
_HUES: tuple[Colour, ...] = (
    (196, 92, 78),
    (212, 160, 84),
    (188, 186, 98),
    (104, 150, 92),
    (92, 158, 158),
    (96, 124, 178),
    (148, 112, 164),
    (188, 132, 146),
    (150, 120, 92),
    (158, 158, 156),
)


def background(side: int, coat: str, clutter: float, rand: Random) -> Image.Image:
    """A room or a garden, `side` pixels wide, that the named coat stands out from a little."""
    wall, floor = (_apart(_hue(rand), COATS[coat][0]) for _ in range(2))
    gradient = Image.linear_gradient("L").resize((side, side), Image.Resampling.NEAREST)
    if rand.random() < 0.5:
        gradient = gradient.transpose(Image.Transpose.ROTATE_90)
    bare, lit = (Image.new("RGB", (side, side), mixed(wall, floor, k)) for k in (0, 0.35))
    image = Image.composite(lit, bare, gradient)
    pen = Pen(image, (1 + 1j) * side / 2, side / 2)
    if rand.random() < 0.3:
        _wallpaper(pen, shaded(wall, rand.uniform(0.86, 1.14)), rand)
    if rand.random() < 0.6:
        level = rand.uniform(0.1, 0.8)
        pen.fill(_box(-1.1 + level * 1j, 1.1 + 1.1j), floor)
        pen.line([-1.1 + level * 1j, 1.1 + level * 1j], 0.03, shaded(floor, 0.8))
    for _ in range(round(clutter * 16)):
        _thing(pen, _apart(_hue(rand), COATS[coat][0]), rand)
    return image


def occlude(pen: Pen, share: float, rand: Random) -> None:
    """Hide about this share of the square from -1-1j to 1+1j: by leaves, a fence or a box."""
    kind, colour = rand.choice(("leaves", "fence", "box")), _hue(rand)
    if kind == "leaves":
        for _ in range(round(share * 34)):
            where = complex(rand.uniform(-1, 1), rand.uniform(-1, 1))
            _leaf(pen, where, shaded(colour, rand.uniform(0.75, 1.15)), rand)
    elif kind == "fence":
        pitch = rand.uniform(0.3, 0.55)
        start = -1.6 + rand.uniform(0, pitch)
        for k in range(int(3.2 / pitch)):
            bar = start + k * pitch
            pen.fill(_box(bar - 1.5j, bar + pitch * share + 1.5j), colour)
            pen.line([bar - 1.5j, bar + 1.5j], 0.02, shaded(colour, 0.7))
    else:
        # Low poses fill only the lower half of the square: twice the share would bury them.
        corner = 1 - 1.5 * share
        front = [-1.3 + corner * 1j, 1.3 + (corner + rand.uniform(-0.2, 0.2)) * 1j]
        pen.fill(np.array([*front, 1.3 + 2j, -1.3 + 2j]), colour)
        pen.line(front, 0.05, shaded(colour, 0.7))


def draw_object(pen: Pen, species: str, pattern: str, colour: str, rand: Random) -> None:
    """Draw one of `OBJECTS` in the square from -1-1j to 1+1j, in the colours of a coat."""
    coat = Coat(colour, pattern, rand)
    {"house": _house, "teapot": _teapot, "bush": _bush, "clutter": _clutter}[species](
        pen, coat, rand
    )


def _house(pen: Pen, coat: Coat, rand: Random) -> None:
    """A house with two gables: ears, to a quick eye."""
    low, wide = rand.uniform(0.6, 0.95), rand.uniform(0.6, 0.9)
    pen.paint(_box(-wide - 0.3j, wide + low * 1j), coat.texture(pen))
    for side in (-1, 1):
        peak = side * wide * 0.55 - rand.uniform(0.75, 1.0) * 1j
        roof = np.array([side * wide * 1.15 - 0.25j, peak, side * 0.02 - 0.25j])
        pen.fill(grown(roof, 1.12), coat.edge)
        pen.fill(roof, coat.mark)
        pane = side * wide * 0.5 + 0.02j
        pen.fill(_box(pane - 0.17 - 0.15j, pane + 0.17 + 0.15j), coat.edge)
        pen.fill(_box(pane - 0.13 - 0.11j, pane + 0.13 + 0.11j), rand.choice(_HUES))
        pen.line([pane - 0.13j, pane + 0.13j], 0.03, coat.edge)
    pen.fill(_box(-0.12 + 0.35j, 0.12 + low * 1j), coat.edge)


def _teapot(pen: Pen, coat: Coat, rand: Random) -> None:
    fur, side = coat.texture(pen), rand.choice((-1, 1))
    handle = flipped([0.5 - 0.2j, 0.98 - 0.15j, 0.92 + 0.4j, 0.5 + 0.5j], side)
    spout = flipped([-0.5 + 0.4j, -0.78 + 0.1j, -0.95 - 0.35j], side)
    pen.fill(ribbon(handle, 0.1), coat.edge)
    pen.fill(ribbon(handle, 0.07), coat.mark)
    pen.fill(ribbon(spout, 0.2, 0.09), coat.edge)
    pen.paint(ribbon(spout, 0.17, 0.06), fur)
    pen.fill(ellipse(0.2j, 0.69, 0.62), coat.edge)
    pen.paint(ellipse(0.2j, 0.65, 0.58), fur)
    pen.fill(ellipse(-0.34j, 0.4, 0.14), coat.edge)
    pen.fill(ellipse(-0.38j, 0.36, 0.12), coat.mark)
    pen.fill(ellipse(-0.54j, 0.1, 0.1), coat.edge)
    for _ in range(rand.randrange(6)):
        where = complex(rand.uniform(-0.45, 0.45), rand.uniform(0, 0.5))
        pen.fill(ellipse(where, 0.1, 0.1), coat.pale)


def _bush(pen: Pen, coat: Coat, rand: Random) -> None:
    """A clipped bush with two peaks and, at times, berries like eyes."""
    crown = [-0.85 + 0.9j, -0.95 + 0.1j, -0.6 - 0.95j, -0.2 - 0.3j, 0.2 - 0.3j, 0.6 - 0.95j]
    outline = smooth([p + complex(rand.gauss(0, 0.06), rand.gauss(0, 0.06)) for p in crown])
    outline = np.array([*outline, 0.95 + 0.1j, 0.85 + 0.9j])
    pen.fill(outline, coat.edge)
    pen.paint(outline * 0.95, coat.texture(pen))
    for _ in range(30):
        where = complex(rand.uniform(-0.75, 0.75), rand.uniform(-0.4, 0.8))
        _leaf(pen, where, rand.choice((coat.base, coat.mark, coat.edge)), rand, 0.6)
    for _ in range(rand.randrange(5)):
        where = complex(rand.uniform(-0.6, 0.6), rand.uniform(-0.2, 0.7))
        pen.fill(ellipse(where, 0.09, 0.09), rand.choice(_HUES))


def _clutter(pen: Pen, coat: Coat, rand: Random) -> None:
    """The parts of an animal, scattered: its shapes are there, the animal is not."""
    shapes = [KINDS["cat"].skull, KINDS["fox"].ear, KINDS["cat"].ear]
    for _ in range(9):
        part = pen.at(
            complex(rand.uniform(-0.8, 0.8), rand.uniform(-0.8, 0.8)), 0.4, rand.uniform(0, 6)
        )
        colour = rand.choice((coat.base, coat.mark, coat.pale, coat.edge, _hue(rand)))
        shape = np.array(rand.choice(shapes))
        part.fill(shape - shape.mean(), colour)
        if rand.random() < 0.5:
            part.fill(ellipse(0.3j, 0.2, 0.17), rand.choice(_HUES))
            part.fill(ellipse(0.3j, 0.07, 0.15), DARK)


def _thing(pen: Pen, colour: Colour, rand: Random) -> None:
    where = complex(rand.uniform(-1, 1), rand.uniform(-1, 1))
    part = pen.at(where, rand.uniform(0.12, 0.4), rand.gauss(0, 0.3))
    kind, dark = rand.randrange(6), shaded(colour, 0.7)
    if kind == 0:
        part.fill(ellipse(0j, 1.0, rand.uniform(0.5, 1.0)), colour)
    elif kind == 1:
        part.fill(np.array([-0.7 + 0.6j, rand.uniform(-0.3, 0.3) - 0.9j, 0.7 + 0.6j]), colour)
    elif kind == 2:
        part.fill(_box(-1 - 0.6j, 1 + 0.6j), colour)
        part.line([-1 - 0.6j, 1 - 0.6j], 0.1, dark)
    elif kind == 3:
        part.fill(_box(-0.7 - 1j, 0.7 + 1j), dark)
        part.fill(_box(-0.55 - 0.85j, 0.55 + 0.85j), colour)
    elif kind == 4:
        part.fill(ribbon([-1 + 0.3j, -0.3 - 0.4j, 0.4 + 0.4j, 1 - 0.3j], 0.12, 0.06), colour)
    else:
        for blade in range(5):
            part.line(
                [blade * 0.2 - 0.4 + 1j, blade * 0.3 - 0.6 + rand.uniform(-1, 0) * 1j], 0.08, dark
            )


def _wallpaper(pen: Pen, colour: Colour, rand: Random) -> None:
    pitch, slant = rand.uniform(0.15, 0.5), rand.uniform(-0.6, 0.6)
    for k in range(int(3.4 / pitch)):
        x = -1.7 + k * pitch
        pen.line([x - slant - 1.1j, x + slant + 1.1j], pitch * 0.4, colour)


def _leaf(pen: Pen, where: complex, colour: Colour, rand: Random, size: float = 1.0) -> None:
    leaf = pen.at(where, size * rand.uniform(0.8, 1.2), rand.uniform(0, 3.2))
    leaf.fill(ribbon([-0.24, 0.02j, 0.24], 0.01, 0.1, 0.02), colour)
    leaf.line([-0.2, 0.2], 0.02, shaded(colour, 0.75))


def _hue(rand: Random) -> Colour:
    grey = rand.randrange(40, 230)
    colour = mixed(rand.choice(_HUES), (grey, grey, grey), rand.uniform(0.1, 0.7))
    return shaded(colour, rand.uniform(0.55, 1.3))


def _apart(colour: Colour, coat: Colour) -> Colour:
    """The colour, moved away in lightness where the coat would vanish on it."""
    if abs(sum(colour) - sum(coat)) > 90:
        return colour
    return shaded(colour, 0.6) if sum(coat) > 380 else mixed(colour, (255, 255, 255), 0.4)


def _box(corner: complex, opposite: complex) -> Points:
    a, b = corner, opposite
    return np.array([a, complex(b.real, a.imag), b, complex(a.real, b.imag)])
