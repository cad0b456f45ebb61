"""Letters -> sounds of the generated voices: each a few segments of steady sound.

Formants of vowels are about those of a man (Peterson and Barney 1952); a consonant has the
formants that its neighbours bend to.
"""

import re
import unicodedata
from typing import NamedTuple
from zlib import crc32


class Segment(NamedTuple):
    """Steady sound: seconds, formants in Hz, and how strong each of the three sources is."""

    seconds: float
    f1: float
    f2: float
    f3: float
    voice: float = 0.0
    """Pulses of the vocal cords, through the formants."""
    breath: float = 0.0
    """Noise through the formants."""
    hiss: float = 0.0
    """Noise through a band of its own."""
    centre: float = 4000.0
    """Of that band, in Hz."""
    spread: float = 0.5
    """Of that band, in octaves."""


def _plosive(f2: float, f3: float, centre: float, voiced: bool) -> tuple[Segment, ...]:
    closure = Segment(0.05, 250, f2, f3, voice=0.08 if voiced else 0.0)
    burst = Segment(0.014, 300, f2, f3, voice=0.2 * voiced, hiss=0.6, centre=centre, spread=0.6)
    after = Segment(0.012 if voiced else 0.035, 400, f2, f3, 0.5 * voiced, 0.0 if voiced else 0.25)
    return closure, burst, after


def _fricative(
    f2: float, f3: float, hiss: float, centre: float, spread: float, voiced: bool
) -> tuple[Segment, ...]:
    seconds, hiss = (0.075, 0.6 * hiss) if voiced else (0.11, hiss)
    return (Segment(seconds, 300, f2, f3, 0.2 * voiced, 0.0, hiss, centre, spread),)


SILENCE = Segment(0.045, 500, 1500, 2500)
SEGMENTS: dict[str, tuple[Segment, ...]] = {
    "a": (Segment(0.13, 700, 1700, 2450, 1.0),),
    "e": (Segment(0.11, 530, 1850, 2500, 1.0),),
    "i": (Segment(0.10, 390, 2020, 2600, 0.95),),
    "o": (Segment(0.13, 540, 860, 2430, 1.0),),
    "u": (Segment(0.11, 330, 900, 2250, 0.9),),
    "E": (Segment(0.09, 530, 1850, 2500, 1.0), Segment(0.08, 330, 2200, 2800, 0.85)),
    "A": (Segment(0.10, 740, 1200, 2500, 1.0), Segment(0.08, 350, 2150, 2700, 0.85)),
    "O": (Segment(0.10, 560, 900, 2450, 1.0), Segment(0.08, 350, 2100, 2600, 0.85)),
    "W": (Segment(0.10, 740, 1250, 2500, 1.0), Segment(0.08, 360, 900, 2300, 0.85)),
    "I": (Segment(0.15, 280, 2280, 3000, 0.9),),
    "U": (Segment(0.15, 300, 780, 2250, 0.9),),
    "3": (Segment(0.14, 480, 1330, 1690, 0.95),),
    "p": _plosive(900, 2200, 900, False),
    "b": _plosive(900, 2200, 800, True),
    "t": _plosive(1800, 2700, 4000, False),
    "d": _plosive(1800, 2700, 3500, True),
    "k": _plosive(2100, 2400, 1900, False),
    "g": _plosive(2100, 2400, 1800, True),
    "f": _fricative(1000, 2200, 0.09, 3500, 1.6, False),
    "v": _fricative(1000, 2200, 0.09, 3000, 1.6, True),
    "s": _fricative(1800, 2700, 0.40, 5800, 0.35, False),
    "z": _fricative(1800, 2700, 0.40, 5500, 0.35, True),
    "S": _fricative(1900, 2500, 0.50, 3000, 0.45, False),
    "T": _fricative(1400, 2600, 0.09, 5000, 1.2, False),
    "C": (*_plosive(1800, 2600, 3500, False)[:2], Segment(0.07, 300, 1900, 2500, 0, 0, 0.5, 3200)),
    "j": (*_plosive(1800, 2600, 3000, True)[:2], Segment(0.05, 300, 1900, 2500, 0.2, 0, 0.3, 3000)),
    "h": (Segment(0.06, 500, 1500, 2500, 0.0, 0.35),),
    "m": (Segment(0.08, 250, 1050, 2200, 0.5),),
    "n": (Segment(0.075, 260, 1650, 2600, 0.5),),
    "N": (Segment(0.085, 270, 2150, 2500, 0.5),),
    "l": (Segment(0.07, 360, 1150, 2800, 0.6),),
    "r": (Segment(0.07, 380, 1200, 1600, 0.6),),
    "w": (Segment(0.07, 300, 650, 2200, 0.6),),
    "y": (Segment(0.06, 270, 2250, 3000, 0.6),),
    " ": (SILENCE,),
}
"""The segments of each phoneme; " " is the pause between words."""

_VOWELS = "aeiouEAOWIU3"
_CONSONANTS = "".join(name for name in SEGMENTS if name not in f"{_VOWELS} ")
_RULES = (
    "tion=Sen igh=A tch=C sch=S ch=C sh=S th=T ph=f ck=k ng=N qu=kw wh=w ee=I ea=I ie=I oo=U ou=W "
    "ow=W ai=E ay=E ei=E ey=E oi=O oy=O er=3 ir=3 ur=3 c=k q=k x=ks"
)
_SPELLED = dict(rule.split("=") for rule in _RULES.split())
_LETTERS = str.maketrans(
    "абвгдежзийклмнопрстуфхцчшщъыьэюя" + "αβγδεζηθικλμνοπρσςτυφχψω",
    "abvgdejziiklmnoprstufhscssiiieua" + "abgdezitiklmnoprsstufhpo",
)
_PATTERN = re.compile("|".join([*_SPELLED, "[a-z]", " ", "[^a-z ]"]))


def phonemes(text: str) -> str:
    """The sounds of a text, a character each (keys of `SEGMENTS`); "" for one without a letter.

    Latin, Cyrillic and Greek letters are read roughly as in English; any other letter or digit is
    a syllable, and any other mark a vowel, that is always the same for the same character.
    """
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    # Accents (the block from U+0300) are dropped: é is read like e.
    plain = re.sub("[\u0300-\u036f'’]", "", plain)
    plain = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in plain)
    # An e at the end is silent, where another vowel is left: activate, but not she.
    words = [re.sub("([aeiou].*[^aeiou])e$", r"\1", word) for word in plain.split()]
    return " ".join(filter(None, map(_spoken, words)))


def _spoken(word: str) -> str:
    sounds = "".join(_SPELLED.get(part, _sound(part)) for part in _PATTERN.findall(word))
    return re.sub(r"(.)\1+", r"\1", sounds)


def _sound(letter: str) -> str:
    if letter in SEGMENTS and letter.isascii():
        return letter
    number = crc32(letter.encode())
    vowel = _VOWELS[number // 64 % len(_VOWELS)]
    if not letter.isalnum():
        return vowel
    return _CONSONANTS[number // 4096 % len(_CONSONANTS)] + vowel
