"""The detector after the network: its rules hold for any scores, planted answers come out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.trigger_word_detection.detector import (
    SMOOTHINGS,
    Watched,
    fired,
    fitted,
    inside,
    matched,
    peaks,
    smoothed,
    swept,
    times,
)

seeds = st.integers(0, 2**16)


def scores(seed: int, rows: int = 5, steps: int = 60) -> np.ndarray:
    """Return scores of many shapes: flat, spiky, saturated but below 1."""
    rand = np.random.default_rng(seed)
    found = rand.beta(rand.uniform(0.1, 2), rand.uniform(0.1, 2), (rows, steps))
    return np.clip(found.round(int(rand.integers(1, 6))), 0, 0.999)


@given(seed=seeds, smoothing=st.integers(1, 12), steps=st.integers(1, 30))
def test_smoothing_is_a_convolution_with_zeros_before_the_start(
    seed: int, smoothing: int, steps: int
) -> None:
    rows = scores(seed, steps=steps)
    plain = [np.convolve(row, np.ones(smoothing) / smoothing)[:steps] for row in rows]
    np.testing.assert_allclose(smoothed(rows, smoothing), plain, atol=1e-12)


@given(seed=seeds, threshold=st.floats(0, 1), refractory=st.integers(1, 25))
def test_firing_is_what_a_stream_does(seed: int, threshold: float, refractory: int) -> None:
    rows = scores(seed)
    expected = np.zeros(rows.shape, dtype=bool)
    for row, heard in zip(rows, expected, strict=True):
        wait = 0
        for step, one in enumerate(row):
            heard[step] = one >= threshold and wait == 0
            wait = refractory - 1 if heard[step] else max(wait - 1, 0)
    found = fired(rows, threshold, refractory)
    np.testing.assert_array_equal(found, expected)
    for heard in found:
        assert np.diff(np.flatnonzero(heard)).min(initial=refractory) >= refractory


def test_a_detection_at_either_end_of_the_window_counts() -> None:
    where = inside([[(0.4, 0.8)], [], [(0.0, 0.04), (0.9, 1.0)]], 0.2, 30)
    assert times(30)[where[0]][[0, -1]] == pytest.approx([0.4, 1.0])
    assert not where[1].any()
    assert times(30)[where[2]] == pytest.approx([*np.arange(1, 7) / 25, *np.arange(23, 31) / 25])


def test_detections_are_counted_where_they_count() -> None:
    detected = np.zeros((3, 10), dtype=bool)
    detected[0, [2, 6]] = detected[1, 9] = True
    where = np.zeros((3, 10), dtype=bool)
    where[:, 5:8] = True
    number, first = matched(detected, where)
    assert number.tolist() == [1, 0, 0]
    np.testing.assert_allclose(first, [0.28, np.nan, np.nan])


def test_peaks_are_those_that_count() -> None:
    rows = np.array([[0.9, 0.2, 0.4], [0.9, 0.2, 0.4]])
    where = np.array([[False, True, True], [False, False, False]])
    assert peaks(rows, where).tolist() == [0.4, 0.0]


@given(seed=seeds, allowed=st.integers(0, 6), refractory=st.integers(1, 25))
def test_the_fitted_detector_keeps_to_what_is_allowed(
    seed: int, allowed: int, refractory: int
) -> None:
    rand = np.random.default_rng(seed)
    rows, where = scores(seed), rand.random((5, 60)) < 0.2
    events, stretches = Watched(rows[:3], where[:3]), Watched(rows, ~where)
    found = fitted(events, stretches, allowed, refractory)
    assert found.smoothing in SMOOTHINGS
    assert 0 < found.threshold <= 1
    accepts, misses = (
        matched(fired(smoothed(p, found.smoothing), found.threshold, refractory), counted)[0]
        for p, counted in (stretches, events)
    )
    assert accepts.sum() == found.false_accepts <= allowed
    assert (misses == 0).sum() == found.misses


@given(seed=seeds, allowed=st.integers(0, 6))
def test_no_threshold_misses_fewer(seed: int, allowed: int) -> None:
    """Of single peaks further apart than the refractory time, which decide on everything."""
    rows, where = np.zeros((20, 60)), np.zeros((20, 60), dtype=bool)
    rows[:, [10, 40]] = scores(seed, rows=20, steps=2)
    where[:, :20] = True
    found = fitted(Watched(rows, where), Watched(rows, ~where), allowed, 20)
    for threshold in np.unique(rows):
        detected = fired(rows, threshold, 20)
        if matched(detected, ~where)[0].sum() <= allowed:
            assert (matched(detected, where)[0] == 0).sum() >= found.misses


def planted(words: list[float], others: list[float], length: int) -> tuple[Watched, Watched]:
    """Return a saying and a stretch for each height; peaks of `length` steps."""
    rows = np.zeros((len(words) + len(others), 100))
    for row, height in zip(rows, [*words, *others], strict=True):
        row[50 : 50 + length] = height
    where = np.zeros(rows.shape, dtype=bool)
    where[: len(words), 45:65] = True
    return Watched(rows[: len(words)], where[: len(words)]), Watched(rows, ~where)


def test_the_threshold_is_the_middle_of_what_is_equally_good() -> None:
    events, stretches = planted([0.9, 0.8, 0.7], [0.3, 0.2], length=1)
    found = fitted(events, stretches, 0, 20)
    assert found[:1] + found[2:] == (1, 0, 0)
    assert found.threshold == pytest.approx(0.5, abs=0.01)


def test_false_accepts_are_allowed_where_they_save_a_miss() -> None:
    events, stretches = planted([0.9, 0.4], [0.6, 0.1], length=9)
    assert fitted(events, stretches, 1, 20)[2:] == (0, 1)
    assert fitted(events, stretches, 0, 20)[2:] == (1, 0)


def test_smoothing_is_chosen_where_short_peaks_are_false() -> None:
    events, stretches = planted([0.6, 0.6], [], length=9)
    spike = np.zeros((4, 100))
    spike[:, 20:22] = 0.95
    both = Watched(
        np.concatenate([stretches.probabilities, spike]),
        np.concatenate([stretches.where, np.ones((4, 100), dtype=bool)]),
    )
    found = fitted(events, both, 0, 20)
    assert (found.smoothing, found.misses, found.false_accepts) == (5, 0, 0)


def test_a_detector_that_hits_nothing_stays_silent() -> None:
    events, stretches = planted([0.0, 0.1], [0.9, 0.5], length=9)
    found = fitted(events, stretches, 0, 20)
    assert (found.threshold, found.misses, found.false_accepts) == (1.0, 2, 0)


@pytest.mark.parametrize(("words", "others"), [(0, 3), (3, 0), (0, 0)])
def test_either_kind_may_be_missing(words: int, others: int) -> None:
    events, _ = planted([0.9] * words, [], length=9)
    _, stretches = planted([], [0.2] * others, length=9)
    found = fitted(events, stretches, 0, 20)
    assert (found.misses, found.false_accepts) == (0, 0)
    assert found.threshold < 0.9 or words == 0


def test_the_sweep_stays_small_on_many_rows() -> None:
    rand = np.random.default_rng(0)
    rows, where = rand.random((500, 40)), rand.random((500, 40)) < 0.3
    thresholds, misses, false_accepts = swept(Watched(rows, where), Watched(rows, ~where), 10)
    assert len(thresholds) < 200
    assert (np.diff(thresholds) > 0).all()
    assert thresholds[-1] == 1
    assert misses[0] <= misses[-1] == 500
    assert false_accepts[0] > false_accepts[-1] == 0
