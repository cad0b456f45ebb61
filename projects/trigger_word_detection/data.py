"""Recordings to an examples table, and clips of them to batches of sound.

What is mixed is decided by number alone, so a resumed training hears what the straight one would
have heard, and no epoch hears what another did.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import tensorflow as tf

from common.data.examples import GENERAL, TARGET
from common.data.order import stream
from common.project import Found
from common.settings import Group
from projects.trigger_word_detection.bank import stored
from projects.trigger_word_detection.clips import plan
from projects.trigger_word_detection.grid import CLIP, STEPS, STEPS_PER_SECOND
from projects.trigger_word_detection.mixing import labels, pool, sound
from projects.trigger_word_detection.settings import Settings
from projects.trigger_word_detection.sources import source

if TYPE_CHECKING:
    Table = pd.DataFrame

SCORING_BATCH = 32


class Assets(Group):
    """What is listened for, and what the detector after the network must keep to."""

    word: str
    tolerance: float
    """Seconds after the word's end until which a detection counts as this word's."""
    refractory: int
    """Steps after a detection in which there is no other."""
    false_accepts_per_hour: float


def examples(settings: Settings, cache: Path) -> Found:
    """Return the recordings of `data.source`, and of `data.target` as the target distribution."""
    parts, readers = [], {}
    sources = {GENERAL: settings.data.source, TARGET: settings.data.target}
    for distribution, spec in sources.items():
        if spec:
            found, reader = source(spec, settings, distribution)
            table = found.examples.assign(
                distribution=distribution,
                source=spec,
                recorded=(":" in spec) & ~found.examples["content"].str.startswith("noise:"),
            )
            parts.append(Found(table, found.problems))
            readers[distribution] = reader
    table, unread = (pd.concat(both, ignore_index=True) for both in zip(*parts, strict=True))
    key = settings.data.model_dump_json(exclude={"clips", "dev_share", "test_share"})
    good, problems = stored(table, lambda row: readers[row["distribution"]](row), cache, key)
    return Found(good, pd.concat([unread, problems], ignore_index=True))


def prepare(train: "Table", settings: Settings) -> Assets:
    """Return the word and what the detector must keep to."""
    detector = settings.detector
    return Assets(
        word=settings.data.word,
        tolerance=detector.tolerance,
        refractory=max(1, round(detector.refractory * STEPS_PER_SECOND)),
        false_accepts_per_hour=detector.false_accepts_per_hour,
    )


def dataset(
    clips: "Table", assets: Assets, settings: Settings, start: int | None
) -> tf.data.Dataset:
    """Return batches of (samples (b, 160000) float32, labels (b, 250, 1) float32).

    From pass `start` on: the endless stream of training, in which every clip is new. With None:
    every clip of the table once, in order.
    """
    records: list[dict[str, Any]] = clips.to_dict("records")  # type: ignore[assignment]

    def mixed(index: np.ndarray, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        places = [None] * len(index) if start is None else position.tolist()
        pairs = [_mixed(records[i], settings, p) for i, p in zip(index, places, strict=True)]
        sounds, truths = zip(*pairs, strict=True)
        return np.stack(sounds), np.stack(truths)

    def batch(index: tf.Tensor, position: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        types = [tf.float32, tf.float32]
        samples, truth = tf.numpy_function(mixed, [index, position], types, stateful=False)
        samples.set_shape([None, CLIP])
        truth.set_shape([None, STEPS, 1])
        return samples, truth

    if start is None:
        order = tf.data.Dataset.range(len(clips)).batch(SCORING_BATCH)
        return order.map(lambda index: batch(index, index)).prefetch(1)
    batches = stream(len(clips), settings.fit.batch_size, settings.runtime.seed, start)
    return batches.map(batch, num_parallel_calls=2, deterministic=True).prefetch(4)


def clip_audio(row: Mapping[str, Any], settings: Settings) -> np.ndarray:
    """Return the sound of the clip that a row of clips or units is of, (160000,) float32."""
    return _mixed(row, settings, None)[0]


def _mixed(
    row: Mapping[str, Any], settings: Settings, position: int | None
) -> tuple[np.ndarray, np.ndarray]:
    found, made = pool(row["pool"], row["as_recorded"]), plan(row, settings, position)
    return sound(found, made), labels(found, made)


def human_level(settings: Settings) -> float | None:
    """Return the share of generated words that nobody can hear; of real ones nothing is known."""
    scored = settings.data.target or settings.data.source
    return None if ":" in scored else settings.data.clips.smothered


def human_level_note(settings: Settings) -> str:
    """Return what the human level is, where it is known."""
    known = human_level(settings) is not None
    return "generated words that noise covers, so that nobody can hear them" if known else ""
