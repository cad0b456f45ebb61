"""Words spoken by generated voices: buzz and noise shaped by formants, from a seed.

A table says who says what; the sound follows from its row alone, in any process. A word is the
segments of its letters, with glides between them; a voice is a pitch, a vocal tract, a rate, a
breathiness and an intonation (source and filter: Fant 1960; Klatt 1980).
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import fft

from projects.trigger_word_detection.grid import RATE
from projects.trigger_word_detection.near_misses import others, sayings
from projects.trigger_word_detection.phonemes import SEGMENTS, Segment, phonemes
from projects.trigger_word_detection.settings import Data

SHORTEST, LONGEST = 0.3, 1.2
"""Seconds; what a voice says is stretched or squeezed into these."""
LEVEL = 0.07
"""Root mean square of every word: -23 dBFS."""

_HOP, _WINDOW, _FFT = 80, 320, 480
_HANN = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
_HERTZ = (np.arange(_FFT // 2 + 1) * RATE / _FFT).astype(np.float32)
_BANDWIDTHS = np.array([80, 100, 140, 220], np.float32)
_F4 = 3500.0
Floats = NDArray[np.float32]


class _Voice(NamedTuple):
    pitch: float
    """Hz."""
    tract: float
    """Factor on all formants: 1 is a man's vocal tract, above it a shorter one."""
    rate: float
    breath: float
    """Noise beside the pulses, as a share of them."""
    tilt: float
    """Fall of the pulses' spectrum, 1 being 6 dB to the octave."""
    slope: float
    """Fall of the pitch over a word, as a share."""
    rise: float
    """Rise of the pitch in the middle of a word, as a share."""
    jitter: float


def examples(data: Data, seed: int, shifted: bool = False) -> pd.DataFrame:
    """The recordings table of `data.voices.number` generated voices that say `data.word`.

    Each says the word `takes` times and `negatives` other texts, half of them near-misses.
    `shifted` voices come from another region: lower or higher, faster or slower than all others.
    Besides the columns of every source: `attr.pitch` ("low" below 125 Hz, "middle", "high" above
    190 Hz) and `attr.rate` (1 is normal). A `UserError` if the word has no letter.
    """
    texts = others(data.word, lambda text: (phonemes(text),))
    rows: list[dict[str, Any]] = []
    for number in range(data.voices.number):
        speaker = f"{'shifted-' if shifted else ''}{seed}:{number}"
        voice, rng = _voice(speaker, shifted), _random("sayings", speaker)
        pitch = "low" if voice.pitch < 125 else "middle" if voice.pitch < 190 else "high"
        for said in sayings(data, texts, rng):
            content = f"formants:{speaker}:{said.text}:{said.take}"
            rate = round(voice.rate * _random("rate", content).uniform(0.88, 1.14), 3)
            rows.append(
                {
                    "example_id": f"formants-{len(rows):06d}-{_digest(content)}",
                    "label": said.label,
                    "group": f"voice:{speaker}",
                    "content": content,
                    "split": "",
                    "attr.word": said.text,
                    "attr.speaker": speaker,
                    "attr.near_miss": said.near_miss,
                    "attr.seconds": _samples(_segments(said.text), rate) / RATE,
                    "attr.kind": "spoken",
                    "attr.pitch": pitch,
                    "attr.rate": rate,
                }
            )
    return pd.DataFrame(rows)


def waveform(row: Mapping[str, Any]) -> Floats:
    """The sound of a row of the table: (samples,) at 16 kHz, from first to last sound."""
    speaker, rng = str(row["attr.speaker"]), _random("sound", str(row["content"]))
    voice = _voice(speaker, speaker.startswith("shifted-"))
    segments = _segments(str(row["attr.word"]))
    samples = _samples(segments, float(row["attr.rate"]))
    frames = -(-samples // _HOP) + 1
    tracks = _tracks(segments, frames, samples / _HOP, rng)

    formants = tracks[:, :3] * voice.tract * rng.uniform(0.98, 1.02, 3)
    buzz, noise, hiss = _sources(tracks[:, 3:6], voice, samples, rng)
    tilt = (1 + (_HERTZ / 250) ** 2) ** np.float32(-voice.tilt / 2)
    spectra = _spectra(buzz + noise) * (_resonances(formants, voice.tract) * tilt)
    octaves = np.log2(np.maximum(_HERTZ, 50) / (tracks[:, 6, None] * voice.tract**0.5))
    spectra += _spectra(hiss) * np.exp(-((octaves / tracks[:, 7, None]) ** 2)).astype(np.float32)

    sound = _added(fft.irfft(spectra, _FFT, axis=1))[_WINDOW // 2 :][:samples]
    edge = np.linspace(0, 1, 64, dtype=np.float32)
    sound[:64] *= edge
    sound[-64:] *= edge[::-1]
    sound *= LEVEL / np.sqrt(np.mean(sound**2))
    peak = np.abs(sound).max()
    return sound * np.float32(0.95 / peak) if peak > 0.95 else sound


def _random(purpose: str, name: str) -> np.random.Generator:
    return np.random.default_rng([crc32(purpose.encode()), *name.encode()])


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _voice(speaker: str, shifted: bool) -> _Voice:
    rng = _random("voice", speaker)
    high = rng.random()
    pitch, tract = 85 * 3**high, 0.92 + 0.26 * high
    rate, breath = 0.8 * 1.6 ** rng.random(), rng.uniform(0.02, 0.25)
    if shifted:
        pitch, tract = (62 + 20 * high, 0.84) if high < 0.4 else (220 + 130 * high, 1.24)
        rate = rng.choice([rng.uniform(0.66, 0.76), rng.uniform(1.35, 1.55)])
        breath += 0.2
    return _Voice(
        pitch,
        tract * rng.uniform(0.95, 1.05),
        float(rate),
        breath,
        tilt=rng.uniform(0.8, 1.4),
        slope=rng.uniform(-0.1, 0.35),
        rise=rng.uniform(-0.05, 0.25),
        jitter=rng.uniform(0.002, 0.015),
    )


def _segments(text: str) -> tuple[Segment, ...]:
    """The sounds of a text without the silence that it may begin with."""
    found = [segment for phoneme in phonemes(text) for segment in SEGMENTS[phoneme]]
    first = found[0]
    silent = first.hiss == 0 and max(first.voice, first.breath) < 0.1
    return tuple(found[1:] if silent else found)


def _samples(segments: Sequence[Segment], rate: float) -> int:
    seconds = sum(segment.seconds for segment in segments) / rate
    return round(RATE * min(max(seconds, SHORTEST), LONGEST))


def _tracks(
    segments: Sequence[Segment], frames: int, length: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """All of a segment but its seconds, per frame: (frames, 8); formants glide, sources switch."""
    values = np.array(segments)
    seconds = values[:, 0] * rng.uniform(0.85, 1.15, len(values))
    ends = np.cumsum(seconds) / seconds.sum() * length
    middles = ends - seconds / seconds.sum() * length / 2
    times = np.arange(frames) + 0.5
    index = np.minimum(np.searchsorted(ends, times), len(values) - 1)
    tracks = values[index, 1:]
    for column in range(3):
        tracks[:, column] = np.interp(times, middles, values[:, 1 + column])
    loud = rng.uniform(0.8, 1.2, len(values))[index, None]
    padded = np.pad(tracks[:, 3:6] * loud, ((1, 1), (0, 0)), mode="edge")
    tracks[:, 3:6] = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return tracks


def _sources(
    strengths: NDArray[np.float64], voice: _Voice, samples: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Pulses, noise for the formants and noise for the hiss: (samples,) each."""
    frames, times = np.arange(len(strengths)), np.arange(samples, dtype=np.float32) / _HOP
    through = frames / len(frames)
    pitch = voice.pitch * rng.uniform(0.93, 1.07) * (1 + voice.slope * (0.5 - through))
    pitch *= 1 + voice.rise * np.sin(np.pi * through)
    pitch *= 1 + voice.jitter * rng.standard_normal(len(frames))
    phase = np.pi * np.cumsum(np.interp(times, frames, pitch)) / RATE
    # The sum of all harmonics below 7.6 kHz, in closed form: pulses without aliases.
    harmonics = int(7600 / pitch.max())
    below = np.sin(phase)
    below = np.where(np.abs(below) < 1e-6, 1e-6, below)
    above = np.sin((2 * harmonics + 1) * phase)
    pulses = np.clip(above / below, -2 * harmonics, 2 * harmonics + 1) - 1
    voiced, breath, hiss = (np.interp(times, frames, track) for track in strengths.T)
    noise = rng.standard_normal((2, samples), np.float32)
    buzz = voiced * pulses / np.sqrt(2 * harmonics)
    air = (breath + voice.breath * voiced) * noise[0]
    return buzz.astype(np.float32), air.astype(np.float32), (hiss * noise[1]).astype(np.float32)


def _resonances(formants: NDArray[np.float64], tract: float) -> NDArray[np.complex64]:
    """The response of four resonators in a row, (frames, frequencies), for formants (frames, 3)."""
    fourth = np.full((len(formants), 1), _F4 * tract)
    centres = np.concatenate([formants, fourth], axis=1).astype(np.float32)
    response = np.ones((len(formants), len(_HERTZ)), np.complex64)
    for centre, width in zip(centres.T[:, :, None], _BANDWIDTHS, strict=True):
        lower = np.empty_like(response)
        lower.real = 1 - (_HERTZ / centre) ** 2
        lower.imag = _HERTZ * width / centre**2
        response *= lower
    # What resonates above the fourth formant is not modelled: a floor stands for it.
    return 1 / response + np.float32(0.1)


def _spectra(source: Floats) -> NDArray[np.complex64]:
    """Spectra of windows of 20 ms, 5 ms apart, the first centred on the first sample."""
    padded = np.pad(source, (_WINDOW // 2, _WINDOW // 2 + _HOP))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    windows = windows[: -(-len(source) // _HOP) + 1]
    return fft.rfft(windows * _HANN, _FFT, axis=1)


def _added(frames: Floats) -> Floats:
    """Frames (n, 480) added up 5 ms apart: ((n + 5) * 80,)."""
    parts = _FFT // _HOP
    sound = np.zeros((len(frames) + parts - 1, _HOP), np.float32)
    for part in range(parts):
        sound[part : part + len(frames)] += frames[:, part * _HOP : (part + 1) * _HOP]
    return sound.ravel()
