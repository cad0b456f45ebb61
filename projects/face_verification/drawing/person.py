"""Who a drawn person is: a latent vector, and what its parts mean."""

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]

SKINS: tuple[Colour, ...] = (
    (255, 226, 205),
    (244, 202, 166),
    (228, 176, 130),
    (200, 140, 94),
    (156, 101, 66),
    (110, 70, 48),
    (74, 48, 37),
)
HAIRS: tuple[Colour, ...] = (
    (18, 16, 20),
    (24, 20, 22),
    (30, 24, 24),
    (52, 34, 25),
    (60, 40, 30),
    (80, 52, 34),
    (104, 66, 40),
    (140, 62, 28),
    (196, 92, 34),
    (206, 160, 88),
    (236, 210, 150),
    (110, 106, 106),
    (160, 158, 158),
    (226, 224, 220),
    (60, 90, 170),
)
EYES: tuple[Colour, ...] = (
    (50, 30, 20),
    (96, 62, 32),
    (70, 110, 60),
    (66, 120, 180),
    (120, 130, 135),
)
HAIRLINES = ("round", "peak", "receding", "side", "fringe", "centre")
BEARDS = ("none", "none", "none", "none", "stubble", "moustache", "goatee", "full")

RANGES = {
    "face_width": (0.66, 0.88),
    "jaw": (0.62, 0.98),
    "chin": (0.16, 0.46),
    "forehead": (-0.72, -0.5),
    "eye_apart": (0.27, 0.40),
    "eye_height": (-0.17, 0.02),
    "eye_size": (0.105, 0.165),
    "eye_open": (0.42, 0.72),
    "eye_tilt": (-0.28, 0.28),
    "brow_height": (0.13, 0.24),
    "brow_weight": (0.018, 0.062),
    "brow_slope": (-0.35, 0.35),
    "brow_arch": (0.0, 0.08),
    "nose_length": (0.30, 0.48),
    "nose_width": (0.08, 0.19),
    "mouth_height": (0.48, 0.62),
    "mouth_width": (0.19, 0.34),
    "lips": (0.03, 0.095),
    "ear_size": (0.13, 0.25),
    "ear_out": (0.0, 0.11),
    "hair_length": (0.0, 1.0),
    "hair_volume": (0.03, 0.32),
    "hair_curl": (-0.5, 1.0),
    "cheeks": (-0.3, 0.5),
    "lip_red": (0.15, 0.6),
    "age": (0.0, 1.0),
    "mole_x": (-0.5, 0.5),
    "mole_y": (0.05, 0.75),
    "moles": (-1.0, 3.0),
    "freckles": (-2.0, 1.0),
    "skin": (0.0, len(SKINS) - 1.001),
    "hair": (0.0, len(HAIRS) - 0.001),
    "eyes": (0.0, len(EYES) - 0.001),
    "hairline": (0.0, len(HAIRLINES) - 0.001),
    "beard": (0.0, len(BEARDS) - 0.001),
    "bun": (0.0, 1.0),
}
"""What each part of the latent vector ranges over; lengths in half heights of a head."""

_ALIKE, _CHANGED = 0.5, 12


def latent(seed: int, identity: int) -> NDArray[np.float32]:
    """The vector that an identity is: shape (36,), each part between 0 and 1.

    Of some neighbours (0 and 1, 2 and 3, ...) the second looks much like the first: they differ
    in a third of the parts, so that telling people apart takes more than their hair and skin.
    """
    rand = Random(f"person:{seed}:{identity}")
    own = np.array([rand.random() for _ in RANGES], np.float32)
    if identity % 2 == 0 or rand.random() >= _ALIKE:
        return own
    vector = latent(seed, identity - 1)
    changed = rand.sample(range(len(RANGES)), _CHANGED)
    vector[changed] = own[changed]
    return vector


@dataclass(frozen=True)
class Person:
    """The traits of one identity: numbers in the units of `RANGES`, colours and kinds."""

    traits: dict[str, float]
    skin: Colour
    hair: Colour
    eyes: Colour
    hairline: str
    beard: str

    def __getitem__(self, trait: str) -> float:
        return self.traits[trait]


def person(vector: NDArray[np.float32]) -> Person:
    """The traits that a latent vector stands for."""
    traits = {
        name: low + (high - low) * float(part)
        for (name, (low, high)), part in zip(RANGES.items(), vector, strict=True)
    }
    tone = int(traits["skin"])
    return Person(
        traits,
        mixed(SKINS[tone], SKINS[tone + 1], traits["skin"] - tone),
        HAIRS[int(traits["hair"])],
        EYES[int(traits["eyes"])],
        HAIRLINES[int(traits["hairline"])],
        BEARDS[int(traits["beard"])],
    )


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """The colour with this share of the other in it."""
    r, g, b = (round(a + (o - a) * share) for a, o in zip(colour, other, strict=True))
    return r, g, b
