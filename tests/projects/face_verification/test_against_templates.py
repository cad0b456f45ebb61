"""A gallery's photos compared as they are verified, however many there are."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from common.errors import UserError
from projects.face_verification import against_templates as module
from projects.face_verification.against_templates import against_templates
from projects.face_verification.threshold import Compared, calibrated


def photos_of(names: list[str], seed: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).standard_normal((len(names), 8))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def verified(names: list[str], photos: NDArray[np.float32]) -> Compared:
    """Each photo against everybody's template, as two loops over the photos of all."""
    found = []
    for i, name in enumerate(names):
        for other in sorted(set(names)):
            template = [p for j, p in enumerate(photos) if names[j] == other and j != i]
            if template:
                mean = np.mean(template, axis=0)
                far = float(np.linalg.norm(photos[i] - mean / np.linalg.norm(mean)))
                found.append((far, name, other))
    far, first, second = zip(*found, strict=True)
    return Compared(np.array(far), np.array(first, object), np.array(second, object))


@given(
    st.lists(st.sampled_from("abcd"), min_size=2, max_size=9).filter(lambda one: len(set(one)) > 1),
    st.integers(0, 99),
    st.floats(0.01, 0.9),
    st.sampled_from([1, 8, 1000]),
)
def test_photos_are_compared_as_they_are_verified(
    names: list[str], seed: int, limit: float, cells: int
) -> None:
    photos = photos_of(names, seed)
    expected = verified(names, photos)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "CELLS", cells)
        found = against_templates(names, photos, limit)
    near, every = found.impostors(), expected.impostors()
    np.testing.assert_allclose(near.distances, every.distances[: len(near.distances)], atol=1e-6)
    np.testing.assert_allclose(near.shares, every.shares[: len(near.shares)])
    assert near.threshold(limit) == pytest.approx(every.threshold(limit), abs=1e-6)
    assert (near.people, near.independent) == (every.people, every.independent)
    same = expected.first == expected.second
    own = np.sort(found.own.distances)
    np.testing.assert_allclose(own, np.sort(expected.distances[same]), atol=1e-6)
    if same.any():
        middle = float(np.median(own)) + 1e-5
        assert found.missed(middle).value == expected.missed(middle).value


def test_of_too_many_photos_everybodys_first_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST", 4)
    found = against_templates(["a", "a", "a", "b", "c", "c"], np.eye(6, dtype=np.float32), 0.9999)
    assert len(found.impostors().distances) == 4 * 2
    assert len(found.own.distances) == 3, "b has no other photo"
    assert found.own.distances.max() == pytest.approx(np.sqrt(2))


def test_who_is_not_compared_is_met_by_those_who_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    found = against_templates(list("abcde"), photos_of(list("abcde"), 0), 0.9999).impostors()
    assert len(found.distances) == 3 * 4
    assert found.shares.sum() == pytest.approx(1)
    assert found.independent == 9 // 5


def test_a_large_gallery_needs_little_memory() -> None:
    names = [f"p{at // 2}" for at in range(4_000)]
    photos = photos_of(names, 0)
    tracemalloc.start()
    found = calibrated(against_templates(names, photos, 0.01), 0.01)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.people == 2_000
    assert most < 150e6  # All distances alone would be 64 MB, with what is known of them 400.


def test_a_gallery_of_nobody_or_one_has_no_impostors() -> None:
    for names in ([], ["a", "a"]):
        photos = np.eye(4, dtype=np.float32)[: len(names)]
        with pytest.raises(UserError, match="no impostor pair"):
            calibrated(against_templates(names, photos, 0.1), 0.1)


def test_a_limit_that_is_no_rate_is_refused_before_anything_is_compared() -> None:
    with pytest.raises(UserError, match="give a rate between 0 and 1"):
        against_templates(["a", "b"], np.eye(2, dtype=np.float32), 5.0)
