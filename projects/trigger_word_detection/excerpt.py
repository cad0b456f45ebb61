"""A moment of a clip for the report: its spectrogram, labels and scores, and its sound."""

import base64
import io
import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import matplotlib
import numpy as np
import soundfile
from markupsafe import Markup

from common.report.parts import picture
from projects.trigger_word_detection.detector import inside, times
from projects.trigger_word_detection.grid import CLIP_SECONDS, RATE, STEPS_PER_SECOND, WINDOW

BEFORE, AFTER = 1.5, 1.0
"""Seconds shown before a saying's start or a false accept, and after its end."""
BANDS, LOWEST, HIGHEST, RANGE = 48, 60.0, 7600.0, 55.0
"""Mel bands of the picture, the frequencies they cover (Hz), and the levels (dB)."""
_FFT = 1024
_ENCODINGS = (
    ("MP3", None, RATE, "mpeg"),
    ("OGG", None, RATE, "ogg"),
    ("WAV", "PCM_U8", 8000, "wav"),
)


def moment(row: Mapping[str, Any], tolerance: float) -> float:
    """Return the time in the clip that a predicted unit is about.

    The end of a saying; of a stretch its surest false accept, or where it came nearest to one.
    """
    if not np.isnan(row["start"]):
        return float(row["end"])
    accepts = false_accepts(row, tolerance)
    if accepts:
        return max(accepts, key=lambda at: score_at(row, at))
    curve = np.asarray(row["curve"], dtype=float)
    return float(times(len(curve))[np.argmax(curve * _outside(row, tolerance))])


def false_accepts(row: Mapping[str, Any], tolerance: float) -> list[float]:
    """Return the times in seconds of the detections in no window of the row's clip."""
    outside = _outside(row, tolerance)
    return [float(times(len(outside))[step]) for step in _steps(row) if outside[step]]


def score_at(row: Mapping[str, Any], time: float) -> float:
    """Return the smoothed score of the step that ends at this time."""
    return float(row["curve"][round(time * STEPS_PER_SECOND) - 1])


def span(row: Mapping[str, Any], tolerance: float) -> tuple[float, float]:
    """Return from when to when, in seconds of the clip, the report shows a unit."""
    at = moment(row, tolerance)
    begin = at if np.isnan(row["start"]) else row["start"]
    return max(0.0, begin - BEFORE), min(float(CLIP_SECONDS), at + AFTER)


def view(
    row: Mapping[str, Any], audio: np.ndarray, shown: tuple[float, float], alt: str, width: int
) -> Markup:
    """Return spectrogram, and under it on the same scale of time the word and the scores.

    `audio` is what is shown, (n,) at 16 kHz. Filled bars are sayings of the word, hollow ones
    other words; the line is the smoothed score from 0 to 1, with a dot at each detection.
    """
    return picture(spectrogram(audio, width), alt, width) + _strip(row, *shown)


def spectrogram(audio: np.ndarray, columns: int) -> np.ndarray:
    """Return (96, columns, 3) uint8: mel bands, low ones below, in dB from the loudest down."""
    padded = np.pad(audio.astype(np.float64), (WINDOW // 2, WINDOW))
    begins = np.linspace(0, len(audio), columns).astype(int)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[begins]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW), _FFT)) ** 2
    # Equal steps in mel are equal ratios of 1 + frequency / 700.
    mels = np.geomspace(1 + LOWEST / 700, 1 + HIGHEST / 700, BANDS + 1)
    edges = (700 * (mels - 1) * _FFT / RATE).astype(int)
    bands = np.stack([power[:, a : max(b, a + 1)].mean(axis=1) for a, b in pairwise(edges)])
    level = 10 * np.log10(bands + 1e-10)
    shade = np.clip(1 + (level - level.max()) / RANGE, 0, 1)
    colours = matplotlib.colormaps["magma"](shade[::-1].repeat(2, axis=0))
    return np.asarray(255 * colours[..., :3]).astype(np.uint8)


def playable(audio: np.ndarray) -> Markup:
    """Return an audio element that holds the sound, raised to full level: MP3 where possible.

    Without an encoder it is OGG, or else 8-bit WAV at 8 kHz.
    """
    raised = audio / max(float(np.abs(audio).max(initial=0.0)), 1e-9) * 0.9
    for kind, subtype, rate, mime in _ENCODINGS:
        buffer = io.BytesIO()
        try:
            soundfile.write(buffer, raised[:: RATE // rate], rate, format=kind, subtype=subtype)
        except (soundfile.LibsndfileError, ValueError):  # built without this encoder
            continue
        data = base64.b64encode(buffer.getvalue()).decode()
        return Markup(
            '<audio controls preload="none" src="data:audio/{};base64,{}"></audio>'
        ).format(mime, data)
    return Markup("")


def _outside(row: Mapping[str, Any], tolerance: float) -> np.ndarray:
    return ~inside([json.loads(row["windows"])], tolerance, len(row["curve"]))[0]


def _steps(row: Mapping[str, Any]) -> list[int]:
    return [round(at * STEPS_PER_SECOND) - 1 for at in json.loads(row["detections"])]


def _strip(row: Mapping[str, Any], begin: float, end: float) -> Markup:
    """Return an SVG: a bar for each word said, the line of scores, a dot for each detection."""
    width, height, top = 240.0, 52.0, 14.0

    def x(time: float) -> float:
        return round((time - begin) / (end - begin) * width, 1)

    def y(score: float) -> float:
        return round(height - 5 - score * (height - 5 - top), 1)

    curve = np.asarray(row["curve"], dtype=float)
    at = times(len(curve))
    seen = np.flatnonzero((at >= begin) & (at <= end))
    line = " ".join(f"{x(at[step])},{y(curve[step])}" for step in seen)
    bars = [(*window, "fill:var(--accent)") for window in json.loads(row["windows"])]
    bars += [(*word[:2], "fill:none;stroke:var(--soft)") for word in json.loads(row["said"])]
    shapes = [
        Markup('<rect x="{}" y="3" width="{}" height="5" rx="1" style="{}"/>').format(
            x(max(a, begin)), round(x(min(b, end)) - x(max(a, begin)), 1), style
        )
        for a, b, style in bars
        if a < end and b > begin
    ]
    dots = [
        Markup('<circle cx="{}" cy="{}" r="3.5"/>').format(x(at[step]), y(curve[step]))
        for step in _steps(row)
        if begin <= at[step] <= end
    ]
    return Markup(
        '<svg viewBox="0 0 {} {}" aria-hidden="true">{}'
        '<path d="M0 {}H{}M0 {}H{}" style="stroke:var(--line)"/>'
        '<polyline points="{}" style="fill:none;stroke:var(--ink);stroke-width:1.5"/>'
        '<g style="fill:var(--accent)">{}</g></svg>'
    ).format(
        int(width), int(height), Markup("").join(shapes),
        y(0), int(width), y(1), int(width), line, Markup("").join(dots),
    )  # fmt: skip
