from pathlib import Path

import h5py
import numpy as np
import pytest
import tensorflow_datasets as tfds

from common.data.picture_sources import source
from common.errors import UserError
from tests.common.data.small_pictures import write_pictures

CLASSES = [b"non-cat", b"cat"]


def pets(folder: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        write_pictures(folder / name, 3, first_seed=10 * number)
    return folder


def h5_file(path: Path, part: str, number: int, **changes: object) -> Path:
    rand = np.random.default_rng(number)
    content = {
        f"{part}_set_x": rand.integers(0, 256, (number, 8, 8, 3), dtype=np.uint8),
        f"{part}_set_y": np.arange(number) % 2,
        "list_classes": np.array(CLASSES),
        **changes,
    }
    with h5py.File(path, "w") as opened:
        for key, value in content.items():
            if value is not None:
                opened[key] = value
    return path


def test_a_folder_per_class(tmp_path):
    root = pets(tmp_path / "in", "cat", "dog")
    (root / "cat" / ".hidden.jpg").write_bytes(b"x")
    (root / "cat" / "note.txt").write_bytes(b"kept, and found unreadable later")
    (root / ".git").mkdir()
    table, read = source(f"folder:{root}", None)
    assert table["label"].value_counts().to_dict() == {"cat": 4, "dog": 3}
    assert set(table["split"]) == {""}
    for row in table.to_dict("records"):
        assert read(row) == Path(row["content"].removeprefix("file:")).read_bytes()


@pytest.mark.parametrize("dev", ["val", "dev", "valid", "validation"])
def test_a_divided_folder_keeps_its_division(tmp_path, dev):
    for part in ("train", dev, "Test"):
        pets(tmp_path / part, "cat", "dog")
    table, _ = source(f"folder:{tmp_path}", None)
    cells = table.groupby(["split", "label"]).size()
    assert cells.to_dict() == {(s, c): 3 for s in ("train", "dev", "test") for c in ("cat", "dog")}


def test_positive_of_three_classes(tmp_path):
    root = pets(tmp_path, "cat", "dog", "owl")
    assert set(source(f"folder:{root}", None)[0]["label"]) == {"cat", "dog", "owl"}
    labels = source(f"folder:{root}", "owl")[0]["label"]
    assert labels.value_counts().to_dict() == {"not owl": 6, "owl": 3}


@pytest.mark.parametrize("which", ["", "train_catvnoncat.h5", "test_catvnoncat.h5"])
def test_the_course_s_pair(tmp_path, which):
    h5_file(tmp_path / "train_catvnoncat.h5", "train", 6, list_classes=None)
    h5_file(tmp_path / "test_catvnoncat.h5", "test", 4, test_set_y=np.array([[1], [0], [0], [0]]))
    table, read = source(f"h5:{tmp_path / which}", None)
    cells = table.groupby(["split", "label"]).size().to_dict()
    assert cells == {
        ("test", "cat"): 1, ("test", "non-cat"): 3, ("train", "cat"): 3, ("train", "non-cat"): 3,
    }  # fmt: skip
    row = table[table["content"].str.endswith("#train/2")].iloc[0]
    expected = np.random.default_rng(6).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)[2]
    assert np.array_equal(read(row.to_dict()), expected)


def test_classes_without_names(tmp_path):
    file = h5_file(tmp_path / "train_x.h5", "train", 4, list_classes=None)
    assert set(source(f"h5:{file}", None)[0]["label"]) == {"class 0", "class 1"}


def html(path: Path) -> None:
    path.write_text("<html>not found</html>")


def floats(path: Path) -> None:
    h5_file(path, "train", 4, train_set_x=np.zeros((4, 8, 8, 3), np.float32))


def too_few_labels(path: Path) -> None:
    h5_file(path, "train", 4, train_set_y=np.zeros(3, int))


def other_keys(path: Path) -> None:
    h5_file(path, "train", 4, train_set_x=None)


def one_class(path: Path) -> None:
    h5_file(path, "train", 4, train_set_y=np.ones(4, int))


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (html, "cannot be read as the course's format"),
        (floats, "uint8"),
        (too_few_labels, "3 labels"),
        (other_keys, "cannot be read as the course's format"),
        (one_class, "only 'cat'"),
    ],
)
def test_a_wrong_h5_is_one_line(tmp_path, write, said):
    write(tmp_path / "train_x.h5")
    with pytest.raises(UserError, match=said) as error:
        source(f"h5:{tmp_path / 'train_x.h5'}", None)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("folder:{0}/empty", "0 files of 0 classes"),
        ("folder:{0}/one", r"3 files of 1 classes \(cat\)"),
        ("folder:{0}/nowhere", "is no folder"),
        ("folder:", "is no source"),
        ("zip:{0}", "embedded, folder:PATH, h5:PATH or tfds:NAME"),
        ("h5:{0}/empty", "holds no .h5 file"),
        ("h5:{0}/none.h5", "does not exist"),
        ("tfds:cat_vs_dogs", "perhaps you meant cats_vs_dogs"),
    ],
)
def test_what_is_no_source_is_one_line(tmp_path, spec, said):
    (tmp_path / "empty").mkdir()
    pets(tmp_path / "one", "cat")
    with pytest.raises(UserError, match=said) as error:
        source(spec.format(tmp_path), None)
    assert "\n" not in str(error.value)


class TinyPets(tfds.core.GeneratorBasedBuilder):
    """Six pictures, divided by their source."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = tfds.features.FeaturesDict(
            {
                "image": tfds.features.Image(shape=(None, None, 3)),
                "label": tfds.features.ClassLabel(names=["cat", "dog"]),
            }
        )
        return tfds.core.DatasetInfo(builder=self, features=features)

    def _split_generators(self, dl_manager):
        return {
            "train": self._generate_examples(4),
            "test": self._generate_examples(2),
            "corrupted": self._generate_examples(3),
        }

    def _generate_examples(self, number):
        for key in range(number):
            picture = np.full((5 + key, 7, 3), 40 * key, np.uint8)
            yield key, {"image": picture, "label": key % 2}


def test_a_prepared_tfds_set_keeps_its_splits(tmp_path, monkeypatch):
    builder = TinyPets(data_dir=tmp_path)
    builder.download_and_prepare()
    monkeypatch.setattr(tfds, "builder", lambda name: builder)
    table, read = source("tfds:tiny_pets", None)
    assert table.groupby(["split", "label"]).size().to_dict() == {
        ("train", "cat"): 2, ("train", "dog"): 2, ("test", "cat"): 1, ("test", "dog"): 1,
    }  # fmt: skip
    assert table["example_id"].is_unique
    assert all(read(row).startswith(b"\x89PNG") for row in table.to_dict("records"))
    again, _ = source("tfds:tiny_pets", None)
    assert list(again["example_id"]) == list(table["example_id"])


def test_tfds_without_a_network_says_so_at_once(tmp_path, monkeypatch):
    def no_network(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", no_network)
    monkeypatch.setattr(tfds, "builder", lambda name: TinyPets(data_dir=tmp_path))
    with pytest.raises(UserError, match="no network to download it"):
        source("tfds:tiny_pets", None)
