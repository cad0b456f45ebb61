"""What the tests of all sources share: small settings, spoken noise, what holds for every row."""

from pathlib import Path
from typing import Any

import numpy as np

from common.data.examples import REQUIRED, attributes, checked
from projects.trigger_word_detection import sound
from projects.trigger_word_detection.grid import RATE
from projects.trigger_word_detection.settings import Data, Settings, Voices

KNOWN = ["attr.word", "attr.speaker", "attr.near_miss", "attr.seconds", "attr.kind"]


def settings(**data: Any) -> Settings:
    return Settings(data=Data(voices=Voices(number=3, takes=1, negatives=2), backgrounds=4, **data))


def say(path: Path, seconds: float = 0.5, seed: int = 0, silence: float = 0.3) -> Path:
    """Write a "word": noise that swells and fades, with silence around it."""
    time = np.linspace(0, 1, round(seconds * RATE))
    loud = np.random.default_rng(seed).normal(0, 0.2, len(time)) * (0.2 + np.sin(np.pi * time))
    path.parent.mkdir(parents=True, exist_ok=True)
    sound.write(path, np.pad(loud, round(silence * RATE)))
    return path


def own(root: Path) -> Path:
    """Two speakers and strangers, who say a word and others; two places."""
    for number, name in enumerate(
        (
            "activates/anna/1.wav",
            "activates/ben/hey_2.flac",
            "activates/stranger.ogg",
            "negatives/anna/computer_1.wav",
            "negatives/ben/seven12.wav",
            "negatives/7_george_3.wav",
            "negatives/smart mirror.wav",
            "backgrounds/street/1.wav",
            "backgrounds/room.wav",
        )
    ):
        say(root / name, seed=number)
    return root


def examined(found: Any, read: Any) -> list[dict[str, Any]]:
    """The rows, after what holds for every source was looked at."""
    table = checked(found.examples)
    assert set(REQUIRED) <= set(table)
    assert set(KNOWN) <= set(attributes(table))
    assert set(table["label"]) == {"activate", "negative", "background"}
    assert table["content"].is_unique
    rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    for row in rows:
        samples = read(row)
        assert (samples.dtype, samples.ndim) == (np.float32, 1)
        assert np.abs(samples).max() <= 1
        if str(row["content"]).startswith(("file:", "tfds:")):  # generated words: when stored
            assert len(samples) == round(row["attr.seconds"] * RATE)
    return rows
