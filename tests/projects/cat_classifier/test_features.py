"""Training on features computed once ends where training the whole network would."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from common.training.fit import FitJob, keras_fit
from projects.cat_classifier import features
from projects.cat_classifier.data import examples, prepare
from projects.cat_classifier.model import build
from projects.cat_classifier.room import PROJECT
from tests.projects.cat_classifier.pets import settings


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Drawn pictures, and somebody's small network to take features from."""
    home = tmp_path_factory.mktemp("features")
    pictures = keras.Input((16, 16, 3))
    x = keras.layers.Rescaling(1 / 255)(pictures)
    x = keras.layers.Conv2D(6, 3, 2, activation="relu")(x)
    keras.Model(pictures, x).save(home / "small.keras")
    return {"home": home, "weights": f"file:{home / 'small.keras'}"}


@pytest.mark.parametrize("fit", [{}, {"class_weights": True, "patience": 2, "l2": 0.01}])
def test_both_ways_end_alike(given: dict[str, Any], fit: dict[str, Any], tmp_path: Path) -> None:
    chosen = settings(
        data={"embedded": {"number": 60}},
        model={"name": "transfer", "weights": given["weights"], "augment": False},
        fit={"epochs": 3, "batch_size": 16, "learning_rate": 0.01, **fit},
    )
    rows = examples(chosen, given["home"]).examples
    assets = prepare(rows, chosen)

    def trained(way: Any, name: str) -> tuple[pd.DataFrame, list[np.ndarray]]:
        model = build(assets, chosen)
        job = FitJob(
            project=PROJECT,
            settings=chosen,
            assets=assets,
            train=rows[:44].reset_index(drop=True),
            watch=rows[44:].reset_index(drop=True),
            epochs=3,
            patience=chosen.fit.patience,
            backup=tmp_path / f"{name}.npz",
            on_epoch=lambda rows: None,
        )
        return way(model, job), model.get_weights()

    whole, weights = trained(keras_fit, "whole")
    quick, same = trained(features.fit, "quick")
    names = ["epoch", "loss", "error", "val_loss", "val_error"]
    assert set(names) <= set(quick)
    np.testing.assert_allclose(quick[names], whole[names], rtol=2e-3, atol=2e-3)
    for a, b in zip(weights, same, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-3)
