"""Contents and a style: from sources to tables, to batches; and what is scored."""

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray

from common.data.augment import augmented
from common.data.duplicates import identified
from common.data.examples import GENERAL, TARGET
from common.data.order import stream
from common.data.picture_store import Reader, pixels, stored
from common.data.splits import divided
from common.data.tfds_pictures import tfds_pictures
from common.errors import UserError
from common.project import Found
from common.settings import Group
from projects.neural_style_transfer import embedded
from projects.neural_style_transfer.contents_folder import contents_folder
from projects.neural_style_transfer.named_pictures import asked_for, style_picture
from projects.neural_style_transfer.settings import Settings

if TYPE_CHECKING:
    Table = pd.DataFrame

SCORING_BATCH = 16
PAINTED, OPTIMISED, SHEET = "painted", "optimised", "sheet"
"""Units: a content painted by the network, one that was optimised, one of the contact sheet."""
ANOTHER = 1_000_003
"""Added to the seed for embedded contents of the target distribution, which are others."""


class Assets(Group):
    """The style that the network paints in."""

    style: str
    """As it was asked for: starry, file:PATH, ..."""
    style_png: str
    """Its picture as base64, so that nothing depends on a file later."""


def examples(settings: Settings, cache: Path) -> Found:
    """Return the contents of `data.source`, and of `data.target` as the target distribution.

    Raises UserError, before any is read, when the pictures of the grid, a style or the feature
    network cannot be had: they are needed when training is over.
    """
    asked_for(settings)
    parts = []
    for distribution, spec in ((GENERAL, settings.data.source), (TARGET, settings.data.target)):
        if spec:
            table, reader = _source(spec, settings, distribution)
            key = f"{spec} {settings.data.seed} {distribution} {settings.data.number}"
            good, problems = stored(table, reader, settings.data.size, cache, key)
            parts.append(Found(good.assign(distribution=distribution, source=spec), problems))
    found, problems = (pd.concat(both, ignore_index=True) for both in zip(*parts, strict=True))
    return Found(identified(found), problems)


def split(examples: "Table", settings: Settings) -> "Table":
    """Return the contents with `split`; the crops of one part of a photograph stay together."""
    return divided(examples, settings.data)


def prepare(train: "Table", settings: Settings) -> Assets:
    """Return the style's picture; UserError where there is none."""
    picture = style_picture(settings.data.style, settings.data.size)
    png = tf.io.encode_png(np.rint(255 * picture).astype(np.uint8)).numpy()
    return Assets(style=settings.data.style, style_png=base64.b64encode(png).decode())


def style_of(assets: Assets) -> NDArray[np.float32]:
    """Return the style's picture, float32 (h, w, 3) in 0..1."""
    png = tf.io.decode_png(base64.b64decode(assets.style_png), channels=3)
    return (png.numpy() / 255).astype(np.float32)


def dataset(
    rows: "Table", assets: Assets, settings: Settings, start: int | None
) -> tf.data.Dataset:
    """Return batches of (contents, contents) (b, size, size, 3) float32 in 0..255.

    The truth of a painting is its content. From pass `start` on: the endless, shuffled, augmented
    stream of training. With None: every row once, in order.
    """
    images = pixels(rows)

    def batch(index: tf.Tensor) -> tf.Tensor:
        found = tf.numpy_function(lambda i: images[i], [index], tf.uint8, stateful=False)
        found.set_shape([None, *images.shape[1:]])
        return found

    def varied(index: tf.Tensor, position: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pictures = batch(index)
        if settings.model.augment:
            pictures = augmented(pictures, position, settings.runtime.seed)
        contents = tf.cast(pictures, tf.float32)
        return contents, contents

    def scored(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        contents = tf.cast(batch(index), tf.float32)
        return contents, contents

    if start is None:
        return tf.data.Dataset.range(len(rows)).batch(SCORING_BATCH).map(scored).prefetch(2)
    batches = stream(len(rows), settings.fit.batch_size, settings.runtime.seed, start)
    parallel = 2 if settings.runtime.deterministic else tf.data.AUTOTUNE
    return batches.map(varied, num_parallel_calls=parallel).prefetch(2)


def _source(spec: str, settings: Settings, distribution: str) -> tuple["Table", Reader]:
    data = settings.data
    if spec == "embedded":
        seed = data.seed + (ANOTHER if distribution == TARGET else 0)
        table = embedded.examples(data.number, seed)
        return table, lambda row: embedded.picture(str(row["content"]), data.size)
    kind, _, place = spec.partition(":")
    kinds = {"folder": contents_folder, "tfds": tfds_pictures}
    if kind not in kinds or not place:
        raise UserError(
            f"{spec!r} is no source of contents: use embedded, folder:PATH or tfds:NAME"
        )
    table, reader = kinds[kind](place)
    if distribution == TARGET and "example_id" in table:  # both may have files of one name
        table["example_id"] = TARGET + ": " + table["example_id"]
    return table, reader
