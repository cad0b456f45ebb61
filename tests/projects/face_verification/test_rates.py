"""Error rates of pairs against planted truth, and where they are unknown."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from common.errors import UserError
from common.strategy.predictions import checked
from projects.face_verification.rates import auc, curve, equal_error_rate, false_non_match_rate

SEPARATION = 3.5
"""Between the two normal distributions of similarity, in their standard deviation."""


def planted(
    seed: int, *, people: int = 100, different: int = 3_000, effect: float = 0.3
) -> pd.DataFrame:
    """Pairs whose similarity has a part of each person's own, the same variance for all."""
    rng = np.random.default_rng(seed)
    one = np.repeat(np.arange(people), 6)
    first = rng.integers(0, people, different)
    second = (first + rng.integers(1, people, different)) % people
    goat, lamb = effect * rng.normal(size=(2, people))
    alike = goat[one] + math.sqrt(1 - effect**2) * rng.normal(size=len(one))
    unlike = math.sqrt(1 - 2 * effect**2) * rng.normal(size=different)
    unlike += lamb[first] + lamb[second]
    return pd.DataFrame(
        {
            "truth": ["same"] * len(one) + ["different"] * different,
            "distance": -np.concatenate([SEPARATION + alike, unlike]),
            "group": [f"p{who}" for who in np.concatenate([one, first])],
            "group_2": [""] * len(one) + [f"p{who}" for who in second],
            "weight": 1.0,
        }
    )


def of(same: list[float], different: list[float]) -> pd.DataFrame:
    """Pairs of people who occur once each, with these similarities."""
    number = len(same) + len(different)
    return pd.DataFrame(
        {
            "truth": ["same"] * len(same) + ["different"] * len(different),
            "score": [*same, *different],
            "group": [f"a{at}" for at in range(number)],
            "group_2": [""] * len(same) + [f"b{at}" for at in range(len(different))],
            "weight": 1.0,
        }
    )


def test_the_threshold_is_the_lowest_that_keeps_to_the_limit() -> None:
    rows = of([0.5, 97.5, 98.5, 120.0], [float(at) for at in range(100)] * 5)
    # 2 % of the different pairs are at 98 or above, and the lowest such threshold is 97.5.
    assert false_non_match_rate(0.02).measure(rows).value == 0.25
    assert false_non_match_rate(0.0199).measure(rows).value == 0.5


def test_a_limit_that_the_pairs_cannot_support_is_unknown() -> None:
    rows = planted(0)
    assert not math.isnan(false_non_match_rate(1e-2).measure(rows).value)
    found = false_non_match_rate(1e-3).measure(rows)
    assert math.isnan(found.value)
    assert (found.low, found.high) == (0, 1)
    assert found.method.startswith("unknown: the impostors count for")
    assert found.method.endswith("independent ones, 3000 are needed")


def test_pairs_of_few_people_count_for_fewer() -> None:
    rows = planted(0, people=12, effect=0.6)
    assert math.isnan(false_non_match_rate(1e-2).measure(rows).value)


def test_no_miss_is_not_called_certain() -> None:
    rows = of([9.0] * 40, [float(at) / 1000 for at in range(1000)])
    for metric in (false_non_match_rate(1e-2), equal_error_rate):
        found = metric.measure(rows)
        assert found.value == found.low == 0
        assert 0.03 < found.high < 0.15


def test_one_side_alone_has_no_rate() -> None:
    for rows in (of([1.0, 2.0], []), of([], [1.0, 2.0])):
        for metric in (false_non_match_rate(1e-2), equal_error_rate, auc):
            assert math.isnan(metric.measure(rows).value)
        assert curve(rows).empty


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
    st.lists(st.integers(0, 9), min_size=1, max_size=12),
)
def test_rates_agree_with_counting(same: list[int], different: list[int]) -> None:
    rows = of([float(one) for one in same], [float(one) for one in different])
    beats = np.subtract.outer(same, different)
    assert auc.measure(rows).value == pytest.approx(((beats > 0) + (beats == 0) / 2).mean())
    points = curve(rows)
    for point in points.itertuples():
        assert point.fmr == pytest.approx(np.mean(np.array(different) >= point.threshold))
        assert point.fnmr == pytest.approx(np.mean(np.array(same) < point.threshold))
    assert points[["fmr", "fnmr"]].iloc[[0, -1]].to_numpy().tolist() == [[0, 1], [1, 0]]
    assert 0 <= equal_error_rate.measure(rows).value <= 1


def test_distance_and_similarity_say_the_same() -> None:
    rows = planted(1)
    turned = rows.assign(score=-rows["distance"]).drop(columns="distance")
    for metric in (false_non_match_rate(1e-2), equal_error_rate, auc):
        assert metric.measure(rows) == metric.measure(turned)


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    rows = planted(2)
    points, whole = curve(rows, most=100), curve(rows, most=10_000)
    assert len(points) <= 100 < len(whole)
    assert points["fmr"].is_monotonic_increasing
    assert points["fnmr"].is_monotonic_decreasing
    assert (points["fmr"].iloc[-1], points["fnmr"].iloc[0]) == (1, 1)
    assert set(points["threshold"]) <= set(whole["threshold"])


@pytest.mark.parametrize("effect", [0.0, 0.3])
def test_the_intervals_cover_the_planted_truth(effect: float) -> None:
    at_limit = norm.ppf(0.99) - SEPARATION
    truths = {
        false_non_match_rate(1e-2): norm.cdf(at_limit),
        equal_error_rate: norm.cdf(-SEPARATION / 2),
        auc: norm.cdf(SEPARATION / math.sqrt(2)),
    }
    worlds = [planted(seed, effect=effect) for seed in range(75)]
    for metric, truth in truths.items():
        found = [metric.measure(rows) for rows in worlds]
        covered = np.mean([one.low <= truth <= one.high for one in found])
        # Of 75 at 95 %, fewer than 66 are covered once in 400 times.
        assert covered >= 0.88, metric.name
        assert np.mean([one.value for one in found]) == pytest.approx(truth, rel=0.05)


def test_what_is_no_table_of_pairs_is_refused() -> None:
    rows = of([1.0], [0.0])
    with pytest.raises(UserError, match="the truth of a pair is 'cat'"):
        auc.measure(rows.assign(truth=["same", "cat"]))
    with pytest.raises(UserError, match="the truth of a pair is no such column"):
        equal_error_rate.measure(rows.drop(columns="truth"))
    with pytest.raises(UserError, match="some pair has no distance"):
        auc.measure(rows.assign(distance=[1.0, math.nan]))


def test_a_metric_says_what_it_reads() -> None:
    metric = false_non_match_rate(1e-3)
    assert (metric.name, metric.unit, metric.higher_is_better) == (
        "fnmr_at_fmr_0.001",
        "genuine+impostor",
        False,
    )
    assert replace(auc, name="a").higher_is_better


def test_few_people_never_support_a_low_rate() -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        pairs = [(f"p{i}", f"p{j}") for i in range(15) for j in range(i) for _ in range(4)]
        pairs += [(f"p{i}", "") for i in range(15) for _ in range(5)]
        rows = checked(
            pd.DataFrame(pairs, columns=["group", "group_2"]).assign(
                example_id=[f"e{i}" for i in range(len(pairs))],
                split="dev",
                error=0.0,
                distance=rng.random(len(pairs)),
            )
        )
        rows["truth"] = np.where(rows["group_2"] == "", "same", "different")
        found = false_non_match_rate(0.01).measure(rows)
        assert math.isnan(found.value)
        assert "independent ones, 300 are needed" in found.method
