"""Enrolling: what is doubtful about the photos is told, and what shows no face is refused."""

import re
from pathlib import Path

import pytest
from PIL import Image

from common.errors import UserError
from projects.face_verification.recognising import enrolled, enrolled_folder
from tests.projects.face_verification.run_of_faces import face, photo, write_run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    write_run(home, "only", "2026-01-01", seed=2)
    return home


@pytest.fixture(autouse=True)
def _at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{home / 'mlflow.db'}")


def test_photos_of_several_people_and_a_person_under_two_names_are_told(
    tmp_path: Path,
) -> None:
    gallery = tmp_path / "faces.db"
    list(enrolled("Anna", [photo(tmp_path, 1, i) for i in range(3)], gallery, "newest"))
    list(enrolled("Ben", [photo(tmp_path, 2)], gallery, "newest"))
    mixed = [photo(tmp_path, person) for person in (3, 4, 6)]
    *_, said, first, second = enrolled("Mixed  up", mixed, gallery, "newest")
    assert said == f"Mixed up: 3 photos enrolled, 3 in all, in {gallery}"
    far = r"-0\.png is far from all other photos of Mixed up \(\d\.\d\d, threshold 0\.60\)"
    assert re.search(far, first)
    assert re.search(far, second)
    *_, line = enrolled("Ann", [photo(tmp_path, 1, 9)], gallery, "newest")
    assert re.match(r"Ann is near Anna \(0\.\d\d, threshold 0\.60\): the same person", line)
    (tmp_path / "people" / "Benny").mkdir(parents=True)
    photo(tmp_path / "people" / "Benny", 2, 9)
    *_, line, _ = enrolled_folder(tmp_path / "people", gallery, "newest")
    assert line.startswith("Benny is near Ben (0.")


@pytest.mark.parametrize(
    ("size", "colour"), [((20, 20), "grey"), ((20, 20), "red"), ((9, 9), "blue"), ((1, 1), "pink")]
)
def test_what_shows_nothing_is_no_face(tmp_path: Path, size: tuple[int, int], colour: str) -> None:
    blank = tmp_path / "blank.png"
    Image.new("RGB", size, colour).save(blank)
    with pytest.raises(UserError, match=r"blank.png shows one even colour: give a photo of a face"):
        list(enrolled("Anna", [blank], tmp_path / "g.db", "newest"))


def test_a_photo_that_is_not_read_is_told_what_it_is(tmp_path: Path) -> None:
    scan, huge = tmp_path / "scan.tif", tmp_path / "huge.png"
    face(1).save(scan)
    Image.new("1", (12_000, 9_000)).save(huge)
    give = "give a JPEG, PNG, GIF, BMP or WebP picture of at most 100 megapixels"
    for place, why in ((scan, "is a TIFF file"), (huge, "has 108 megapixels")):
        with pytest.raises(UserError, match=f"{place.name} {why}: {give}"):
            list(enrolled("Anna", [place], tmp_path / "g.db", "newest"))
