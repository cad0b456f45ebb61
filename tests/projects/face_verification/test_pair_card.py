"""A pair's card: both pictures, what was answered, what it is, and nothing that breaks the page."""

import re
from pathlib import Path
from typing import Any

import pytest

from common.report.templating import rendered
from projects.face_verification.pair_card import gallery, pair_card, side_by_side
from tests.projects.face_verification.decided import decided, directions, noise, stored_people

NAMES = ["Ada_Lovelace", "Ada_Lovelace", "<b>Bob</b>", "<b>Bob</b>"]


@pytest.fixture
def rows(tmp_path: Path) -> list[Any]:
    table = stored_people(tmp_path, noise(4), NAMES)
    found: list[Any] = decided(table, directions(NAMES, 0.1)).to_dict("records")
    return found


def test_a_card_shows_both_pictures_and_says_distance_truth_and_names(rows: list[Any]) -> None:
    row = next(row for row in rows if row["truth"] == "different")
    found = pair_card(row)
    sources = re.findall(r'src="([^"]+)"', found.media)
    assert len(sources) == 2
    assert sources[0] != sources[1]
    assert found.answer == f"{row['prediction']}, distance {row['distance']:.2f}"
    assert found.truth == "is different"
    assert found.detail == "<b>Bob</b> / Ada Lovelace; threshold 0.90"
    assert "<b>Bob" not in rendered("card.html", card=found, number=1, tagged=False)


def test_a_pair_of_one_person_names_him_once(rows: list[Any]) -> None:
    row = next(row for row in rows if row["first.label"] == row["second.label"] == NAMES[0])
    assert pair_card(row).detail.startswith("Ada Lovelace;")


def test_what_makes_a_pair_hard_is_said_and_what_is_unknown_is_not(rows: list[Any]) -> None:
    known = {
        "attr.degrees turned apart": 41.2,
        "attr.degrees nodded apart": float("nan"),
        "attr.difference in brightness": 0.01,
        "attr.glasses": "one of both",
        "attr.face partly hidden": "none",
        "attr.expression": None,
    }
    detail = pair_card(rows[0] | known).detail
    assert "41° turned apart, glasses: one of both; threshold" in detail
    assert "brightness" not in detail
    assert "hidden" not in detail


def test_a_card_is_small(rows: list[Any]) -> None:
    assert len(pair_card(rows[0]).media) < 10_000


def test_a_gallery_holds_every_card(rows: list[Any]) -> None:
    assert gallery([pair_card(row) for row in rows]).count("<figure") == len(rows)


def test_side_by_side_describes_each_picture() -> None:
    media = side_by_side(noise(2), ["Ada", "Bob"])
    assert 'alt="picture of Ada"' in media
    assert 'alt="picture of Bob"' in media
