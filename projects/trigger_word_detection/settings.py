"""Fields and presets of the trigger-word detector. Imports nothing heavy."""

from typing import Literal

from pydantic import Field

import common.settings as shared
from common.settings import Group

SUMMARY = "has the word been said? A detector for streams of sound, small enough for a device"


class Voices(Group):
    """Generated speech: how many voices say what."""

    number: int = Field(240, ge=3)
    """Voices; those of one timbre stay in one split."""
    language: str = "en"
    """Language of espeak's voices (data.source=speech), for example en, de, fr or es."""
    takes: int = Field(2, ge=1)
    """How often each voice says the word, at varied speed and pitch."""
    negatives: int = Field(10, ge=2)
    """Other words that each voice says; about half of them sound like the word."""


class Clips(Group):
    """How ten-second clips are made of recordings."""

    train: int = Field(1600, ge=1)
    """Training clips to an epoch; every epoch's are new."""
    scored: int = Field(720, ge=1)
    """Clips each of train, train-dev, dev and test are scored on; 360 are an hour."""
    activates: float = Field(1.0, ge=0, le=4)
    """Times that the word is said in a clip, on average (0 to twice as many)."""
    negatives: float = Field(2.0, ge=0, le=10)
    """Other words in a clip, on average (0 to twice as many): 4 are 1,440 an hour."""
    near_misses: float = Field(0.25, ge=0, le=1)
    """Share of the other words that are drawn among those that sound like the word."""
    noise: float = Field(0.1, ge=0, le=1)
    """Share of clips in which nobody speaks."""
    babble: float = Field(0.1, ge=0, le=1)
    """Share of clips in which many speak at once, and none says the word."""
    snr_low: float = 0.0
    """Lowest ratio of word to background, in dB."""
    snr_high: float = 25.0
    """Highest ratio of word to background, in dB."""
    smothered: float = Field(0.01, ge=0, lt=0.5)
    """Share of generated words that nobody can hear (-20 dB): the known human-level error."""


class Data(shared.Data):
    """Where sound comes from."""

    source: str = "embedded"
    """Where recordings come from: embedded, speech (espeak), folder:PATH or tfds:NAME."""
    word: str = "activate"
    """The word, or short phrase, that is listened for."""
    backgrounds: int = Field(120, ge=3)
    """Generated background recordings, where the source has none; each stays in one split."""
    voices: Voices = Voices()
    clips: Clips = Clips()


class Model(Group):
    """Which network, and what it sees."""

    name: Literal["tiny", "course"] = "tiny"
    """tiny: causal dilated convolutions; course: one convolution and two GRU layers."""
    width: int = Field(40, ge=4)
    """Channels of each convolution of tiny; course has 196 and 128, as in the lecture."""
    features: Literal["logmel", "pcen"] = "logmel"
    """Log-mel minus its running mean, or per-channel energy normalisation (Wang et al. 2017)."""


class Detector(Group):
    """What follows the network: when is a row of high scores a detection?"""

    false_accepts_per_hour: float = Field(2.0, ge=0)
    """The threshold is fitted on dev for at most so many."""
    refractory: float = Field(0.8, gt=0, le=5)
    """Seconds after a detection in which there is no other."""
    tolerance: float = Field(0.6, gt=0, le=2)
    """Seconds after a word's end until which a detection counts as this word's."""


class Settings(shared.Settings):
    """Has the word been said?"""

    data: Data = Data()
    model: Model = Model()
    detector: Detector = Detector()


_FIT = shared.Fit(epochs=20, batch_size=32, learning_rate=3e-3, decay="cosine", l2=1e-5)

PRESETS: dict[str, tuple[str, Settings]] = {
    "smoke": (
        "at most a minute: does everything run?",
        Settings(
            data=Data(
                voices=Voices(number=12, takes=2, negatives=4),
                backgrounds=16,
                clips=Clips(train=64, scored=48),
            ),
            fit=shared.Fit(epochs=2, batch_size=16, learning_rate=3e-3),
            model=Model(width=8),
        ),
    ),
    "demo": (
        "words of espeak's voices, or generated ones, at most 5 minutes on two cores",
        Settings(data=Data(source="speech"), fit=_FIT),
    ),
    "course": (
        "the course's network on its own recordings (--data.source folder:raw_data)",
        Settings(
            data=Data(source="folder:raw_data"),
            fit=shared.Fit(epochs=20, batch_size=32, learning_rate=1e-3, dropout=0.5),
            model=Model(name="course"),
        ),
    ),
    "full": (
        "train on espeak's voices, judge by your recordings (--data.target folder:PATH)",
        Settings(
            data=Data(source="speech", target="folder:recordings", voices=Voices(number=200)),
            fit=_FIT.model_copy(update={"epochs": 40}),
        ),
    ),
}
