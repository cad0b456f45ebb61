"""Augmentation: a function of seed and position, bounded, and without traces at the edges."""

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from common.data.augment import LIGHT, augmented

SIDE = 12
SEEDS = st.integers(0, 2**31)
POSITIONS = st.lists(st.integers(0, 2**40), min_size=1, max_size=6)


def noise(number: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (number, SIDE, SIDE, 3), dtype=np.uint8)


def varied(pictures: np.ndarray, positions: list[int], seed: int) -> np.ndarray:
    return augmented(tf.constant(pictures), tf.constant(positions, tf.int64), seed).numpy()


@settings(max_examples=20)
@given(seed=SEEDS, positions=POSITIONS)
def test_values_stay_pixels_and_batches_do_not_matter(seed: int, positions: list[int]) -> None:
    pictures = noise(len(positions))
    whole = varied(pictures, positions, seed)
    assert whole.shape == pictures.shape
    assert whole.dtype == np.float32
    assert 0 <= whole.min() <= whole.max() <= 255
    for i, position in enumerate(positions):
        np.testing.assert_array_equal(whole[i], varied(pictures[i : i + 1], [position], seed)[0])


def test_position_and_seed_both_count() -> None:
    picture = np.repeat(noise(1), 3, axis=0)
    one = varied(picture, [0, 1, 2], 0)
    assert not (one[0] == one[1]).all()
    assert not (one == varied(picture, [0, 1, 2], 1)).all()
    np.testing.assert_array_equal(one[2], varied(picture[:1], [2], 0)[0])


@settings(max_examples=20)
@given(seed=SEEDS, positions=POSITIONS, grey=st.integers(60, 190))
def test_a_plain_picture_stays_plain(seed: int, positions: list[int], grey: int) -> None:
    """What a shift brings in from outside has the picture's own colour, so no border shows."""
    plain = np.full((len(positions), SIDE, SIDE, 3), grey, np.uint8)
    found = varied(plain, positions, seed)
    assert np.ptp(found.reshape(len(positions), -1), axis=1).max() < 0.01
    assert np.abs(found - grey).max() <= 255 * LIGHT / 2 + 0.01


def test_half_are_mirrored_and_none_loses_its_subject() -> None:
    """A bright square left of the middle comes out left or right, never up or down, nor lost."""
    picture = np.full((1, 32, 32, 3), 40, np.uint8)
    picture[:, 12:20, 6:12] = 200
    found = varied(np.repeat(picture, 400, axis=0), list(range(400)), 5)[..., 0]
    bright = found > found.mean(axis=(1, 2), keepdims=True) + 40
    y, x = (
        (bright * np.arange(32).reshape(shape)).sum(axis=(1, 2)) / bright.sum(axis=(1, 2))
        for shape in ((1, 32, 1), (1, 1, 32))
    )
    left = (x < 15.5).mean()
    assert 0.4 < left < 0.6
    assert np.abs(y - 15.5).max() < 5
    assert np.abs(np.abs(x - 15.5) - 7).max() < 5
