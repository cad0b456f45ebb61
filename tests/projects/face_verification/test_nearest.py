"""Exact search: what the product finds is what comparing one by one finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import UserError
from projects.face_verification.nearest import Embeddings, distances, mean_face, nearest


def faces(count: int, seed: int, width: int = 16) -> Embeddings:
    drawn = np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@given(st.integers(1, 40), st.integers(1, 5), st.integers(1, 50), st.integers(0, 99))
def test_the_search_finds_the_nearest_in_order(n: int, q: int, k: int, seed: int) -> None:
    templates, asked = faces(n, seed), faces(q, seed + 100)
    rows, found = nearest(templates, asked, k)
    assert rows.shape == found.shape == (q, min(k, n))
    for one, chosen, apart in zip(asked, rows, found, strict=True):
        every = distances(templates, one)
        np.testing.assert_allclose(apart, np.sort(every)[:k], atol=1e-5)
        np.testing.assert_array_equal(apart, every[chosen])


def test_a_photo_is_at_distance_zero_of_itself_and_its_opposite_at_two() -> None:
    one = faces(1, 0)
    rows, found = nearest(np.concatenate([-one, one]), one, 2)
    assert rows.tolist() == [[1, 0]]
    assert found[0, 0] == 0
    assert found[0, 1] == pytest.approx(2)


def test_a_template_is_a_unit_vector_between_its_photos() -> None:
    photos = np.eye(2, dtype=np.float32)
    np.testing.assert_allclose(mean_face(photos), [0.5**0.5, 0.5**0.5], rtol=1e-6)


def test_photos_without_a_mean_are_refused() -> None:
    one = faces(1, 1)
    with pytest.raises(UserError, match="the 2 photos are so unlike"):
        mean_face(np.concatenate([one, -one]))


def test_the_zero_nearest_are_no_question() -> None:
    with pytest.raises(ValueError, match="the 0 nearest"):
        nearest(faces(2, 0), faces(1, 1), 0)
