"""LFW's pictures, its list of pairs, and its fold accuracy."""

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from projects.face_verification import lfw

NAMES = {"Ann_Lee": 2, "Bo_Ek": 2, "Cy_Dow": 1, "Di_Orr": 2}
LIST = "2\t1\nAnn_Lee\t1\t2\nBo_Ek\t1\tCy_Dow\t1\nDi_Orr\t2\t1\nAnn_Lee\t2\tBo_Ek\t2\n"
"""Two folds of one same and one different pair."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, number in NAMES.items():
        for at in range(1, number + 1):
            file = tmp_path / "lfw" / name / f"{name}_{at:04d}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(f"{name} {at}".encode())
    (tmp_path / "lfw" / "notes.txt").write_text("no picture")
    return tmp_path


def listed(folder: Path, text: str) -> str:
    file = folder / "pairs.txt"
    file.write_text(text)
    return str(file)


def test_folder_and_zip_give_the_same_pictures(folder: Path) -> None:
    place = folder / "lfw.zip"
    with zipfile.ZipFile(place, "w") as archive:
        for file in (folder / "lfw").rglob("*.*"):
            archive.write(file, file.relative_to(folder))
    for root in (folder, folder / "lfw", place):
        table, read = lfw.pictures(str(root))
        assert table["label"].value_counts().to_dict() == NAMES
        assert (table["group"] == table["label"]).all()
        row = table[table["example_id"] == "Di_Orr_0002"].iloc[0]
        assert read({"content": row["content"]}) == b"Di_Orr 2"


def test_a_place_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no picture such as"):
        lfw.pictures(str(tmp_path))
    with pytest.raises(UserError, match="is no folder and no zip file"):
        lfw.pictures(str(tmp_path / "missing.zip"))


def test_the_list_gives_pairs_with_folds(folder: Path) -> None:
    table, _ = lfw.pictures(str(folder))
    found = lfw.protocol(listed(folder, LIST), table)
    assert found[["first", "second", "label", "group", "group_2", "fold"]].to_numpy().tolist() == [
        ["Ann_Lee_0001", "Ann_Lee_0002", "same", "Ann_Lee", "", 1],
        ["Bo_Ek_0001", "Cy_Dow_0001", "different", "Bo_Ek", "Cy_Dow", 1],
        ["Di_Orr_0002", "Di_Orr_0001", "same", "Di_Orr", "", 2],
        ["Ann_Lee_0002", "Bo_Ek_0002", "different", "Ann_Lee", "Bo_Ek", 2],
    ]
    assert found["example_id"].is_unique


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (LIST, "", "line 1: found nothing"),
        ("2\t1\n", "10\n", "line 1: found '10'"),
        ("2\t1\n", "2\tone\n", "line 1: found"),
        ("2\t1\n", "3\t1\n", r"line 1: found 3 folds of 1 \+ 1 pairs and 4 lines"),
        ("Ann_Lee\t1\t2", "Ann_Lee\t1", "line 2: .* a pair of the same kind"),
        ("Ann_Lee\t1\t2", "Ann_Lee\t1\tx", "line 2: .* a pair of the same kind"),
        ("Ann_Lee\t1\t2", "Ann_Lee\t1\t1", "line 2: .* a pair of the same kind"),
        ("Ann_Lee\t1\t2", "Ann_Lee 1 2", "line 2: .* a pair of the same kind"),
        ("Bo_Ek\t1\tCy_Dow\t1", "Bo_Ek\t1\t2", "line 3: .* a pair of the different kind"),
        ("Bo_Ek\t1\tCy_Dow\t1", "Bo_Ek\t1\tBo_Ek\t2", "line 3: .* of the different kind"),
        ("Di_Orr\t2\t1", "Di_Orr\t2\t7", "line 4: found a pair with Di_Orr_0007"),
    ],
)
def test_a_malformed_line_is_named(folder: Path, before: str, after: str, says: str) -> None:
    table, _ = lfw.pictures(str(folder))
    with pytest.raises(UserError, match=says) as caught:
        lfw.protocol(listed(folder, LIST.replace(before, after)), table)
    assert "\n" not in str(caught.value)


def test_a_list_that_is_missing_is_refused(folder: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        lfw.protocol(str(folder / "pairs.txt"), lfw.pictures(str(folder))[0])


def scored(*folds: tuple[list[float], list[float]]) -> pd.DataFrame:
    rows = [
        {"fold": at, "truth": truth, "distance": distance}
        for at, fold in enumerate(folds, start=1)
        for truth, distances in zip(("same", "different"), fold, strict=True)
        for distance in distances
    ]
    return pd.DataFrame(rows)


def test_a_folds_threshold_comes_from_the_other_folds() -> None:
    # Fold 2 alone would be divided by 1.5; by fold 1's threshold, 0.7, both same pairs fail.
    found = lfw.fold_accuracy(scored(([0.4, 0.6], [0.8, 1.0]), ([1.2, 1.4], [1.6, 1.8])))
    assert found.folds["threshold"].tolist() == pytest.approx([1.5, 0.7])
    assert found.folds["accuracy"].tolist() == [0.5, 0.5]
    assert (found.accuracy.value, found.standard_error) == (0.5, 0.0)


def test_mean_and_standard_error_are_over_the_folds() -> None:
    good, bad = ([0.1, 0.2], [1.0, 1.1]), ([0.1, 1.3], [1.0, 1.1])
    found = lfw.fold_accuracy(scored(good, good, bad, good))
    assert found.accuracy.value == pytest.approx(np.mean([1, 1, 0.75, 1]))
    assert found.standard_error == pytest.approx(np.std([1, 1, 0.75, 1], ddof=1) / 2)
    assert found.accuracy.low < found.accuracy.value < found.accuracy.high <= 1


def test_a_threshold_does_not_cross_networks() -> None:
    near, far = ([0.1], [0.3]), ([1.1], [1.3])
    rows = scored(near, near, far, far).assign(network=lambda one: one["fold"].gt(2).astype(str))
    assert lfw.fold_accuracy(rows).folds["threshold"].tolist() == pytest.approx(
        [0.2, 0.2, 1.2, 1.2]
    )
    with pytest.raises(UserError, match="the only one of its network"):
        lfw.fold_accuracy(rows[rows["fold"] != 2])
