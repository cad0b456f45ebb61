"""Spoken words from TensorFlow Datasets: any set with one sound and one class label."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from common.data import tfds_sources
from common.data.examples import empty_problems
from common.errors import UserError
from common.project import Found
from projects.trigger_word_detection.bank import Reader
from projects.trigger_word_detection.grid import RATE
from projects.trigger_word_detection.recordings import piece, rows, whole
from projects.trigger_word_detection.sound import resampled, trimmed

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SILENCES = ("silence", "background", "background_noise", "noise")
"""Labels, without "_" around them, of what nobody says."""
Examples = Iterator[tuple[dict[str, str], dict[str, Any]]]


def tfds_words(name: str, word: str) -> tuple[Found, Reader]:
    """Return the recordings of the TFDS set `name` and their reader: `word` against all others.

    Its own splits are kept; numbers are found as digits and as English names. Downloads and
    prepares the set where that was not done before. Raises UserError for an unknown name, a set
    without one sound and one label, a word that is none of its classes, and without a network.
    """
    import tensorflow_datasets as tfds

    builder = tfds_sources.builder(name)
    audio, label = tfds_sources.keys(builder, name, tfds.features.Audio, "sound")
    features = builder.info.features
    labels = [_label(one, word) for one in features[label].names]
    if "activate" not in labels:
        raise UserError(
            f"tfds:{name} has no class {word!r}: set data.word to one of"
            f" {', '.join(features[label].names)}"
        )
    tfds_sources.prepare(builder, name)

    def sound(example: Mapping[str, Any], kind: str) -> np.ndarray:
        samples = _samples(example[audio], features[audio].sample_rate or RATE)
        return samples if kind == "background" else trimmed(samples)

    found: list[dict[str, Any]] = []
    problems: list[dict[str, str]] = []
    for row, example in tfds_sources.examples(builder, name):
        kind, said = labels[int(example[label])], features[label].names[int(example[label])]
        speaker = _speaker(example)
        known = {**row, "label": kind, "group": speaker or row["example_id"]}
        said = word if kind == "activate" else said
        try:
            found += rows(sound(example, kind), known, said, speaker, "recorded")
        except UserError as error:
            problems.append({"content": row["content"], "reason": str(error)})
    reader = _InOrder(lambda: tfds_sources.examples(builder, name), sound)
    unread = pd.DataFrame(problems) if problems else empty_problems()
    return Found(pd.DataFrame(found), unread), reader


class _InOrder:
    """Reads sounds in the order of the set, holding one; a row further back starts anew."""

    def __init__(
        self,
        start: Callable[[], Examples],
        sound: Callable[[Mapping[str, Any], str], np.ndarray],
    ) -> None:
        self._start, self._sound = start, sound
        self._left: Examples = iter(())
        self._held: tuple[str, np.ndarray] = ("", np.zeros(0, np.float32))

    def __call__(self, row: Mapping[str, Any]) -> np.ndarray:
        content = str(row["content"])
        if self._held[0] != whole(content):
            self._held = whole(content), self._found(whole(content), str(row["label"]))
        return piece(self._held[1], content)

    def _found(self, content: str, label: str) -> np.ndarray:
        for _ in range(2):
            for row, example in self._left:
                if row["content"] == content:
                    return self._sound(example, label)
            self._left = self._start()
        raise UserError(f"{content} is no longer in the data set: train again on what is there")


def _label(name: str, word: str) -> str:
    if _plain(name) == _plain(word):
        return "activate"
    return "background" if _plain(name).strip("_") in SILENCES else "negative"


def _plain(text: str) -> str:
    """Return a class's name or the word so that seven is 7, and Seven seven."""
    plain = text.strip().lower()
    return str(NUMBERS.index(plain)) if plain in NUMBERS else plain


def _speaker(example: Mapping[str, Any]) -> str:
    """Return who speaks, where the set says it, or names its files like 7_george_12.wav."""
    for key in ("speaker_id", "speaker"):
        if key in example:
            found = example[key]
            return found.decode() if isinstance(found, bytes) else str(found)
    parts = example.get("audio/filename", b"").decode().rpartition(".")[0].split("_")
    return parts[1] if len(parts) == 3 else ""


def _samples(values: np.ndarray, rate: int) -> np.ndarray:
    """Return (n,) float32 at 16 kHz of (n,) or (n, channels): 16-bit integers, or floats."""
    samples = values.astype(np.float32).reshape(len(values), -1).mean(axis=1)
    if np.issubdtype(values.dtype, np.integer):
        samples /= 32768
    if not len(samples) or not np.isfinite(samples).all():
        raise UserError("holds no samples, or some that are no numbers")
    return np.concatenate(list(resampled([samples], rate)))
