"""Own recordings: what is found in a folder, what is refused, and that the reader reads it."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from common.data.examples import GENERAL, TARGET
from common.errors import UserError
from projects.trigger_word_detection import sound
from projects.trigger_word_detection.sources import source
from tests.projects.trigger_word_detection.spoken import examined, own, say, settings


def by_name(rows: list[dict[str, Any]]) -> Mapping[str, dict[str, Any]]:
    """The folder's own rows; generated backgrounds are left out."""
    return {Path(row["content"]).name: row for row in rows if row["content"][:5] == "file:"}


def test_a_folder_of_ones_own(tmp_path: Path) -> None:
    place = own(tmp_path)
    (place / "activates" / ".hidden.wav").write_text("x")
    rows = by_name(examined(*source(f"folder:{place}", settings(word="athena"), GENERAL)))
    assert len(rows) == 8  # both called 1.wav are one key
    words = {name: row["attr.word"] for name, row in rows.items()}
    assert words["hey_2.flac"] == words["stranger.ogg"] == "athena"
    assert (words["computer_1.wav"], words["seven12.wav"]) == ("computer", "seven")
    assert (words["7_george_3.wav"], words["smart mirror.wav"]) == ("7", "smart")
    assert rows["hey_2.flac"]["group"] == rows["seven12.wav"]["group"] == "ben"
    assert rows["hey_2.flac"]["attr.speaker"] == "ben"
    assert rows["stranger.ogg"]["attr.speaker"] == "unknown"
    assert rows["stranger.ogg"]["group"] != rows["smart mirror.wav"]["group"]
    assert rows["1.wav"]["attr.kind"] == "street"
    assert rows["room.wav"]["attr.kind"] == "recorded"
    assert rows["room.wav"]["attr.seconds"] == pytest.approx(1.1)
    assert rows["hey_2.flac"]["attr.seconds"] == pytest.approx(0.54, abs=0.03)
    assert rows["hey_2.flac"]["attr.level"] == pytest.approx(-16, abs=2)
    assert {row["split"] for row in rows.values()} == {""}


def test_a_folder_is_found_the_same_again_and_wherever_it_lies(tmp_path: Path) -> None:
    first, _ = source(f"folder:{own(tmp_path / 'a')}", settings(), GENERAL)
    again, _ = source(f"folder:{tmp_path / 'a'}", settings(), GENERAL)
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    moved, _ = source(f"folder:{tmp_path / 'b'}", settings(), GENERAL)
    pd.testing.assert_frame_equal(first.examples, again.examples)
    assert list(first.examples["example_id"]) == list(moved.examples["example_id"])
    assert list(first.examples["group"]) == list(moved.examples["group"])


def test_the_same_file_twice_stays_on_one_side(tmp_path: Path) -> None:
    place = own(tmp_path)
    (place / "activates" / "copy.ogg").write_bytes((place / "activates/stranger.ogg").read_bytes())
    rows = by_name(examined(*source(f"folder:{place}", settings(), GENERAL)))
    assert rows["copy.ogg"]["group"] == rows["stranger.ogg"]["group"]
    assert rows["stranger.ogg"]["example_id"] == rows["copy.ogg"]["example_id"] + "-2"


@pytest.mark.parametrize("dev", ["dev", "validation"])
def test_ones_own_division_is_kept(tmp_path: Path, dev: str) -> None:
    for seed, part in enumerate(("train", dev, "Test")):
        say(tmp_path / part / "activates" / "1.wav", seed=10 + seed)
        say(tmp_path / part / "negatives" / "eva" / "1.wav", seed=20 + seed)
    rows = examined(*source(f"folder:{tmp_path}", settings(), GENERAL))
    cells = {(row["split"], row["label"]) for row in rows}
    assert cells == {
        (split, label)
        for split in ("train", "dev", "test")
        for label in ("activate", "negative", "background")
    }


def test_folders_beside_the_labels_are_no_division(tmp_path: Path) -> None:
    """As in the course's raw_data, where dev/ holds two clips."""
    place = own(tmp_path)
    say(place / "dev" / "1.wav")
    found, _ = source(f"folder:{place}", settings(), GENERAL)
    assert len(found.examples) == 9 + 4, "few backgrounds, so four are generated besides"
    assert set(found.examples["split"]) == {""}


def test_a_folder_without_backgrounds_gets_generated_ones(tmp_path: Path) -> None:
    say(tmp_path / "activates" / "a.wav", seed=1)
    say(tmp_path / "negatives" / "b.wav", seed=2)
    for distribution in (GENERAL, TARGET):
        rows = examined(*source(f"folder:{tmp_path}", settings(), distribution))
        noises = [row for row in rows if row["label"] == "background"]
        assert len(noises) == 4
        assert all(("shifted" in row["group"]) == (distribution == TARGET) for row in noises)


def test_broken_files_are_told_and_left_out(tmp_path: Path) -> None:
    place = own(tmp_path)
    (place / "activates" / "note.wav").write_text("no sound")
    say(place / "activates" / "long.wav", seconds=3.2)
    (place / "backgrounds" / "empty.flac").touch()
    found, _ = source(f"folder:{place}", settings(), GENERAL)
    reasons = {Path(row.content).name: row.reason for row in found.problems.itertuples()}
    assert len(found.examples) == 9 + 4, "few backgrounds, so four are generated besides"
    assert sorted(reasons) == ["empty.flac", "long.wav", "note.wav"]
    assert reasons["long.wav"] == "is 3.2 s long, longer than 3 s: cut it to the word"
    assert reasons["note.wav"].startswith("cannot be read as sound")


def test_a_long_negative_is_cut_into_pieces(tmp_path: Path) -> None:
    place = own(tmp_path)
    talk = say(place / "negatives" / "talk.wav", seconds=7.5, silence=1)
    found, read = source(f"folder:{place}", settings(), GENERAL)
    rows: list[dict[str, Any]] = found.examples.to_dict("records")  # type: ignore[assignment]
    cut = [row for row in rows if "talk" in row["content"]]
    assert len(cut) == 3
    assert len({row["group"] for row in cut}) == 1
    assert len({row["example_id"] for row in cut}) == 3
    assert cut[0]["content"].startswith(f"file:{talk}#0-")
    whole = np.concatenate([read(row) for row in cut])
    np.testing.assert_array_equal(whole, sound.trimmed(sound.read(talk)))
    assert max(row["attr.seconds"] for row in cut) <= 3


def nothing(place: Path) -> None:
    place.mkdir()


def classes_of_pictures(place: Path) -> None:
    say(place / "cat" / "1.wav")


def no_negatives(place: Path) -> None:
    say(place / "activates" / "1.wav")
    say(place / "backgrounds" / "1.wav")


def empty_negatives(place: Path) -> None:
    say(place / "activates" / "1.wav")
    (place / "negatives").mkdir()


def only_broken(place: Path) -> None:
    say(place / "negatives" / "1.wav")
    (place / "activates").mkdir()
    (place / "activates" / "1.wav").write_text("text")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda place: None, "is no folder"),
        (Path.touch, "is no folder"),
        (nothing, "holds no folder and no activates/"),
        (classes_of_pictures, "holds cat/ and no activates/: activates/ and negatives/"),
        (no_negatives, "holds activates/, backgrounds/ and no negatives/"),
        (empty_negatives, "has no file in negatives/"),
        (only_broken, r"none of 1 files in activates/ of .* can be used \(.*1.wav cannot be read"),
    ],
)
def test_a_folder_that_cannot_be_used(tmp_path: Path, make: Any, said: str) -> None:
    make(tmp_path / "in")
    with pytest.raises(UserError, match=said) as caught:
        source(f"folder:{tmp_path / 'in'}", settings(), GENERAL)
    assert "\n" not in str(caught.value)
