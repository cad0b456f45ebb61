"""Fields and presets of machine translation. Imports nothing heavy."""

from typing import Literal

from pydantic import Field

import common.settings as shared
from common.settings import Group

SUMMARY = "a sentence in, a sentence out: dates as people write them, or a pair of languages"


class Dates(Group):
    """Generated dates: which, how they are written, and how they are spoilt."""

    days: int = Field(12_000, ge=50)
    """Different days; each stays in one split."""
    locales: tuple[str, ...] = ()
    """Babel's locales, for example ('en_US', 'fr'); none means all 26 that the room knows."""
    noise: float = Field(1.0, ge=0, le=3)
    """How much is mistyped, misread and spelled out; 0 leaves Babel's clean text."""
    held_out: float = Field(0.05, ge=0, lt=0.5)
    """Share of the pairs of locale and format that are never trained on, and reported apart."""


class Data(shared.Data):
    """Where sentences come from, and of which pieces they are made."""

    source: str = "embedded"
    """Where pairs come from: embedded (dates), tsv:FILE, pairs:SOURCE,TARGET or tfds:NAME."""
    dates: Dates = Dates()
    pieces: Literal["characters", "subwords"] = "characters"
    """Characters, or sentencepiece's subwords, trained on train only."""
    vocabulary: int = Field(6000, ge=20)
    """Subwords of each language."""
    lowercase: bool = False
    """Lower-case source and target."""
    source_length: int = Field(64, ge=4)
    """Most pieces of a source sentence; what is longer is cut, counted and shown."""
    target_length: int = Field(64, ge=4)
    """Most pieces of a target sentence."""


class Model(Group):
    """Which network, and how large."""

    name: Literal["no_attention", "bahdanau", "luong", "transformer"] = "bahdanau"
    """bahdanau is the course's: alignment from the previous decoder state."""
    width: int = Field(128, ge=4)
    """Units of the decoder, and of both directions of the encoder together."""
    embedding: int = Field(64, ge=2)
    """Size of a piece's vector (transformer: its width is `width`)."""
    layers: int = Field(2, ge=1, le=12)
    """Layers of the transformer's encoder and of its decoder; the others have one each."""
    heads: int = Field(4, ge=1)
    """Heads of the transformer's attention."""


class Search(Group):
    """How translations are looked for."""

    beam: int = Field(4, ge=1, le=100)
    """Hypotheses kept at each step; 1 is greedy search."""
    alpha: float = Field(0.7, ge=0, le=2)
    """Log-probabilities are divided by length to this power (course 5, 3.4)."""
    n_best: int = Field(3, ge=1, le=100)
    """Hypotheses kept of each sentence, at most `beam`."""


class Settings(shared.Settings):
    """A sentence in, a sentence out."""

    data: Data = Data()
    model: Model = Model()
    search: Search = Search()


PRESETS: dict[str, tuple[str, Settings]] = {
    "smoke": (
        "at most a minute: does everything run?",
        Settings(
            data=Data(dates=Dates(days=300), source_length=48, target_length=12),
            fit=shared.Fit(epochs=2, batch_size=32, learning_rate=5e-3),
            model=Model(width=32, embedding=16),
        ),
    ),
    "demo": (
        "noisy dates of 26 locales, at most 5 minutes on two cores",
        Settings(
            data=Data(source_length=64, target_length=12),
            fit=shared.Fit(epochs=10, batch_size=128, learning_rate=4e-3, decay="cosine"),
        ),
    ),
    "course": (
        "the course's network on clean English dates",
        Settings(
            data=Data(
                dates=Dates(days=10_000, locales=("en_US",), noise=0.0, held_out=0.0),
                lowercase=True,
                source_length=31,
                target_length=11,
            ),
            fit=shared.Fit(epochs=20, batch_size=100, learning_rate=5e-3),
            model=Model(width=64, embedding=16),
            search=Search(beam=1, n_best=1),
        ),
    ),
    "full": (
        "a pair of languages (--data.source pairs:FILES.de,FILES.en)",
        Settings(
            data=Data(source="pairs:*.de,*.en", pieces="subwords"),
            fit=shared.Fit(epochs=12, batch_size=64, learning_rate=1e-3, dropout=0.3),
            model=Model(width=256, embedding=256),
            search=Search(beam=5, n_best=5),
        ),
    ),
}
