import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.data.order import epochs, stream


def taken(dataset, number: int) -> np.ndarray:
    """(number, 2): index and position of the first examples."""
    return np.array(list(dataset.take(number).as_numpy_iterator()))


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 50), st.integers(0, 9), st.integers(0, 4))
def test_every_epoch_is_a_permutation_and_starting_late_equals_skipping(number, seed, start):
    straight = taken(epochs(number, seed, 0), 6 * number)
    for rows in np.split(straight[:, 0], 6):
        assert sorted(rows) == list(range(number))
    assert list(straight[:, 1]) == list(range(6 * number))
    assert np.array_equal(
        taken(epochs(number, seed, start), number), straight[start * number :][:number]
    )


def test_epochs_and_seeds_differ():
    first, second = np.split(taken(epochs(100, 0, 0), 200)[:, 0], 2)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, taken(epochs(100, 1, 0), 100)[:, 0])
    assert not np.array_equal(first, np.arange(100))


def test_every_place_is_equally_likely():
    number, rounds = 10, 400
    rows = taken(stream(number, number, 3, 0), rounds)[:, 0]
    counts = np.stack([np.bincount(rows[:, place], minlength=number) for place in range(number)])
    chi_squared = ((counts - rounds / number) ** 2 / (rounds / number)).sum()
    assert chi_squared < 140  # 81 degrees of freedom: above 140 once in 50,000


@pytest.mark.parametrize(("number", "batch", "sizes"), [(10, 4, [4, 4, 2]), (3, 8, [3])])
def test_batches_end_with_their_epoch(number, batch, sizes):
    straight = list(stream(number, batch, 5, 0).take(3 * len(sizes)).as_numpy_iterator())
    assert [len(index) for index, _ in straight] == sizes * 3
    assert {part.dtype for pair in straight for part in pair} == {np.dtype(np.int64)}
    late = next(stream(number, batch, 5, 2).as_numpy_iterator())
    assert np.array_equal(late, straight[2 * len(sizes)])


def test_nothing_to_order():
    with pytest.raises(ValueError, match="number is 0"):
        stream(0, 4, 0, 0)
