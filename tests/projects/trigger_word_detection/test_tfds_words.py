"""Spoken words from prepared sets of TensorFlow Datasets; nothing is downloaded."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow_datasets as tfds

from common.data.examples import GENERAL
from common.errors import UserError
from projects.trigger_word_detection.grid import RATE
from projects.trigger_word_detection.sources import source
from tests.projects.trigger_word_detection.spoken import examined, settings


class Spoken(tfds.core.GeneratorBasedBuilder):
    """Digits as in spoken_digit: 8 kHz, who speaks is in the file's name."""

    VERSION = tfds.core.Version("1.0.0")
    RATE, LABELS, PARTS = 8000, ("5", "6", "7"), ("train",)

    def _info(self) -> Any:
        audio = tfds.features.Audio(file_format="wav", sample_rate=self.RATE)
        names = tfds.features.ClassLabel(names=self.LABELS)
        features = {"audio": audio, "label": names, "audio/filename": tfds.features.Text()}
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager: Any) -> Any:
        return {part: self._generate_examples(part) for part in self.PARTS}

    def _generate_examples(self, part: str) -> Any:
        for number in range(6):
            label = self.LABELS[number % len(self.LABELS)]
            seconds = 4 if number == 5 else 0.5 + number / 10
            time = np.arange(round(seconds * self.RATE)) / self.RATE
            samples = 8000 * np.sin(2 * np.pi * 500 * time) * (1.1 + np.sin(9 * time)) / 2
            name = f"{label}_{'george' if number < 3 else 'theo'}_{number}.wav"
            example = {"audio": samples.astype(np.int64), "label": label, "audio/filename": name}
            yield number, example


class Commands(Spoken):
    """As in speech_commands: a division of its own, silence among the labels, no speakers."""

    RATE, LABELS, PARTS = 16000, ("yes", "Seven", "_silence_"), ("train", "validation", "test")

    def _info(self) -> Any:
        audio = tfds.features.Audio(file_format="wav", dtype=np.int16)
        names = tfds.features.ClassLabel(names=self.LABELS)
        features = tfds.features.FeaturesDict({"audio": audio, "label": names})
        return tfds.core.DatasetInfo(builder=self, features=features)

    def _generate_examples(self, part: str) -> Any:
        for number, example in super()._generate_examples(part):
            yield number, {"audio": example["audio"].astype(np.int16), "label": example["label"]}


def prepared(kind: Any, place: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    builder = kind(data_dir=place)
    builder.download_and_prepare()
    monkeypatch.setattr(tfds, "builder", lambda name: builder)
    return builder


@pytest.mark.parametrize("word", ["seven", "7", "Seven"])
def test_a_prepared_set_of_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    prepared(Spoken, tmp_path, monkeypatch)
    found, read = source("tfds:spoken", settings(word=word), GENERAL)
    assert list(found.problems["reason"]) == ["is 4.0 s long, longer than 3 s: cut it to the word"]
    rows = examined(found, read)
    digits = [row for row in rows if row["label"] != "background"]
    assert len(rows) == 5 + 4
    assert {row["attr.word"] for row in digits} == {"5", "6", word}
    assert {row["attr.speaker"] for row in digits} == {"george", "theo"}
    assert [row["label"] for row in digits].count("activate") == 1
    assert all(row["group"] == row["attr.speaker"] for row in digits)
    assert {row["split"] for row in rows} == {""}
    lengths = sorted(len(read(row)) / RATE for row in digits)
    assert lengths == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9], abs=0.01)
    for row in digits:
        samples = read(row)
        hertz = np.abs(np.fft.rfft(samples)).argmax() * RATE / len(samples)
        assert hertz == pytest.approx(500, abs=5)
        assert 0.2 < np.abs(samples).max() < 0.27
    for row in reversed(digits):  # against the order of the set
        assert len(read(row)) == round(row["attr.seconds"] * RATE)


def test_a_prepared_set_with_silence_and_a_division(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(Commands, tmp_path, monkeypatch)
    rows = examined(*source("tfds:commands", settings(word="7"), GENERAL))
    assert len(rows) == 18
    assert {row["split"] for row in rows} == {"train", "dev", "test"}
    assert {row["attr.speaker"] for row in rows} == {"unknown", ""}
    backgrounds = [row for row in rows if row["label"] == "background"]
    assert {row["attr.kind"] for row in backgrounds} == {"recorded"}
    assert max(row["attr.seconds"] for row in backgrounds) == 4
    assert all(row["group"] == row["example_id"] for row in rows)


def test_a_word_that_the_set_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tfds, "builder", lambda name: Spoken(data_dir=tmp_path))
    with pytest.raises(UserError, match=r"no class 'athena': set data.word to one of 5, 6, 7"):
        source("tfds:spoken", settings(word="athena"), GENERAL)


def test_a_set_of_pictures_is_no_source_of_sound() -> None:
    with pytest.raises(UserError, match="tfds:mnist has 0 sounds and 1 class labels"):
        source("tfds:mnist", settings(), GENERAL)


def test_a_set_that_is_nowhere_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: Any, **__: Any) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", no_network)
    monkeypatch.setattr(tfds, "builder", lambda name: Spoken(data_dir=tmp_path))
    with pytest.raises(UserError, match="no network to download it"):
        source("tfds:spoken", settings(word="seven"), GENERAL)
