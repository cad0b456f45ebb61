"""Colour transfer and preservation: moments, identities, pictures without colour."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from projects.neural_style_transfer.colour import LUMINANCE, transferred, with_colours_of

PIXELS = arrays(np.float32, (4, 5, 3), elements=st.floats(0, 1, width=32))


def coloured(seed: int, spread: float = 0.08) -> np.ndarray:
    """Correlated colours that do not reach the ends of the range."""
    rand = np.random.default_rng(seed)
    values = rand.normal(size=(30, 40, 3)) @ rand.normal(0, spread / 2, (3, 3))
    return np.clip(values + rand.uniform(0.4, 0.6, 3), 0, 1).astype(np.float32)


def test_the_content_gets_the_style_s_mean_and_covariance() -> None:
    moved, style = transferred(coloured(1), coloured(2)), coloured(2)
    np.testing.assert_allclose(moved.mean((0, 1)), style.mean((0, 1)), atol=2e-3)
    covariances = (np.cov(one.reshape(-1, 3).T) for one in (moved, style))
    np.testing.assert_allclose(*covariances, atol=2e-4)


def test_a_picture_s_own_colours_leave_it_as_it_is() -> None:
    np.testing.assert_allclose(transferred(coloured(1), coloured(1)), coloured(1), atol=1e-5)


def test_a_grey_picture_s_noise_is_not_blown_up() -> None:
    rand = np.random.default_rng(0)
    grey = np.repeat(rand.uniform(0.3, 0.7, (30, 40, 1)), 3, axis=2)
    noisy = (grey + rand.normal(0, 0.001, grey.shape)).astype(np.float32)
    moved = transferred(noisy, coloured(2, 0.3))
    luminance = noisy @ LUMINANCE
    for channel in range(3):  # what is left beside the luminance is noise
        fit = np.polyfit(luminance.ravel(), moved[..., channel].ravel(), 1)
        assert np.std(moved[..., channel] - np.polyval(fit, luminance)) < 0.02


@given(PIXELS, PIXELS)
def test_any_two_pictures_give_a_picture(content: np.ndarray, style: np.ndarray) -> None:
    for found in (transferred(content, style), with_colours_of(content, style)):
        assert found.dtype == np.float32
        assert found.shape == content.shape
        assert np.isfinite(found).all()
        assert found.min() >= 0
        assert found.max() <= 1


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_a_flat_style_gives_its_colour(value: float) -> None:
    flat = np.full((8, 8, 3), value, np.float32)
    assert np.abs(transferred(coloured(1), flat) - value).max() < 0.02
    np.testing.assert_allclose(transferred(flat, flat), flat, atol=1e-6)


@given(PIXELS, PIXELS)
def test_luminance_is_that_of_the_painting_also_where_colours_are_too_strong(
    painted: np.ndarray, content: np.ndarray
) -> None:
    found = with_colours_of(painted, content)
    np.testing.assert_allclose(found @ LUMINANCE, painted @ LUMINANCE, atol=1e-5)


def test_a_picture_keeps_its_own_colours() -> None:
    np.testing.assert_allclose(with_colours_of(coloured(1), coloured(1)), coloured(1), atol=1e-6)
