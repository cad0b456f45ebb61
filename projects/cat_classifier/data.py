"""Pictures: from a source to an examples table, to batches.

The order of the pipeline, and why: decode -> resize -> keep as uint8 (once, on disk: a quarter of
floats, and the slowest step is never repeated) -> shuffle (row numbers, not pictures) -> augment
(after the cache, or every epoch would see the same variants) -> batch -> prefetch.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import tensorflow as tf

from common.data.augment import augmented
from common.data.duplicates import identified
from common.data.examples import GENERAL, TARGET
from common.data.order import stream
from common.data.picture_sources import source
from common.data.picture_store import Reader, pixels, stored
from common.errors import UserError
from common.project import Found
from common.settings import Group
from common.training.learning import class_weights
from projects.cat_classifier import embedded
from projects.cat_classifier.settings import Settings

if TYPE_CHECKING:
    Table = pd.DataFrame

SCORING_BATCH = 256


class Assets(Group):
    """What was learned from train rows besides the weights."""

    classes: tuple[str, ...]
    positive: str
    """The class whose probability is given, where there are two."""

    @property
    def output_names(self) -> tuple[str, ...]:
        """The classes that the network has a logit for."""
        return self.classes if len(self.classes) > 2 else (self.positive,)

    @property
    def outputs(self) -> int:
        """The number of logits."""
        return len(self.output_names)


def examples(settings: Settings, cache: Path) -> Found:
    """Return the pictures of `data.source`, and of `data.target` as the target distribution."""
    parts = [_from(settings.data.source, GENERAL, settings, cache)]
    if settings.data.target:
        parts.append(_from(settings.data.target, TARGET, settings, cache))
    tables = (pd.concat(both, ignore_index=True) for both in zip(*parts, strict=True))
    found = Found(*tables)
    found = found._replace(examples=identified(found.examples))
    _check_classes(found.examples, settings)
    return found


def reader(settings: Settings, spec: str) -> Reader:
    """Return what reads a row's original picture: a file's bytes, or pixels."""
    if spec == "embedded":
        return lambda row: embedded.picture(row, settings.data.size)
    return source(spec, settings.data.positive)[1]


def prepare(train: "Table", settings: Settings) -> Assets:
    """Return the classes; the positive one is `data.positive`, or the first by name."""
    classes = tuple(sorted(train["label"].unique()))
    return Assets(classes=classes, positive=settings.data.positive or classes[0])


def dataset(
    rows: "Table", assets: Assets, settings: Settings, start: int | None
) -> tf.data.Dataset:
    """Return batches of (pictures (b, size, size, 3) float32 in 0..255, truth, weights).

    From pass `start` on: the endless, shuffled, augmented stream of training. With None: every
    row once, in order, for scoring.
    """
    images, truth = pixels(rows), targets(rows, assets)
    weights = (
        class_weights(rows["label"]) if settings.fit.class_weights and start is not None else None
    )

    def gather(index: np.ndarray) -> tuple[np.ndarray, ...]:
        return images[index], truth[index], *([] if weights is None else [weights[index]])

    types = [tf.uint8, tf.float32, *([] if weights is None else [tf.float32])]

    def batch(index: tf.Tensor) -> tuple[tf.Tensor, ...]:
        found = tf.numpy_function(gather, [index], types, stateful=False)
        found[0].set_shape([None, *images.shape[1:]])
        found[1].set_shape([None, truth.shape[1]])
        if weights is not None:
            found[2].set_shape([None])
        return tuple(found)

    def as_float(pictures: tf.Tensor, *rest: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return tf.cast(pictures, tf.float32), *rest

    if start is None:
        order = tf.data.Dataset.range(len(rows)).batch(SCORING_BATCH)
        return order.map(batch).map(as_float).prefetch(2)

    def varied(index: tf.Tensor, position: tf.Tensor) -> tuple[tf.Tensor, ...]:
        pictures, *rest = batch(index)
        if settings.model.augment:
            pictures = augmented(pictures, position, settings.runtime.seed)
        return tf.cast(pictures, tf.float32), *rest

    batches = stream(len(rows), settings.fit.batch_size, settings.runtime.seed, start)
    parallel = 2 if settings.runtime.deterministic else tf.data.AUTOTUNE
    return batches.map(varied, num_parallel_calls=parallel).prefetch(2)


def _from(spec: str, distribution: str, settings: Settings, cache: Path) -> Found:
    data = settings.data
    if spec == "embedded":
        table = embedded.examples(data.embedded, data.seed, distribution == TARGET)
        table = table.assign(group=table["example_id"])
        read: Reader = reader(settings, spec)
        key = data.embedded.model_dump_json() + f"{data.seed} {distribution}"
    else:
        table, read = source(spec, data.positive)
        key = spec
    good, problems = stored(table, read, data.size, cache, key)
    return Found(good.assign(distribution=distribution, source=spec), problems)


def _check_classes(table: "Table", settings: Settings) -> None:
    classes = sorted(table["label"].unique())
    positive = settings.data.positive
    if positive and positive not in classes:
        raise UserError(
            f"data.positive is {positive!r}, the classes are {', '.join(classes)}: name one of them"
        )
    if settings.data.target:
        for label, names in table.groupby("label")["distribution"]:
            if names.nunique() < 2:
                raise UserError(
                    f"class {label!r} is only in the {names.iloc[0]} source: both sources need"
                    " folders of the same names"
                )


def targets(rows: "Table", assets: Assets) -> np.ndarray:
    """Return (n, outputs) float32: 0 or 1 of the positive class, or one-hot."""
    labels = rows["label"].to_numpy()
    return np.stack([labels == name for name in assets.output_names], axis=1).astype(np.float32)


def originals(rows: "Table", settings: Settings) -> Iterator[Any]:
    """Yield each row's original picture: encoded bytes, or (h, w, 3) uint8 pixels."""
    readers: dict[str, Reader] = {s: reader(settings, s) for s in rows["source"].unique()}
    records: list[Any] = rows.to_dict("records")
    return (readers[row["source"]](row) for row in records)
