"""Drawn pictures of cats, and of what is confusable with them, from a seed.

A table says what each picture shows; the pixels follow from its row alone, in any process and at
any size. Every attribute has a random stream of its own, so that turning one knob leaves all
other attributes of a picture as they were, and a larger number keeps the earlier rows.
"""

from collections.abc import Mapping
from random import Random
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from projects.cat_classifier.drawing.animals import POSES, draw_animal
from projects.cat_classifier.drawing.coat import COATS, PATTERNS
from projects.cat_classifier.drawing.kinds import KINDS
from projects.cat_classifier.drawing.pen import Pen
from projects.cat_classifier.drawing.scenery import OBJECTS, background, draw_object, occlude
from projects.cat_classifier.embedded_settings import EmbeddedSettings

LABELS = ("cat", "not cat")
LOOK_ALIKES = ("fox", "spitz", "owl")
OTHERS = tuple(kind for kind in KINDS if kind not in ("cat", *LOOK_ALIKES)) + OBJECTS
_SUPERSAMPLING = 2


def examples(settings: EmbeddedSettings, seed: int, shifted: bool = False) -> pd.DataFrame:
    """The examples table: one row per picture, half of them cats.

    Columns: `example_id`, `label` (as shown, so after label noise), `content`, `distribution`
    ("general", or "target" where `shifted`), and what is known of each picture:

    - `attr.species`, `attr.look_alike`, `attr.label_wrong`, `attr.pose` ("none" for objects),
      `attr.pattern`, `attr.colour`;
    - `attr.scale`: extent of the subject, as a share of the picture's side;
    - `attr.tilt`: degrees; `attr.clutter`: 0 (a bare wall) to 1;
    - `attr.occluded`: about the share of the subject that is hidden;
    - `attr.blur`: radius as a share of the picture's side; `attr.brightness` and `attr.contrast`:
      factors, 1 being as drawn.
    """
    number, shift = settings.number, settings.shift if shifted else 0.0

    def uniform(name: str, low: float = 0.0, high: float = 1.0) -> NDArray[np.float64]:
        stream = np.random.default_rng([seed % 2**64, int(shifted), crc32(name.encode())])
        return low + (high - low) * stream.random(number)

    def choice(name: str, names: tuple[str, ...]) -> NDArray[np.str_]:
        return np.array(names)[(uniform(name) * len(names)).astype(int)]

    cat = uniform("cat") < 0.5
    look_alike = ~cat & (uniform("look_alike") < settings.look_alikes)
    other = np.where(look_alike, choice("which look-alike", LOOK_ALIKES), choice("other", OTHERS))
    species = np.where(cat, "cat", other)
    wrong = uniform("label_wrong") < settings.label_noise
    pose = np.where(np.isin(species, OBJECTS), "none", choice("pose", POSES))
    upright = (species == "owl") & (pose != "face")
    hidden = uniform("hidden") < settings.occluded
    blurred = uniform("blurred") < settings.blurred + 0.4 * shift
    name = "target-" if shifted else ""
    return pd.DataFrame(
        {
            "example_id": [f"drawn-{seed}-{name}{index:06d}" for index in range(number)],
            "label": np.where(cat ^ wrong, *LABELS),
            "content": [f"drawn:{name}{seed}:{index}" for index in range(number)],
            "distribution": "target" if shifted else "general",
            "attr.species": species,
            "attr.look_alike": look_alike,
            "attr.label_wrong": wrong,
            "attr.pose": np.where(upright, "sitting", pose),
            "attr.pattern": choice("pattern", PATTERNS),
            "attr.colour": choice("colour", tuple(COATS)),
            "attr.scale": np.where(
                pose == "face", uniform("scale", 0.45, 0.95), uniform("scale", 0.65, 1.05)
            ),
            "attr.tilt": (uniform("tilt", -1, 1) + uniform("tilt 2", -1, 1)) * (12 + 20 * shift),
            "attr.clutter": uniform("clutter"),
            "attr.occluded": np.where(hidden, uniform("occluded", 0.12, 0.35), 0.0),
            "attr.blur": np.where(blurred, uniform("blur", 0.01, 0.02), 0.0),
            "attr.brightness": uniform("brightness", 0.75, 1.2) * (1 - 0.5 * shift),
            "attr.contrast": uniform("contrast", 0.75, 1.1) * (1 - 0.5 * shift),
        }
    )


def human_level(settings: EmbeddedSettings) -> float:
    """The error of a person who looks at each picture: the share of wrong labels.

    Leaves, fence, box and blur are kept weak enough for a person to tell the subject, so the best
    anybody can do is to disagree with each wrong label and with no other. It is a lower bound: a
    few pictures in a thousand are both blurred and hidden, and those nobody can tell.
    """
    return settings.label_noise


def picture(row: Mapping[str, Any], size: int) -> NDArray[np.uint8]:
    """The picture of a row of the examples table: RGB, shape (size, size, 3), uint8."""
    rand, side = Random(row["content"]), size * _SUPERSAMPLING
    species, colour = row["attr.species"], row["attr.colour"]
    image = background(side, colour, row["attr.clutter"], rand)
    room = max(0.0, 1 - row["attr.scale"]) + 0.1
    where = complex(rand.uniform(-room, room), rand.uniform(-room, room)) / 2
    pen = Pen(
        image,
        side * (0.5 + 0.5j + where),
        side * row["attr.scale"] / 2,
        np.deg2rad(row["attr.tilt"]),
        rand.choice((-1, 1)) * rand.uniform(0.88, 1.12),
    )
    if species in OBJECTS:
        draw_object(pen, species, row["attr.pattern"], colour, rand)
    else:
        draw_animal(pen, species, row["attr.pose"], row["attr.pattern"], colour, rand)
    if row["attr.occluded"]:
        occlude(pen, row["attr.occluded"], rand)
    image = image.reduce(_SUPERSAMPLING)
    if row["attr.blur"]:
        image = image.filter(ImageFilter.GaussianBlur(float(row["attr.blur"]) * size))
    return _lit(image, float(row["attr.brightness"]), float(row["attr.contrast"]), rand)


def _lit(image: Image.Image, brightness: float, contrast: float, rand: Random) -> NDArray[np.uint8]:
    """The picture under a light of some colour, from some side, as a noisy sensor sees it."""
    size = image.width
    across = np.linspace(-1, 1, size, dtype=np.float32)
    fall = 1 + rand.uniform(-0.25, 0.25) * across[:, None] + rand.uniform(-0.25, 0.25) * across
    light = brightness * np.array([rand.uniform(0.88, 1.12) for _ in range(3)], np.float32)
    noise = np.random.default_rng(rand.getrandbits(64))
    grain = noise.standard_normal((size, size, 3), np.float32) * rand.uniform(1, 8)
    pixels = (np.asarray(image, np.float32) - 128) * contrast + 128
    pixels = pixels * fall[:, :, None] * light + grain
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
