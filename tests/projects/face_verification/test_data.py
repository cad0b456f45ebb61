"""Pictures of people to batches, and to pairs within one split."""

import re
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from common.errors import UserError
from projects.face_verification import data
from projects.face_verification.data import Assets
from projects.face_verification.settings import Data, Embedded, Fit, Model, Pairs, Settings
from tests.projects.face_verification.test_sources import photos

SETTINGS = Settings(
    data=Data(
        size=16, embedded=Embedded(people=12, pictures=4), pairs=Pairs(same=20, different=30)
    ),
    fit=Fit(batch_size=12, per_person=3),
    model=Model(augment=False),
)


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    found = data.examples(SETTINGS, tmp_path_factory.mktemp("cache"))
    return data.split(found.examples, SETTINGS)


def of(divided: pd.DataFrame, split: str) -> pd.DataFrame:
    return divided[divided["split"] == split].reset_index(drop=True)


def test_nobody_is_in_two_splits(divided: pd.DataFrame) -> None:
    assert divided.groupby("label")["split"].nunique().max() == 1
    assert set(divided["split"]) == {"train", "dev", "test"}
    (kind,) = divided["kind"].unique()
    assert re.fullmatch(r"4 to 9 pictures of \d+ people in train, \d in dev, \d in test", kind)


def test_somebody_whom_the_source_puts_into_two_splits_is_refused(divided: pd.DataFrame) -> None:
    torn = divided.copy()
    torn.loc[torn.index[0], "split"] = "dev" if torn["split"].iloc[0] != "dev" else "train"
    with pytest.raises(UserError, match=r"1 people are in two splits \('person-.*' in dev and"):
        data.split(torn, SETTINGS)


def test_a_batch_is_people_with_pictures_of_each(divided: pd.DataFrame) -> None:
    train = of(divided, "train")
    assets = data.prepare(train, SETTINGS)
    rounds = -(-len(assets.people) // 4)
    seen: list[int] = []
    for pictures, people in islice(data.dataset(train, assets, SETTINGS, 0), rounds):
        assert pictures.shape == (12, 16, 16, 3)
        values, counts = np.unique(people, return_counts=True)
        assert (counts % 3 == 0).all()
        seen += values.tolist()
    assert set(seen) == set(range(len(assets.people))), "everybody once before anybody twice"


def test_pictures_of_a_batch_are_distinct_where_there_are_enough(divided: pd.DataFrame) -> None:
    train = of(divided, "train")
    assets = data.prepare(train, SETTINGS)
    for pictures, people in islice(data.dataset(train, assets, SETTINGS, 0), 8):
        flat = pictures.numpy().reshape(len(people), -1)
        if len(set(people.numpy())) == 4:
            assert len(np.unique(flat, axis=0)) == 12


def test_who_has_one_picture_is_told_and_not_trained_on(capsys: pytest.CaptureFixture[str]) -> None:
    train = pd.DataFrame({"label": ["ann", "ann", "bo", "cy", "cy"]})
    assert data.prepare(train, SETTINGS).people == ("ann", "cy")
    assert "1 people of train have one picture: not trained on" in capsys.readouterr().out
    with pytest.raises(UserError, match="1 of 2 people in train have two pictures or more"):
        data.prepare(train[:3], SETTINGS)


def test_units_are_pairs_with_what_is_known_of_both(divided: pd.DataFrame) -> None:
    dev = of(divided, "dev")
    units = data.units(dev, Assets(people=("a", "b")), SETTINGS)
    same = units["first.label"] == units["second.label"]
    assert (same == (units["unit"] == "genuine")).all()
    assert (same == (units["label"] == "same")).all()
    assert (units["group_2"].eq("") == same).all()
    assert set(units["split"]) == {"dev"}
    table, sides = data.pictures(units)
    assert set(table["example_id"]) <= set(dev["example_id"])
    for side, name in enumerate(("first", "second")):
        chosen = table["example_id"].to_numpy()[sides[:, side]]
        assert (chosen == units[f"{name}.example_id"]).all()
    known = dev.set_index("example_id")
    one = units.iloc[0]
    turned = abs(
        known.loc[one["first.example_id"], "attr.yaw"]
        - known.loc[one["second.example_id"], "attr.yaw"]
    )
    assert one["attr.degrees turned apart"] == pytest.approx(turned)


def test_strangers_have_numbers_above_those_of_the_trained(divided: pd.DataFrame) -> None:
    train, dev = of(divided, "train"), of(divided, "dev")
    assets = data.prepare(train, SETTINGS)
    ((_, people),) = data.dataset(dev, assets, SETTINGS, None)
    assert people.numpy().min() == len(assets.people)
    assert len(set(people.numpy())) == dev["label"].nunique()


def test_the_folds_of_lfw_are_test_and_nobody_in_them_is_trained_on(tmp_path: Path) -> None:
    names = [f"Name_{letter}" for letter in "abcdefghijklmnopqr"]
    photos(tmp_path / "lfw", **dict.fromkeys(names, 2))
    lines = ["2\t1"]
    for first, other in ((0, 1), (2, 3)):
        lines += [f"{names[first]}\t1\t2", f"{names[first]}\t1\t{names[other]}\t2"]
    (tmp_path / "pairs.txt").write_text("\n".join(lines) + "\n")
    lfw = SETTINGS.data.model_copy(update={"source": f"lfw:{tmp_path}", "test_folds": (2,)})
    settings = SETTINGS.model_copy(update={"data": lfw})
    found = data.split(data.examples(settings, tmp_path / "cache").examples, settings)
    test = of(found, "test")
    assert set(test["label"]) == {names[2], names[3]}
    units = data.units(test, Assets(people=()), settings)
    assert units[["unit", "fold"]].to_numpy().tolist() == [["genuine", 2], ["impostor", 2]]
    dev = data.units(of(found, "dev"), Assets(people=()), settings)
    assert "fold" not in dev
    wrong = SETTINGS.model_copy(update={"data": lfw.model_copy(update={"test_folds": (3,)})})
    with pytest.raises(UserError, match="found 2 folds, expected fold 3 among them"):
        data.split(found, wrong)


def test_pictures_that_show_nothing_are_left_out_and_told(tmp_path: Path) -> None:
    photos(tmp_path, anna=2, ben=2)
    Image.new("RGB", (20, 20), "red").save(tmp_path / "ben" / "blank.png")
    given = SETTINGS.data.model_copy(update={"source": f"folder:{tmp_path}"})
    settings = SETTINGS.model_copy(update={"data": given})
    found = data.examples(settings, tmp_path / "cache")
    assert sorted(found.examples["label"]) == ["anna", "anna", "ben", "ben"]
    ((content, reason),) = found.problems[["content", "reason"]].to_numpy()
    assert content.endswith("blank.png")
    assert reason == "shows one even colour"
    for photo in tmp_path.glob("*/*.*"):
        photo.unlink()
    Image.new("RGB", (20, 20), "red").save(tmp_path / "ben" / "blank.png")
    with pytest.raises(UserError, match="none of 1 pictures shows anything"):
        data.examples(settings, tmp_path / "cache")
