"""What happens to the letters and digits of a word: slips of the finger, misreadings of a scan."""

import unicodedata
from functools import cache
from random import Random

from projects.machine_translation.date_formats import month_name, weekday_name

_DIGITS = ("0=O", "0=o", "1=l", "1=I", "2=Z", "5=S", "8=B", "9=g")
"""What digits are misread as: never as a digit, and no two as the same letter in any case."""
_LETTERS = (
    *("o=0", "O=0", "l=1", "l=I", "i=l", "i=1", "I=l", "I=1", "s=5", "S=5", "B=8", "g=9", "g=q"),
    *("m=rn", "rn=m", "e=c", "c=e", "h=b", "b=h", "n=u", "u=n", "a=o", "t=f", "r=t", "v=y", "d=cl"),
    *("о=0", "О=0", "з=3", "н=и", "п=л", "л=п", "е=с", "т=г", "ь=б"),
    *("ο=0", "ν=v", "υ=u", "ι=i", "α=a", "ρ=p"),
)
"""What letters are misread as, in Latin, Cyrillic and Greek."""


def slipped(word: str, locale: str, random: Random) -> str:
    """The word with one letter dropped, doubled, changed, or exchanged with the next.

    The first letter is spared more often than not; "" for a word of less than three letters.
    """
    places = [i for i, letter in enumerate(word) if letter.isalpha()]
    if len(places) < 3:
        return ""
    place = random.choice(places[1:] if random.random() < 0.8 else places)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    way = random.choice(("drop", "double", "change", "exchange"))
    if way == "drop" and len(places) > 3:
        return before + after
    if way == "change":
        return before + random.choice(_alphabet(locale)) + after
    if way == "exchange" and after[:1].isalpha():
        return before + after[0] + letter + after[1:]
    return before + letter + letter + after


def misread(word: str, random: Random, *, number: bool) -> str:
    """A word or number with one character as a scanner may take it, if any is doubtful."""
    known = _DIGITS if number else _LETTERS
    doubtful = [pair for pair in known if pair.split("=")[0] in word]
    if not doubtful:
        return word
    old, new = random.choice(doubtful).split("=")
    place = random.choice([i for i in range(len(word)) if word.startswith(old, i)])
    return word[:place] + new + word[place + len(old) :]


def without_accents(word: str) -> str:
    """The word as it is typed without accents; marks of other scripts stay."""
    parts = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(p for p in parts if not "\u0300" <= p <= "\u036f"))


def cased(word: str) -> bool:
    """Whether the script has capitals: names in it are cut short, with a dot."""
    return word.lower() != word.upper()


@cache
def _alphabet(locale: str) -> str:
    """The small letters of all names of months and weekdays."""
    names = [month_name(locale, month) for month in range(1, 13)]
    names += [weekday_name(locale, weekday, "wide") for weekday in range(7)]
    return "".join(sorted({letter for letter in "".join(names).lower() if letter.isalpha()}))
