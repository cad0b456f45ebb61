"""A user's folder of contents needs no folders within."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from common.errors import UserError
from common.project import Found
from projects.neural_style_transfer import data
from projects.neural_style_transfer.contents_folder import contents_folder
from projects.neural_style_transfer.settings import Data, Settings


def drawn(root: Path, names: Sequence[str], seed: int = 0) -> Path:
    """Write pictures, each unlike the others, under these names."""
    rand = np.random.default_rng(seed)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(rand.integers(0, 255, (8, 8, 3), np.uint8))
        coarse.resize((40, 40)).save(root / name)
    return root


def found(settings: Settings, cache: Path) -> Found:
    return data.examples(settings, cache)


def test_a_flat_folder_of_pictures_is_divided(tmp_path: Path) -> None:
    root = drawn(tmp_path / "photos", [f"{number:02}.png" for number in range(40)])
    (root / "notes.txt").write_text("no picture")
    (root / ".DS_Store").write_text("hidden")
    settings = Settings(data=Data(source=f"folder:{root}", size=32))
    read = found(settings, tmp_path)
    assert read.problems["content"].tolist() == [f"file:{root / 'notes.txt'}"]
    assert sorted(read.examples["example_id"]) == [f"{number:02}.png" for number in range(40)]
    assert set(read.examples["label"]) == {"pictures"}
    assert {"train", "dev"} <= set(data.split(read.examples, settings)["split"])


def test_kinds_are_the_folders_below(tmp_path: Path) -> None:
    drawn(tmp_path, ["loose.png", "sea/1.png", "land/hills/2.png"])
    table, read = contents_folder(str(tmp_path))
    assert dict(zip(table["example_id"], table["label"], strict=True)) == {
        "loose.png": "pictures", "sea/1.png": "sea", "land/hills/2.png": "land/hills",
    }  # fmt: skip
    assert set(table["split"]) == {""}
    first = table.to_dict("records")[0]
    assert read({str(name): value for name, value in first.items()})


def test_a_division_is_kept(tmp_path: Path) -> None:
    drawn(tmp_path, ["Train/a/1.png", "val/a/1.png", "test/2.png"])
    table, _ = contents_folder(str(tmp_path))
    rows = {one["example_id"]: (one["split"], one["label"]) for one in table.to_dict("records")}
    assert rows == {
        "Train/a/1.png": ("train", "a"), "val/a/1.png": ("dev", "a"),
        "test/2.png": ("test", "pictures"),
    }  # fmt: skip


def test_a_target_may_have_files_of_the_same_names(tmp_path: Path) -> None:
    for seed, name in enumerate(("many", "few")):
        drawn(tmp_path / name, ["1.png", "2.png"], seed)
    chosen = Data(source=f"folder:{tmp_path}/many", target=f"folder:{tmp_path}/few", size=32)
    read = found(Settings(data=chosen), tmp_path)
    assert read.examples["example_id"].tolist() == [
        "1.png", "2.png", "target: 1.png", "target: 2.png",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "said"), [("none", "is no folder"), (".", "holds no picture")])
def test_where_nothing_is_one_line_says_so(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        contents_folder(str(tmp_path / name))
    assert "\n" not in str(caught.value)
