"""Generated backgrounds and rooms: what there is to hear besides words.

A table names the recordings; the sound follows from its row alone, in any process.
"""

from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import fft

from projects.trigger_word_detection.grid import RATE

SECONDS = 20
LEVEL = 10 ** (-30 / 20)
"""Root mean square of every recording: -30 dBFS."""

_SAMPLES = RATE * SECONDS
_TIMES = np.arange(_SAMPLES, dtype=np.float32) / RATE
_HERTZ = np.fft.rfftfreq(_SAMPLES, 1 / RATE).astype(np.float32)
_HERTZ[0] = _HERTZ[1]
_FLOOR = 0.01
"""Of white noise under everything, as a share of the level: no recording is digitally silent."""
Floats = NDArray[np.float32]


def examples(number: int, seed: int, shifted: bool = False) -> pd.DataFrame:
    """The recordings table of `number` backgrounds, each a group of its own, of every kind in turn.

    `shifted` ones are two kinds at once ("fan and keyboard"). The columns are those of every
    source.
    """
    name = f"{'shifted-' if shifted else ''}{seed}"
    kinds = list(KINDS)
    if shifted:
        kinds = [
            f"{one} and {other}" for one, other in zip(kinds, kinds[3:] + kinds[:3], strict=True)
        ]
    ids = [f"noise-{name}-{index:04d}" for index in range(number)]
    return pd.DataFrame(
        {
            "example_id": ids,
            "label": "background",
            "group": ids,
            "content": [f"noise:{name}:{index}" for index in range(number)],
            "split": "",
            "attr.word": "",
            "attr.speaker": "",
            "attr.near_miss": False,
            "attr.seconds": float(SECONDS),
            "attr.kind": [kinds[index % len(kinds)] for index in range(number)],
        }
    )


def waveform(row: Mapping[str, Any]) -> Floats:
    """The sound of a row of the table: (320000,) at 16 kHz, at -30 dBFS."""
    sound = np.zeros(_SAMPLES, np.float32)
    for kind in str(row["attr.kind"]).split(" and "):
        rng = np.random.default_rng([crc32(kind.encode()), *str(row["content"]).encode()])
        part = KINDS[kind](rng)
        sound += part / _rms(part)
    sound += _FLOOR * rng.standard_normal(_SAMPLES, np.float32)
    return np.clip(sound * np.float32(LEVEL / _rms(sound)), -1, 1)


def impulse_response(rng: np.random.Generator) -> tuple[Floats, float]:
    """A generated room: its impulse response at 16 kHz, and its reverberation time in seconds.

    The direct path, 1, is the first sample; then come a few early reflections and a tail of noise
    that falls by 60 dB in the reverberation time (0.1 to 0.6 s). At most 0.5 s long (8,000).
    """
    reverberation = float(rng.uniform(0.1, 0.6))
    times = np.arange(int(min(reverberation, 0.5) * RATE)) / RATE
    decay = 10 ** (-3 * times / reverberation)
    tail = rng.standard_normal(len(times)) * decay * (times > rng.uniform(0.003, 0.012))
    # Air and walls swallow what is high first.
    tail = np.convolve(tail, [0.25, 0.5, 0.25])[: len(times)]
    ratio = 10 ** (rng.uniform(-12, 2) / 20)
    response = tail * ratio / np.sqrt((tail**2).sum())
    for _ in range(rng.integers(3, 8)):
        late = int(rng.uniform(0.001, 0.03) * RATE)
        response[late] += rng.choice((-1, 1)) * rng.uniform(0.1, 0.4) * decay[late]
    response[0] = 1
    return response.astype(np.float32), reverberation


def _rms(sound: Floats) -> float:
    return float(np.sqrt(np.mean(sound**2)))


def _shaped(rng: np.random.Generator, gain: NDArray[np.floating]) -> Floats:
    """Noise whose spectrum is `gain` (160001,)."""
    spectrum = rng.standard_normal((2, len(gain)), np.float32) * gain.astype(np.float32)
    return fft.irfft(spectrum[0] + 1j * spectrum[1], _SAMPLES).astype(np.float32)


def _wander(rng: np.random.Generator, seconds: float) -> Floats:
    """A slow walk between -1 and 1 that turns about every so many seconds."""
    knots = rng.uniform(-1, 1, int(SECONDS / seconds) + 2)
    return np.interp(_TIMES, np.linspace(0, SECONDS, len(knots)), knots).astype(np.float32)


def _coloured(exponent: float) -> Callable[[np.random.Generator], Floats]:
    def noise(rng: np.random.Generator) -> Floats:
        gain = _HERTZ ** np.float32(-exponent + rng.uniform(-0.12, 0.12))
        return _shaped(rng, gain * (_HERTZ > 20))

    return noise


def _hum(rng: np.random.Generator) -> Floats:
    """The mains and its harmonics."""
    phase = 2 * np.pi * rng.choice((50, 60)) * _TIMES[:RATE]
    strengths = rng.uniform(0.2, 1, 5).astype(np.float32)
    second = sum(s * np.sin(n * phase) for n, s in enumerate(strengths, start=1))
    return np.tile(second, SECONDS) + np.float32(0.1) * rng.standard_normal(_SAMPLES, np.float32)


def _fan(rng: np.random.Generator) -> Floats:
    """Rushing air that blades chop."""
    air = _shaped(rng, 1 / (1 + (_HERTZ / rng.uniform(250, 900)) ** 2) * (_HERTZ > 40))
    blades = np.sin(2 * np.pi * rng.uniform(8, 30) * _TIMES + 2 * _wander(rng, 4))
    return air * (1 + np.float32(rng.uniform(0.2, 0.6)) * blades)


def _engine(rng: np.random.Generator) -> Floats:
    """Beats whose rate rises and falls, and their rattle."""
    rate = rng.uniform(18, 45) * (1 + 0.25 * _wander(rng, 3))
    phase = 2 * np.pi * np.cumsum(rate, dtype=np.float64) / RATE
    beats = np.exp(3 * np.cos(phase).astype(np.float32) - 3)
    rattle = _shaped(rng, 1 / (1 + (_HERTZ / rng.uniform(300, 700)) ** 2))
    sound = beats - beats.mean() + beats * rattle / _rms(rattle)
    return np.asarray(sound, np.float32)


def _rain(rng: np.random.Generator) -> Floats:
    """A rush, and many drops."""
    drops = np.zeros(_SAMPLES, np.float32)
    where = rng.integers(0, _SAMPLES, int(rng.uniform(50, 400)) * SECONDS)
    np.add.at(drops, where, rng.exponential(1, len(where)).astype(np.float32))
    # A drop rings with the phase that a sum of decays around its pitch has.
    pitch = rng.uniform(1500, 4000)
    ring = 1 / (1 - (_HERTZ / pitch) ** 2 + 0.5j * _HERTZ / pitch)
    rung = fft.irfft(fft.rfft(drops) * ring.astype(np.complex64), _SAMPLES)
    rush = _shaped(rng, (_HERTZ > 400) * _HERTZ**-0.25)
    loud = np.float32(1.2) + _wander(rng, 5)
    return np.asarray(loud * (rung / _rms(rung) + rush / _rms(rush)), np.float32)


def _strikes(
    rng: np.random.Generator, starts: NDArray[np.float64], low: float, high: float, decay: float
) -> Floats:
    """Short knocks at `starts` (seconds), each ringing at a pitch between `low` and `high` Hz."""
    sound = np.zeros(_SAMPLES + RATE, np.float32)
    times = _TIMES[: int(8 * decay * RATE)]
    for start in starts:
        fall = np.exp(-times / np.float32(decay * rng.uniform(0.6, 1.4)))
        tone = np.sin(np.float32(2 * np.pi * rng.uniform(low, high)) * times)
        knock = (tone + rng.standard_normal(len(times), np.float32)) * fall
        at = int(start * RATE)
        sound[at : at + len(times)] += np.float32(rng.uniform(0.3, 1)) * knock
    return sound[:_SAMPLES]


def _clicks(rng: np.random.Generator) -> Floats:
    """Knocks and clicks at any time."""
    starts = rng.uniform(0, SECONDS, rng.integers(40, 120))
    return _strikes(rng, starts, 300, 3000, rng.uniform(0.01, 0.04))


def _keyboard(rng: np.random.Generator) -> Floats:
    """Typing: keys struck and released, in runs, at a typist's pace."""
    pace = rng.uniform(0.1, 0.2)
    gaps = pace * rng.lognormal(0, 0.3, 250) + (rng.random(250) < 0.08) * rng.uniform(0.5, 1.5)
    starts = np.cumsum(gaps)
    starts = np.concatenate([starts, starts + 0.07])
    return _strikes(rng, starts[starts < SECONDS], 1500, 4500, 0.006)


def _music(rng: np.random.Generator) -> Floats:
    """A tune over a slower bass, plucked, in a major or minor scale."""
    scale = np.array(((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))[rng.integers(2)])
    key, beat = rng.uniform(100, 180), rng.uniform(0.18, 0.4)
    sound = np.zeros(_SAMPLES + 4 * RATE, np.float32)
    for octave, beats in ((2, 1), (0, 4)):
        strengths = rng.uniform(0.2, 1, 4).astype(np.float32) / np.arange(1, 5)
        times = _TIMES[: int(1.5 * beat * beats * RATE)]
        fall = np.exp(-3 * times / times[-1]) * np.minimum(1, times / 0.01)
        degree = rng.integers(7)
        for start in np.arange(0, SECONDS, beat * beats):
            degree = np.clip(degree + rng.integers(-2, 3), 0, 9)
            pitch = key * 2 ** (octave + degree // 7 + scale[degree % 7] / 12)
            phase = np.float32(2 * np.pi * pitch) * times
            note = sum(s * np.sin(n * phase) for n, s in enumerate(strengths, start=1))
            at = int(start * RATE)
            sound[at : at + len(times)] += note * fall * (rng.random() < 0.85)
    return sound[:_SAMPLES]


KINDS: dict[str, Callable[[np.random.Generator], Floats]] = {
    "white": _coloured(0.0),
    "fan": _fan,
    "music": _music,
    "pink": _coloured(0.5),
    "keyboard": _keyboard,
    "engine": _engine,
    "brown": _coloured(1.0),
    "rain": _rain,
    "hum": _hum,
    "clicks": _clicks,
}
