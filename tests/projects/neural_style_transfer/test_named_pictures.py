"""Pictures that settings name: what is found, and what is refused before anything is trained."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from common.errors import UserError
from projects.neural_style_transfer import data
from projects.neural_style_transfer.named_pictures import content_picture, style_picture
from projects.neural_style_transfer.settings import Data, Grid, Model, Settings


def test_a_style_from_a_file_keeps_its_shape(tmp_path: Path) -> None:
    file = tmp_path / "painting.png"
    Image.fromarray(np.full((200, 100, 3), 90, np.uint8)).save(file)
    found = style_picture(f"file:{file}", 64)
    assert found.shape == (64, 32, 3)
    assert found.mean() == pytest.approx(90 / 255, abs=0.01)


def test_a_photograph_has_the_longer_side_asked_for() -> None:
    found = content_picture("china", 64)
    assert found.shape == (43, 64, 3)
    assert 0 <= found.min() < found.max() <= 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(data=Data(style="cubist")), "'cubist' is no style: starry, .* or file:PATH"),
        (Settings(grid=Grid(styles=("glass", "x"))), "'x' is no style"),
        (Settings(grid=Grid(contents=("rome",))), "'rome' is no content: china, flower or file:"),
        (Settings(grid=Grid(contents=("file:nowhere.png",))), "nowhere.png cannot be opened"),
        (Settings(model=Model(features="file:nowhere.h5")), "nowhere.h5, which is no file"),
    ],
)
def test_what_cannot_be_had_is_told_before_any_content_is_read(
    settings: Settings, words: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=words):
        data.examples(settings, tmp_path)
    assert not list(tmp_path.iterdir())
