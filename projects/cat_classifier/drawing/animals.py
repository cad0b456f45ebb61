"""Animals, by one set of functions for all.

They have the same coats, patterns, poses and eyes, so that no colour and no single part gives the
cat away.
"""

from random import Random

import numpy as np
from PIL import Image

from projects.cat_classifier.drawing.coat import Coat
from projects.cat_classifier.drawing.head import draw_head
from projects.cat_classifier.drawing.kinds import KINDS, Kind
from projects.cat_classifier.drawing.pen import Pen, ellipse, ribbon, smooth

POSES = ("face", "sitting", "standing", "lying", "curled")


def draw_animal(pen: Pen, species: str, pose: str, pattern: str, colour: str, rand: Random) -> None:
    """Draw the animal in the square from -1-1j to 1+1j of the pen's frame.

    `species` is a key of `KINDS`, `colour` of `COATS`; `pose` and `pattern` as listed above.
    """
    kind, coat = KINDS[species], Coat(colour, pattern, rand)
    asleep = rand.random() < (0.6 if pose == "curled" else 0.06)
    body = {"face": _bust, "standing": _standing, "lying": _lying, "curled": _curled}.get(
        pose, _perched if species == "owl" else _sitting
    )
    centre, radius = body(pen, kind, coat, rand)
    lean = rand.gauss(0, 0.16)
    draw_head(pen.at(centre, radius * rand.uniform(0.92, 1.1), lean), kind, coat, asleep, rand)


def _bust(pen: Pen, kind: Kind, coat: Coat, rand: Random) -> tuple[complex, float]:
    fur = coat.texture(pen, 0.86)
    width = rand.uniform(0.45, 0.7) * kind.bulk
    shoulders = [-0.3 + 0.6j, 0.3 + 0.6j, width + 0.9j, width + 1.5j, -width + 1.5j, -width + 0.9j]
    pen.rimmed(smooth(shoulders, closed=True), fur, coat.edge)
    return complex(rand.uniform(-0.1, 0.1), 0.14), 0.68


def _sitting(pen: Pen, kind: Kind, coat: Coat, rand: Random) -> tuple[complex, float]:
    fur, wide = coat.texture(pen), kind.bulk * rand.uniform(0.85, 1.1)
    _tail(pen, kind, coat, 0.35 + 0.78j, [0.5 + 0.02j, 0.62 - 0.4j, 0.5 - 0.75j], rand)
    half = [0.2 - 0.34j, 0.33 + 0.05j, 0.46 + 0.5j, 0.44 + 0.9j]
    torso = np.array(half + [-point.conjugate() for point in half[::-1]])
    pen.rimmed(smooth(torso.real * wide + 1j * torso.imag, closed=True), fur, coat.edge)
    for side in (-1, 1):
        pen.rimmed(ellipse(side * 0.38 * wide + 0.7j, 0.19, 0.24), fur, coat.edge)
    for side in (-1, 1):
        foot = side * rand.uniform(0.11, 0.18) + 0.88j
        _leg(pen, coat, side * 0.14 + 0.1j, foot, fur, 0.095 * wide)
    return complex(rand.uniform(-0.12, 0.12), -0.38), 0.42


def _standing(pen: Pen, kind: Kind, coat: Coat, rand: Random) -> tuple[complex, float]:
    fur, far, stride = coat.texture(pen), coat.texture(pen, 0.78), rand.uniform(-0.2, 0.2)
    belly = 0.4 + 0.1 * (kind.bulk - 1)
    _tail(pen, kind, coat, 0.62 + 0j, [0.2 - 0.2j, 0.24 - 0.6j, 0.12 - 0.85j], rand)
    for x, swing in ((-0.36, stride), (0.48, -stride)):
        _leg(pen, coat, x + 0.25j, x + swing + 0.9j, far, 0.08 * kind.bulk)
    torso = [-0.62 - 0.12j, -0.2 - 0.08j, 0.2 - 0.1j, 0.6 - 0.12j, 0.74 + 0.12j, 0.6 + belly * 1j]
    torso += [0.05 + belly * 1j, -0.45 + (belly + 0.06) * 1j, -0.72 + 0.15j]
    pen.rimmed(smooth(torso, closed=True), fur, coat.edge)
    for x, swing in ((-0.5, -stride), (0.6, stride)):
        _leg(pen, coat, x + 0.22j, x + swing + 0.94j, fur, 0.09 * kind.bulk)
    return complex(-0.6, rand.uniform(-0.4, -0.1)), 0.38


def _lying(pen: Pen, kind: Kind, coat: Coat, rand: Random) -> tuple[complex, float]:
    fur, top = coat.texture(pen), rand.uniform(0.05, 0.2)
    _tail(pen, kind, coat, 0.7 + 0.74j, [0.22 + 0.06j, 0.24 - 0.2j, 0.1 - 0.4j], rand)
    torso = [-0.55 + 0.3j, -0.1 + top * 1j, 0.35 + top * 1j, 0.78 + 0.4j, 0.78 + 0.78j]
    torso += [0.5 + 0.9j, -0.4 + 0.9j, -0.66 + 0.7j]
    pen.rimmed(smooth(torso, closed=True), fur, coat.edge)
    pen.rimmed(ellipse(0.5 + 0.64j, 0.28, 0.25), fur, coat.edge)
    for drop in (0.76, 0.86):
        _leg(pen, coat, -0.35 + drop * 1j, rand.uniform(-0.92, -0.74) + drop * 1j, fur, 0.085)
    return complex(-0.42, rand.uniform(-0.05, 0.25)), 0.42


def _curled(pen: Pen, kind: Kind, coat: Coat, rand: Random) -> tuple[complex, float]:
    fur = coat.texture(pen)
    pen.rimmed(ellipse(0.05 + 0.3j, 0.86, 0.56 * min(kind.bulk, 1.1)), fur, coat.edge)
    pen.rimmed(ellipse(0.48 + 0.5j, 0.36, 0.32), fur, coat.edge)
    _tail(pen, kind, coat, 0.8 + 0.45j, [-0.1 + 0.3j, -0.5 + 0.42j, -0.9 + 0.38j], rand)
    return complex(-0.38, rand.uniform(0.15, 0.4)), 0.42


def _perched(pen: Pen, kind: Kind, coat: Coat, rand: Random) -> tuple[complex, float]:
    fur, wide = coat.texture(pen), rand.uniform(0.9, 1.1)
    pen.rimmed(ellipse(0.3j, 0.44 * wide, 0.62), fur, coat.edge)
    pen.fill(ellipse(0.35j, 0.27 * wide, 0.45), coat.pale)
    for row in range(3):
        for x in (-0.14, 0.0, 0.14):
            where = x + (row % 2) * 0.07 + (0.15 + 0.17 * row) * 1j
            pen.line([where - 0.05, where + 0.05j, where + 0.05], 0.02, coat.edge)
    for side in (-1, 1):
        wing = smooth([side * 0.4 * wide - 0.1j, side * 0.52 * wide + 0.3j, side * 0.3 + 0.85j])
        pen.rimmed(np.append(wing, side * 0.26 + 0.2j), fur, coat.edge)
        for toe in (-0.06, 0.0, 0.06):
            pen.line([side * 0.15 + 0.88j, side * 0.15 + toe + 0.96j], 0.04, (206, 150, 60))
    return -0.36j, 0.45


def _leg(pen: Pen, coat: Coat, hip: complex, foot: complex, fur: Image.Image, width: float) -> None:
    pen.rimmed(ribbon([hip, (hip + foot) / 2 + 0.02, foot], width * 1.15, width), fur, coat.edge)
    sock = coat.pale if coat.pattern == "bib" else coat.tip
    pen.fill(ellipse(foot - 0.02, width * 1.35, width * 0.75), coat.edge)
    pen.fill(ellipse(foot - 0.02, width * 1.2, width * 0.6), sock)


def _tail(
    pen: Pen, kind: Kind, coat: Coat, root: complex, way: list[complex], rand: Random
) -> None:
    """Draw the tail from its root; `way` are the further points of its path, seen from there."""
    if kind.tail == "none":
        return
    if kind.tail == "ball":
        pen.fill(ellipse(root, 0.17, 0.17), coat.edge)
        pen.fill(ellipse(root, 0.145, 0.145), coat.pale)
        return
    wag = [point * rand.uniform(0.8, 1.1) + 0.1 * rand.uniform(-1, 1) for point in way]
    path = [root, *(root + point for point in wag)]
    if kind.tail == "rolled":
        up = root + 0.1 - 0.2j
        path = [root, up, up - 0.12 - 0.2j, up - 0.32 - 0.06j, up - 0.2 + 0.06j]
    widths = {
        "slim": (0.085, 0.075, 0.06),
        "bushy": (0.06, 0.16, 0.18, 0.03),
        "thin": (0.035, 0.02),
        "rolled": (0.1, 0.12, 0.08),
    }[kind.tail]
    pen.fill(ribbon(path, *(width + 0.025 for width in widths)), coat.edge)
    pen.fill(ribbon(path, *widths), coat.tip if kind.tail != "bushy" else coat.base)
    if kind.tail == "bushy":
        pen.fill(ribbon(path[2:], 0.15, 0.03), coat.pale)
