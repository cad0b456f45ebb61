"""The gallery: what is enrolled is found, what is forgotten is gone, and nothing else happens."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from projects.face_verification.against_templates import against_templates
from projects.face_verification.gallery import Enrolled, Gallery
from projects.face_verification.nearest import Embeddings, distances
from projects.face_verification.threshold import calibrated

ENROLL_MANY = """
import sys
from pathlib import Path
import numpy as np
from projects.face_verification.gallery import Gallery
who = int(sys.argv[2])
for photo in range(20):
    one = np.eye(64, dtype=np.float32)[[who * 20 + photo]]
    Gallery(Path(sys.argv[1]), "m1").enroll(f"Person {photo % 4}", one, [f"{who}-{photo}"])
"""


def faces(count: int, seed: int = 0, width: int = 128) -> Embeddings:
    drawn = np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def far(gallery: Gallery, name: str, photo: Embeddings) -> float:
    """The distance of a photo to a person's template."""
    return float(distances(gallery.template(name)[None], photo)[0])


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    made = Gallery(tmp_path / "people.sqlite", "m1", "run-1")
    made.enroll("Anna", faces(3), ["a", "b", "c"])
    made.enroll("Björn", faces(1, seed=1), ["d"])
    return made


def test_several_photos_make_one_template_and_each_is_kept(gallery: Gallery) -> None:
    assert gallery.names() == {"Anna": 3, "Björn": 1}
    names, templates = gallery.templates()
    assert names == ["Anna", "Björn"]
    mean = faces(3).mean(axis=0)
    np.testing.assert_allclose(templates[0], mean / np.linalg.norm(mean), atol=1e-6)
    owners, photos = gallery.photos()
    assert owners == ["Anna"] * 3 + ["Björn"]
    np.testing.assert_array_equal(photos, np.concatenate([faces(3), faces(1, seed=1)]))
    assert templates.dtype == photos.dtype == np.float32


def test_templates_belong_to_their_names_whatever_the_alphabet(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path / "people.sqlite", "m1")
    names = ["Zoë", "anna", "Ängla", "Яна", "美咲", "Ann", "𝔄da"]
    for i, name in enumerate(names):
        gallery.enroll(name, faces(2, seed=i), [f"{i}a", f"{i}b"])
    for i, name in enumerate(names):
        nearest, *_ = gallery.identify(faces(2, seed=i)[0])
        assert nearest.name == name
        assert nearest.distance == pytest.approx(far(gallery, name, faces(2, seed=i)[0]))


def test_a_person_is_verified_and_identified(gallery: Gallery) -> None:
    photo = faces(1, seed=1)[0]
    assert far(gallery, "Björn", photo) == pytest.approx(0, abs=1e-6)
    assert far(gallery, "Anna", photo) > 1
    assert [found.name for found in gallery.identify(photo)] == ["Björn", "Anna"]
    assert len(gallery.identify(photo, k=1)) == 1


def test_the_same_file_twice_is_told_and_counted_once(gallery: Gallery) -> None:
    again = np.concatenate([faces(1), faces(1, seed=5), faces(1, seed=5)])
    assert gallery.enroll("Anna", again, ["a", "new", "new"]) == Enrolled(4, (0, 2))
    assert gallery.names()["Anna"] == 4


def test_a_photo_of_somebody_else_is_refused_and_nothing_is_written(gallery: Gallery) -> None:
    with pytest.raises(UserError, match=r"photo 2 of Carla is enrolled as Anna: leave it out"):
        gallery.enroll("Carla", faces(2, seed=2), ["new", "a"])
    assert gallery.names() == {"Anna": 3, "Björn": 1}


def test_photos_that_contradict_each_other_are_refused(gallery: Gallery) -> None:
    with pytest.raises(UserError, match="so unlike"):
        gallery.enroll("Björn", -faces(1, seed=1), ["opposite"])
    assert gallery.names()["Björn"] == 1


def test_a_refused_first_enrolment_leaves_no_file(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path / "people.sqlite", "m1")
    with pytest.raises(UserError, match="so unlike"):
        gallery.enroll("Anna", np.concatenate([faces(1), -faces(1)]), ["a", "b"])
    with pytest.raises(UserError, match="is no name"):
        gallery.enroll(" \n", faces(1), ["a"])
    assert not gallery.path.exists()


def test_forgetting_leaves_nothing_in_the_file(gallery: Gallery) -> None:
    secret = faces(3)[0].tobytes()
    assert secret in gallery.path.read_bytes()
    assert gallery.forget("Anna") == 3
    left = gallery.path.read_bytes()
    assert secret not in left
    assert b"Anna" not in left
    assert gallery.names() == {"Björn": 1}
    assert [file.name for file in gallery.path.parent.iterdir()] == ["people.sqlite"]
    gallery.forget("Björn")
    with pytest.raises(UserError, match="holds nobody"):
        gallery.identify(faces(1)[0])


@pytest.mark.parametrize("name", ["Ana", "anna", "ANNA"])
def test_an_unknown_name_is_answered_with_close_ones(gallery: Gallery, name: str) -> None:
    with pytest.raises(UserError, match=f"nobody called '{name}' .* did you mean Anna"):
        gallery.template(name)
    with pytest.raises(UserError, match="did you mean Anna"):
        gallery.forget(name)


def test_an_accent_is_the_same_however_it_is_written(gallery: Gallery) -> None:
    assert far(gallery, "Bjo\u0308rn ", faces(1, seed=1)[0]) == pytest.approx(0, abs=1e-6)


def test_a_name_is_the_same_with_other_spaces(gallery: Gallery) -> None:
    gallery.enroll("Carla  de\u00a0la Cruz ", faces(1, seed=4), ["x"])
    gallery.enroll("Carla de la\tCruz", faces(1, seed=5), ["y"])
    assert gallery.names() == {"Anna": 3, "Björn": 1, "Carla de la Cruz": 2}
    assert gallery.forget(" Carla de  la Cruz") == 2


@pytest.mark.parametrize("name", ["anna", "ANNA", "An\u200cna"])
def test_a_name_that_only_looks_like_an_enrolled_one_is_refused(
    gallery: Gallery, name: str
) -> None:
    with pytest.raises(UserError, match="and 'Anna', who is enrolled, look alike: write 'Anna'"):
        gallery.enroll(name, faces(1, seed=4), ["x"])
    assert gallery.names() == {"Anna": 3, "Björn": 1}


def test_a_folder_is_no_gallery(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path, "m1")
    for act in (gallery.names, lambda: gallery.enroll("Anna", faces(1), ["a"])):
        with pytest.raises(UserError, match="is a folder: name the gallery's file, such as"):
            act()


def test_a_gallery_of_another_model_is_refused_with_the_cure(gallery: Gallery) -> None:
    other = Gallery(gallery.path, "m2", "run-2")
    cure = (
        r"made with the model of run run-1 \(m1\) and this is that of run-2 \(m2\): "
        "use --model run-1, or enroll everybody again"
    )
    for act in (other.names, lambda: other.enroll("Carla", faces(1), ["z"])):
        with pytest.raises(UserError, match=cure):
            act()
    assert gallery.names() == {"Anna": 3, "Björn": 1}


def test_a_gallery_that_is_not_there_is_not_made_by_asking(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path / "people.sqlite", "m1")
    with pytest.raises(UserError, match=r"there is no gallery .* enroll somebody first"):
        gallery.names()
    assert not gallery.path.exists()
    with pytest.raises(UserError, match="cannot be opened or written: check its folder"):
        Gallery(tmp_path / "nowhere" / "people.sqlite", "m1").enroll("Anna", faces(1), ["a"])


@pytest.mark.parametrize("content", [b"a text that is no database" * 40, b"\x89PNG\r\n"])
def test_a_file_that_is_no_gallery_is_refused_and_left_alone(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(content)
    for act in (Gallery(path, "m1").names, lambda: Gallery(path, "m1").enroll("A", faces(1), "a")):
        with pytest.raises(UserError, match="is no gallery"):
            act()
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE songs (title TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(UserError, match="is no gallery: give the file that enroll has written"):
        Gallery(path, "m1").enroll("Anna", faces(1), ["a"])
    assert path.read_bytes() == before


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_part_of_a_gallery_is_one_clear_line(gallery: Gallery, share: float) -> None:
    gallery.enroll("Carla", faces(60, seed=3), [f"c{i}" for i in range(60)])
    whole = gallery.path.read_bytes()
    gallery.path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(UserError, match="is no gallery") as caught:
        gallery.templates()
    assert "\n" not in str(caught.value)


def test_processes_that_enroll_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "people.sqlite"
    order = [sys.executable, "-c", ENROLL_MANY, str(path)]
    root = Path(__file__).parents[3]
    running = [subprocess.Popen([*order, str(who)], cwd=root) for who in range(3)]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert Gallery(path, "m1").names() == {f"Person {i}": 15 for i in range(4)}


def test_a_process_that_dies_while_it_writes_leaves_the_gallery_whole(gallery: Gallery) -> None:
    dying = (
        "import os, sqlite3, sys\n"
        "database = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "database.execute('PRAGMA cache_size = 1')\n"
        "database.execute('BEGIN IMMEDIATE')\n"
        "for i in range(200):\n"
        "    row = (str(i), 'X', bytes(512))\n"
        "    database.execute('INSERT INTO photos VALUES (?, ?, ?)', row)\n"
        "os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", dying, str(gallery.path)], check=False)
    assert gallery.path.with_name("people.sqlite-journal").exists()
    assert gallery.names() == {"Anna": 3, "Björn": 1}


def test_without_its_model_a_gallery_is_looked_at_and_people_are_forgotten(
    gallery: Gallery,
) -> None:
    alone = Gallery(gallery.path)
    assert alone.names() == {"Anna": 3, "Björn": 1}
    assert alone.forget("Björn") == 1


def test_a_threshold_is_kept_and_stale_once_photos_come_or_go(gallery: Gallery) -> None:
    assert gallery.own_threshold() is None
    names = [f"Person {i}" for i in range(40)]
    for i, name in enumerate(names):
        gallery.enroll(name, faces(2, seed=100 + i), [f"{name} 1", f"{name} 2"])
    owners, photos = gallery.photos()
    found = calibrated(against_templates(owners, photos, 0.2), 0.2)
    gallery.keep_threshold(found, len(owners))
    assert gallery.own_threshold() == (found, False)
    gallery.enroll("Anna", faces(1), ["a"])
    assert gallery.own_threshold() == (found, False), "a repeated photo changes nothing"
    gallery.enroll("Anna", faces(1, seed=9), ["new"])
    assert gallery.own_threshold() == (found, True)
    gallery.keep_threshold(found, len(owners) + 1)
    assert gallery.own_threshold() == (found, False)
    gallery.forget("Björn")
    assert gallery.own_threshold() == (found, True)
    gallery.keep_threshold(found, len(owners) - 1)
    assert gallery.own_threshold() == (found, True), "who came while it was measured counts"


@pytest.mark.parametrize("wrong", [2 * faces(1), faces(2), faces(1)[0], faces(0)])
def test_what_is_no_unit_vector_per_photo_is_a_bug(gallery: Gallery, wrong: Embeddings) -> None:
    with pytest.raises(ValueError, match="embedding"):
        gallery.enroll("Carla", wrong, ["z"])
