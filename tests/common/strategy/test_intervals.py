import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.strategy.clusters import Clusters
from common.strategy.intervals import (
    average,
    complement,
    difference,
    exactly,
    mean,
    overdispersed_rate,
    quantile,
    rate,
    wilson,
)
from common.strategy.results import Estimate


def grouped(groups: int, size: int) -> Clusters:
    return Clusters(np.repeat(np.arange(groups), size), np.full(groups * size, -1), groups)


def clustered_errors(rng, share: float, correlation: float, groups: int, size: int) -> np.ndarray:
    if correlation == 0:
        rates = np.full(groups, share)
    else:
        both = (1 - correlation) / correlation
        rates = rng.beta(share * both, (1 - share) * both, groups)
    return (rng.random(groups * size) < np.repeat(rates, size)).astype(float)


def coverage(draw: Callable[[], Estimate], truth: float, repeats: int) -> float:
    found = [draw() for _ in range(repeats)]
    return float(np.mean([one.low <= truth <= one.high for one in found]))


def test_wilson_is_the_textbook_interval():
    found = wilson(10, 100)
    assert (found.low, found.high) == pytest.approx((0.0552, 0.1744), abs=1e-4)


def test_the_course_test_set_of_fifty():
    found = complement(wilson(10, 50))
    assert (found.low, found.high) == pytest.approx((0.67, 0.89), abs=0.005)


def test_a_share_of_nothing_has_no_value_but_limits():
    assert math.isnan(wilson(0, 0).value)
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)


@given(st.integers(1, 500), st.data())
def test_wilson_holds_its_value_and_stays_inside(n, data):
    errors = data.draw(st.integers(0, n))
    found = wilson(errors, n)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


@given(st.lists(st.booleans(), min_size=2, max_size=60))
def test_units_that_stand_alone_have_wilsons_interval(errors):
    found = mean(errors)
    assert (found.low, found.high) == (wilson(sum(errors), len(errors)).low, found.high)
    assert found.method == "Wilson"


@given(st.integers(2, 10), st.integers(0, 2**32 - 1))
def test_copies_of_units_add_nothing(copies, seed):
    errors = (np.random.default_rng(seed).random(50) < 0.3).astype(float)
    once = mean(errors, np.full(50, 2.0))
    many = mean(np.repeat(errors, copies), None, grouped(50, copies))
    assert (many.low, many.high) == pytest.approx((once.low, once.high), abs=1e-9)


def test_no_errors_in_ten_groups_count_as_ten_units():
    found = mean(np.zeros(1000), None, grouped(10, 100))
    assert found.low == 0
    assert found.high > wilson(0, 10).high


def test_one_group_says_next_to_nothing():
    found = mean(np.array([0.0, 1.0, 0.0, 0.0]), None, grouped(1, 4))
    assert found.low < 0.01
    assert found.high > 0.98


def test_a_heavy_weight_widens_and_moves():
    errors = np.array([1.0] + [0.0] * 99)
    assert mean(errors, np.array([10.0] + [1.0] * 99)).value == pytest.approx(10 / 109)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_graded_errors_stay_inside(errors):
    found = mean(errors)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


def test_difference_is_newcombes():
    # Newcombe 1998, table II: 56/70 - 48/80 by method 10.
    found = difference(wilson(56, 70), wilson(48, 80))
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_difference_from_a_given_number_keeps_the_width():
    found = difference(wilson(10, 100), exactly(0.02))
    assert found.high - found.low == pytest.approx(wilson(10, 100).high - wilson(10, 100).low)


def test_average_of_equal_parts_is_narrower_than_each():
    part = wilson(20, 100)
    found = average([part] * 4)
    assert found.value == pytest.approx(0.2)
    assert found.high - found.low == pytest.approx((part.high - part.low) / 2)
    assert found.effective == pytest.approx(400)


def test_garwood():
    found = rate(0, 24.0)
    assert (found.low, found.high) == (0.0, pytest.approx(3.689 / 24, abs=1e-4))
    assert rate(10, 1.0).low == pytest.approx(4.795, abs=1e-3)


def test_p95_has_an_upper_end_from_72_values_on():
    assert quantile(range(71), 0.95).high == math.inf
    assert quantile(range(72), 0.95).high == 71


@pytest.mark.parametrize(("n", "share"), [(200, 0.1), (1000, 0.02), (100, 0.5)])
def test_wilson_covers(n, share):
    rng = np.random.default_rng(1)
    covered = coverage(lambda: wilson(int(rng.binomial(n, share)), n), share, 2000)
    assert 0.93 <= covered <= 0.97


@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.3])
def test_groups_are_covered_where_counting_units_would_not_be(correlation):
    rng = np.random.default_rng(2)
    groups = grouped(60, 10)
    covered = coverage(
        lambda: mean(clustered_errors(rng, 0.2, correlation, 60, 10), None, groups), 0.2, 800
    )
    assert 0.925 <= covered <= 0.975


def test_pairs_are_covered():
    rng = np.random.default_rng(3)
    people, pairs = 100, 1000
    truth = (1 - 0.7**2) * 0.35 + 0.7**2 * 0.05

    def draw() -> Estimate:
        hard = rng.random(people) < 0.3
        first = rng.integers(0, people, pairs)
        second = (first + rng.integers(1, people, pairs)) % people
        share = np.where(hard[first] | hard[second], 0.35, 0.05)
        errors = (rng.random(pairs) < share).astype(float)
        return mean(errors, None, Clusters(first, second, people))

    assert 0.92 <= coverage(draw, truth, 500) <= 0.985


def test_the_quantile_covers():
    rng = np.random.default_rng(4)
    truth = -math.log(0.05)
    covered = coverage(lambda: quantile(rng.exponential(size=150), 0.95), truth, 1500)
    assert covered >= 0.94


def test_the_rate_covers():
    rng = np.random.default_rng(5)
    assert coverage(lambda: rate(int(rng.poisson(6)), 3.0), 2.0, 2000) >= 0.95


def test_the_difference_covers():
    rng = np.random.default_rng(6)

    def draw() -> Estimate:
        later, earlier = rng.binomial(300, 0.12), rng.binomial(200, 0.08)
        return difference(wilson(int(later), 300), wilson(int(earlier), 200))

    assert 0.935 <= coverage(draw, 0.04, 2000) <= 0.97


@pytest.mark.slow
def test_coverage_of_shares_over_the_stated_range():
    rng = np.random.default_rng(7)
    points = [(n, p) for n in (50, 100, 300, 1000, 5000) for p in (0.02, 0.05, 0.1, 0.3)]
    found = [
        coverage(lambda n=n, p=p: wilson(int(rng.binomial(n, p)), n), p, 5000)
        for n, p in points
        if n * p >= 10
    ]
    assert np.mean(found) >= 0.94
    assert 0.93 <= min(found) <= max(found) <= 0.97


@pytest.mark.slow
def test_coverage_of_grouped_shares_over_the_stated_range():
    rng = np.random.default_rng(8)
    found = []
    for count, size in ((20, 20), (60, 10), (60, 50), (200, 5)):
        for share in (0.05, 0.1, 0.3):
            for correlation in (0.0, 0.1, 0.3):
                effective = count * size / (1 + (size - 1) * correlation)
                if effective * share < 10:
                    continue
                groups = grouped(count, size)

                def draw(s=share, c=correlation, k=count, m=size, groups=groups) -> Estimate:
                    return mean(clustered_errors(rng, s, c, k, m), None, groups)

                found.append(coverage(draw, share, 3000))
    assert np.mean(found) >= 0.94
    assert 0.925 <= min(found) <= max(found) <= 0.975


@pytest.mark.slow
def test_coverage_of_graded_and_weighted_errors():
    rng = np.random.default_rng(9)
    graded = coverage(lambda: mean(rng.beta(0.5, 4.5, 200)), 0.1, 4000)

    def weighted() -> Estimate:
        return mean(rng.random(600) < 0.2, np.where(rng.random(600) < 0.1, 10.0, 1.0))

    assert 0.93 <= graded <= 0.97
    assert 0.93 <= coverage(weighted, 0.2, 4000) <= 0.97


def test_a_rate_of_groups_that_differ_is_widened():
    apart = Clusters(np.arange(4), np.full(4, -1), 4)
    alike = overdispersed_rate(np.array([5.0, 4, 6, 5]), np.ones(4), apart)
    unlike = overdispersed_rate(np.array([20.0, 0, 0, 0]), np.ones(4), apart)
    assert alike.value == unlike.value == 5
    assert (alike.low, alike.high) == (rate(20, 4).low, rate(20, 4).high)
    assert unlike.low < alike.low < alike.high < unlike.high
    assert overdispersed_rate(np.zeros(4), np.ones(4), apart).high == rate(0, 4).high


@pytest.mark.slow
def test_the_rate_of_groups_that_differ_covers():
    rng = np.random.default_rng(0)
    groups = Clusters(np.repeat(np.arange(40), 4), np.full(160, -1), 40)

    def draw():
        lam = rng.gamma(1 / 0.5, 1.5, 40)
        counts = rng.poisson(np.repeat(lam, 4) / 4).astype(float)
        return overdispersed_rate(counts, np.full(160, 0.25), groups)

    assert coverage(draw, 3.0, 2000) >= 0.93


@pytest.mark.parametrize(("contents", "styles"), [(2, 3), (2, 8), (6, 6), (12, 4)])
@pytest.mark.parametrize("spread", [(0.0, 0.25), (0.1, 0.1)])
def test_two_kinds_of_clusters_are_covered_however_few(contents, styles, spread):
    """Pictures of contents in styles: both vary, and a mean of few of them tells little."""
    rng, hits, times = np.random.default_rng(0), 0, 150
    first = np.repeat(np.arange(contents), styles)
    second = contents + np.tile(np.arange(styles), contents)
    for _ in range(times):
        effects = np.r_[rng.normal(0, spread[0], contents), rng.normal(0, spread[1], styles)]
        noise = rng.normal(0, 0.05, len(first))
        values = np.clip(0.5 + effects[first] + effects[second] + noise, 0, 1)
        found = mean(values, None, Clusters(first, second, contents + styles))
        hits += found.low <= 0.5 <= found.high
    assert hits / times > 0.85


def test_a_kind_of_one_level_leaves_all_open():
    groups = Clusters(np.zeros(5, int), np.arange(1, 6), 6)
    found = mean(np.array([0.4, 0.5, 0.45, 0.55, 0.5]), None, groups)
    assert found.value == pytest.approx(0.48)
    assert found.high - found.low > 0.95


def test_pairs_of_one_kind_are_not_crossed():
    """Faces: a person may be first in one pair and second in another."""
    assert not Clusters(np.array([0, 1]), np.array([1, 2]), 3).crossed
    assert not Clusters(np.array([0, 1]), np.array([2, -1]), 3).crossed
    assert Clusters(np.array([0, 1]), np.array([2, 2]), 3).crossed
