"""Numbers of days as they are spelled: English ordinals, right and wrong, and Chinese numerals."""

from random import Random

_FIRST = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
    *("seventeenth", "eighteenth", "nineteenth", "twentieth"),
)
_KANJI = "〇一二三四五六七八九"


def english_ordinal(number: int) -> str:
    """The ordinal of a number from 1 to 31 in words: "twenty-first"."""
    if number <= 20:
        return _FIRST[number - 1]
    tens = "twenty" if number < 30 else "thirty"
    return "thirtieth" if number == 30 else f"{tens}-{_FIRST[number % 10 - 1]}"


def suffix(number: int) -> str:
    """What makes a number an ordinal: "st", "nd", "rd" or "th"."""
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def with_suffix(number: int, random: Random) -> str:
    """The ordinal in digits, sometimes with the wrong end: "3rd", "21th"."""
    wrong = random.random() < 0.2
    return f"{number}{random.choice(('th', 'th', 'st', 'nd', 'rd')) if wrong else suffix(number)}"


def kanji(digits: str, *, digitwise: bool) -> str:
    """A number up to 99 in Chinese numerals, or (`digitwise`) one digit after the other."""
    if digitwise:
        return "".join(_KANJI[int(digit)] for digit in digits)
    tens, ones = divmod(int(digits), 10)
    before = f"{_KANJI[tens] if tens > 1 else ''}十" if tens else ""
    return before + (_KANJI[ones] if ones else "")
