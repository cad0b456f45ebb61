"""The days that are drawn: different ones, each with its chance."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import UserError
from projects.machine_translation.days import FIRST, LAST, NUMBER, chances, drawn


@given(st.integers(1, NUMBER))
@settings(max_examples=10, deadline=None)
def test_chances_add_up_to_the_number_of_days(number: int) -> None:
    chance = chances(number)
    assert len(chance) == NUMBER == (LAST - FIRST).days + 1
    assert chance.sum() == pytest.approx(number)
    assert (chance > 0).all()
    assert chance.max() <= 1


@given(st.integers(1, NUMBER), st.integers(-(2**31), 2**31))
@settings(max_examples=5, deadline=None)
def test_days_differ_and_are_in_order(number: int, seed: int) -> None:
    days = drawn(number, seed)
    assert len(days) == number
    assert days == sorted(set(days))
    assert days[0] >= FIRST
    assert days[-1] <= LAST


def test_days_are_drawn_as_often_as_their_chance_says() -> None:
    times = np.zeros(NUMBER)
    for seed in range(20):
        times[[(day - FIRST).days for day in drawn(3000, seed)]] += 1
    years = np.array([(FIRST + timedelta(days)).year for days in range(NUMBER)])
    expected = 20 * chances(3000)
    for first, last in ((1900, 1949), (1950, 1979), (1980, 2009), (2010, 2039), (2040, 2099)):
        there = (years >= first) & (years <= last)
        # Poisson's spread is wider than that of a draw without repetition.
        spread = np.sqrt(expected[there].sum())
        assert abs(times[there].sum() - expected[there].sum()) < 4 * spread


def test_most_days_are_of_recent_decades() -> None:
    years = [day.year for day in drawn(2000, 0)]
    assert np.mean([1960 <= year <= 2040 for year in years]) > 0.85
    assert min(years) < 1950
    assert max(years) > 2035


def test_more_days_than_there_are_is_one_line() -> None:
    with pytest.raises(UserError, match=f"{NUMBER + 1}.*{NUMBER}"):
        drawn(NUMBER + 1, 0)
