"""Written dates: what Babel itself writes, in 26 locales, with the right year around New Year."""

import re
from collections import Counter
from datetime import date

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import UserError
from projects.machine_translation.date_formats import (
    DIGITS,
    LOCALES,
    Writing,
    digits,
    fields,
    pieces,
    text,
    writings,
)

DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
TURNS = [date(2018, 12, 31), date(2021, 1, 1), date(2019, 12, 30), date(2027, 1, 3)]


def written(locale: str, pattern: str, day: date) -> str:
    return text(pieces(Writing(locale, "", pattern), day))


@given(DAYS)
@settings(max_examples=8, deadline=None)
def test_a_written_date_is_babels(day: date) -> None:
    for writing in writings():
        theirs = format_date(day, writing.pattern, writing.locale).replace("\u200f", "")
        theirs = theirs.translate(str.maketrans(DIGITS["latn"], digits(writing.locale)))
        assert text(pieces(writing, day)) == " ".join(theirs.split())


@pytest.mark.parametrize("day", TURNS)
def test_the_year_is_that_of_the_calendar(day: date) -> None:
    for writing in writings():
        assert not any("Y" in field for field in fields(writing.pattern))
        year = next(part.text for part in pieces(writing, day) if part.kind == "year")
        assert int(year) == day.year % (100 if writing.short_year else 10_000)


def test_every_locale_has_many_formats_and_no_text_twice() -> None:
    known = writings()
    per_locale = Counter(writing.locale for writing in known)
    assert set(per_locale) == set(LOCALES)
    assert len(per_locale) >= 20
    assert min(per_locale.values()) >= 5
    for locale in LOCALES:
        own = [text(pieces(w, date(2016, 9, 3))) for w in known if w.locale == locale]
        assert len(set(own)) == len(own)
    assert len({writing.format for writing in known}) < 20
    assert all(any(writing.clear for writing in writings((locale,))) for locale in LOCALES)


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("fr", "dimanche 21 août 2016"),
        ("ja", "2016年8月21日日曜日"),
        ("ko", "2016년 8월 21일 일요일"),
        ("ar_EG", "الأحد، ٢١ أغسطس ٢٠١٦"),
        ("hu", "2016. augusztus 21., vasárnap"),
        ("ru", "воскресенье, 21 августа 2016 г."),
        ("hi", "रविवार, 21 अगस्त 2016"),
    ],
)
def test_full_dates_of_several_scripts(locale: str, expected: str) -> None:
    full = next(writing for writing in writings((locale,)) if writing.format == "full")
    assert text(pieces(full, date(2016, 8, 21))) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(1979, 5, 3), "3 May 1979"),
        (date(2009, 4, 5), "5 April 09"),
        (date(2007, 7, 10), "Tue 10 Jul 2007"),
        (date(2018, 5, 9), "Wednesday May 9 2018"),
        (date(2001, 3, 3), "March 3 2001"),
        (date(2001, 3, 1), "1 March 2001"),
    ],
)
def test_american_english_has_the_courses_formats(day: date, expected: str) -> None:
    assert expected in {text(pieces(writing, day)) for writing in writings(("en_US",))}


def test_what_a_pattern_tells() -> None:
    by_format = {writing.format: writing for writing in writings(("en_US",))}
    assert by_format["short"].short_year
    assert not by_format["short"].clear
    assert not by_format["numeric"].clear
    assert by_format["long"].names_month
    assert by_format["long"].clear
    assert by_format["full"].names_weekday
    assert not by_format["long, short year"].clear
    assert all(not w.names_month for w in writings(("ja", "zh", "ko")))


def test_the_parts_of_a_date_are_named() -> None:
    parts = pieces(Writing("es", "", "d 'de' MMMM 'de' y"), date(2016, 8, 21))
    assert [part.kind for part in parts] == ["day", "between", "month name", "between", "year"]
    assert [part.text for part in parts] == ["21", " de ", "agosto", " de ", "2016"]
    assert [part.kind for part in pieces(Writing("es", "", "d/M"), date(2016, 8, 21))] == [
        *("day", "between", "month"),
    ]


@pytest.mark.parametrize(("locale", "close"), [("en_us", "en_US"), ("fr_FR", "fr"), ("xx", "de")])
def test_an_unknown_locale_names_close_ones(locale: str, close: str) -> None:
    with pytest.raises(UserError, match=rf"{locale}.*{close}") as caught:
        writings(("en_US", locale))
    assert not re.search(r"\n", str(caught.value))
