"""Optimised pictures are made once, kept, and scored."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from projects.neural_style_transfer import grid
from projects.neural_style_transfer.settings import Grid, Optimising, Settings

SETTINGS = Settings(
    grid=Grid(
        contents=("china",),
        styles=("waves",),
        size=48,
        sheet_size=32,
        optimising=Optimising(steps=3, scales=1),
    )
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_every_content_in_every_style_and_the_contact_sheet(cache: Path) -> None:
    found = grid.optimised(SETTINGS, cache)
    assert found["unit"].value_counts().to_dict() == {
        "sheet": len(grid.STRENGTHS),
        "optimised": 1,
    }
    assert found["example_id"].is_unique
    one = found[found["unit"] == "optimised"].iloc[0]
    assert (one["example_id"], one["label"], one["group"]) == ("china x waves", "waves", "china")
    assert one["group_2"] == "style waves"
    assert Image.open(one["grid.file"]).size == (48, 32)
    assert Image.open(one["grid.original"]).size == (48, 32)
    assert len(pd.read_parquet(one["grid.history"])) == 3
    assert 0 < one["distance"] < 1
    assert 0 < one["edges"] <= 1


def test_what_was_made_is_found_again_and_another_setting_is_made_anew(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = grid.optimised(SETTINGS, cache)
    with monkeypatch.context() as patched:
        patched.setattr(grid, "feature_network", None)
        pd.testing.assert_frame_equal(grid.optimised(SETTINGS, cache), made)
    other = SETTINGS.grid.optimising.model_copy(update={"smooth": 0.1})
    changed = SETTINGS.grid.model_copy(update={"optimising": other, "contents": ("flower",)})
    keys = {one.key() for one in grid._wanted(SETTINGS)}
    again = {one.key() for one in grid._wanted(SETTINGS.model_copy(update={"grid": changed}))}
    assert not keys & again


@pytest.mark.parametrize(("size", "scales"), [(32, {1}), (90, {1}), (128, {1, 2})])
def test_the_sheet_has_as_many_scales_as_there_is_room_for(size: int, scales: set[int]) -> None:
    chosen = SETTINGS.grid.model_copy(update={"sheet_size": size})
    wanted = list(grid._wanted(SETTINGS.model_copy(update={"grid": chosen})))
    assert {one.optimising.scales for one in wanted if one.unit == "sheet"} == scales
    assert len(wanted) == 1 + len(grid.STRENGTHS) * len(scales)


def test_a_file_that_changes_is_another_picture(tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(file)
    wanted = grid.Wanted("optimised", f"file:{file}", "waves", 48, "random", Optimising())
    before = wanted.key()
    import os

    os.utime(file, ns=(1, 1))
    assert wanted.key() != before
