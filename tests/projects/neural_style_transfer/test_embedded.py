"""The embedded contents: stable rows, reproducible pixels, scenes that differ."""

import hashlib
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_sample_image

from common.errors import UserError
from projects.neural_style_transfer.drawing.canvas import Canvas
from projects.neural_style_transfer.drawing.sky import LIGHTS, Stage
from projects.neural_style_transfer.embedded import (
    KINDS,
    PAINTERS,
    PHOTOGRAPHS,
    contents,
    examples,
    picture,
    scene,
)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return examples(64, seed=0)


def test_a_larger_number_keeps_the_earlier_rows(table: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(examples(9, seed=0), table.head(9))


def test_rows_are_like_those_of_every_room(table: pd.DataFrame) -> None:
    assert table["example_id"].is_unique
    assert (table["split"] == "").all()
    assert len([name for name in table if name.startswith("attr.")]) >= 5
    assert not table.isna().any(axis=None)


def test_every_kind_of_scene_and_light_comes(table: pd.DataFrame) -> None:
    assert set(table["label"]) == {*KINDS, *PHOTOGRAPHS.values()}
    assert {scene(f"drawn:0:{index}").light for index in range(100)} == set(LIGHTS)


def test_no_pixel_of_a_photograph_is_in_two_groups_and_drawings_are_alone() -> None:
    table = examples(800, seed=0)
    crops = table[table["attr.source"] == "photograph"]
    assert len(crops) == len(table) // 8
    owners = {name: np.zeros(load_sample_image(name).shape[:2], int) for name in PHOTOGRAPHS}
    for number, (_, group) in enumerate(crops.groupby("group"), start=1):
        for content in group["content"]:
            _, name, *where = content.split(":")
            x, y, side = map(int, where)
            cut = owners[name][y : y + side, x : x + side]
            assert cut.shape == (side, side), "within the photograph"
            assert set(np.unique(cut)) <= {0, number}
            cut[:] = number
    assert crops["group"].nunique() > len(crops) / 3, "few share a part"
    drawn = table[table["attr.source"] == "drawn"]
    assert (drawn["group"] == drawn["example_id"]).all()


def test_attributes_tell_what_is_seen() -> None:
    rows = examples(200, seed=3).query("`attr.source` == 'drawn'")
    by_light = rows.groupby("attr.light")["attr.brightness"].mean()
    assert by_light["night"] < by_light["evening"] < by_light["day"]
    by_kind = rows.groupby("attr.kind")
    assert by_kind["attr.sky"].mean()["mountains"] > by_kind["attr.sky"].mean()["wood"]
    assert rows["attr.colourfulness"].between(0, 1).all()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(-(2**31), 2**31), index=st.integers(0, 10**6), size=st.integers(8, 64))
def test_any_content_can_be_painted_at_any_size(seed: int, index: int, size: int) -> None:
    pixels = picture(f"drawn:{seed}:{index}", size)
    assert pixels.shape == (size, size, 3)
    assert pixels.dtype == np.uint8
    assert pixels.std() > 10


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("light", LIGHTS)
def test_every_scene_is_the_same_at_every_size_in_every_light(kind: str, light: str) -> None:
    pixels = []
    for size in (24, 96):
        canvas = Canvas(size)
        PAINTERS[kind](Stage(canvas, light, 0.3, "one"))
        pixels.append(canvas.picture())
    shrunk = pixels[1].reshape(24, 4, 24, 4, 3).mean((1, 3))
    assert np.corrcoef(shrunk.ravel(), pixels[0].ravel().astype(float))[0, 1] > 0.9


def test_pixels_are_the_same_in_another_process(table: pd.DataFrame) -> None:
    code = (
        "import hashlib; from projects.neural_style_transfer.embedded import *;"
        "c = examples(8, 0)['content'];"
        "print(hashlib.sha256(b''.join(picture(x, 16).tobytes() for x in c)).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = b"".join(picture(content, 16).tobytes() for content in table["content"].head(8))
    assert there.stdout.strip() == hashlib.sha256(here).hexdigest()


def test_the_photographs_are_there_whole() -> None:
    found = contents()
    assert set(found) == {"china", "flower"}
    assert all(one.shape == (427, 640, 3) and one.dtype == np.uint8 for one in found.values())


@pytest.mark.parametrize("content", ["drawn:1", "photo:x.jpg:0:0:9", "file:a.png", ""])
def test_other_contents_are_refused(content: str) -> None:
    with pytest.raises(UserError, match="no embedded picture"):
        picture(content, 16)
