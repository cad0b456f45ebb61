"""Which month a spoilt name still tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.machine_translation.date_formats import LOCALES, month_name
from projects.machine_translation.month_names import MonthNames, folded

NAMES = MonthNames(LOCALES)


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("Septmber", 9),
        ("ocotber", 10),
        ("0CT0BER", 10),
        ("Fevrier", 2),
        ("decernber", 12),
        ("Apri1", 4),
        ("anuary", 1),
    ],
)
def test_a_slip_or_a_misreading_leaves_the_month(name: str, month: int) -> None:
    assert NAMES.tell(name, month)
    assert not any(NAMES.tell(name, other) for other in range(1, 13) if other != month)


@pytest.mark.parametrize("name", ["ju", "jui", "jul", "jun", "ma", "xyz", ""])
def test_what_is_near_to_two_months_or_none_tells_nothing(name: str) -> None:
    assert not any(NAMES.tell(name, month) for month in range(1, 13))


@pytest.mark.parametrize(("start", "tells"), [("sep", True), ("Febr", True), ("Jui", False)])
def test_a_beginning_tells_if_no_other_month_has_it(start: str, tells: bool) -> None:
    assert any(NAMES.begin(start, month) for month in range(1, 13)) == tells


@given(st.sampled_from(LOCALES[:20]), st.integers(1, 12), st.integers(0, 30))
def test_a_long_name_without_a_letter_is_never_another_month(
    locale: str, month: int, place: int
) -> None:
    name = month_name(locale, month)
    spoilt = name[: place % len(name)] + name[place % len(name) + 1 :]
    assert not any(NAMES.tell(spoilt, other) for other in range(1, 13) if other != month)


def test_names_are_folded() -> None:
    assert folded("Août") == folded("AOUT") == folded("a0ut")
    assert folded("März") == folded("MARZ")
    assert folded("मई") != folded("मे")
