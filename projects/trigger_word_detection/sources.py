"""Every source of recordings: from its name to the table of what it holds, and their reader.

| column | |
| --- | --- |
| `label` | activate, negative or background |
| `group` | the speaker, or the background recording; the content's hash where nobody is named |
| `attr.word`, `attr.speaker`, `attr.near_miss` | what is said, by whom, sounding like the word? |
| `attr.seconds`, `attr.level`, `attr.kind` | seconds, dBFS, spoken or which background |
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from common.data.examples import TARGET, empty_problems
from common.errors import UserError
from common.project import Found
from projects.trigger_word_detection import embedded, espeak, noises
from projects.trigger_word_detection.bank import Reader
from projects.trigger_word_detection.folder import folder
from projects.trigger_word_detection.settings import Data, Settings
from projects.trigger_word_detection.tfds_words import tfds_words

ENOUGH = 6
"""Backgrounds that can be divided; a source of fewer gets generated ones."""
ROUND = ("train", "dev", "test", "train", "train")
"""How generated backgrounds are dealt to a source that brings its own division."""


def source(spec: str, settings: Settings, distribution: str) -> tuple[Found, Reader]:
    """Return the recordings and the reader of embedded, speech, folder:PATH or tfds:NAME.

    The reader returns a row's sound, (n,) float32 at 16 kHz. A source of few backgrounds gets
    `data.backgrounds` generated ones besides. Generated recordings of the target distribution are
    of other voices and backgrounds. Raises UserError for another kind, and where there is nothing
    to read.
    """
    data, shifted = settings.data, distribution == TARGET
    kind, _, place = spec.partition(":")
    if kind == "folder" and place:
        found, read = folder(place, data.word)
    elif kind == "tfds" and place:
        found, read = tfds_words(place, data.word)
    elif spec in ("embedded", "speech"):
        found, read = _generated(spec, data, shifted)
    else:
        raise UserError(
            f"{spec!r} is no source of sound: use embedded, speech, folder:PATH or tfds:NAME"
        )
    own = int((found.examples["label"] == "background").sum())
    if own >= ENOUGH:
        return found, read
    if kind in ("folder", "tfds"):
        print(f"data: {spec} has {own} backgrounds; {data.backgrounds} generated ones are added")
    generated = noises.examples(data.backgrounds, data.seed, shifted)
    generated["split"] = _dealt(found.examples["split"], len(generated))

    def either(row: Mapping[str, Any]) -> np.ndarray:
        return noises.waveform(row) if str(row["content"]).startswith("noise:") else read(row)

    table = pd.concat([found.examples, generated], ignore_index=True)
    return found._replace(examples=table), either


def _generated(spec: str, data: Data, shifted: bool) -> tuple[Found, Reader]:
    speaking = spec == "speech" and espeak.installed()
    if spec == "speech" and not speaking:
        print(
            "data: espeak is not installed, generated formant words take its place;"
            " pip install -e '.[speech]' gives spoken ones"
        )
    module: Any = espeak if speaking else embedded
    table = module.examples(data, data.seed, shifted)
    return Found(table, empty_problems()), module.waveform


def _dealt(own: "pd.Series[str]", number: int) -> list[str]:
    """Return a split for each of so many backgrounds: those of the source, or none."""
    splits = [one for one in ROUND if (own == one).any()] or [""]
    return [splits[i % len(splits)] for i in range(number)]
