"""How dates are written: CLDR's patterns of 26 locales, and others that people use.

A pattern is CLDR's (Unicode TR 35): always with `y`, the calendar year; `Y` is the year of the
week, which is another one around New Year.
"""

import difflib
import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple

from babel import Locale
from babel.dates import DateTimeFormat, tokenize_pattern

from common.errors import UserError

LOCALES = (
    *("en_US", "en_GB", "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "cs", "hu", "fi", "tr"),
    *("ro", "id", "ru", "uk", "bg", "el", "ja", "zh", "ko", "ar_EG", "he", "hi"),
)
"""Babel's names of the locales that dates are written in."""

CJK = ("ja", "zh", "ko")
"""Languages that number the months instead of naming them."""

DIGITS = {"latn": "0123456789", "arab": "٠١٢٣٤٥٦٧٨٩"}
"""The digits of CLDR's numbering systems, for the locales above."""

_ENGLISH = {
    "day first": "d MMMM y",
    "day first, abbreviated": "d MMM y",
    "day first, short year": "d MMMM yy",
    "day first, weekday": "EEE d MMM y",
    "month first": "MMMM d y",
    "dashes": "dd-MMM-y",
    "dots": "dd.MM.yy",
    "year first": "y-MM-dd",
}
"""What people write in English besides what CLDR has."""

Kind = Literal["day", "month", "year", "month name", "weekday", "between"]
"""The first three are numbers."""
_MONDAY = date(2018, 1, 1)


class Piece(NamedTuple):
    """A part of a written date: a field of it, or what stands between two."""

    kind: Kind
    text: str


class Writing(NamedTuple):
    """A way to write a date: a locale, the short name of a format, and its pattern there."""

    locale: str
    format: str
    pattern: str

    @property
    def language(self) -> str:
        """The language alone, such as "en"."""
        return self.locale.split("_")[0]

    @property
    def short_year(self) -> bool:
        """Whether the year has two digits."""
        return any(field.startswith("yy") for field in fields(self.pattern))

    @property
    def names_month(self) -> bool:
        """Whether the month is a word."""
        return any(_kind(field) == "month name" for field in fields(self.pattern))

    @property
    def names_weekday(self) -> bool:
        """Whether the day of the week is told."""
        return any(_kind(field) == "weekday" for field in fields(self.pattern))

    @property
    def clear(self) -> bool:
        """Whether a person is never in doubt: four digits of the year, and which is the month."""
        return not self.short_year and (self.names_month or self.pattern.startswith("y"))


def writings(locales: Sequence[str] = ()) -> tuple[Writing, ...]:
    """All ways to write a date in these locales, in all 26 if none is given; none that always
    looks like another one there.

    A `UserError` for a locale that is not among them.
    """
    found: dict[tuple[str, ...], Writing] = {}
    for locale in dict.fromkeys(locales or LOCALES):
        if locale not in LOCALES:
            close = difflib.get_close_matches(locale, LOCALES, 3) or LOCALES
            raise UserError(
                f"data.dates.locales has {locale!r}, which the room does not know;"
                f" use {', '.join(close)}, or leave it empty for all {len(LOCALES)}"
            )
        for name, pattern in _patterns(locale).items():
            writing = Writing(locale, name, pattern)
            looks = (text(pieces(writing, date(2018, month, 9))) for month in range(1, 13))
            found.setdefault((locale, *looks), writing)
    return tuple(found.values())


def pieces(writing: Writing, day: date) -> list[Piece]:
    """The parts of a day as it is written, clean; joined they are the text."""
    return [
        Piece(_kind(part), _text(writing.locale, part, _number(part, day)))
        if is_field
        else Piece("between", part)
        for is_field, part in _tokens(writing.pattern)
    ]


def text(parts: Sequence[Piece]) -> str:
    """The parts as one line, with single blanks."""
    return " ".join("".join(part.text for part in parts).split())


def digits(locale: str) -> str:
    """The ten digits that a locale writes by default, from 0 on."""
    return DIGITS[_locale(locale).default_numbering_system]


def fields(pattern: str) -> list[str]:
    """The fields of a pattern, in its order: ["d", "MMMM", "y"]."""
    return [field for is_field, field in _tokens(pattern) if is_field]


def month_name(locale: str, month: int, width: Literal["wide", "abbreviated"] = "wide") -> str:
    """The name of a month as it stands in a date."""
    return _text(locale, "MMMM" if width == "wide" else "MMM", month)


def weekday_name(locale: str, weekday: int, width: Literal["wide", "abbreviated"]) -> str:
    """The name of a day of the week; 0 is Monday."""
    return _text(locale, "EEEE" if width == "wide" else "EEE", weekday)


@cache
def _locale(name: str) -> Any:
    return Locale.parse(name)


@cache
def _patterns(name: str) -> dict[str, str]:
    """The patterns of a locale by the short name of the format."""
    locale = _locale(name)
    found = {width: locale.date_formats[width].pattern for width in locale.date_formats}
    found = {width: found[width] for width in ("long", "medium", "full", "short")}
    numeric = locale.datetime_skeletons["yMd"].pattern
    found["weekday"] = locale.datetime_skeletons["yMMMEd"].pattern
    found["numeric"] = numeric
    found["numeric, short year"] = _shortened(numeric)
    if locale.language != "hu":
        # With two digits, year first, a Hungarian "18 december 13" would be a Dutch other day.
        found["long, short year"] = _shortened(found["long"])
    if locale.language in CJK:
        # Korean's names of months are numbers with a counter: the same as Chinese and Japanese.
        found = {width: re.sub("MMM+", "M'월'", pattern) for width, pattern in found.items()}
    else:
        found["bare"] = " ".join(fields(found["long"]))
        found["bare, weekday"] = " ".join(fields(found["full"]))
        if "long, short year" in found:
            found["bare, short year"] = _shortened(found["bare"])
        found["numeric, dashes"] = "-".join(fields(numeric))
    return found | (_ENGLISH if name == "en_US" else {})


def _shortened(pattern: str) -> str:
    """The pattern with two digits of the year."""
    return re.sub("y+", "yy", pattern)


@cache
def _tokens(pattern: str) -> tuple[tuple[bool, str], ...]:
    """Fields (True) and what is between, without marks of direction and with plain blanks."""
    found: list[tuple[bool, str]] = []
    for kind, value in tokenize_pattern(pattern):
        if kind == "field":
            found.append((True, value[0] * value[1]))
        elif between := re.sub(r"\s", " ", value).replace("\u200f", ""):
            before = found.pop()[1] if found and not found[-1][0] else ""
            found.append((False, before + between))
    return tuple(found)


def _kind(field: str) -> Kind:
    if field[0] in "ML":
        return "month name" if len(field) > 2 else "month"
    return "weekday" if field[0] in "Ec" else "day" if field[0] == "d" else "year"


def _number(field: str, day: date) -> int:
    kind = _kind(field)
    if kind == "weekday":
        return day.weekday()
    return day.year if kind == "year" else day.day if kind == "day" else day.month


@cache
def _text(locale: str, field: str, number: int) -> str:
    """A field as Babel writes it, in the locale's digits."""
    kind = _kind(field)
    if kind == "weekday":
        day = _MONDAY.replace(day=1 + number)
    elif kind == "year":
        day = _MONDAY.replace(year=number)
    else:
        day = _MONDAY.replace(day=number) if kind == "day" else _MONDAY.replace(month=number)
    written = str(DateTimeFormat(day, _locale(locale))[field])
    return written.translate(str.maketrans(DIGITS["latn"], digits(locale)))
