"""Which rates stand behind an answer: those of templates of as many photos, where measured."""

from pathlib import Path

import pytest

from common.files import read_json, write_json
from common.runs import RunFolder
from projects.face_verification.rule import Rule, shipped, strangers
from tests.projects.face_verification.run_of_faces import CHOSEN, FITTED, OF_TWO


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    of_four = OF_TWO.model_copy(update={"photos": 4, "threshold": 0.55})
    fitted = FITTED.model_copy(update={"templates": (OF_TWO, of_four)})
    write_json(tmp_path / "calibration.json", fitted.model_dump(mode="json"))
    write_json(tmp_path / "settings.json", CHOSEN.model_dump(mode="json"))
    return RunFolder(tmp_path)


@pytest.mark.parametrize(
    ("photos", "threshold", "said"),
    [
        (1, 0.6, "(between single photos: at it 0.9 % of impostors match, at most 2 %; 12 %"),
        (2, 0.58, "(for templates of 2 photos: at it 1 % of impostors match, at most 1.5 %; 8 %"),
        (3, 0.58, "(for templates of 2 photos, here of 3: at it 1 % of impostors match, at most"),
        (4, 0.55, "(for templates of 4 photos: at it"),
        (7, 0.55, "(for templates of 4 photos, here of 7: at it"),
    ],
)
def test_as_many_photos_are_looked_up_or_the_next_lower_number(
    run: RunFolder, photos: int, threshold: float, said: str
) -> None:
    found = shipped(run)(photos)
    assert found.threshold == threshold
    assert said in found.said
    assert found.false_match_high < 1


def test_far_more_photos_than_were_measured_have_no_bound(run: RunFolder) -> None:
    found = shipped(run)(8)
    assert found.false_match_high == 1
    assert "match, and more with a template of 8; 8 % of genuine photos fail" in found.said


def test_a_run_that_knows_single_photos_only_says_so(run: RunFolder) -> None:
    known = read_json(run.path / "calibration.json")
    del known["templates"]
    write_json(run.path / "calibration.json", known)
    found = shipped(run)(3)
    assert "(between single photos: at it 0.9 % of impostors match, and more with a" in found.said
    assert "at most" not in found.said


def test_a_stranger_meets_everybody_with_their_own_rate() -> None:
    few, many = Rule(0.6, 0.01, 0.02, ""), Rule(0.5, 0.03, 0.05, "")
    said = strangers({"Anna": few, "Ben": many, "Cyn": many})
    assert "one of the 3 people enrolled in about 6.9 % of cases" in said  # 1 - 0.99 * 0.97 ** 2
    assert said.endswith("(at most 12 % on average over such galleries)")
    unknown = Rule(0.6, 0.01, 1.0, "")
    assert "at most" not in strangers({"Anna": few, "Ben": unknown})
    assert "taken for the one person enrolled in about 1 %" in strangers({"Anna": few})
