"""Settings -> examples, splits, batches: each source through the room's own functions."""

import shutil
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from common.data.picture_store import pixels
from common.data.splits import by_group
from common.errors import UserError
from common.evaluation.trained import by_split
from projects.cat_classifier.data import Assets, dataset, examples, originals, prepare
from projects.cat_classifier.room import PROJECT
from projects.cat_classifier.settings import Settings
from tests.projects.cat_classifier.pets import course_files, folder, settings


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of pictures and a cache: every picture is decoded once in these tests."""
    place = tmp_path_factory.mktemp("pictures")
    folder(place / "two", 30)
    folder(place / "three", 4, "cat", "dog", "owl")
    return place


def divided(chosen: Settings, cache: Path) -> pd.DataFrame:
    return by_group(examples(chosen, cache).examples, chosen.data)


def arrays(batches: Any) -> list[tuple[np.ndarray, ...]]:
    return [tuple(np.asarray(one) for one in batch) for batch in batches]


def test_a_folder_per_class(place: Path) -> None:
    chosen = settings(f"folder:{place / 'two'}")
    rows = divided(chosen, place)
    assert rows["label"].value_counts().to_dict() == {"cat": 30, "dog": 30}
    assert set(rows["split"]) == {"train", "dev", "test"}
    assert set(rows["distribution"]) == {"general"}
    assets = prepare(by_split(PROJECT, rows, chosen)["train"], chosen)
    assert assets == Assets(classes=("cat", "dog"), positive="cat")
    assert assets.output_names == ("cat",)
    for row, original in zip(rows.to_dict("records"), originals(rows, chosen), strict=True):
        assert original == Path(row["content"].removeprefix("file:")).read_bytes()


def test_the_id_of_a_photograph_is_its_content_not_its_name(place: Path, tmp_path: Path) -> None:
    first = examples(settings(f"folder:{place / 'three'}"), place).examples
    for file in (place / "three").rglob("*.jpg"):
        (tmp_path / file.parent.name).mkdir(exist_ok=True)
        shutil.copy(file, tmp_path / file.parent.name / f"renamed-{file.name}")
    second = examples(settings(f"folder:{tmp_path}"), tmp_path / "cache").examples
    assert set(first["example_id"]) == set(second["example_id"])


def test_the_course_s_files_keep_their_test_set(tmp_path: Path) -> None:
    chosen = settings(f"h5:{course_files(tmp_path / 'in')}")
    rows = divided(chosen, tmp_path)
    own = rows["content"].str.extract("#(train|test)/")[0]
    assert (rows["split"] == "test").to_list() == (own == "test").to_list()
    assert set(rows.loc[own == "train", "split"]) == {"train", "dev"}
    assert prepare(rows, chosen).classes == ("cat", "non-cat")


def test_drawn_pictures_are_stored_as_they_are_drawn(tmp_path: Path) -> None:
    chosen = settings(data={"embedded": {"number": 12}})
    rows = examples(chosen, tmp_path).examples
    for stored, original in zip(pixels(rows), originals(rows, chosen), strict=True):
        np.testing.assert_array_equal(stored, original)


def test_a_second_source_makes_dev_and_test(place: Path, tmp_path: Path) -> None:
    phone = folder(tmp_path / "phone", 12, first_seed=5000)
    chosen = settings(f"folder:{place / 'two'}", data={"target": f"folder:{phone}"})
    rows = divided(chosen, place)
    parts = {name: set(part["split"]) for name, part in rows.groupby("distribution")}
    assert parts == {"general": {"train", "train_dev"}, "target": {"dev", "test"}}
    assert set(rows.loc[rows["distribution"] == "target", "source"]) == {f"folder:{phone}"}
    mixed = rows.sample(frac=1, random_state=0)
    for row, original in zip(mixed.to_dict("records"), originals(mixed, chosen), strict=True):
        assert original == Path(row["content"].removeprefix("file:")).read_bytes()
    together = pixels(mixed)
    np.testing.assert_array_equal(together[:1], pixels(mixed[:1]))
    np.testing.assert_array_equal(together[-1:], pixels(mixed[-1:]))


def test_the_drawn_target_is_another_distribution(tmp_path: Path) -> None:
    chosen = settings(data={"target": "embedded", "embedded": {"number": 90}})
    rows = divided(chosen, tmp_path)
    light = rows.groupby("distribution")["attr.brightness"].mean()
    assert light["target"] < light["general"]
    assert len(rows) == 180


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"positive": "owl"}, "data.positive is 'owl', the classes are cat, dog"),
        ({"target": "folder:{place}/three"}, "class 'owl' is only in the target source"),
        ({"target": "films:x"}, "'films:x' is no source of pictures"),
    ],
)
def test_classes_that_do_not_fit_are_refused(
    place: Path, changes: dict[str, str], said: str
) -> None:
    changes = {name: value.format(place=place) for name, value in changes.items()}
    chosen = settings(f"folder:{place / 'two'}", data=changes)
    with pytest.raises(UserError, match=said):
        examples(chosen, place)


def test_many_classes_are_one_hot(place: Path) -> None:
    chosen = settings(f"folder:{place / 'three'}")
    rows = examples(chosen, place).examples
    assets = prepare(rows, chosen)
    ((_, truth),) = arrays(dataset(rows, assets, chosen, None))
    assert assets.outputs == 3
    assert [assets.classes[i] for i in truth.argmax(axis=1)] == list(rows["label"])
    np.testing.assert_array_equal(truth.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("name", "positive", "classes"),
    [
        ("three", "owl", ("not owl", "owl")),
        ("two", "dog", ("cat", "dog")),
        ("two", None, ("cat", "dog")),
    ],
)
def test_the_positive_class_is_the_one_that_is_1(
    place: Path, name: str, positive: str | None, classes: tuple[str, ...]
) -> None:
    chosen = settings(f"folder:{place / name}", data={"positive": positive})
    rows = examples(chosen, place).examples
    assets = prepare(rows, chosen)
    ((_, truth),) = arrays(dataset(rows, assets, chosen, None))
    assert assets.classes == classes
    assert assets.positive == (positive or "cat")
    np.testing.assert_array_equal(truth[:, 0], rows["label"] == assets.positive)


def test_scoring_reads_the_stored_pixels(place: Path) -> None:
    chosen = settings(f"folder:{place / 'two'}")
    rows = examples(chosen, place).examples
    ((pictures, _),) = arrays(dataset(rows, prepare(rows, chosen), chosen, None))
    assert pictures.dtype == np.float32
    np.testing.assert_array_equal(pictures, pixels(rows))


def test_a_pass_of_training_sees_every_picture_once_with_its_label(place: Path) -> None:
    chosen = settings(f"folder:{place / 'two'}", model={"augment": False}, fit={"batch_size": 25})
    rows = examples(chosen, place).examples
    known = {
        picture.tobytes(): label == "cat"
        for picture, label in zip(pixels(rows).astype(np.float32), rows["label"], strict=True)
    }
    batches = arrays(islice(dataset(rows, prepare(rows, chosen), chosen, 3), 3))
    assert [len(batch[0]) for batch in batches] == [25, 25, 10]
    seen = [(p.tobytes(), bool(t[0])) for batch in batches for p, t in zip(*batch[:2], strict=True)]
    assert dict(seen) == known
    assert len(seen) == len(known)


def test_augmentation_varies_training_and_never_scoring(place: Path) -> None:
    chosen = settings(f"folder:{place / 'two'}", fit={"batch_size": 60})
    rows = examples(chosen, place).examples
    assets = prepare(rows, chosen)
    first, second = arrays(islice(dataset(rows, assets, chosen, 0), 2))
    stored = {picture.tobytes() for picture in pixels(rows).astype(np.float32)}
    assert not stored & {picture.tobytes() for picture in first[0]}
    assert not {p.tobytes() for p in first[0]} & {p.tobytes() for p in second[0]}


def test_class_weights_make_classes_equal_in_training_only(place: Path) -> None:
    fit = {"class_weights": True, "batch_size": 12}
    chosen = settings(f"folder:{place / 'three'}", data={"positive": "cat"}, fit=fit)
    rows = examples(chosen, place).examples
    assets = prepare(rows, chosen)
    _, truth, weights = arrays(islice(dataset(rows, assets, chosen, 0), 1))[0]
    is_cat = truth[:, 0] == 1
    assert weights[is_cat].sum() == pytest.approx(weights[~is_cat].sum())
    assert weights.mean() == pytest.approx(1)
    assert len(arrays(dataset(rows, assets, chosen, None))[0]) == 2
