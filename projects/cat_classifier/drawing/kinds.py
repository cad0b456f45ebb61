"""The animals: what tells a cat from a fox is its shape, never its colour."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What an animal looks like. Lengths are in head radii, y points down.

    `skull` is the right half of the outline from crown to chin; `ear` are the inner base, tip
    and outer base of a pointed ear.
    """

    skull: tuple[complex, ...]
    ears: Literal["pointed", "round", "long", "hanging"]
    ear: tuple[complex, complex, complex]
    muzzle: Literal["pads", "snout", "pointed", "beak"]
    tail: Literal["slim", "bushy", "ball", "thin", "rolled", "none"]
    eye: float = 0.2
    gap: float = 0.42
    whiskers: float = 0.0
    bulk: float = 1.0


_POINTED = (0.26 - 0.72j, 0.80 - 1.34j, 0.92 - 0.28j)
KINDS: dict[str, Kind] = {
    "cat": Kind(
        skull=(-0.80j, 0.55 - 0.72j, 0.96 - 0.15j, 0.93 + 0.36j, 0.52 + 0.76j, 0.86j),
        ears="pointed",
        ear=_POINTED,
        muzzle="pads",
        tail="slim",
        eye=0.23,
        whiskers=1.0,
    ),
    "fox": Kind(
        skull=(-0.75j, 0.56 - 0.66j, 0.92 - 0.14j, 1.0 + 0.24j, 0.46 + 0.62j, 1.12j),
        ears="pointed",
        ear=(0.22 - 0.66j, 0.80 - 1.48j, 0.90 - 0.24j),
        muzzle="pointed",
        tail="bushy",
        eye=0.19,
        whiskers=0.5,
    ),
    "spitz": Kind(
        skull=(-0.82j, 0.52 - 0.74j, 0.86 - 0.16j, 0.80 + 0.3j, 0.50 + 0.78j, 1.0j),
        ears="pointed",
        ear=(0.24 - 0.72j, 0.62 - 1.34j, 0.78 - 0.40j),
        muzzle="snout",
        tail="rolled",
        eye=0.17,
        gap=0.38,
        bulk=1.12,
    ),
    "owl": Kind(
        skull=(-0.70j, 0.6 - 0.74j, 0.98 - 0.2j, 0.96 + 0.4j, 0.6 + 0.8j, 0.92j),
        ears="pointed",
        ear=(0.34 - 0.66j, 0.96 - 1.22j, 0.92 - 0.42j),
        muzzle="beak",
        tail="none",
        eye=0.30,
    ),
    "hound": Kind(
        skull=(-0.84j, 0.5 - 0.76j, 0.78 - 0.2j, 0.72 + 0.36j, 0.5 + 0.84j, 1.0j),
        ears="hanging",
        ear=_POINTED,
        muzzle="snout",
        tail="slim",
        eye=0.18,
        gap=0.36,
        bulk=1.1,
    ),
    "rabbit": Kind(
        skull=(-0.84j, 0.48 - 0.72j, 0.74 - 0.1j, 0.78 + 0.4j, 0.46 + 0.8j, 0.9j),
        ears="long",
        ear=_POINTED,
        muzzle="pads",
        tail="ball",
        gap=0.46,
        whiskers=0.7,
        bulk=1.1,
    ),
    "bear": Kind(
        skull=(-0.88j, 0.6 - 0.74j, 0.95 - 0.1j, 0.92 + 0.4j, 0.56 + 0.84j, 0.96j),
        ears="round",
        ear=(0.66 - 0.72j, 0.34 + 0j, 0j),
        muzzle="snout",
        tail="none",
        eye=0.14,
        gap=0.36,
        bulk=1.3,
    ),
    "mouse": Kind(
        skull=(-0.72j, 0.5 - 0.66j, 0.78 - 0.1j, 0.66 + 0.4j, 0.34 + 0.8j, 1.0j),
        ears="round",
        ear=(0.80 - 0.66j, 0.54 + 0j, 0j),
        muzzle="pads",
        tail="thin",
        eye=0.17,
        whiskers=0.8,
    ),
}
