"""The parts of a face, from the back of the head to its front."""

from random import Random
from typing import NamedTuple

import numpy as np

from projects.face_verification.drawing.hair import draw_beard
from projects.face_verification.drawing.head import Head, ellipse, outline, rounded
from projects.face_verification.drawing.person import Colour, Person, mixed

BLACK: Colour = (12, 8, 10)
WHITE: Colour = (244, 242, 238)


class Expression(NamedTuple):
    """What a mood moves: corners of the mouth up, mouth open, brows up and inwards, eyes open."""

    smile: float
    gape: float
    brows: float
    frown: float
    eyes: float


EXPRESSIONS = {
    "neutral": Expression(0.0, 0.0, 0.0, 0.0, 1.0),
    "smile": Expression(0.07, 0.0, 0.01, 0.0, 0.85),
    "laugh": Expression(0.09, 0.12, 0.03, 0.0, 0.6),
    "sad": Expression(-0.06, 0.0, 0.01, -0.25, 0.85),
    "surprise": Expression(0.0, 0.15, 0.08, -0.1, 1.3),
    "anger": Expression(-0.03, 0.0, -0.05, 0.35, 0.8),
}


def draw_face(head: Head, who: Person, mood: Expression) -> None:
    """Ears, skin and features; the hair is drawn before and after."""
    skin = who.skin
    dark = mixed(skin, (60, 20, 10), 0.3)
    for side in (-1, 1):
        ear = complex(side * (who["face_width"] * 0.97 + who["ear_out"]), 0.02)
        head.fill(ellipse(ear, 0.11, who["ear_size"]), dark, -0.05)
        head.fill(ellipse(ear, 0.08, who["ear_size"] * 0.85), skin, -0.05)
    head.fill(outline(who), skin, 0.1)
    _draw_skin(head, who)
    draw_beard(head, who)
    for side in (-1, 1):
        _draw_eye(head, who, mood, side)
    _draw_nose(head, who, dark)
    _draw_mouth(head, who, mood)


def _draw_skin(head: Head, who: Person) -> None:
    if who["cheeks"] > 0:
        blush = mixed(who.skin, (214, 70, 70), who["cheeks"] * 0.6)
        for side in (-1, 1):
            head.fill(ellipse(complex(side * 0.44, 0.3), 0.14, 0.1), blush)
    if who["age"] > 0.6:
        line = mixed(who.skin, (50, 20, 15), 0.2 + 0.35 * (who["age"] - 0.6))
        for side in (-1, 1):
            fold = np.array([side * 0.2 + 0.33j, side * 0.34 + 0.55j])
            bag = side * who["eye_apart"] + 1j * (who["eye_height"] + 0.16)
            head.line(fold, 0.025, line)
            head.line(bag + np.array([-0.1, 0.03j, 0.1]), 0.02, line)
    spot = mixed(who.skin, (60, 25, 15), 0.75)
    marks = Random(f"{who['mole_x']:.4f}")
    for index in range(max(0, int(np.ceil(who["moles"])))):
        where = complex(who["mole_x"], who["mole_y"]) if index == 0 else _spot(marks)
        head.fill(ellipse(where, 0.036, 0.036), spot)
    if who["freckles"] > 0:
        tint = mixed(who.skin, (130, 60, 30), 0.4)
        for _ in range(22):
            head.fill(ellipse(_spot(marks, 0.5, 0.15, 0.4), 0.016, 0.016), tint)


def _spot(marks: Random, wide: float = 0.5, top: float = 0.1, bottom: float = 0.75) -> complex:
    return complex(marks.uniform(-wide, wide), marks.uniform(top, bottom))


def _draw_eye(head: Head, who: Person, mood: Expression, side: int) -> None:
    centre = complex(side * who["eye_apart"], who["eye_height"])
    size, tilt = who["eye_size"], side * who["eye_tilt"]
    open_ = min(0.95, who["eye_open"] * mood.eyes) * size
    turn = np.exp(1j * tilt)
    head.fill(ellipse(centre, size * 1.12, open_ * 1.25, tilt), mixed(who.skin, BLACK, 0.65))
    head.fill(ellipse(centre, size, open_, tilt), WHITE)
    iris = min(open_, size * 0.62)
    head.fill(ellipse(centre, min(size * 0.62, iris * 1.2), iris), who.eyes)
    head.fill(ellipse(centre, iris * 0.45, iris * 0.5), BLACK)
    head.fill(ellipse(centre + 0.02 - 0.025j, 0.018, 0.018), WHITE)
    lid = np.array([-size * 1.15, -size * 0.5 - 1j * open_, size * 0.5 - 1j * open_, size * 1.15])
    head.line(centre + rounded(lid, closed=False) * turn, 0.03, mixed(who.skin, BLACK, 0.8))
    slope = side * (who["brow_slope"] - mood.frown)
    middle = centre - 1j * (who["brow_height"] + mood.brows + 0.03)
    arch = np.array([-0.19, -0.08 - 1j * who["brow_arch"], 0.08 - 1j * who["brow_arch"], 0.19])
    brow = middle + rounded(arch, closed=False) * np.exp(-1j * slope * 0.8)
    head.line(brow, 2 * who["brow_weight"], mixed(mixed(who.hair, BLACK, 0.35), who.skin, 0.12))


def _draw_nose(head: Head, who: Person, dark: Colour) -> None:
    top, wide = who["eye_height"] + 0.04, who["nose_width"]
    tip = who["eye_height"] + who["nose_length"]
    # The ridge stands out of the face: seen from the side it moves further than the wings.
    bridge = np.array([-0.05 + 1j * top, -wide * 0.5 + 1j * (tip - 0.1), -wide + 1j * (tip - 0.02)])
    wings = np.concatenate([bridge, [1j * (tip + 0.05)], -bridge[::-1].conj()])
    head.fill(rounded(wings), mixed(who.skin, dark, 0.35), 0.62)
    ridge = np.array([-0.05, 0.05, wide * 0.6 + 0.3j, -wide * 0.6 + 0.3j]) + 1j * (tip - 0.33)
    head.fill(rounded(ridge), mixed(who.skin, (255, 240, 225), 0.25), 0.72)
    base = np.array([-wide - 0.01j, -wide * 0.5 + 0.035j, 0.05j, wide * 0.5 + 0.035j, wide - 0.01j])
    head.line(rounded(base, closed=False) + 1j * tip, 0.03, mixed(dark, BLACK, 0.3), 0.62)


def _draw_mouth(head: Head, who: Person, mood: Expression) -> None:
    centre, wide, full = 1j * who["mouth_height"], who["mouth_width"], who["lips"]
    wide *= 1 + 2 * mood.smile - mood.gape * 0.8
    corner = wide - 1j * mood.smile
    lip = mixed(mixed(who.skin, (170, 40, 60), who["lip_red"]), BLACK, 0.12)
    gape = mood.gape
    upper = [-corner.conjugate(), -wide * 0.3 - 1j * full, -0.3j * full, wide * 0.3 - 1j * full]
    lower = [
        corner,
        wide * 0.45 + 1j * (full * 1.3 + gape),
        -wide * 0.45 + 1j * (full * 1.3 + gape),
    ]
    head.fill(centre + rounded([*upper, *lower]), lip, 0.55)
    if gape:
        inner = [-0.85 * corner.conjugate(), 0.85 * corner, wide * 0.4 + 1j * gape]
        inside = centre + rounded([*inner, -wide * 0.4 + 1j * gape])
        head.fill(inside, (70, 18, 24), 0.55)
        teeth = [-0.6 * wide, 0.6 * wide, wide * 0.5 + 0.3j * gape, -wide * 0.5 + 0.3j * gape]
        head.fill(centre + np.array(teeth), WHITE, 0.55)
    else:
        seam = np.array([-corner.conjugate(), 0.5j * mood.smile, corner])
        head.line(centre + rounded(seam, closed=False), 0.022, mixed(lip, BLACK, 0.55), 0.55)
