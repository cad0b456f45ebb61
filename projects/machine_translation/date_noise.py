"""How written dates are spoilt: by typing, scanning, English ordinals, Chinese numerals, weekdays.

Nothing is taken away that tells days apart, so that `ambiguity` can go by the clean text:

- a digit never becomes another one: a misread 0 is an O, which a reader can undo;
- of numbers alone only blanks change, since separators tell which of them is the month;
- a month's name stays nearest to itself (`month_names`);
- a weekday may be wrong, and is told only where nothing depends on it.
"""

from collections.abc import Callable
from datetime import date
from random import Random
from typing import NamedTuple

from projects.machine_translation.date_formats import (
    CJK,
    DIGITS,
    Piece,
    Writing,
    pieces,
    text,
    weekday_name,
)
from projects.machine_translation.month_names import MonthNames
from projects.machine_translation.number_words import english_ordinal, kanji, with_suffix
from projects.machine_translation.slips import cased, misread, slipped, without_accents

Parts = list[Piece]
NAMES, NUMBERS = ("month name", "weekday"), ("day", "month", "year")

KINDS = ("none", "typing", "scan", "ordinal", "numerals", "weekday")
"""What `attr.noise` may be."""
_CALM = 0.25
"""Share of the texts that stay clean at strength 1."""


class Spoilt(NamedTuple):
    """A noisy text and what was done to it, one of `KINDS`."""

    text: str
    kind: str


class _Job(NamedTuple):
    """What the parts are of, and the dice."""

    writing: Writing
    day: date
    names: MonthNames
    random: Random


def spoilt(
    writing: Writing, day: date, strength: float, names: MonthNames, random: Random
) -> Spoilt:
    """The day as it is written, spoilt: not at all at strength 0, usually at 1, badly at 3."""
    parts = pieces(writing, day)
    clean = text(parts)
    if random.random() < _CALM**strength:
        return Spoilt(clean, "none")
    job = _Job(writing, day, names, random)
    kind = random.choice(_kinds(writing))
    more = sum(random.random() < strength / 3 for _ in range(3))
    if kind == "typing":
        parts = _typed(parts, 1 + more, job)
    elif kind == "scan":
        parts = _scanned(parts, 1 + more, job)
    else:
        parts = {"ordinal": _ordinal, "numerals": _numerals, "weekday": _weekday}[kind](parts, job)
        parts = _typed(parts, more // 2, job)
    found = text(parts)
    return Spoilt(found, kind if found != clean else "none")


def _kinds(writing: Writing) -> list[str]:
    found = ["typing", "scan"]
    if writing.names_month:
        found += ["ordinal"] * 3 if writing.language == "en" else []
        found += [] if writing.short_year else ["weekday"]
    if writing.language in ("ja", "zh") and "年" in writing.pattern:
        found += ["numerals"] * 2
    return found


def _typed(parts: Parts, times: int, job: _Job) -> Parts:
    """What fingers do: letter case, slips, accents left out, names cut short, other separators."""
    ways: list[Callable[[Parts, _Job], Parts]] = [_blanks, _other_digits]
    if job.writing.names_month:
        ways = [_case, _slip, _slip, _cut, _separated, _separated, _plain, _other_digits]
    for way in job.random.choices(ways, k=times):
        parts = way(parts, job)
    return parts


def _scanned(parts: Parts, times: int, job: _Job) -> Parts:
    """What a scanner does: look-alikes, torn words, specks; sometimes all is in capitals."""
    if job.random.random() < 0.15:
        parts = _named(parts, str.upper)
    for _ in range(times):
        place = job.random.randrange(len(parts))
        if parts[place].kind == "between":
            parts = _speck(parts, place, job) if job.writing.names_month else _blanks(parts, job)
        else:
            number = parts[place].kind in NUMBERS
            seen = misread(parts[place].text, job.random, number=number)
            parts = _replaced(parts, place, seen, job)
            if parts[place].kind in NAMES and job.random.random() < 0.15:
                torn = parts[place].text
                cut = job.random.randrange(1, max(len(torn), 2))
                parts[place] = Piece(parts[place].kind, f"{torn[:cut]} {torn[cut:]}")
    return parts


def _replaced(parts: Parts, place: int, new: str, job: _Job) -> Parts:
    """The parts with another text at a place, unless that is a month which no longer tells."""
    kind, month = parts[place].kind, job.day.month
    if not new or (kind == "month name" and not job.names.tell(new, month)):
        return parts
    return [*parts[:place], Piece(kind, new), *parts[place + 1 :]]


def _named(parts: Parts, change: Callable[[str], str]) -> Parts:
    """The parts with month and weekday changed in a way that nobody misunderstands."""
    return [Piece(part.kind, change(part.text)) if part.kind in NAMES else part for part in parts]


def _case(parts: Parts, job: _Job) -> Parts:
    ways: list[Callable[[str], str]] = [str.lower, str.lower, str.upper, str.title, str.swapcase]
    return _named(parts, job.random.choice(ways))


def _plain(parts: Parts, job: _Job) -> Parts:
    return _named(parts, without_accents)


def _slip(parts: Parts, job: _Job) -> Parts:
    places = [i for i, part in enumerate(parts) if part.kind in NAMES]
    place = job.random.choice(places)
    for _ in range(4):
        found = _replaced(
            parts, place, slipped(parts[place].text, job.writing.locale, job.random), job
        )
        if found is not parts:
            return found
    return parts


def _cut(parts: Parts, job: _Job) -> Parts:
    """The month's name cut short, with or without a dot, where its beginning tells it."""
    place = next(i for i, part in enumerate(parts) if part.kind == "month name")
    name = parts[place].text
    start = name[: job.random.randint(3, max(len(name) - 2, 3))]
    if len(name) < 5 or not cased(name) or not job.names.begin(start, job.day.month):
        return parts
    dotted = start + job.random.choice(("", "."))
    return [*parts[:place], Piece("month name", dotted), *parts[place + 1 :]]


def _separated(parts: Parts, job: _Job) -> Parts:
    """Something else between two fields; nothing only where a letter stands beside a digit."""
    places = [i for i, part in enumerate(parts) if part.kind == "between"]
    if not places:
        return parts
    place = job.random.choice(places)
    choices = [" ", " ", ", ", ",", ". ", "-", " - ", "/", ",, ", " , ", ".."]
    if place in (0, len(parts) - 1):
        choices = ["", "", " .", ".."]
    elif (parts[place - 1].kind in NUMBERS) != (parts[place + 1].kind in NUMBERS):
        choices += ["", "", "."]
    return [*parts[:place], Piece("between", job.random.choice(choices)), *parts[place + 1 :]]


def _speck(parts: Parts, place: int, job: _Job) -> Parts:
    """A speck beside a separator."""
    old, speck = parts[place].text, job.random.choice(".,'`:;*_")
    new = job.random.choice((f"{speck}{old}", f"{old}{speck}"))
    return [*parts[:place], Piece("between", new if " " in new else new + " "), *parts[place + 1 :]]


def _blanks(parts: Parts, job: _Job) -> Parts:
    """A blank more or less around a separator of numbers."""
    places = [i for i, part in enumerate(parts) if part.kind == "between" and part.text.strip()]
    if not places:
        return parts
    place = job.random.choice(places)
    bare = parts[place].text.strip()
    new = job.random.choice((bare, f" {bare}", f"{bare} ", f" {bare} "))
    return [*parts[:place], Piece("between", new), *parts[place + 1 :]]


def _other_digits(parts: Parts, job: _Job) -> Parts:
    """Full-width digits in East Asia, Western ones in Arabic, where the script is told anyway."""
    if job.writing.language in CJK:
        table = str.maketrans(DIGITS["latn"], "０１２３４５６７８９")
    elif job.writing.names_month:
        table = str.maketrans(DIGITS["arab"], DIGITS["latn"])
    else:
        return parts
    return [Piece(part.kind, part.text.translate(table)) for part in parts]


def _ordinal(parts: Parts, job: _Job) -> Parts:
    """English: "3rd May", "21th of August", "the third of May", "May the 3rd"."""
    random = job.random
    day = next(i for i, part in enumerate(parts) if part.kind == "day")
    month = next(i for i, part in enumerate(parts) if part.kind == "month name")
    spelled = random.random() < 0.35
    word = english_ordinal(job.day.day) if spelled else with_suffix(job.day.day, random)
    first, article = min(day, month), random.random() < (0.6 if spelled else 0.3)
    joins = (" of ", " of ", " ") if day < month else (" ",)
    found = [*parts]
    found[day] = Piece("day", f"the {word}" if article else word)
    found[first + 1] = Piece("between", random.choice(joins))
    return found


def _numerals(parts: Parts, job: _Job) -> Parts:
    """Chinese and Japanese: 二〇一八年三月四日."""
    return [
        Piece(part.kind, kanji(part.text, digitwise=part.kind == "year"))
        if part.kind in NUMBERS
        else part
        for part in parts
    ]


def _weekday(parts: Parts, job: _Job) -> Parts:
    """A day of the week before or after, now and then the wrong one."""
    random = job.random
    number = job.day.weekday() if random.random() < 0.8 else random.randrange(7)
    name = weekday_name(job.writing.locale, number, random.choice(("wide", "wide", "abbreviated")))
    told = [i for i, part in enumerate(parts) if part.kind == "weekday"]
    if told:
        return [*parts[: told[0]], Piece("weekday", name), *parts[told[0] + 1 :]]
    weekday = Piece("weekday", name)
    if random.random() < 0.5:
        return [weekday, Piece("between", random.choice((" ", ", "))), *parts]
    if random.random() < 0.3:
        return [*parts, Piece("between", " ("), weekday, Piece("between", ")")]
    return [*parts, Piece("between", random.choice((" ", ", "))), weekday]
