"""Photos of several people under one name, and one person under two, are told."""

from pathlib import Path

import numpy as np
import pytest

from projects.face_verification.doubts import MOST, doubts
from projects.face_verification.gallery import Gallery
from projects.face_verification.nearest import Embeddings

THRESHOLD = 0.6


def at(*degrees: float) -> Embeddings:
    """Unit vectors in a plane: 30 degrees are 0.52 apart, 40 are 0.68."""
    turned = np.deg2rad(degrees)
    return np.stack([np.cos(turned), np.sin(turned), 0 * turned], axis=1).astype(np.float32)


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path / "faces.db", "m1", "run")


def enrolled(gallery: Gallery, name: str, *degrees: float) -> dict[str, dict[str, Path]]:
    digests = [f"{name} {one}" for one in degrees]
    gallery.enroll(name, at(*degrees), digests)
    return {name: {one: Path(f"{one}.jpg") for one in digests}}


def test_photos_of_one_person_and_of_people_far_apart_are_no_doubt(gallery: Gallery) -> None:
    given = enrolled(gallery, "Anna", 0, 10, 20) | enrolled(gallery, "Ben", 90, 80)
    assert list(doubts(gallery, given, THRESHOLD)) == []


def test_photos_of_three_people_are_two_lines(gallery: Gallery) -> None:
    given = enrolled(gallery, "Mixed", 0, 100, 240)
    assert list(doubts(gallery, given, THRESHOLD)) == [
        "Mixed 240.jpg is far from all other photos of Mixed (1.73, threshold 0.60): of somebody"
        " else?",
        "Mixed 100.jpg is far from all other photos of Mixed (1.53, threshold 0.60): of somebody"
        " else?",
    ]


def test_a_pose_between_two_others_joins_them(gallery: Gallery) -> None:
    assert list(doubts(gallery, enrolled(gallery, "Anna", 0, 60, 30), THRESHOLD)) == []


def test_the_smaller_group_is_told_and_who_was_enrolled_earlier_counts(gallery: Gallery) -> None:
    enrolled(gallery, "Anna", 0)
    (line,) = doubts(gallery, enrolled(gallery, "Anna", 90, 100, 110), THRESHOLD)
    assert line.startswith("an earlier photo of Anna is far from all other photos of Anna (1.41,")
    (line,) = doubts(gallery, enrolled(gallery, "Anna", 5), THRESHOLD)
    assert line.startswith("an earlier photo of Anna and 1 more are far from all other photos of")


def test_who_is_near_to_somebody_else_is_told_once(gallery: Gallery) -> None:
    enrolled(gallery, "Anna Lee", 0, 10)
    enrolled(gallery, "Ben", 180)
    given = enrolled(gallery, "Ann Lee", 20) | enrolled(gallery, "Cyn", 181)
    assert list(doubts(gallery, given, THRESHOLD)) == [
        "Cyn is near Ben (0.02, threshold 0.60): the same person under two names?",
        "Ann Lee is near Anna Lee (0.26, threshold 0.60): the same person under two names?",
    ]
    given |= {"Anna Lee": {}, "Ben": {}}
    assert len(list(doubts(gallery, given, THRESHOLD))) == 2
    assert not [line for line in doubts(gallery, given, 0.01) if "near" in line]


def test_of_many_doubts_the_worst_are_told_and_all_counted(gallery: Gallery) -> None:
    given = {}
    for i in range(MOST + 2):
        given |= enrolled(gallery, f"Person {i}", i, 90 + 2 * i)
    lines = [line for line in doubts(gallery, given, THRESHOLD) if " near " not in line]
    assert lines[0].startswith("Person 11 ")
    assert lines[MOST].startswith("12 photos or groups of photos are unlike the others")
    assert lines[MOST].endswith("; these are the 10 worst")
    assert len(lines) == MOST + 1
