"""Searches in a gallery: the right name, or nobody."""

import math

import numpy as np
import pytest

from common.errors import UserError
from projects.face_verification.identification import detection_and_identification_rate, rank_1

GALLERY = ["ann", "bo"]


def test_rank_1_counts_the_enrolled_alone() -> None:
    alike = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.6], [0.99, 0.0]], np.float32)
    found = rank_1(alike, ["ann", "bo", "bo", "stranger"], GALLERY)
    assert found.value == pytest.approx(2 / 3)
    assert found.n == 3
    assert math.isnan(rank_1(alike[3:], ["stranger"], GALLERY).value)


def searched(strangers: int, probes: int = 100) -> tuple[np.ndarray, list[str]]:
    """Strangers as alike as 0 to 1, evenly; a quarter of ann's probes is taken for bo, a quarter
    too unlike, a half right.
    """
    mine = np.tile([[0.999, 2], [0.5, 0], [2, 0], [3, 0]], (probes // 4, 1))
    theirs = np.stack([np.arange(strangers) / strangers, np.zeros(strangers)], axis=1)
    names = ["ann"] * len(mine) + [f"s{at}" for at in range(strangers)]
    return np.concatenate([mine, theirs]).astype(np.float32), names


def test_open_set_wants_the_right_name_above_the_threshold() -> None:
    alike, names = searched(1_000)
    found = detection_and_identification_rate(alike, names, GALLERY, limit=1e-2)
    assert found.value == pytest.approx(0.5)
    assert found.low < 0.5 < found.high


def test_too_few_strangers_leave_it_unknown() -> None:
    alike, names = searched(200)
    found = detection_and_identification_rate(alike, names, GALLERY, limit=1e-2)
    assert math.isnan(found.value)
    assert "300 are needed" in found.method


def test_similarities_of_another_shape_are_refused() -> None:
    with pytest.raises(UserError, match=r"\(1, 2\), of 2 probes"):
        rank_1(np.zeros((1, 2), np.float32), ["ann", "bo"], GALLERY)
    with pytest.raises(UserError, match="0 gallery entries"):
        rank_1(np.zeros((1, 0), np.float32), ["ann"], [])
