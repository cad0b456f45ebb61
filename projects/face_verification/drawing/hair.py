"""Hair: what hangs behind the face, what covers its top, and beards."""

import numpy as np

from projects.face_verification.drawing.head import (
    Head,
    Points,
    ellipse,
    mirrored,
    outline,
    rounded,
)
from projects.face_verification.drawing.person import Colour, Person, mixed

BALD, SHAVEN, SHORT, BOB = 0.08, 0.2, 0.55, 0.75
"""Above each length begins the next cut of hair; above the last it is long."""


def draw_back_hair(head: Head, who: Person) -> None:
    """What is seen of the hair behind face and neck."""
    length, wide = who["hair_length"], who["face_width"]
    if length < SHAVEN:
        return
    puff = who["hair_volume"]
    dark = mixed(who.hair, (0, 0, 0), 0.25)
    if length > SHORT and who["bun"] > 0.7:
        head.fill(ellipse(-1j * (1.12 + puff), 0.3, 0.27), dark, -0.2)
    elif length > SHORT:
        end = 0.75 if length < BOB else 1.5 + who["bun"] * 0.3
        half = [0.5 - 1.1j - 0.5j * puff, wide + puff - 0.6j, wide + puff + 0.05 + 0.2j]
        half += [wide + puff + 1j * end, wide * 0.6 + 1j * end]
        shape = rounded([*half, *mirrored(half)])
        head.fill(_curled(shape, who), dark, -0.25)
        return
    head.fill(_curled(_crown(who), who), dark, -0.2)


def draw_front_hair(head: Head, who: Person) -> None:
    """The hair on top, down to the hairline."""
    if who["hair_length"] < BALD:
        return
    wide, top = who["face_width"], who["forehead"]
    shaven = who["hair_length"] < SHAVEN
    puff = 0.02 if shaven else who["hair_volume"]
    temple = 1.02 * wide - 0.12j
    lines = {
        "round": [0.75 * wide + 1j * top + 0.2j, 0.35 + 1j * top, -0.35 + 1j * top],
        "peak": [0.6 * wide + 1j * top - 0.03j, 1j * top + 0.16j],
        "receding": [0.62 * wide + 1j * top - 0.14j, 0.3 + 1j * top, -0.3 + 1j * top],
        "side": [0.8 * wide + 1j * top + 0.25j, 0.45 + 1j * top + 0.14j, -0.45 + 1j * top - 0.1j],
        "fringe": [0.85 * wide - 0.36j, 0.5 - 0.33j, 0 - 0.36j, -0.5 - 0.33j],
        "centre": [0.72 * wide - 0.3j, 0.35 - 0.5j, 0.02 - 0.85j, -0.35 - 0.5j],
    }
    last = lines[who.hairline][0]
    line = [temple, *lines[who.hairline], complex(-last.real, last.imag), -temple.conjugate()]
    arc = np.exp(1j * np.linspace(np.pi, 2 * np.pi, 17))
    over = 1.04 * wide * (1 + puff * 0.6) * arc.real + 1j * (1.0 + puff) * arc.imag - 0.1j
    colour = mixed(who.hair, who.skin, 0.35) if shaven else who.hair
    shape = np.concatenate([_curled(over, who), rounded(line, closed=False)])
    head.fill(shape, colour, 0.08)
    if not shaven:
        shine = mixed(who.hair, (255, 235, 215), 0.22)
        gleam = np.exp(1j * np.linspace(1.2 * np.pi, 1.6 * np.pi, 8))
        head.line(0.72 * wide * gleam.real + 0.93j * gleam.imag - 0.06j, 0.05, shine, 0.15)


def draw_beard(head: Head, who: Person) -> None:
    """The beard below the mouth, the moustache above it, or a shadow of both."""
    if who.beard == "none":
        return
    mouth = who["mouth_height"]
    colour: Colour = mixed(who.hair, who.skin, 0.72 if who.beard == "stubble" else 0.1)
    if who.beard in ("stubble", "full"):
        face = outline(who)
        low = face[face.imag > 0.14] * (1.0 if who.beard == "stubble" else 1.06)
        inner = np.array([0.16 + 1j * (mouth - 0.12), 0.36 + 1j * (mouth - 0.06), 0.5 + 0.42j])
        top = rounded([*-inner.conj()[::-1], *inner], closed=False)
        depth = np.repeat([0.1, 0.4], [len(low), len(top)])
        head.fill(np.concatenate([low, top]), colour, depth)
    if who.beard == "goatee":
        head.fill(ellipse(1j * (mouth + 0.26), 0.2, 0.2), colour, 0.5)
    if who.beard != "stubble":
        wide = who["mouth_width"] + 0.03
        band = [-wide + 1j * (mouth + 0.02), -0.1 + 1j * (mouth - 0.13), 0.1 + 1j * (mouth - 0.13)]
        head.fill(rounded([*band, wide + 1j * (mouth + 0.02), 1j * (mouth - 0.03)]), colour, 0.55)


def _crown(who: Person) -> Points:
    puff = who["hair_volume"]
    return ellipse(-0.25j, who["face_width"] * 1.03 + puff * 0.5, 0.87 + puff)


def _curled(points: Points, who: Person) -> Points:
    """The outline with waves on it, for hair that curls."""
    if who["hair_curl"] <= 0 or who["hair_length"] < SHAVEN:
        return points
    fine = np.interp(np.linspace(0, len(points) - 1, 72), np.arange(len(points)), points)
    wave = np.abs(np.sin(np.linspace(0, 11 * np.pi, 72)))
    middle = -0.1j
    return np.asarray(middle + (fine - middle) * (1 + 0.13 * who["hair_curl"] * wave))
