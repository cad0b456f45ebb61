"""How much a written date tells: the days that it may mean, and how likely each is.

Noise is made so that it takes nothing away that tells days apart (see `date_noise`). So the best
anybody can do with a noisy text is what can be done with the clean one, and that follows from
the generator's own priors: by Bayes' rule the chance of a day, given a text, is in proportion to

    chance that the day is drawn  x  number of ways to write dates that give this text for it,

since a way to write is drawn with equal chances. The sum is over all days and all ways that the
generator could have used. Two kinds of texts have more than one reading:

- with numbers only, 03/04/09, they are read in the order of every pattern that has the same
  separators, in both centuries;
- with the month's name and two digits of the year, in both centuries.

A weekday's or month's name tells the language, so that the order is known. Blanks do not count,
as noise adds and drops them. What is not known are the days that were drawn: who remembers those
of train knows that none of them is meant.
"""

import re
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from projects.machine_translation.date_formats import Writing, digits, fields, pieces, text

Chance = Callable[[date], float]
"""The chance that a day is drawn; 0 for one that never is."""


class Reading(NamedTuple):
    """What can be known of a written date."""

    best: float
    """The chance of the most probable day: with it anybody can be right."""
    ambiguous: str
    """What is in doubt: "no", "century", "day or month" or "both"."""


class Readings:
    """The days that texts may mean, if they are written in one of these ways."""

    def __init__(self, writings: Sequence[Writing], chance: Chance) -> None:
        """Keep the patterns of numbers, by what stands between these."""
        self._chance = chance
        self._patterns: dict[str, Counter[re.Pattern[str]]] = defaultdict(Counter)
        for writing in writings:
            if not (writing.names_month or writing.names_weekday):
                example = text(pieces(writing, date(2000, 1, 1)))
                self._patterns[_between(example)][_pattern(writing)] += 1
        self._reading = cache(self._of)

    def __call__(self, writing: Writing, day: date) -> Reading:
        """What can be known of a day that is written so."""
        if writing.names_month or writing.names_weekday:
            return self._reading("", writing.short_year, day)
        return self._reading(text(pieces(writing, day)), writing.short_year, None)

    def _of(self, numbers: str, short_year: bool, day: date | None) -> Reading:
        likely: dict[date, float] = defaultdict(float)
        for found, ways in self._days(numbers) if day is None else _centuries(day, short_year):
            likely[found] += ways * self._chance(found)
        possible = {found: chance for found, chance in likely.items() if chance > 0}
        orders = {(found.year % 100, found.month, found.day) for found in possible}
        century = len(orders) < len(possible)
        return Reading(
            max(possible.values()) / sum(possible.values()),
            {
                (False, False): "no",
                (True, False): "century",
                (False, True): "day or month",
                (True, True): "both",
            }[century, len(orders) > 1],
        )

    def _days(self, numbers: str) -> Iterator[tuple[date, int]]:
        """The days that numbers may mean, each with how many ways to write give them for it."""
        without = numbers.replace(" ", "")
        for pattern, ways in self._patterns[_between(numbers)].items():
            if found := pattern.fullmatch(without):
                year, month, day = (int(found[name]) for name in ("year", "month", "day"))
                for century in (1900, 2000) if year < 100 else (0,):
                    if 1 <= month <= 12 and 1 <= day <= monthrange(century + year, month)[1]:
                        yield date(century + year, month, day), ways


def _between(numbers: str) -> str:
    """What stands between the digits, without blanks."""
    return re.sub(r"\d+", "0", numbers.replace(" ", ""))


def _pattern(writing: Writing) -> re.Pattern[str]:
    """What the texts without blanks look like; a named group for each field."""
    ten = digits(writing.locale)
    one = f"[{ten[0]}-{ten[9]}]"
    widths = {"d": f"[{ten[1]}-{ten[9]}]{one}?", "dd": one * 2, "y": one * 4, "yy": one * 2}
    widths |= {"M": widths["d"], "MM": widths["dd"]}
    found = ""
    field = iter(fields(writing.pattern))
    for piece in pieces(writing, date(2000, 1, 1)):
        if piece.kind == "between":
            found += re.escape(piece.text.replace(" ", ""))
        else:
            found += f"(?P<{piece.kind}>{widths[next(field)]})"
    return re.compile(found)


def _centuries(day: date, short_year: bool) -> Iterator[tuple[date, int]]:
    """The day itself and, where only two digits of the year are told, that of the other century."""
    yield day, 1
    other = day.year + (100 if day.year < 2000 else -100)
    if short_year and day.day <= monthrange(other, day.month)[1]:
        yield day.replace(year=other), 1
