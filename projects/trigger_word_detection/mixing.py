"""Ten-second clips made of recordings: what is heard when (a plan), and its sound.

As in the course (course 5, 3.10): words are laid over a background without overlapping. Here at
random ratios to it, levels, speeds and in random rooms, and what was drawn is known. A plan
follows from its pool and its number alone, in any process.
"""

from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np
import pandas as pd
from scipy.signal import fftconvolve

from projects.trigger_word_detection.bank import samples
from projects.trigger_word_detection.grid import CLIP, LABEL_STEPS, RATE, STEP, STEPS
from projects.trigger_word_detection.noises import impulse_response
from projects.trigger_word_detection.settings import Clips

VARIANTS = 4
"""Ways that a recording is heard in a pool: its speed and its room."""
SPEEDS = (0.88, 1.14)
DRY = 0.3
"""Share of the variants without a room."""
FIRST, LAST = RATE // 4, RATE * 7 // 10
"""Samples before the first word and after the last, where a detection still has its time."""
PAUSE = RATE // 20
CROWD = 16
"""Words of a babble, all over each other."""
ALONE_AT, ALONE_SNR = RATE, 30.0
"""Where a recording stands that is heard alone, and how far above the background, in dB."""
SMOTHERED = -20.0


@dataclass(frozen=True)
class Word:
    """One saying in a clip; `at` and `length` in samples, `snr` in dB, `room` its T60 in s."""

    recording: int
    variant: int
    at: int
    length: int
    snr: float
    speed: float
    room: float

    @property
    def end(self) -> int:
        """The sample after the last of the word."""
        return self.at + self.length


@dataclass(frozen=True)
class Plan:
    """What a clip holds. `crowd` are the words of a babble, which nobody listens to."""

    kind: str
    background: int
    offset: int
    peak: float
    words: tuple[Word, ...]
    crowd: tuple[Word, ...] = ()


class Pool:
    """The recordings of a split: `table` has a row each; some are activates, some backgrounds."""

    def __init__(self, table: pd.DataFrame, as_recorded: bool) -> None:
        """`as_recorded`: words keep their own speed and room."""
        self.table, self.as_recorded = table, as_recorded
        self.name = table["example_id"].to_numpy()
        self.label = table["label"].to_numpy()
        self.word = table["attr.word"].to_numpy()
        self.speaker = table["attr.speaker"].to_numpy()
        self.near = table["attr.near_miss"].to_numpy(dtype=bool)
        self.is_real = table["recorded"].to_numpy(dtype=bool)
        self.activates, self.negatives, self.backgrounds = (
            np.flatnonzero(self.label == label) for label in ("activate", "negative", "background")
        )
        self.near_misses = np.flatnonzero((self.label == "negative") & self.near)
        self._span = table[["store", "first", "length", "peak"]].to_numpy()
        self._heard: dict[tuple[int, int], tuple[np.ndarray, int, float, float]] = {}

    def recording(self, number: int) -> np.ndarray:
        """Return the recording as it is, (n,) float32."""
        store, first, length, peak = self._span[number]
        return samples(store)[first : first + length] * np.float32(peak / 32767)

    def background(self, number: int, offset: int) -> np.ndarray:
        """Return 10 s of a recording from an offset on, again and again where it is shorter."""
        store, first, length, _ = self._span[number]
        whole, start = samples(store)[first : first + length], offset % length
        if start + CLIP <= length:
            return whole[start : start + CLIP].astype(np.float32)
        turned = np.concatenate([whole[start:], whole[:start]])
        return np.resize(turned, CLIP).astype(np.float32)

    def heard(self, number: int, variant: int) -> tuple[np.ndarray, int, float, float]:
        """Return a word with a root mean square of 1, its length without echo, speed and T60."""
        if (number, variant) not in self._heard:
            self._heard[number, variant] = self._varied(number, variant)
        return self._heard[number, variant]

    def _varied(self, number: int, variant: int) -> tuple[np.ndarray, int, float, float]:
        sound, speed, reverberation = self.recording(number), 1.0, 0.0
        if not self.as_recorded and variant:
            rng = np.random.default_rng([crc32(self.name[number].encode()), variant])
            speed = float(np.exp(rng.uniform(*np.log(SPEEDS))))
            sound = np.interp(np.arange(0, len(sound) - 1, speed), np.arange(len(sound)), sound)
        length = len(sound)
        if not self.as_recorded and variant and rng.random() > DRY:
            response, reverberation = impulse_response(rng)
            sound = fftconvolve(sound, response)
        level = np.sqrt(np.mean(np.square(sound[:length], dtype=np.float64)))
        # kept as halves: hundreds of voices are heard in four ways each
        return (sound / max(level, 1e-9)).astype(np.float16), length, speed, reverberation


@lru_cache(maxsize=16)
def pool(path: str, as_recorded: bool) -> Pool:
    """Return the pool of a file that `clips.compose` has written."""
    return Pool(pd.read_parquet(path), as_recorded)


def drawn(found: Pool, clips: Clips, rng: np.random.Generator) -> Plan:
    """Return a random plan: a scene with words, noise alone, or a babble of many."""
    place = rng.random()
    kind = "noise" if place < clips.noise else "scene"
    if clips.noise <= place < clips.noise + clips.babble:
        kind = "babble"
    words: list[Word] = []
    if kind == "scene":
        numbers = [
            *_some(found.activates, _count(clips.activates, rng), rng),
            *_others(found, clips, _count(clips.negatives, rng), rng),
        ]
        words = _placed(found, rng.permutation(np.array(numbers, dtype=int)), clips, rng)
    crowd = _some(found.negatives, CROWD, rng) if kind == "babble" else []
    return Plan(
        kind=kind,
        background=int(rng.choice(found.backgrounds)),
        offset=int(rng.integers(2**31)),
        peak=float(10 ** (rng.uniform(-40, -1) / 20)),
        words=tuple(words),
        crowd=tuple(
            _word(found, int(one), int(rng.integers(CLIP)), float(rng.uniform(-5, 5)), rng)
            for one in crowd
        ),
    )


def alone(found: Pool, number: int) -> Plan:
    """Return the plan in which one recording is heard once, at its own level and as it is."""
    length = len(found.recording(number))
    word = Word(number, 0, ALONE_AT, length, ALONE_SNR, 1.0, 0.0)
    background = found.backgrounds[number % len(found.backgrounds)]
    return Plan("alone", int(background), 0, float(found.table["peak"].iloc[number]), (word,))


def sound(found: Pool, plan: Plan) -> np.ndarray:
    """Return the clip, (160000,) float32 in [-1, 1]."""
    clip = found.background(plan.background, plan.offset)
    level = float(np.sqrt(np.mean(np.square(clip, dtype=np.float64))))
    clip = clip / np.float32(level) if level > 1e-7 else _hiss(plan.offset)
    for word in (*plan.words, *plan.crowd):
        heard = found.heard(word.recording, word.variant)[0][: CLIP - word.at]
        clip[word.at : word.at + len(heard)] += np.float32(10 ** (word.snr / 20)) * heard
    # on the grid of 16 bits, as any recording is: the same in a file as in an array
    full = plan.peak * 32767 / max(float(np.abs(clip).max()), 1e-9)
    return np.rint(clip * np.float32(full)) / np.float32(32768)


def labels(found: Pool, plan: Plan) -> np.ndarray:
    """Return (250, 1) float32: 1 in the steps after each end of the word, 0.36 s long."""
    truth = np.zeros((STEPS, 1), np.float32)
    for word in plan.words:
        if found.label[word.recording] == "activate":
            truth[word.end // STEP : word.end // STEP + LABEL_STEPS] = 1
    return truth


def _hiss(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(CLIP, dtype=np.float32)


def _count(mean: float, rng: np.random.Generator) -> int:
    """Return 0 to twice the mean, all equally likely (a fraction rounded by chance)."""
    return int(rng.random() * (2 * mean + 1) // 1) if mean else 0


def _some(among: np.ndarray, number: int, rng: np.random.Generator) -> list[int]:
    return [int(one) for one in rng.choice(among, number)] if len(among) else []


def _others(found: Pool, clips: Clips, number: int, rng: np.random.Generator) -> list[int]:
    near = int(rng.binomial(number, clips.near_misses)) if len(found.near_misses) else 0
    return [*_some(found.near_misses, near, rng), *_some(found.negatives, number - near, rng)]


def _placed(found: Pool, numbers: np.ndarray, clips: Clips, rng: np.random.Generator) -> list[Word]:
    """Return the words one after the other, free time divided by chance; what is too much goes."""
    words = [_word(found, int(one), 0, _snr(found, int(one), clips, rng), rng) for one in numbers]
    room = CLIP - FIRST - LAST
    while sum(word.length + PAUSE for word in words) > room:
        words.pop()
    free = room - sum(word.length + PAUSE for word in words)
    gaps = np.diff(np.sort(rng.integers(0, free + 1, len(words))), prepend=0)
    placed, at = [], FIRST
    for word, gap in zip(words, gaps, strict=True):
        at += int(gap)
        placed.append(Word(**{**vars(word), "at": at}))
        at += word.length + PAUSE
    return placed


def _snr(found: Pool, number: int, clips: Clips, rng: np.random.Generator) -> float:
    snr = float(rng.uniform(clips.snr_low, clips.snr_high))
    is_target = found.label[number] == "activate" and not found.is_real[number]
    return SMOTHERED if is_target and rng.random() < clips.smothered else snr


def _word(found: Pool, number: int, at: int, snr: float, rng: np.random.Generator) -> Word:
    variant = 0 if found.as_recorded else int(rng.integers(VARIANTS))
    _, length, speed, reverberation = found.heard(number, variant)
    return Word(number, variant, at, length, snr, speed, reverberation)
