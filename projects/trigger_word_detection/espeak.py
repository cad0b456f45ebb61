"""Words spoken by espeak-ng's voices, through the pip package `espeakng_loader` (GPL-3, an extra).

A table says which voice says what, at which pitch and rate. Rows are the same in every process;
the samples are not quite: espeak begins each word in the state that the last one left.
"""

import ctypes
import importlib.util
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.errors import UserError
from projects.trigger_word_detection.grid import RATE
from projects.trigger_word_detection.near_misses import others, sayings
from projects.trigger_word_detection.settings import Data

_NORMAL = 175
"""Words per minute of espeak's normal rate."""
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
"""espeak's numbers for its parameters (`espeak_PARAMETER` in speak_lib.h)."""
_SYNCHRONOUS, _UTF8, _END_PAUSE, _DONT_EXIT, _CHARACTER = 2, 1, 0x1000, 0x8000, 1
_HEARD = 0.002
"""What is weaker is silence, as a share of full scale."""
_STRESS = re.compile(r"_:|[',%=|_ -]")
Floats = NDArray[np.float32]


def installed() -> bool:
    """Is the extra there? Loads nothing."""
    return importlib.util.find_spec("espeakng_loader") is not None


def examples(data: Data, seed: int, shifted: bool = False) -> pd.DataFrame:
    """The recordings table of `data.voices.number` espeak voices that say `data.word`.

    A voice is an accent of `data.voices.language`, a variant (a timbre) and a pitch; each says the
    word `takes` times and `negatives` other texts, half of them near-misses. The variant is the
    `group`: whoever has it sounds alike. `shifted` voices are of variants that no other has, and
    speak lower or higher, slower or faster. Besides the columns of
    every source: `attr.pitch` ("low" below 125 Hz, "middle", "high" above 190 Hz) and `attr.rate`
    (1 is normal); `attr.seconds` is known when it was spoken. A `UserError` if the extra is
    missing, espeak has no such language, or nothing to say for the word.
    """
    speech = _library()
    accents = speech.accents(data.voices.language)
    texts = others(data.word, lambda text: [speech.phonemes(text, accent) for accent in accents])
    variants = speech.variants(shifted)
    order = np.random.default_rng([seed % 2**64, int(shifted)]).permutation(len(variants))
    rows: list[dict[str, Any]] = []
    for number in range(data.voices.number):
        rng = np.random.default_rng([seed % 2**64, int(shifted), number])
        variant, accent = variants[order[number % len(order)]], rng.choice(accents)
        pitch = int(rng.integers(28, 73))
        rate = float(rng.uniform(0.8, 1.25))
        if shifted:
            pitch = int(rng.choice((rng.integers(5, 20), rng.integers(80, 95))))
            rate = float(rng.choice((rng.uniform(0.6, 0.7), rng.uniform(1.4, 1.6))))
        speaker = f"{accent}+{variant}@{pitch}"
        for said in sayings(data, texts, rng):
            content = f"espeak:{speaker}:{seed}.{number}:{said.text}:{said.take}"
            digest = sha256(content.encode()).hexdigest()[:12]
            hurry = _random("rate", content).uniform(0.88, 1.14)
            rows.append(
                {
                    "example_id": f"espeak-{len(rows):06d}-{digest}",
                    "label": said.label,
                    "group": f"espeak:{variant}",
                    "content": content,
                    "split": "",
                    "attr.word": said.text,
                    "attr.speaker": speaker.rpartition("/")[2],
                    "attr.near_miss": said.near_miss,
                    "attr.seconds": float("nan"),
                    "attr.kind": "spoken",
                    "attr.pitch": speech.height(variant, pitch),
                    "attr.rate": round(rate * hurry, 3),
                }
            )
    _spoken(rows[0])
    return pd.DataFrame(rows)


def waveform(row: Mapping[str, Any]) -> Floats:
    """The sound of a row of the table: (samples,) at 16 kHz, with the silence at its ends.

    A `UserError` if espeak says nothing.
    """
    import soxr

    sound = soxr.resample(_spoken(row), _library().rate, RATE)
    return np.clip(sound, -1, 1).astype(np.float32)


def _spoken(row: Mapping[str, Any]) -> Floats:
    """The sound of a row at espeak's own rate."""
    voice, _, pitch = str(row["content"]).split(":")[1].rpartition("@")
    rng = _random("sound", str(row["content"]))
    # Said calmly, with emphasis, or as a question; espeak takes pitches from 0 to 99.
    text = str(row["attr.word"]) + rng.choice(["", "", "!", "?"])
    sound = _library().say(
        text,
        voice,
        rate=round(_NORMAL * float(row["attr.rate"])),
        pitch=int(np.clip(int(pitch) + rng.integers(-4, 5), 0, 99)),
        spread=int(rng.integers(25, 76)),
    )
    if not np.any(sound > _HEARD):
        raise UserError(f"espeak's voice {voice} says nothing for {text!r}: mend data.word")
    return sound


def _random(purpose: str, content: str) -> np.random.Generator:
    return np.random.default_rng([crc32(purpose.encode()), *content.encode()])


class _EspeakVoice(ctypes.Structure):
    """`espeak_VOICE` of speak_lib.h."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )

    def codes(self) -> list[str]:
        """Its languages: each a byte of priority and a string, up to an empty one."""
        codes, at = [], self.languages
        while ctypes.string_at(at, 1) != b"\0":
            code = ctypes.string_at(at + 1)
            codes.append(code.decode())
            at += len(code) + 2
        return codes


class _Library:
    """espeak-ng, of which a process has one: all of it happens under a lock."""

    def __init__(self) -> None:
        if not installed():
            raise UserError(
                "espeak is not installed: pip install -e '.[speech]', or --data.source embedded"
            )
        import espeakng_loader

        self._data = Path(espeakng_loader.get_data_path())
        try:
            self._espeak = ctypes.CDLL(str(espeakng_loader.get_library_path()))
        except OSError as error:
            raise UserError(
                f"espeak does not load ({error}): use --data.source embedded"
            ) from error
        espeak = self._espeak
        self.rate: int = espeak.espeak_Initialize(
            _SYNCHRONOUS, 0, str(self._data).encode(), _DONT_EXIT
        )
        if self.rate <= 0:
            raise UserError(
                f"espeak does not read its voices in {self._data}: install it anew, where the path"
                " is shorter (it takes about 160 characters)"
            )
        espeak.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_EspeakVoice))
        espeak.espeak_GetCurrentVoice.restype = ctypes.POINTER(_EspeakVoice)
        espeak.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._heard: list[NDArray[np.int16]] = []
        self._callback = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
        )(self._hear)
        espeak.espeak_SetSynthCallback(self._callback)
        self._voice, self._lock = "", Lock()

    def accents(self, language: str) -> list[str]:
        """Voices of a language: "en" has those of "en-us" and others."""
        found, known = [], set()
        voices = self._espeak.espeak_ListVoices(None)
        for index in range(10_000):
            if not voices[index]:
                break
            codes = voices[index].contents.codes()
            known.update(codes)
            if any(_is_of(code, language.lower()) for code in codes):
                found.append(voices[index].contents.identifier.decode())
        if not found:
            near = ", ".join(get_close_matches(language.lower(), sorted(known), 8, cutoff=0))
            raise UserError(
                f"data.voices.language is {language!r}, which espeak does not speak: "
                f"expected a code like en, en-us, de, fr or es; the nearest are {near}"
            )
        return sorted(found)

    def variants(self, shifted: bool) -> list[str]:
        """Names of the timbres that any voice can have; every fourth is for `shifted` alone."""
        names = sorted(path.name for path in (self._data / "voices" / "!v").iterdir())
        return [name for index, name in enumerate(names) if (index % 4 == 3) == shifted]

    def height(self, variant: str, pitch: int) -> str:
        """Is the voice "low", "middle" or "high"? From its file, and espeak's scale of pitches."""
        text = (self._data / "voices" / "!v" / variant).read_text("utf-8", errors="replace")
        stated = re.search(r"^pitch\s+(\d+)\s+(\d+)", text, re.MULTILINE)
        low, high = (int(hertz) for hertz in stated.groups()) if stated else (82, 118)
        hertz = (low + high) / 2 * 2 ** ((pitch - 50) / 50)
        return "low" if hertz < 125 else "middle" if hertz < 190 else "high"

    def phonemes(self, text: str, voice: str) -> str:
        """espeak's own letters to sounds, without stress and pauses."""
        with self._lock:
            self._speak_as(voice)
            rest = ctypes.c_char_p(text.encode())
            parts = []
            while rest.value is not None:
                parts.append(
                    self._espeak.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, 0) or b""
                )
        return _STRESS.sub("", b"".join(parts).decode(errors="replace"))

    def say(self, text: str, voice: str, *, rate: int, pitch: int, spread: int) -> Floats:
        """The text spoken, (samples,) at `self.rate`; words per minute, pitch and its range."""
        with self._lock:
            self._speak_as(voice)
            # At the normal volume of 100 the louder voices are clipped.
            levels = ((_RATE, rate), (_VOLUME, 30), (_PITCH, pitch), (_RANGE, spread))
            for parameter, value in levels:
                self._espeak.espeak_SetParameter(parameter, value, 0)
            self._heard.clear()
            spoken = text.encode()
            size = ctypes.c_size_t(len(spoken) + 1)
            # Without the pause at the end, voices with an echo are cut off.
            flags = _UTF8 | _END_PAUSE
            self._espeak.espeak_Synth(spoken, size, 0, _CHARACTER, 0, flags, None, None)
            self._espeak.espeak_Synchronize()
            heard = np.concatenate([np.zeros(0, np.int16), *self._heard]).astype(np.float32)
        return heard / np.float32(32768)

    def _speak_as(self, voice: str) -> None:
        """Sets the voice: espeak keeps the last one where it does not know the new one."""
        if voice == self._voice:
            return
        failed = self._espeak.espeak_SetVoiceByName(voice.encode())
        current = self._espeak.espeak_GetCurrentVoice().contents.identifier.decode()
        self._voice = current
        if failed or current != voice:
            raise UserError(f"espeak has no voice {voice}: expected a name like gmw/en-US+f3")

    def _hear(self, samples: Any, number: int, _events: Any) -> int:
        if samples and number > 0:
            self._heard.append(np.ctypeslib.as_array(samples, (number,)).copy())
        return 0


def _is_of(code: str, language: str) -> bool:
    """Is this the language or one of its accents? Four letters name a script, as in en-shaw."""
    rest = code.lower().removeprefix(f"{language}-").split("-")
    return code.lower() == language or (
        code.lower().startswith(f"{language}-") and all(len(part) != 4 for part in rest)
    )


@cache
def _library() -> _Library:
    return _Library()
