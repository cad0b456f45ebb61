"""The microphone, through `sounddevice`, which is part of the extra [speech]."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from common.errors import UserError
from projects.trigger_word_detection.sound import resampled

SECONDS = 0.08
"""Of a chunk: two steps, so a detection is told at once."""


def sounddevice() -> Any:
    """Return the module. Raises UserError where it, PortAudio below it, or a microphone is missing.

    Loads nothing heavy.
    """
    try:
        import sounddevice as found
    except ModuleNotFoundError:
        raise UserError(
            "the microphone needs the package sounddevice: pip install -e '.[speech]', or name a"
            " sound file"
        ) from None
    except OSError as error:
        raise UserError(
            f"the microphone cannot be used ({error}): install PortAudio, as with apt install"
            " libportaudio2, or name a sound file"
        ) from None
    try:
        found.query_devices(kind="input")
    except (found.PortAudioError, ValueError) as error:
        raise _unusable(error) from None
    return found


@contextmanager
def microphone() -> Iterator[Iterator[np.ndarray]]:
    """Yield chunks of what the default microphone hears, (n,) float32 at 16 kHz, until Ctrl-C.

    Raises UserError where it cannot be opened, is lost, or gives nothing but zeros.
    """
    device = sounddevice()
    rate = int(device.query_devices(kind="input")["default_samplerate"])
    stopped = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
    try:
        with device.InputStream(samplerate=rate, channels=1, dtype="float32") as stream:
            yield resampled(_chunks(stream, round(SECONDS * rate), stopped), rate)
    except device.PortAudioError as error:
        raise _unusable(error) from None
    finally:
        signal.signal(signal.SIGINT, before)


def _chunks(stream: Any, size: int, stopped: threading.Event) -> Iterator[np.ndarray]:
    loudest = None
    while not stopped.is_set():
        chunk = stream.read(size)[0][:, 0]
        loudest = max(loudest or 0.0, float(np.abs(chunk).max()))
        yield chunk
    if loudest == 0:  # what some systems give to a program that may not listen
        raise UserError(
            "the microphone gave only zeros: unmute it, and allow this terminal to use it"
        )


def _unusable(error: Exception) -> UserError:
    return UserError(
        f"no microphone can be opened ({' '.join(str(error).split())}): connect one, allow this"
        " terminal to use it, or name a sound file"
    )
