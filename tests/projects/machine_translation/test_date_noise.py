"""Spoilt dates: how much, of which kinds, and that what tells the day stays."""

import re
import unicodedata
from collections import Counter
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.machine_translation.date_formats import LOCALES, Writing, pieces, text, writings
from projects.machine_translation.date_noise import KINDS, Spoilt, spoilt
from projects.machine_translation.month_names import MonthNames

NAMES, WAYS = MonthNames(LOCALES), writings()
NUMBERS_ONLY = [way for way in WAYS if not (way.names_month or way.names_weekday)]
UNDONE = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "Z": "2", "S": "5", "B": "8"})
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
SEEDS = st.integers(0, 10**6)
STRENGTHS = st.floats(0.3, 3)


def numbers(line: str) -> list[int]:
    """The numbers in a line, once misread digits are undone."""
    return [int(found) for found in re.findall(r"\d+", line)]


def noisy(way: Writing, day: date, strength: float, seed: int) -> Spoilt:
    return spoilt(way, day, strength, NAMES, Random(seed))


@given(st.sampled_from(WAYS), DAYS, SEEDS)
def test_strength_0_leaves_everything_clean(way: Writing, day: date, seed: int) -> None:
    assert noisy(way, day, 0, seed) == (text(pieces(way, day)), "none")


@given(st.sampled_from(WAYS), DAYS, STRENGTHS, SEEDS)
@settings(max_examples=400)
def test_a_noisy_text_is_one_line_of_a_known_kind(
    way: Writing, day: date, strength: float, seed: int
) -> None:
    found = noisy(way, day, strength, seed)
    assert found.kind in KINDS
    assert (found.kind == "none") == (found.text == text(pieces(way, day)))
    assert found.text == " ".join(found.text.split())
    assert not any(unicodedata.category(letter) in ("Cc", "Cf") for letter in found.text)
    assert found == noisy(way, day, strength, seed)
    assert len(found.text) <= 64


@given(st.sampled_from(NUMBERS_ONLY), DAYS, STRENGTHS, SEEDS)
@settings(max_examples=400)
def test_numbers_keep_their_digits_and_separators(
    way: Writing, day: date, strength: float, seed: int
) -> None:
    found = noisy(way, day, strength, seed)
    if found.kind != "numerals":
        undone = unicodedata.normalize("NFKC", found.text.translate(UNDONE).replace("g", "9"))
        clean = unicodedata.normalize("NFKC", text(pieces(way, day)))
        assert undone.replace(" ", "") == clean.replace(" ", "")


@given(st.sampled_from([way for way in WAYS if way.names_month]), DAYS, STRENGTHS, SEEDS)
@settings(max_examples=400)
def test_day_and_year_stay_beside_a_name(
    way: Writing, day: date, strength: float, seed: int
) -> None:
    found = noisy(way, day, strength, seed)
    if found.kind in ("typing", "weekday", "none"):
        assert numbers(found.text) == numbers(text(pieces(way, day)))


def test_the_stronger_the_noise_the_fewer_texts_are_clean() -> None:
    clean = []
    for strength in (0, 0.5, 1, 2, 3):
        drawn = Random(1)
        kinds = Counter(
            noisy(drawn.choice(WAYS), date(2016, 8, 21), strength, seed).kind
            for seed in range(2000)
        )
        clean.append(kinds["none"] / kinds.total())
    assert clean == sorted(clean, reverse=True)
    assert clean[0] == 1
    assert 0.3 < clean[2] < 0.5
    assert clean[4] < 0.3


def test_every_kind_occurs() -> None:
    drawn = Random(0)
    kinds = {noisy(drawn.choice(WAYS), date(2016, 8, 21), 1, seed).kind for seed in range(2000)}
    assert kinds == set(KINDS)


@pytest.mark.parametrize(
    ("pattern", "day", "expected"),
    [
        ("d MMMM y", date(2016, 8, 21), {"21th of August 2016", "the 21st of August 2016"}),
        ("d MMMM y", date(1979, 5, 3), {"3rd May 1979", "the third of May 1979"}),
        ("MMMM d y", date(2001, 3, 3), {"March 3rd 2001", "March the 3rd 2001"}),
    ],
)
def test_english_ordinals(pattern: str, day: date, expected: set[str]) -> None:
    way = Writing("en_US", "", pattern)
    assert expected <= {noisy(way, day, 0.5, seed).text for seed in range(4000)}


def test_weekdays_are_added_and_sometimes_wrong() -> None:
    way, day = Writing("en_US", "", "MMMM d y"), date(2018, 5, 9)
    found = {noisy(way, day, 0.3, seed).text for seed in range(8000)}
    assert {"Wednesday May 9 2018", "Saturday May 9 2018", "May 9 2018 (Wed)"} <= found


def test_no_weekday_is_told_where_the_century_depends_on_it() -> None:
    for way in WAYS:
        if way.short_year:
            assert not way.names_weekday
            assert noisy(way, date(2016, 8, 21), 3, 1).kind != "weekday"
