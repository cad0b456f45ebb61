"""Sound files: any rate and number of channels -> mono float32 at 16 kHz in [-1, 1], and back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
import soxr
from scipy.signal import butter, sosfiltfilt

from common.errors import UserError
from common.files import written
from projects.trigger_word_detection.grid import RATE

FORMATS = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3"}
"""What is written, by the file's ending; much more is read."""
SILENCE = -120.0
"""The level, in dBFS, below which nothing is told apart."""

FRAME, SHIFT, KEPT = RATE // 50, RATE // 200, RATE // 50
"""Samples under a level, between two, and of silence that is kept beside a word."""
HIGH_PASS = butter(2, 100, "highpass", fs=RATE, output="sos")
RANGE, ABOVE, CERTAIN, FAINT, DROWNED = 35.0, 3.0, 4.0, 15.0, 10.0
"""dB: a word's loudest over silence; its edge over noise; what is surely sound over the edge; how
much weaker than the loudest a sound apart may be and still belong to it, and how much a noise must.

Measured on 240 recorded digits in pink noise that lies 40, 30, 25 or 20 dB below the loudest 20 ms:
the end is found 12 ms late, or 6, 29 or 59 ms early, where the last sound drowns (medians).
"""
PAUSE = 50
"""Levels (a quarter of a second) between sounds that lie apart."""
STEADY = RATE // 5
"""Samples of steady noise that are needed to know it."""


def read(path: Path) -> np.ndarray:
    """Return the file's sound, (n,) float32 at 16 kHz, n at least 1; errors as in `blocks`."""
    return np.concatenate(list(blocks(path)))


def blocks(path: Path, seconds: float = 1.0) -> Iterator[np.ndarray]:
    """Yield the file's sound, (n,) float32 at 16 kHz, in chunks of about so many seconds.

    Channels are averaged. However long the file is, one chunk of it is in memory. Raises UserError
    for what is no audio file, holds nothing, is cut or damaged, or has values that are no numbers.
    """
    with _opened(path) as file:
        yield from resampled(_chunks(file, path, seconds), file.samplerate)


def resampled(chunks: Iterable[np.ndarray], rate: int) -> Iterator[np.ndarray]:
    """Yield (n,) float32 chunks at `rate` again at 16 kHz, at least one sample in all."""
    stream = soxr.ResampleStream(rate, RATE, 1, dtype="float32") if rate != RATE else None
    total, last = 0, np.zeros(0, np.float32)
    for chunk in chunks:
        last = chunk[-1:] if len(chunk) else last
        out = stream.resample_chunk(chunk) if stream else chunk
        total += len(out)
        if len(out):
            yield np.clip(out, -1, 1)
    rest = stream.resample_chunk(np.zeros(0, np.float32), last=True) if stream else last[:0]
    if total + len(rest) == 0:
        rest = last  # a sample or two at a high rate: shorter than one at ours
    if len(rest):
        yield np.clip(rest, -1, 1)


def write(path: Path, samples: np.ndarray, rate: int = RATE) -> None:
    """Write (n,) samples as the file that its ending says; errors as in `opened_to_write`."""
    with opened_to_write(path, rate) as file:
        for start in range(0, len(samples), rate):  # libsndfile fails at long writes of OGG
            file.write(samples[start : start + rate])


@contextmanager
def opened_to_write(path: Path, rate: int = RATE) -> Iterator[soundfile.SoundFile]:
    """Yield a mono sound file to write to chunk by chunk; it takes the name `path` when done.

    Raises UserError for an ending that is no sound file's, a folder, and a place that cannot be
    written to.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None or path.is_dir():
        raise UserError(
            f"{path} cannot be written as sound: name a file that ends in {', '.join(FORMATS)}"
        )
    try:
        with (
            written(path) as beside,
            soundfile.SoundFile(beside, "w", rate, 1, format=kind) as file,
        ):
            yield file
    except (OSError, soundfile.LibsndfileError) as error:
        raise UserError(
            f"{path} cannot be written ({_reason(error)}): name a file where there is"
            " space, and where you may write"
        ) from None


def level_dbfs(samples: np.ndarray) -> float:
    """Return the root mean square in dB of full scale, -120 for silence and for no samples."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return float(_decibels(np.array(power)))


def trimmed(samples: np.ndarray) -> np.ndarray:
    """Return (n,) samples without the silence at both ends, but for 20 ms of it at each.

    Silence is 35 dB below the loudest 20 ms; where a steady noise (a fifth of a second of it) is
    louder than that, what does not rise above it. What is weak and apart from the word (a breath,
    a step) is silence too. All-silent sound is returned as it is.
    """
    levels = _levels(samples)
    edge = _edge(levels)
    if not np.ptp(levels) and levels[0] <= SILENCE:
        return samples
    changes = np.flatnonzero(np.diff(np.pad(levels >= edge, 1).astype(np.int8)))
    spans = changes.reshape(-1, 2)  # first frame, and the frame after the last
    peaks = np.maximum.reduceat(np.append(levels, SILENCE), changes)[::2]
    sure = peaks >= min(edge + CERTAIN, levels.max())
    spans, peaks = spans[sure], peaks[sure]
    apart = np.flatnonzero(spans[1:, 0] - spans[:-1, 1] > PAUSE) + 1
    starts = np.append(0, apart)
    loud = np.flatnonzero(np.maximum.reduceat(peaks, starts) >= levels.max() - FAINT)
    ends = np.append(apart, len(spans)) - 1
    first = spans[starts[loud[0]], 0] * SHIFT + FRAME // 2 - KEPT
    last = (spans[ends[loud[-1]], 1] - 1) * SHIFT + FRAME // 2 + KEPT
    return samples[max(0, first) : last]


def _levels(samples: np.ndarray) -> np.ndarray:
    """Return the level of every 20 ms, each 5 ms, in dB, without what is below 100 Hz (hum)."""
    high = sosfiltfilt(HIGH_PASS, samples) if len(samples) > FRAME else samples
    power = np.append(0.0, np.cumsum(np.square(high, dtype=np.float64)))
    starts = np.arange(0, max(1, len(samples) - FRAME + 1), SHIFT)
    ends = np.minimum(starts + FRAME, len(samples))
    return _decibels((power[ends] - power[starts]) / FRAME)


def _edge(levels: np.ndarray) -> float:
    """Return the level between sound and silence."""
    loudest = float(levels.max())
    floor = levels[levels < np.percentile(levels, 5) + 3]
    noise = float(np.median(floor)) if len(floor) * SHIFT >= STEADY else SILENCE
    if noise > loudest - DROWNED:  # a word without silence: its own sound is steady
        noise = SILENCE
    return max(loudest - RANGE, noise + ABOVE)


def _decibels(power: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.maximum(power, 10 ** (SILENCE / 10)))


class _Forward(soundfile.SoundFile):
    """A file that is read from start to end.

    soundfile seeks after every read of others, and in an MP3 each seek leaves a hole in the sound.
    """

    def seekable(self) -> bool:
        """Return False, which keeps soundfile from seeking."""
        return False


@contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "does not exist"
        raise UserError(f"{path} {found}: a sound file (wav, flac, ogg or mp3) is expected")
    try:
        file = _Forward(path)
    except (soundfile.LibsndfileError, TypeError, OSError) as error:
        # TypeError: .raw, which says nothing of its rate
        raise _no_sound(path, _reason(error)) from None
    with file:
        if file.format == "RAW":  # libsndfile takes any .au or .vox for it
            raise _no_sound(path, "no header")
        yield file


def _chunks(file: soundfile.SoundFile, path: Path, seconds: float) -> Iterator[np.ndarray]:
    """Yield (n,) float32 at the file's rate, channels averaged."""
    size = max(1, round(seconds * file.samplerate))
    found = False
    while True:
        try:
            chunk = file.read(size, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise UserError(
                f"{path} is damaged or cut off ({_reason(error)}): export it again"
            ) from None
        if not len(chunk):
            break
        found = True
        if not np.isfinite(chunk).all():
            raise UserError(f"{path} has values that are NaN or infinite: export it again")
        yield chunk.mean(axis=1)
    if not found:
        raise UserError(f"{path} holds 0 samples: record it again, or leave it out")


def _no_sound(path: Path, reason: str) -> UserError:
    return UserError(
        f"{path} cannot be read as sound ({reason}): wav, flac, ogg or mp3 is expected; convert it"
    )


def _reason(error: Exception) -> str:
    text = getattr(error, "error_string", "") or getattr(error, "strerror", "") or str(error)
    return " ".join(str(text).split()).rstrip(".") or "libsndfile gives no reason"
