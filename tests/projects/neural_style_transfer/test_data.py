"""Contents and a style, from sources to batches."""

from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from projects.neural_style_transfer import data
from projects.neural_style_transfer.named_pictures import style_picture
from projects.neural_style_transfer.painted_styles import STYLES
from projects.neural_style_transfer.settings import Data, Settings

SETTINGS = Settings(data=Data(size=32, number=48))


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    found = data.examples(SETTINGS, tmp_path_factory.mktemp("cache"))
    return data.split(found.examples, SETTINGS)


def test_crops_of_a_photograph_stay_together(divided: pd.DataFrame) -> None:
    crops = divided[divided["attr.source"] == "photograph"]
    assert len(crops) == 6
    assert crops.groupby("group")["split"].nunique().max() == 1


def test_the_truth_of_a_painting_is_its_content(divided: pd.DataFrame) -> None:
    train = divided[divided["split"] == "train"].reset_index(drop=True)
    assets = data.prepare(train, SETTINGS)
    for start in (0, None):
        for pictures, truth in islice(data.dataset(train, assets, SETTINGS, start), 2):
            assert pictures.shape[1:] == (32, 32, 3)
            np.testing.assert_array_equal(pictures, truth)
            assert pictures.numpy().min() >= 0
            assert 1 < pictures.numpy().max() <= 255


@pytest.mark.parametrize("name", STYLES)
def test_a_style_travels_in_the_assets(name: str) -> None:
    settings = SETTINGS.model_copy(update={"data": Data(size=32, style=name)})
    assets = data.prepare(pd.DataFrame(), settings)
    again = data.Assets(**assets.model_dump())
    wanted = style_picture(name, 32)
    np.testing.assert_allclose(data.style_of(again), wanted, atol=1 / 255)


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    wrong = SETTINGS.model_copy(update={"data": Data(source="h5:x", size=32)})
    with pytest.raises(UserError, match="'h5:x' is no source of contents"):
        data.examples(wrong, tmp_path)
