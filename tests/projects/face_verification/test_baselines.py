"""Pixels and eigenfaces: what they ignore, what they find, and what breaks others."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.face_verification import embedded
from projects.face_verification.baselines import (
    SIDE,
    eigenface_distances,
    eigenfaces,
    patterns,
    pixel_distances,
)
from tests.projects.face_verification.decided import decided, directions, noise, stored_people


def test_patterns_are_unit_vectors_without_a_mean() -> None:
    found = patterns(noise(5))
    assert found.shape == (5, SIDE * SIDE)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.allclose(found.mean(axis=1), 0, atol=1e-6)


@settings(deadline=None, max_examples=25)
@given(st.floats(0.4, 1.0), st.integers(0, 60))
def test_brightness_and_contrast_do_not_count(contrast: float, brightness: int) -> None:
    picture = noise(1, 48) * 0.7
    other = picture * contrast + brightness
    both = patterns(np.concatenate([picture, other]).astype(np.uint8))
    assert np.linalg.norm(both[0] - both[1]) < 0.1


def test_a_picture_without_a_pattern_is_like_nothing() -> None:
    flat = np.full((1, 32, 32, 3), 90, np.uint8)
    assert not patterns(flat).any()
    assert np.isfinite(eigenfaces(np.repeat(flat, 3, axis=0), 10).project(flat)).all()


def test_axes_are_orthonormal_and_no_more_than_the_pictures_span() -> None:
    found = eigenfaces(noise(12), 100)
    assert len(found.axes) == 11
    assert np.allclose(found.axes @ found.axes.T, np.eye(11), atol=1e-4)


def test_every_axis_counts_alike() -> None:
    pictures = noise(300)
    found = eigenfaces(pictures, 8)
    along = (patterns(pictures) - found.mean) @ found.axes.T / found.scale
    assert along.std(axis=0) == pytest.approx(np.ones(8), rel=1e-2)


def test_distances_of_pairs_are_those_of_their_pictures(tmp_path: Path) -> None:
    names = ["ada", "ada", "bob", "bob"]
    pictures = noise(4)
    pictures[1] = pictures[0]
    table = stored_people(tmp_path, pictures, names)
    rows = decided(table, directions(names, 0.1))
    fitted = eigenfaces(pictures, 3)
    same = (rows["first.label"] == "ada") & (rows["second.label"] == "ada")
    for found in (pixel_distances(rows), eigenface_distances(rows, fitted)):
        assert found.shape == (6,)
        assert found[same.to_numpy()] == pytest.approx([0.0])
        assert (found[~same.to_numpy()] > 0.3).all()
        assert (found <= 2).all()


def test_a_drawn_face_is_nearer_to_itself_blurred_than_to_others() -> None:
    drawn = embedded.examples(6, 1, seed=3)["content"]
    pictures = np.stack([embedded.picture(content, 48) for content in drawn])
    soft = (pictures[:, ::2, ::2] // 2 + pictures[:, 1::2, 1::2] // 2).repeat(2, 1).repeat(2, 2)
    alike = patterns(soft) @ patterns(pictures).T
    assert (alike.argmax(axis=1) == np.arange(6)).all()
