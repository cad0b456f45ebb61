"""`listen`: a stream of sound in, a line for each detection out, as it is heard."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from common.errors import UserError
from common.runs import RunFolder
from projects.trigger_word_detection.grid import RATE, STEP
from projects.trigger_word_detection.microphone import microphone
from projects.trigger_word_detection.sound import blocks, opened_to_write

ENDING = np.zeros(RATE, np.float32)
"""Follows a stream's end, so that a word that ends there is still found."""


class Detection(NamedTuple):
    """The word was heard in the samples up to `end` (of the stream), with this smoothed score."""

    end: int
    score: float


class Listener:
    """A run's exported stream: sound in, detections out, with what it remembers in between."""

    def __init__(self, saved_model: Path) -> None:
        self._loaded = tf.saved_model.load(str(saved_model))  # its variables die with it
        self._stream = self._loaded.signatures["stream"]
        width = self._stream.structured_input_signature[1]["state"].shape[-1]
        self._state = tf.zeros((1, width), tf.float32)
        self._rest = np.zeros(0, np.float32)
        self._answer(np.zeros(STEP, np.float32))  # the first call is slow; its state is dropped
        self.steps = 0
        self.computing = 0.0
        """Seconds."""

    def hear(self, chunk: np.ndarray) -> list[Detection]:
        """Return the detections up to the end of (n,) samples that follow those heard before."""
        samples = np.concatenate([self._rest, chunk])
        whole = len(samples) // STEP * STEP
        self._rest = samples[whole:]
        if not whole:
            return []
        started = time.perf_counter()
        answer = self._answer(samples[:whole])
        self._state = answer["state"]
        scores, detected = answer["smoothed"].numpy()[0], answer["detected"].numpy()[0]
        self.computing += time.perf_counter() - started
        ends = STEP * (self.steps + 1 + np.flatnonzero(detected))
        self.steps += len(scores)
        return [Detection(*pair) for pair in zip(ends.tolist(), scores[detected], strict=True)]

    def _answer(self, samples: np.ndarray) -> dict[str, Any]:
        return self._stream(samples=tf.constant(samples[None]), state=self._state)


class Chimes:
    """Mixes chimes into a stream; what rings longer than a chunk goes on in the next."""

    def __init__(self) -> None:
        seconds = np.arange(0.4 * RATE) / RATE
        tones = np.sin(2 * np.pi * 880 * seconds) + np.sin(2 * np.pi * 1320 * seconds)
        self._chime = (0.2 * tones * np.exp(-seconds / 0.08)).astype(np.float32)
        self._ringing = np.zeros(0, np.float32)

    def mixed(self, chunk: np.ndarray, starts: Sequence[int]) -> np.ndarray:
        """Return (n,) samples with a chime from each of `starts`, 0 to n, on."""
        mix = np.zeros(max(len(chunk) + len(self._chime), len(self._ringing)), np.float32)
        mix[: len(self._ringing)] = self._ringing
        for start in starts:
            mix[start : start + len(self._chime)] += self._chime
        self._ringing = mix[len(chunk) :]
        return np.clip(chunk + mix[: len(chunk)], -1, 1)


def heard(run: RunFolder, file: Path | None, chime: Path | None) -> Iterator[str]:
    """Yield the model's name, a line per detection as it is heard, and what it came to.

    Without a file the microphone is listened to, until Ctrl-C. `chime` is where all that was heard
    is written, with a chime at every detection, at 16 kHz and a second longer. However long it
    lasts, a second of it is in memory. Raises UserError for what cannot be read, heard or written.
    """
    if file and chime and chime.exists() and file.exists() and chime.samefile(file):
        raise UserError(f"--chime would overwrite {file}: name another file for it")
    detections = total = 0
    ringing = Chimes()
    with ExitStack() as opened:
        listener = Listener(run.path / "export" / "saved_model")
        sound = blocks(file) if file else opened.enter_context(microphone())
        sound = chain([next(sound, ENDING[:0])], sound)  # a broken file is told before all else
        output = opened.enter_context(opened_to_write(chime)) if chime else None
        yield f"model {run.name}"
        for chunk in chain(sound, [ENDING]):
            found = listener.hear(chunk)
            if output:
                output.write(ringing.mixed(chunk, [one.end - total for one in found]))
            total += len(chunk)
            detections += len(found)
            yield from (f"{_clock(one.end)}  score {one.score:.2f}" for one in found)
    number = f"{detections} detection{'' if detections == 1 else 's'}"
    effort = listener.computing / (listener.steps * STEP / RATE)
    seconds = (total - len(ENDING)) / RATE
    yield f"{number} in {seconds:.1f} s of sound ({effort:.2g} s of computing per second)"


def _clock(sample: int) -> str:
    minutes, hundredths = divmod(round(100 * sample / RATE), 6000)
    return f"{minutes:02}:{hundredths / 100:05.2f}"
