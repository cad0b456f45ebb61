"""Sources of faces: each gives pictures of named people, or one line that says why not."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image

from common.data.examples import GENERAL, TARGET
from common.errors import UserError
from projects.face_verification.settings import Data, Embedded
from projects.face_verification.sources import pairs_file, source


def photos(root: Path, **people: int) -> Path:
    """A folder per person with so many pictures, each of another grey."""
    for place, (name, number) in enumerate(people.items()):
        (root / name).mkdir(parents=True)
        for at in range(number):
            rng = np.random.default_rng([place, at])
            pixels = rng.integers(0, 256, (20, 16, 3), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{name}_{at + 1:04d}.jpg")
    return root


def test_a_folder_gives_people(tmp_path: Path) -> None:
    place = photos(tmp_path, ann=2, bo=1)
    table, read = source(f"folder:{place}", Data(), GENERAL)
    assert table[["label", "group"]].to_numpy().tolist() == [["ann"] * 2, ["ann"] * 2, ["bo"] * 2]
    assert table["example_id"].iloc[0] == "ann/ann_0001.jpg"
    assert read(table.iloc[0].to_dict())[:2] == b"\xff\xd8"


def test_drawn_people_of_the_target_are_others() -> None:
    data = Data(embedded=Embedded(people=10, pictures=2))
    general, _ = source("embedded", data, GENERAL)
    target, read = source("embedded", data, TARGET)
    assert not set(general["label"]) & set(target["label"])
    assert not set(general["example_id"]) & set(target["example_id"])
    assert read(target.iloc[0].to_dict()).shape == (64, 64, 3)


def test_lfw_is_read_from_a_folder_that_holds_its_zip(tmp_path: Path) -> None:
    place = photos(tmp_path / "lfw", ann=2, bo=1)
    found, _ = source(f"lfw:{place}", Data(), GENERAL)
    import shutil

    (tmp_path / "zipped").mkdir()
    shutil.make_archive(str(tmp_path / "zipped" / "faces"), "zip", tmp_path, "lfw")
    again, _ = source(f"lfw:{tmp_path / 'zipped'}", Data(), GENERAL)
    assert found["example_id"].tolist() == again["example_id"].tolist()


@pytest.mark.parametrize("place", ["lfw", "."])
def test_pairs_are_found_in_the_folder_and_beside_it(tmp_path: Path, place: str) -> None:
    (tmp_path / "pairs.txt").write_text("10\t300\n")
    assert pairs_file(f"lfw:{tmp_path / place}").endswith("pairs.txt")


@pytest.mark.parametrize("spec", ["lfw:{}", "folder:{}", "embedded"])
def test_folds_without_pairs_are_refused(tmp_path: Path, spec: str) -> None:
    with pytest.raises(UserError, match=r"data.test_folds wants LFW's pairs.txt"):
        pairs_file(spec.format(tmp_path / "nowhere"))


@pytest.mark.parametrize("spec", ["faces", "h5:faces.h5", "lfw:", "zip:faces.zip"])
def test_another_kind_of_source_is_refused(spec: str) -> None:
    with pytest.raises(UserError, match="is no source of faces: use embedded, folder:PATH"):
        source(spec, Data(), GENERAL)


class TinyLfw(tfds.core.GeneratorBasedBuilder):
    """Three pictures whose label is a name, as TFDS has LFW."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        features = {
            "label": tfds.features.Text(),
            "image": tfds.features.Image(shape=(None, None, 3)),
        }
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):  # type: ignore[no-untyped-def]
        return {"train": self._generate_examples()}

    def _generate_examples(self):  # type: ignore[no-untyped-def]
        for key, name in enumerate(("Ann_Lee", "Ann_Lee", "Bo_Ek")):
            yield key, {"image": np.full((8, 8, 3), 60 * key, np.uint8), "label": name}


def test_a_prepared_tfds_set_gives_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builder = TinyLfw(data_dir=tmp_path)
    builder.download_and_prepare()
    monkeypatch.setattr(tfds, "builder", lambda name: builder)
    table, _ = source("tfds:tiny_lfw", Data(), GENERAL)
    assert sorted(table["group"]) == ["Ann_Lee", "Ann_Lee", "Bo_Ek"]
    assert set(table["split"]) == {""}
