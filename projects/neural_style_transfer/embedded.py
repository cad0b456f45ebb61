"""Pictures to be painted anew, without any download: drawn scenes, and crops of two photographs.

The pixels of a row follow from its `content` alone, in any process and at any size; a larger
number keeps the earlier rows. The photographs come with scikit-learn, under CC BY 2.0, found on
Flickr: china.jpg by danielbuechele, flower.jpg by vultilion.
"""

from functools import lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from sklearn.datasets import load_sample_image

from common.errors import UserError
from projects.neural_style_transfer.colour import LUMINANCE
from projects.neural_style_transfer.drawing.canvas import Canvas
from projects.neural_style_transfer.drawing.houses import house, town
from projects.neural_style_transfer.drawing.outdoors import harbour, mountains, wood
from projects.neural_style_transfer.drawing.sky import LIGHTS, Stage
from projects.neural_style_transfer.drawing.still_life import still_life

PAINTERS = {
    "mountains": mountains,
    "house": house,
    "wood": wood,
    "harbour": harbour,
    "town": town,
    "still life": still_life,
}
KINDS = tuple(PAINTERS)
PHOTOGRAPHS = {"china.jpg": "temple", "flower.jpg": "flower"}
"""File name in scikit-learn -> kind of scene."""
_EVERY = 8
"""One row in so many is a crop of a photograph."""
_TILES = (6, 4)
"""Parts of a photograph, across and down, whose crops stay together: so many that train, dev and
test have some of both photographs, and share no pixel."""
_SMALLEST_CROP = 96
_LOOK = 48
"""Side of the picture that attributes are measured on."""


class Scene(NamedTuple):
    """What a drawn picture shows, and in which light."""

    kind: str
    light: str
    sky: float
    """Where the open space at the top ends, as a share of the height."""


def examples(number: int, seed: int) -> pd.DataFrame:
    """The examples table: one row per picture, one in eight a crop of a photograph.

    Columns: `example_id`, `label` (the kind of scene), `group` (the example, or the part of a
    photograph that crops share), `content`, `split` (empty), and

    - `attr.kind`, `attr.light` ("photograph" for crops), `attr.source` ("drawn" or "photograph");
    - measured: `attr.brightness` (mean luminance, 0 to 1), `attr.contrast` (its deviation),
      `attr.colourfulness` (Hasler and Süsstrunk 2003, 0 to about 1), `attr.detail` (mean gradient
      of the luminance), `attr.sky` (share of the picture above the first edge of each column).
    """
    return pd.DataFrame([_example(seed, index) for index in range(number)])


def _example(seed: int, index: int) -> dict[str, object]:
    if index % _EVERY == _EVERY - 1:
        content, group = _crop(seed, index)
        kind = PHOTOGRAPHS[content.split(":")[1]]
        light = source = "photograph"
    else:
        content = f"drawn:{seed}:{index}"
        (kind, light, _), source, group = scene(content), "drawn", ""
    example_id = f"{source}-{seed}-{index:06d}"
    facts = {"label": kind, "group": group or example_id, "content": content, "split": ""}
    known = {"attr.kind": kind, "attr.light": light, "attr.source": source}
    return {"example_id": example_id, **facts, **known, **_measured(picture(content, _LOOK))}


def scene(content: str) -> Scene:
    """What the drawn picture of this content shows."""
    rand = Random(f"scene {content}")
    kind = rand.choice(KINDS)
    light = rand.choices(tuple(LIGHTS), (4, 2, 2, 1))[0]
    return Scene(kind, light, rand.uniform(0.2, 0.42))


def picture(content: str, size: int) -> NDArray[np.uint8]:
    """The picture of this content: RGB, shape (size, size, 3), uint8.

    Raises UserError when the content names neither a drawing nor a crop of a photograph.
    """
    source, *where = content.split(":")
    if source == "drawn" and len(where) == 2:
        kind, light, sky = scene(content)
        canvas = Canvas(size)
        PAINTERS[kind](Stage(canvas, light, sky, content))
        return canvas.picture()
    if source == "photo" and len(where) == 4 and where[0] in PHOTOGRAPHS:
        x, y, side = (int(part) for part in where[1:])
        crop = _photograph(where[0]).crop((x, y, x + side, y + side))
        return np.asarray(crop.resize((size, size), Image.Resampling.LANCZOS), np.uint8)
    raise UserError(
        f"{content!r} is no embedded picture: drawn:SEED:NUMBER or photo:NAME:X:Y:SIZE is expected"
    )


def contents() -> dict[str, NDArray[np.uint8]]:
    """The two photographs whole, (427, 640, 3) uint8 each, by name without suffix."""
    return {Path(name).stem: np.asarray(_photograph(name), np.uint8) for name in PHOTOGRAPHS}


@lru_cache(maxsize=len(PHOTOGRAPHS))
def _photograph(name: str) -> Image.Image:
    return Image.fromarray(load_sample_image(name))


def _crop(seed: int, index: int) -> tuple[str, str]:
    """Return a content, and the part of the photograph that it was cut from."""
    rand = Random(f"crop {seed} {index}")
    name = rand.choice(tuple(PHOTOGRAPHS))
    column, row = (rand.randrange(number) for number in _TILES)
    width, height = (
        side // number for side, number in zip(_photograph(name).size, _TILES, strict=True)
    )
    side = rand.randint(_SMALLEST_CROP, min(width, height))
    x = column * width + rand.randint(0, width - side)
    y = row * height + rand.randint(0, height - side)
    return f"photo:{name}:{x}:{y}:{side}", f"{name} {column}:{row}"


def _measured(pixels: NDArray[np.uint8]) -> dict[str, float]:
    """The attributes of a picture that are read off its pixels."""
    colours = pixels.astype(np.float32) / 255
    grey = colours @ LUMINANCE
    slope = np.hypot(*np.gradient(gaussian_filter(grey, 0.7)))
    edge = np.vstack([slope > 0.05, np.ones((1, slope.shape[1]), bool)])
    red, green, blue = np.moveaxis(colours, -1, 0)
    opponents = np.stack([red - green, (red + green) / 2 - blue])
    spread = np.hypot(*opponents.std((1, 2))) + 0.3 * np.hypot(*opponents.mean((1, 2)))
    return {
        "attr.brightness": float(grey.mean()),
        "attr.contrast": float(grey.std()),
        "attr.colourfulness": float(spread),
        "attr.detail": float(slope.mean()),
        "attr.sky": float(edge.argmax(0).mean() / len(slope)),
    }
