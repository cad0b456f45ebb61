"""From paintings to numbers."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from common.project import NoCalibration
from common.strategy import predictions
from projects.neural_style_transfer import data, evaluate
from projects.neural_style_transfer.settings import Data, Grid, Optimising, Settings
from projects.neural_style_transfer.units import units

SETTINGS = Settings(
    data=Data(size=32, number=48, style="waves"),
    grid=Grid(
        contents=("china",),
        styles=("waves",),
        size=32,
        sheet_size=32,
        optimising=Optimising(steps=1, scales=1),
    ),
)


class Copier:
    """A network that paints what it is given."""

    def predict(self, batches: Any, verbose: int = 0) -> np.ndarray:
        return np.concatenate([pictures.numpy() for pictures, _ in batches])

    def predict_on_batch(self, pictures: np.ndarray) -> np.ndarray:
        time.sleep(0.01)
        return pictures


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, data.Assets]:
    found = data.examples(SETTINGS, tmp_path_factory.mktemp("cache"))
    divided = data.split(found.examples, SETTINGS)
    assets = data.prepare(divided, SETTINGS)
    rows = divided[divided["split"] == "dev"].reset_index(drop=True)
    return units(rows, assets, SETTINGS), assets


def test_only_dev_has_optimised_pictures(dev: tuple[pd.DataFrame, data.Assets]) -> None:
    table, assets = dev
    assert {"painted", "optimised", "sheet"} == set(table["unit"])
    train = table[table["unit"] == "painted"].assign(split="train")
    assert set(units(train, assets, SETTINGS)["unit"]) == {"painted"}


def test_scores_of_copies_and_of_what_was_optimised(dev: tuple[pd.DataFrame, data.Assets]) -> None:
    table, assets = dev
    scores = evaluate.score(Copier(), table, assets, SETTINGS)
    painted = (table["unit"] == "painted").to_numpy()
    assert scores["edges"][painted].to_numpy() == pytest.approx(1)
    np.testing.assert_array_equal(scores["distance"][~painted], table["distance"][~painted])
    alone = evaluate.score(Copier(), table[~painted], assets, SETTINGS)
    np.testing.assert_array_equal(alone["edges"], table["edges"][~painted])


def test_answers_carry_pictures_and_metrics_read_them(
    dev: tuple[pd.DataFrame, data.Assets],
) -> None:
    table, assets = dev
    scores = evaluate.score_and_paintings(Copier(), table, assets, SETTINGS)
    decided = evaluate.decide(scores, table, assets, NoCalibration())
    checked = predictions.checked(decided.assign(split="dev"))
    assert checked["error"].between(0, 1).all()
    for unit, png in zip(checked["unit"], checked["painted"], strict=True):
        assert png.startswith(b"\x89PNG") == (unit == "painted")
    found = {m.name: m.on(checked, "dev") for m in evaluate.metrics(assets, SETTINGS)}
    assert found["edges_kept"].value == pytest.approx(1)
    assert 0.5 < found["edges_kept_by_colours_alone"].value < 1
    assert 0 < found["optimised_style_error"].value <= 1
    assert 10 <= checked["milliseconds"].iloc[0] < 1000


def test_there_is_no_truth_that_could_be_wrong(dev: tuple[pd.DataFrame, data.Assets]) -> None:
    table, assets = dev
    scores = evaluate.score(Copier(), table, assets, SETTINGS)
    decided = evaluate.decide(scores, table, assets, NoCalibration()).assign(split="dev")
    assert not predictions.has_truth(decided)


def test_pictures_of_one_style_tell_little_of_others(
    dev: tuple[pd.DataFrame, data.Assets],
) -> None:
    """Two contents in three styles, of which each fares as it does with any content."""
    table, assets = dev
    one = table[table["unit"] == "optimised"].iloc[[0]]
    errors = {"starry": 0.94, "glass": 0.53, "waves": 0.27}
    six = pd.concat(
        one.assign(example_id=f"{content} x {style}", group=content, group_2=f"style {style}",
                   error=error, split="dev")
        for content in ("china", "flower") for style, error in errors.items()
    )  # fmt: skip
    metric = next(
        m for m in evaluate.metrics(assets, SETTINGS) if m.name == "optimised_style_error"
    )
    found = metric.on(predictions.checked(six), "dev")
    assert found.low < 0.2
    assert found.high > 0.85
    alone = metric.on(predictions.checked(six[six["group"] == "china"]), "dev")
    assert (alone.low, alone.high) == pytest.approx((0, 1), abs=0.05)


def test_the_colours_alone_are_an_error_of_one(dev: tuple[pd.DataFrame, data.Assets]) -> None:
    table, assets = dev
    found = evaluate.baseline({"dev": table}, assets, SETTINGS)
    assert found["error"].to_numpy() == pytest.approx(1, abs=1e-3)
    assert found["edges"].mean() > 0.8


def test_the_human_level_is_another_picture_by_the_same_hand(tmp_path: Path) -> None:
    level = evaluate.human_level(SETTINGS)
    assert level is not None
    assert 0 < level < 0.5
    painting = SETTINGS.data.model_copy(update={"style": "file:painting.jpg"})
    unknown = SETTINGS.model_copy(update={"data": painting})
    assert evaluate.human_level(unknown) is None
    assert evaluate.human_level_note(SETTINGS).startswith("another picture by the same hand")
    assert "strategy.human_level" in evaluate.human_level_note(unknown)
