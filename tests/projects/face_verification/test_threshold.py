"""The threshold: what it lets through at hand, what it guarantees, and where that is refused."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from common.errors import UserError
from projects.face_verification.threshold import (
    MARGIN,
    Compared,
    calibrated,
    estimated,
    pairs_needed,
    upper_bound,
)

LIMITS = st.floats(1e-3, 0.5)
HUNDREDTHS = st.integers(0, 200).map(lambda number: number / 100)


def compared(pairs: list[tuple[float, str, str]]) -> Compared:
    far, first, second = zip(*pairs, strict=True)
    return Compared(np.array(far), np.array(first, object), np.array(second, object))


def everybody(people: int, seed: int, photos: int = 1) -> Compared:
    """All pairs of people whose resemblance is their own: pairs of one person go together."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 0.1, people)
    owner = np.repeat(np.arange(people), photos)
    first, second = owner[np.array(list(itertools.combinations(range(len(owner)), 2))).T]
    far = 1.2 + common[first] + common[second] + rng.normal(0, 0.05, len(first))
    far = np.where(first == second, far - 0.8, far)
    return Compared(far, first.astype(str).astype(object), second.astype(str).astype(object))


@given(
    st.lists(
        st.tuples(HUNDREDTHS, st.sampled_from("abcdef"), st.sampled_from("uvwxyz")),
        min_size=1,
        max_size=60,
    ),
    LIMITS,
)
def test_the_estimate_is_the_largest_threshold_within_the_limit(
    pairs: list[tuple[float, str, str]], limit: float
) -> None:
    impostors = compared(pairs).impostors()
    found = estimated(compared(pairs), limit)
    assert impostors.matched(found) <= limit + 1e-9
    assert np.abs(compared(pairs).distances - found).min() > 0.9 * MARGIN
    higher = impostors.distances[impostors.distances > found]
    assert impostors.matched(higher.min()) > limit
    assert impostors.shares.sum() == pytest.approx(1)
    assert impostors.independent <= min(impostors.people // 2, len(pairs))


@given(st.permutations(range(21)), LIMITS)
def test_the_order_of_pairs_and_of_their_sides_does_not_count(
    order: list[int], limit: float
) -> None:
    one = everybody(7, seed=0)
    other = Compared(one.distances[order], one.second[order], one.first[order])
    assert estimated(one, limit) == estimated(other, limit)
    assert one.impostors().independent == other.impostors().independent == 3


@given(st.integers(1, 10_000))
def test_without_a_false_match_the_bound_is_clopper_and_pearsons(n: int) -> None:
    assert upper_bound(0, n) == pytest.approx(1 - 0.05 ** (1 / n))
    assert upper_bound(0, n) == pytest.approx(beta.ppf(0.95, 1, n))
    assert upper_bound(0, pairs_needed(upper_bound(0, n) + 1e-9)) <= upper_bound(0, n) + 1e-9


@given(st.integers(1, 3000), st.floats(0, 1))
def test_with_false_matches_the_bound_is_no_tighter(n: int, share: float) -> None:
    matches = min(int(share * n), n - 1)
    bound = upper_bound(matches / n, n)
    assert beta.ppf(0.95, matches + 1, n - matches) <= bound + 1e-9
    assert matches / n < bound <= 1
    assert upper_bound(matches / n, 2 * n) < bound


def test_how_many_pairs_a_limit_needs() -> None:
    assert [pairs_needed(limit) for limit in (0.1, 0.01, 0.001)] == [29, 299, 2995]


def test_too_few_pairs_are_refused_with_how_many_there_are_and_are_needed() -> None:
    with pytest.raises(
        UserError, match=r"0\.01 needs photos of 598 people and here are 30"
    ) as told:
        calibrated(everybody(30, seed=0), 0.01)
    assert "15 independent impostor pairs of the 299 needed" in str(told.value)
    with pytest.raises(UserError, match=r"here are 4, who make 2 .* needed: add people$"):
        calibrated(everybody(4, seed=0), 0.01)
    lowest = re.search(r"at least ([\d.]+)$", str(told.value))
    assert lowest
    assert calibrated(everybody(30, seed=0), float(lowest[1])).false_match == 0


@pytest.mark.parametrize("people", [58, 59, 60, 90])
def test_a_calibrated_threshold_keeps_its_bound_below_the_limit(people: int) -> None:
    given_pairs = everybody(people, seed=people, photos=2)
    found = calibrated(given_pairs, 0.1)
    assert found.independent == people // 2
    assert found.people == people
    assert found.false_match <= found.false_match_bound <= 0.1 + 1e-9
    assert found.threshold <= estimated(given_pairs, 0.1)
    assert found.false_non_match.n == people
    assert found.false_non_match.low <= found.false_non_match.value <= found.false_non_match.high


def test_the_limit_holds_for_people_who_resemble_many() -> None:
    """In at most 5 % of galleries may the true rate be above the limit."""
    true = everybody(600, seed=12345).impostors()
    rates = [
        true.matched(calibrated(everybody(80, seed), limit=0.1).threshold) for seed in range(100)
    ]
    assert np.mean(np.array(rates) > 0.1) <= 0.05
    assert np.mean(rates) > 0.005  # It is no threshold that lets nobody in.


def test_pairs_without_a_common_person_are_all_independent() -> None:
    pairs = [(1 + i / 100, f"left {i}", f"right {i}") for i in range(40)]
    assert compared(pairs).impostors().independent == 40


def test_a_person_in_every_pair_makes_them_one() -> None:
    pairs = [(1 + i / 100, "everywhere", f"person {i}") for i in range(40)]
    assert compared(pairs).impostors().independent <= 1


def test_a_person_of_many_photos_counts_as_much_as_others() -> None:
    pairs = [(0.5, "a", "b")] * 98 + [(1.0, "a", "c"), (1.5, "b", "c")]
    assert compared(pairs).impostors().matched(0.7) == pytest.approx(1 / 3)


@pytest.mark.parametrize("near", [0.0, 1e-9, 5e-6])
def test_a_threshold_stays_clear_of_pairs_so_that_an_export_answers_them_alike(
    near: float,
) -> None:
    """The pair of different people that may not match has one of the same person beside it."""
    pairs = [(1.0, "a", "b"), (1.0 - near, "a", "a"), (1.5, "a", "c")]
    found = estimated(compared(pairs), 0.1)
    assert found == pytest.approx(1.0 - near - MARGIN, abs=1e-12)


def test_without_genuine_pairs_the_misses_are_unknown() -> None:
    assert calibrated(everybody(60, seed=1), 0.1).false_non_match.method == "undefined"


def test_one_person_makes_no_impostor_pair() -> None:
    with pytest.raises(UserError, match="no impostor pair"):
        calibrated(compared([(0.3, "a", "a")]), 0.01)


@pytest.mark.parametrize("limit", [0.0, 1.0, -0.1, 5.0, float("nan")])
def test_a_limit_that_is_no_rate_is_refused(limit: float) -> None:
    with pytest.raises(UserError, match="give a rate between 0 and 1"):
        estimated(everybody(5, seed=0), limit)
