"""What can be known of a written date, against writing down a whole small world."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import pytest

from projects.machine_translation.ambiguity import Reading, Readings
from projects.machine_translation.date_formats import Writing, pieces, text, writings

WORLD = [
    date(year, month, day)
    for year in (1903, 1905, 1910, 2003, 2004, 2010, 2031)
    for month in (1, 3, 4, 5, 10, 12)
    for day in (1, 3, 4, 5, 10, 13, 30)
]
WORLD += [date(2004, 2, 29), date(2000, 2, 29), date(2000, 2, 28), date(1900, 2, 28)]


def chance(day: date) -> float:
    """Uneven, and 0 outside the small world."""
    return (1 + day.toordinal() % 7) * (2 if day.year < 2000 else 5) if day in _KNOWN else 0.0


_KNOWN = set(WORLD)


def by_brute_force(ways: Sequence[Writing], key: str) -> dict[str, dict[date, float]]:
    """The weight of every day by text; `key` is what of the blanks is kept."""
    found: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for writing in ways:
        for day in WORLD:
            found[text(pieces(writing, day)).replace(" ", key)][day] += chance(day)
    return found


@pytest.mark.parametrize("blank", ["", " "])
def test_the_best_is_that_of_a_whole_world_written_down(blank: str) -> None:
    """With blanks and without: in all 26 locales they tell nothing more."""
    ways = writings()
    readings, texts = Readings(ways, chance), by_brute_force(ways, blank)
    seen = set()
    for writing in ways:
        for day in WORLD:
            weights = texts[text(pieces(writing, day)).replace(" ", blank)]
            found = readings(writing, day)
            expected = max(weights.values()) / sum(weights.values())
            assert found.best == pytest.approx(expected, abs=1e-12), (writing, day, dict(weights))
            assert (found.ambiguous == "no") == (len(weights) == 1)
            seen.add(found.ambiguous)
    assert seen == {"no", "century", "day or month", "both"}


def reading(pattern: str, day: date, locales: tuple[str, ...] = ()) -> Reading:
    return Readings(writings(locales), lambda day: 1.0)(Writing("en_US", "", pattern), day)


def test_what_is_in_doubt_is_named() -> None:
    day = date(2009, 4, 3)
    assert reading("MMMM d, y", day) == (1.0, "no")
    assert reading("MMMM d yy", day) == (0.5, "century")
    assert reading("M/d/y", day).ambiguous == "day or month"
    assert reading("M/d/yy", day).ambiguous == "both"
    assert reading("M/d/y", date(2009, 4, 13)) == (1.0, "no")
    assert reading("M/d/y", day, ("en_US",)) == (1.0, "no")
    assert reading("M/d/y", date(2009, 4, 4)) == (1.0, "no")


def test_the_29th_of_february_1900_never_was() -> None:
    assert reading("MMMM d yy", date(2000, 2, 29)) == (1.0, "no")
    assert reading("MMMM d yy", date(2004, 2, 29)) == (0.5, "century")


def test_arabic_digits_tell_that_the_day_comes_first() -> None:
    ways = {w.format: w for w in writings(("ar_EG", "en_US")) if w.locale == "ar_EG"}
    readings = Readings(writings(("ar_EG", "en_US")), lambda day: 1.0)
    assert readings(ways["short"], date(2009, 4, 3)) == (1.0, "no")
