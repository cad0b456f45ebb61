"""Heads, from the ears to the whiskers."""

from random import Random

import numpy as np

from projects.cat_classifier.drawing.coat import DARK, PINK, WHITE, Coat
from projects.cat_classifier.drawing.kinds import Kind
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

_IRISES: tuple[Colour, ...] = (
    (126, 178, 84),
    (214, 190, 72),
    (206, 134, 46),
    (98, 158, 206),
    (112, 74, 44),
    (150, 190, 150),
)


def draw_head(pen: Pen, kind: Kind, coat: Coat, asleep: bool, rand: Random) -> None:
    """Draw the head; its skull is the circle of radius 1 in the pen's frame, ears reach higher."""
    turn = rand.uniform(-0.28, 0.28)
    fur = coat.texture(pen, 1.05, head=True)
    for side in (-1, 1):
        _ear(pen, kind, coat, side, rand)
    right = np.array([p * (1 + rand.uniform(-0.03, 0.03)) for p in kind.skull])
    outline = np.concatenate([right, -right[-2:0:-1].conj()])
    skull = smooth(outline.real * rand.uniform(0.94, 1.08) + 1j * outline.imag, closed=True)
    pen.rimmed(skull, fur, coat.edge)
    if kind.ears == "hanging":
        for side in (-1, 1):
            _hanging_ear(pen, coat, side, rand)
    face = pen.at(turn * 0.55 + rand.uniform(-0.06, 0.06) * 1j, 1.0)
    _muzzle(face, kind, coat, rand)
    iris, pupil = rand.choice(_IRISES), rand.choice((0.25, 0.4, 0.75))
    for side in (-1, 1):
        near = 1 + 0.35 * side * turn
        where = side * kind.gap * near - 0.1j
        if kind.muzzle == "beak":
            face.fill(ellipse(where, 0.44 * near, 0.42), coat.pale)
        _eye(face, where, kind.eye * near, side, asleep, iris, pupil, coat)
    if kind.muzzle == "beak":
        face.fill(np.array([-0.15 + 0.05j, 0.15 + 0.05j, 0.52j]), (198, 150, 66))
    _whiskers(face, kind, coat, rand)


def _ear(pen: Pen, kind: Kind, coat: Coat, side: int, rand: Random) -> None:
    inside = mixed(PINK, coat.base, 0.35)
    if kind.ears == "pointed":
        inner, tip, outer = kind.ear
        tip = tip * rand.uniform(0.93, 1.08) + complex(rand.uniform(-0.1, 0.1), 0)
        bulge = 0.06 + 0.04j
        shape = [inner + 0.2j, inner, (inner + tip) / 2 - bulge, tip]
        ear = np.array([*shape, (outer + tip) / 2 + bulge.conjugate(), outer, outer - 0.2 + 0.2j])
        hollow = np.array([inner * 0.8 + outer * 0.2, tip * 0.86 + inner * 0.14, outer * 0.93])
        _two_tone(pen, ear, hollow, side, coat, inside)
    elif kind.ears == "round":
        where, radius = kind.ear[0], kind.ear[1].real * rand.uniform(0.9, 1.1)
        ear, hollow = (ellipse(where, r, r) for r in (radius, radius * 0.6))
        _two_tone(pen, ear, hollow, side, coat, inside)
    elif kind.ears == "long":
        bent = rand.uniform(-0.1, 0.5) if rand.random() < 0.8 else 1.0
        path = [0.34 - 0.6j, 0.42 - 1.1j, 0.45 + 0.3 * bent - (2.0 - 0.6 * bent) * 1j]
        ear, hollow = (ribbon(path, *w) for w in ((0.2, 0.27, 0.12), (0.09, 0.15, 0.04)))
        _two_tone(pen, ear, hollow, side, coat, inside)


def _two_tone(pen: Pen, ear: Points, hollow: Points, side: int, coat: Coat, inside: Colour) -> None:
    pen.fill(flipped(grown(ear, 1.1), side), coat.edge)
    pen.fill(flipped(ear, side), coat.tip)
    pen.fill(flipped(hollow, side), inside)


def _hanging_ear(pen: Pen, coat: Coat, side: int, rand: Random) -> None:
    low = rand.uniform(0.3, 0.7)
    corners = [0.4 - 0.72j, 0.95 - 0.62j, 1.16 + low * 0.6j, 0.94 + low * 1j, 0.72 - 0.1j]
    drop = flipped(smooth(corners, closed=True), side)
    pen.fill(grown(drop, 1.08), coat.edge)
    pen.fill(drop, coat.mark)


def _muzzle(pen: Pen, kind: Kind, coat: Coat, rand: Random) -> None:
    nose = rand.choice((PINK, DARK, DARK, mixed(PINK, DARK, 0.5)))
    line = shaded(coat.edge, 0.6)
    if kind.muzzle == "pads":
        for side in (-1, 1):
            pen.fill(ellipse(side * 0.17 + 0.44j, 0.23, 0.2), coat.pale)
        pen.fill(np.array([-0.13 + 0.2j, 0.13 + 0.2j, 0.34j]), nose)
        pen.line([-0.24 + 0.5j, -0.1 + 0.56j, 0.42j, 0.1 + 0.56j, 0.24 + 0.5j], 0.04, line)
    elif kind.muzzle == "snout":
        pen.fill(ellipse(0.46j, 0.42, 0.42), coat.pale)
        if rand.random() < 0.4:
            pen.fill(ellipse(0.82j, 0.14, 0.22), (206, 104, 112))
        pen.line([-0.26 + 0.62j, 0.7j, 0.26 + 0.62j], 0.04, line)
        pen.line([0.3j, 0.7j], 0.04, line)
        pen.fill(ellipse(0.26j, 0.2, 0.14), nose)
    elif kind.muzzle == "pointed":
        for side in (-1, 1):
            cheek = [1.04j, 0.16 + 0.3j, 0.62 + 0.22j, 0.88 + 0.28j, 0.42 + 0.62j]
            pen.fill(flipped(cheek, side), coat.pale)
        pen.fill(ellipse(0.92j, 0.15, 0.12), nose)


def _eye(
    pen: Pen,
    where: complex,
    size: float,
    side: int,
    asleep: bool,
    iris: Colour,
    pupil: float,
    coat: Coat,
) -> None:
    if asleep:
        arc = [where - size, where + 0.45j * size, where + size]
        pen.line(smooth(arc), 0.06, shaded(coat.edge, 0.5))
        return
    pen.fill(ellipse(where, size * 1.14, size * 0.98, -0.25 * side), shaded(coat.edge, 0.5))
    pen.fill(ellipse(where, size, size * 0.84, -0.25 * side), iris)
    pen.fill(ellipse(where, size * pupil, size * 0.8), DARK)
    pen.fill(ellipse(where - (0.25 + 0.3j) * size, size * 0.2, size * 0.2), WHITE)


def _whiskers(pen: Pen, kind: Kind, coat: Coat, rand: Random) -> None:
    colour = WHITE if sum(coat.pale) < 600 else shaded(coat.edge, 0.6)
    reach = kind.whiskers * rand.uniform(0.75, 1.1)
    for side in (-1, 1):
        for rise in (-0.16, 0.02, 0.2) if reach else ():
            start = side * 0.3 + (0.45 + 0.3 * rise) * 1j
            end = side * (0.3 + reach) + (0.42 + 1.3 * rise) * 1j
            pen.line([start, (start + end) / 2 - 0.04j, end], 0.022, colour)
