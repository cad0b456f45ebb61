"""What else is said: texts that sound like the word, and everyday ones that do not."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from common.errors import UserError
from projects.trigger_word_detection.settings import Data

OTHER_WORDS = (
    *("yes", "no", "stop", "go", "left", "right", "up", "down", "hello", "thanks", "please"),
    *("water", "window", "music", "kitchen", "morning", "evening", "yesterday", "tomorrow"),
    *("one", "two", "seven", "eleven", "twenty", "hundred", "apple", "banana", "orange juice"),
    *("light", "bedroom", "telephone", "television", "newspaper", "umbrella", "elephant", "river"),
    *("Monday", "Saturday", "October", "winter", "summer", "coffee", "sandwich", "potato"),
    *("good night", "come here", "what time is it", "I don't know", "see you later", "of course"),
    *("never mind", "the weather", "over there", "right now", "a cup of tea", "very good"),
    *("doctor", "children", "remember", "understand", "important", "beautiful", "station"),
)
"""Everyday English words and short phrases."""

LONG = 5
"""Letters from which on a single exchanged one is no other word: people answer to it as well."""
_MOST = 16
_VOWELS = ("aeiou", "αεηιου", "аеиоу")
_CONSONANTS = str.maketrans("bcdfghjklmnpqrstvwxyz", "pgtvkfmgrnmbgldbfvbls")
Sound = Callable[[str], Sequence[str]]
"""How a text is pronounced, in one or more accents; always in the same number of them."""


class Saying(NamedTuple):
    """Something that a voice says, the `take`-th time."""

    text: str
    label: str
    near_miss: bool
    take: int


class Others(NamedTuple):
    """Texts that are not the word: those that sound like it, and those that do not."""

    near: tuple[str, ...]
    far: tuple[str, ...]


def near_misses(word: str) -> tuple[str, ...]:
    """Texts that sound like the word and are not it, the same in every process.

    At least 4 for a word of two letters or more, in any script, and at most 16; all in lower
    case, distinct, and none with the whole word inside.
    """
    letters = _letters(word)
    found: dict[str, str] = {"": ""}
    for candidate in _variants(letters):
        text = " ".join("".join(candidate).split())
        key = text.replace(" ", "")
        whole = "".join(letters).replace(" ", "")
        if whole not in key and (len(whole) < LONG or _distance(whole, key) > 1):
            found.setdefault(key, text)
    return tuple(islice((text for key, text in found.items() if key), _MOST))


def others(word: str, sound: Sound) -> Others:
    """What a voice says besides the word; nothing that is pronounced like the word.

    A `UserError` if the word has neither letter nor digit, or nothing to be heard.
    """
    own, letters = sound(word), "".join(_letters(word))
    if not any(character.isalnum() for character in word) or not any(own):
        raise UserError(f"data.word is {word!r}: expected a word or a short phrase, like activate")

    def differs(text: str) -> bool:
        return not any(mine == its or not its for mine, its in zip(own, sound(text), strict=True))

    near = tuple(text for text in near_misses(word) if differs(text))
    far = tuple(
        text
        for text in OTHER_WORDS
        if f" {letters} " not in f" {text.lower()} " and text.lower() not in near and differs(text)
    )
    return Others(near, far)


def sayings(data: Data, texts: Others, rng: np.random.Generator) -> list[Saying]:
    """What one voice says: the word `takes` times, and `negatives` others, half near-misses."""
    voices = data.voices
    said = [Saying(data.word, "activate", False, take) for take in range(voices.takes)]
    number = voices.negatives // 2 if texts.near else 0
    for pool, is_near, wanted in (
        (texts.near, True, number),
        (texts.far, False, voices.negatives - number),
    ):
        order = rng.permutation(len(pool))
        said += [
            Saying(pool[order[i % len(pool)]], "negative", is_near, i // len(pool))
            for i in range(wanted)
        ]
    return said


def _letters(text: str) -> list[str]:
    """Lower-case letters, each with its marks, and single spaces for everything else."""
    letters: list[str] = []
    for character in unicodedata.normalize("NFC", text.lower()):
        if unicodedata.category(character).startswith("M") and letters:
            letters[-1] += character
        elif character.isalnum() or character in "'’":
            letters.append(character)
        elif letters and letters[-1] != " ":
            letters.append(" ")
    return letters[:-1] if letters and letters[-1] == " " else letters


def _variants(letters: list[str]) -> Iterator[Sequence[str]]:
    """Candidates from what changes least to what is only made up to have enough."""
    number, words = len(letters), "".join(letters).split()
    if len(words) > 1:
        yield from words
    most = max(1, round(0.6 * number))
    yield letters[:most]
    yield letters[-most:]
    vowels = [i for i, letter in enumerate(letters) if _vowel(letter, 1)]
    consonants = [i for i, letter in enumerate(letters) if letter[0] in _consonants()]
    for i in vowels[:3]:
        yield _exchanged(letters, {i: _vowel(letters[i], 2)})
    yield _exchanged(letters, {i: _vowel(letters[i], 1) for i in vowels})
    for i in dict.fromkeys((*consonants[:1], *consonants[-1:])):
        yield _exchanged(letters, {i: letters[i].translate(_CONSONANTS)})
    yield letters[1:]
    yield letters[:-1]
    yield letters[: number // 3] + letters[2 * number // 3 :]
    yield letters[number // 2 :] + letters[: number // 2]
    yield _exchanged(letters, {i: _vowel(letters[i], 3) for i in vowels})
    yield _exchanged(letters, {i: letters[i].translate(_CONSONANTS) for i in consonants})
    yield from _neighbours(letters)


def _distance(one: str, other: str) -> int:
    """Levenshtein's distance: letters to exchange, add or drop."""
    costs = list(range(len(other) + 1))
    for i, mine in enumerate(one, start=1):
        above, costs[0] = costs[0], i
        for j, its in enumerate(other, start=1):
            change = above + (mine != its)
            above, costs[j] = costs[j], min(change, costs[j] + 1, costs[j - 1] + 1)
    return costs[-1]


def _neighbours(letters: list[str]) -> Iterator[Sequence[str]]:
    """One letter exchanged for one near it in the alphabet, whatever the script."""
    enough = 0
    for distance in range(1, 200):
        for i, letter in enumerate(letters):
            other = chr(max(0, ord(letter[0]) - distance))
            if letter[0].isalpha() and other.isalpha() and other == other.lower():
                yield _exchanged(letters, {i: unicodedata.normalize("NFC", other + letter[1:])})
                enough += 1
        if enough >= _MOST // 2:
            return


def _exchanged(letters: list[str], new: dict[int, str]) -> list[str]:
    return [new.get(i, letter) for i, letter in enumerate(letters)]


def _vowel(letter: str, steps: int) -> str:
    """The vowel so many places after this one in its alphabet; "" for what is none."""
    base = unicodedata.normalize("NFD", letter)[0]
    for vowels in _VOWELS:
        if base in vowels:
            return vowels[(vowels.index(base) + steps) % len(vowels)]
    return ""


def _consonants() -> str:
    return "".join(map(chr, _CONSONANTS))
