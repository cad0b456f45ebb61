"""Suspects: planted wrong names are found, and nothing else is."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from projects.face_verification import embedded
from projects.face_verification.baselines import patterns
from projects.face_verification.suspects import copies, strangers_to_their_own, suspects
from tests.projects.face_verification.decided import directions, noise, stored_people

NAMES = [f"person-{who}" for who in range(6) for _ in range(5)]


def _drawn() -> np.ndarray:
    drawn = embedded.examples(6, 5, seed=1)["content"]
    return np.stack([embedded.picture(content, 32) for content in drawn])


def test_one_photograph_under_two_names_is_found_though_darker_and_smaller(tmp_path: Path) -> None:
    pictures = _drawn()
    smaller = Image.fromarray(pictures[2]).resize((24, 24)).resize((32, 32))
    pictures[17] = np.asarray(smaller) * 0.6
    table = stored_people(tmp_path, pictures, NAMES)
    found = copies(table, patterns(pictures))
    assert found[["first", "second"]].to_numpy().tolist() == [[2, 17]]
    html = suspects(table, None, 0.9)
    assert "One photograph under two names: 1" in html
    assert "person-0_0002 / person-3_0017" in html


def test_drawn_faces_and_copies_of_one_person_are_not_suspect(tmp_path: Path) -> None:
    pictures = _drawn()
    pictures[1] = pictures[0]
    table = stored_people(tmp_path, pictures, NAMES)
    assert suspects(table, None, 0.9) == ""


def test_pictures_without_a_pattern_are_no_copies(tmp_path: Path) -> None:
    pictures = np.zeros((30, 32, 32, 3), np.uint8)
    table = stored_people(tmp_path, pictures, NAMES)
    assert len(copies(table, patterns(pictures))) == 0


def test_a_wrong_name_is_the_farthest_from_its_own(tmp_path: Path) -> None:
    known = directions(NAMES, 0.05)
    known[7] = directions(["somebody else"], 0.0, seed=9)[0]
    table = stored_people(tmp_path, noise(30), NAMES)
    found = strangers_to_their_own(table, known)
    assert found["row"].iloc[0] == 7
    assert found["own"].iloc[0] > 2 * found["own"].iloc[1:].max()
    assert NAMES[found["own_row"].iloc[0]] == NAMES[7]
    html = suspects(table, known, 0.9)
    assert "Unlike all others of its person: 1" in html
    assert "left: person-1_0007" in html


def test_distances_to_own_and_others_are_the_least_ones(tmp_path: Path) -> None:
    known = directions(NAMES, 0.8)
    table = stored_people(tmp_path, noise(30), NAMES)
    apart = np.linalg.norm(known[:, None].astype(float) - known[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    same = np.array(NAMES)[:, None] == np.array(NAMES)
    found = strangers_to_their_own(table, known).sort_values("row")
    assert found["own"].to_numpy() == pytest.approx(np.where(same, apart, np.inf).min(1), abs=1e-3)
    assert found["other"].to_numpy() == pytest.approx(
        np.where(same, np.inf, apart).min(1), abs=1e-3
    )


def test_of_two_pictures_neither_is_the_stranger(tmp_path: Path) -> None:
    names = ["ada", "ada", "bob", "bob"]
    table = stored_people(tmp_path, noise(4), names)
    assert len(strangers_to_their_own(table, directions(names, 3.0))) == 0
