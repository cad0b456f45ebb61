"""Planted recordings: tones for words, noise for backgrounds, as an examples table and a reader."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from projects.trigger_word_detection.bank import stored
from projects.trigger_word_detection.grid import RATE

PITCH = {"activate": 440.0, "negative": 1760.0}


def table(speakers: int = 3, each: int = 4, backgrounds: int = 3) -> pd.DataFrame:
    """Each speaker says the word and others `each` times; every other word is a near miss."""
    rows = []
    for speaker in range(speakers):
        for take in range(each):
            for label in PITCH:
                rows.append(
                    (f"{label}-{speaker}-{take}", label, f"speaker-{speaker}", take % 2 == 1)
                )
    rows += [(f"noise-{n}", "background", f"noise-{n}", False) for n in range(backgrounds)]
    found = pd.DataFrame(rows, columns=["example_id", "label", "group", "attr.near_miss"])
    return found.assign(
        content="planted:" + found["example_id"],
        distribution="general",
        source="planted",
        recorded=False,
        **{
            "attr.word": np.where(found["label"] == "activate", "activate", "other"),
            "attr.speaker": found["group"],
            "attr.kind": np.where(found["label"] == "background", "white", "spoken"),
        },
    )


def waveform(row: Mapping[str, Any]) -> np.ndarray:
    """0.4 to 0.7 s of a tone, or 12 s of noise; the same for the same row."""
    number = int(row["example_id"].rpartition("-")[2])
    if row["label"] == "background":
        return 0.05 * np.random.default_rng(number).standard_normal(12 * RATE, dtype=np.float32)
    time = np.arange(int(RATE * (0.4 + 0.1 * number))) / RATE
    tone = 0.3 * np.sin(2 * np.pi * (PITCH[row["label"]] + 10 * number) * time)
    return tone.astype(np.float32)


def kept(folder: Path, **shape: int) -> pd.DataFrame:
    """The planted recordings in a store in `folder`."""
    good, problems = stored(table(**shape), waveform, folder, "planted")
    assert problems.empty
    return good
