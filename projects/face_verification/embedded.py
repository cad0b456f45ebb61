"""Drawn pictures of people, several of each, from a seed.

Who somebody is follows from seed and identity; how a picture shows them follows from its
`content` alone, in any process and at any size. More identities or pictures keep the earlier
ones as they were.
"""

from dataclasses import asdict, dataclass
from functools import lru_cache
from random import Random

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import ImageFilter

from common.errors import UserError
from projects.face_verification.drawing.face import EXPRESSIONS, draw_face
from projects.face_verification.drawing.hair import draw_back_hair, draw_front_hair
from projects.face_verification.drawing.head import Head
from projects.face_verification.drawing.person import Person, latent, person
from projects.face_verification.drawing.scenery import (
    background,
    draw_body,
    draw_glasses,
    lit,
    occlude,
)

OCCLUSIONS = ("hand", "scarf", "cap")
_SUPERSAMPLING = 2


@dataclass(frozen=True)
class View:
    """How a picture shows somebody."""

    yaw: float
    """Degrees to the right of the picture; `pitch`: down; `roll`: clockwise."""
    pitch: float
    roll: float
    light: float
    """Strength, 1 being as drawn."""
    light_from: float
    """Degrees, clockwise from the right."""
    light_hard: float
    """0 (from everywhere) to 1 (from one point)."""
    expression: str
    glasses: bool
    occluded: str
    """What hides a part of the face: one of `OCCLUSIONS`, or "none"."""
    blur: float
    """Radius as a share of the picture's side; 0 is sharp."""
    zoom: float
    """Half the height of the head as a share of the picture's side."""


def examples(identities: int, pictures: int, seed: int) -> pd.DataFrame:
    """The examples table: `pictures` rows for each of `identities` people.

    Columns: `example_id`, `label` and `group` (the identity's name, "person-0042"), `content`,
    `split` (empty), and each field of `View` as `attr.*`.
    """
    rows = []
    for identity in range(identities):
        name = f"person-{identity:04d}"
        for index in range(pictures):
            content = f"drawn:{seed}:{identity}:{index}"
            known = {f"attr.{key}": value for key, value in asdict(view(content)).items()}
            example_id = f"drawn-{seed}-{identity:04d}-{index:03d}"
            rows.append(
                {"example_id": example_id, "label": name, "group": name, "content": content}
                | {"split": ""}
                | known
            )
    return pd.DataFrame(rows)


def view(content: str) -> View:
    """How the picture of this content shows its person."""
    rand = Random(f"view:{content}")
    return View(
        yaw=rand.triangular(-34, 34),
        pitch=rand.triangular(-16, 16),
        roll=rand.triangular(-18, 18),
        light=rand.uniform(0.45, 1.2),
        light_from=rand.uniform(-180, 180),
        light_hard=rand.uniform(0.1, 0.85),
        expression=rand.choice(tuple(EXPRESSIONS)),
        glasses=rand.random() < 0.2,
        occluded=rand.choice(OCCLUSIONS) if rand.random() < 0.15 else "none",
        blur=rand.uniform(0.01, 0.025) if rand.random() < 0.2 else 0.0,
        zoom=rand.uniform(0.3, 0.42),
    )


def identity_vector(content: str) -> NDArray[np.float32]:
    """The latent vector of the person in the picture: two pictures of one person share it."""
    return latent(*_parts(content)[:2])


def picture(content: str, size: int) -> NDArray[np.uint8]:
    """The picture of a row's `content`: RGB, shape (size, size, 3), uint8.

    Raises UserError where `content` is no drawn picture's.
    """
    seed, identity, _ = _parts(content)
    who, shown, rand = _person(seed, identity), view(content), Random(content)
    side = size * _SUPERSAMPLING
    image = background(side, rand)
    place = 0.5 + rand.uniform(-0.09, 0.09) + 1j * (0.5 + rand.uniform(-0.07, 0.09))
    yaw, pitch, roll = np.deg2rad([shown.yaw, shown.pitch, shown.roll])
    head = Head(image, side * place, side * shown.zoom, (yaw, pitch, roll))
    body = Head(image, side * place, side * shown.zoom, (yaw / 3, 0.0, 0.0))
    draw_back_hair(head, who)
    draw_body(body, who, rand)
    draw_face(head, who, EXPRESSIONS[shown.expression])
    draw_front_hair(head, who)
    if shown.glasses:
        draw_glasses(head, who, rand)
    occlude(head, shown.occluded, rand)
    image = image.reduce(_SUPERSAMPLING)
    if shown.blur:
        image = image.filter(ImageFilter.GaussianBlur(shown.blur * size))
    light = (shown.light, float(np.deg2rad(shown.light_from)), shown.light_hard)
    return lit(image, size * place, size * shown.zoom, light, rand)


def _parts(content: str) -> tuple[int, int, int]:
    try:
        kind, seed, identity, index = content.split(":")
        if kind != "drawn":
            raise ValueError
        return int(seed), int(identity), int(index)
    except ValueError:
        raise UserError(
            f"{content!r} is no drawn picture; expected drawn:SEED:IDENTITY:PICTURE:"
            " take it from the column content of the examples table"
        ) from None


@lru_cache(maxsize=4096)
def _person(seed: int, identity: int) -> Person:
    return person(latent(seed, identity))
