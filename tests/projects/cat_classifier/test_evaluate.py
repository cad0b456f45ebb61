"""From logits to answers: planted truth is found; the export decides as the table does."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, softmax

from common.strategy.predictions import checked
from projects.cat_classifier import serve
from projects.cat_classifier.data import Assets
from projects.cat_classifier.evaluate import (
    Calibration,
    baseline,
    calibrate,
    decide,
    metrics,
    scores_table,
)
from tests.projects.cat_classifier.pets import BINARY, MANY
from tests.projects.cat_classifier.pets import settings as fields

SECOND = Assets(classes=("cat", "not cat"), positive="not cat")


def units(labels: np.ndarray | list[str]) -> pd.DataFrame:
    ids = [f"e{i}" for i in range(len(labels))]
    return pd.DataFrame({"example_id": ids, "group": ids, "label": labels, "split": "dev"})


def scored(logits: np.ndarray, labels: np.ndarray, assets: Assets) -> tuple[pd.DataFrame, ...]:
    table = units(labels)
    return scores_table(table, np.asarray(logits, float).reshape(len(table), -1), assets), table


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), temperature=st.floats(0.3, 6))
def test_a_planted_temperature_is_found(seed: int, temperature: float) -> None:
    rand = np.random.default_rng(seed)
    honest = rand.normal(0, 2, 8000)
    labels = np.where(rand.random(8000) < expit(honest), "cat", "not cat")
    fitted = calibrate(*scored(honest * temperature, labels, BINARY), BINARY, fields())
    assert fitted.temperature == pytest.approx(temperature, rel=0.15)
    assert fitted.threshold == pytest.approx(0.5, abs=0.2)


def test_a_planted_temperature_of_many_classes_is_found() -> None:
    rand = np.random.default_rng(0)
    honest = rand.normal(0, 2, (6000, 3))
    chances = softmax(honest, axis=1).cumsum(axis=1)
    which = (rand.random((6000, 1)) > chances).sum(axis=1)
    labels = np.array(MANY.classes)[np.minimum(which, 2)]
    fitted = calibrate(*scored(3 * honest, labels, MANY), MANY, fields())
    assert fitted.temperature == pytest.approx(3, rel=0.1)
    assert fitted.threshold == 0.5


@given(logits=st.lists(st.integers(-6, 6), min_size=1, max_size=40), seed=st.integers(0, 2**16))
def test_the_threshold_leaves_a_half_only_for_more_than_chance(
    logits: list[int], seed: int
) -> None:
    labels = np.random.default_rng(seed).choice(["cat", "not cat"], len(logits))
    scores, table = scored(np.array(logits), labels, BINARY)
    fitted = calibrate(scores, table, BINARY, fields())
    assert 0 < fitted.threshold < 1
    plain = fitted.model_copy(update={"threshold": 0.5})
    found, half = (decide(scores, table, BINARY, one) for one in (fitted, plain))
    moved = (found["prediction"] != half["prediction"]).sum()
    gained = half["error"].sum() - found["error"].sum()
    assert fitted.threshold == 0.5 or gained > 1.96 * np.sqrt(moved)


def test_a_planted_threshold_is_found() -> None:
    rand = np.random.default_rng(3)
    honest = rand.normal(0, 2, 4000)
    labels = np.where(rand.random(4000) < expit(honest), "cat", "not cat")
    scores, table = scored(honest - 2.0, labels, BINARY)
    fitted = calibrate(scores, table, BINARY, fields())
    right = expit(-2.0 / fitted.temperature)
    assert fitted.threshold == pytest.approx(right, abs=0.07)
    assert decide(scores, table, BINARY, fitted)["error"].mean() < 0.25


def test_a_weak_network_on_few_examples_still_answers_both_classes() -> None:
    rand = np.random.default_rng(1)
    labels = np.where(np.arange(200) < 68, "cat", "not cat")
    logits = rand.normal(-0.7, 1, 200) + 0.3 * (labels == "cat")
    fitted = calibrate(*scored(logits, labels, BINARY), BINARY, fields())
    assert fitted.threshold == 0.5


@pytest.mark.parametrize("labels", [["cat"], ["not cat"], ["cat"] * 5])
def test_one_class_or_one_picture_can_be_calibrated(labels: list[str]) -> None:
    scores, table = scored(np.zeros(len(labels)), np.array(labels), BINARY)
    fitted = calibrate(scores, table, BINARY, fields())
    assert np.isfinite([fitted.temperature, fitted.threshold]).all()
    assert decide(scores, table, BINARY, fitted)["error"].notna().all()


@pytest.mark.parametrize("assets", [BINARY, SECOND], ids=["first", "second"])
def test_binary_answers(assets: Assets) -> None:
    logits = np.array([-3.0, -0.5, 0.0, 0.5, 3.0])
    scores, table = scored(logits, np.array(["cat"] * 5), assets)
    fitted = Calibration(temperature=2, threshold=0.5, unsure=0.1)
    found = checked(decide(scores, table, assets, fitted))
    chance = expit(logits / 2)
    other = next(name for name in assets.classes if name != assets.positive)
    np.testing.assert_allclose(found["probability"], chance)
    assert list(found["prediction"]) == [other, other, *[assets.positive] * 3]
    np.testing.assert_allclose(found["score"], np.maximum(chance, 1 - chance))
    assert list(found["unsure"]) == [False, True, True, True, False]
    assert list(found["error"]) == [float(name != "cat") for name in found["prediction"]]


def test_many_answers() -> None:
    logits = np.array([[2.0, 0, 0], [0, 2, 1.9], [0, 0, 9]])
    scores, table = scored(logits, np.array(["cat", "cat", "owl"]), MANY)
    found = checked(decide(scores, table, MANY, Calibration()))
    assert list(found["prediction"]) == ["cat", "dog", "owl"]
    assert list(found["unsure"]) == [False, True, False]
    assert list(found["error"]) == [0, 1, 0]
    np.testing.assert_allclose(found["score"], softmax(logits, axis=1).max(axis=1))


def saved_decision(assets: Assets, fitted: Calibration, folder: Path) -> tuple[pd.DataFrame, ...]:
    """A SavedModel's answers to random pictures, and the table's for the same logits."""
    pictures = keras.Input((8, 8, 3))
    spread = keras.initializers.RandomNormal(stddev=0.002, seed=3)
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1, -128)(pictures))
    network = keras.Model(pictures, keras.layers.Dense(assets.outputs, None, True, spread)(flat))
    chosen = fields(size=8)
    serve.write_saved_model(network, units(["cat"]), assets, fitted, chosen, folder / "model")
    loaded = tf.saved_model.load(str(folder / "model"))
    rand = np.random.default_rng(0)
    answers = loaded.signatures["pixels"](
        pixels=tf.constant(rand.integers(0, 256, (600, 8, 8, 3), dtype=np.uint8))
    )
    found = {name: value.numpy() for name, value in answers.items()}
    table = units(np.resize(assets.classes, 600))
    logits = found.pop("logits")
    decided = decide(scores_table(table, logits, assets), table, assets, fitted)
    chances = found.pop("probabilities")
    assert chances.shape == (600, len(assets.classes))
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-5)
    return pd.DataFrame(found), decided, pd.DataFrame(chances, columns=list(assets.classes))


@pytest.mark.parametrize(
    ("assets", "threshold"), [(BINARY, 0.5), (BINARY, 0.37), (SECOND, 0.71), (MANY, 0.5)]
)
def test_the_saved_model_decides_as_the_table_does(
    assets: Assets, threshold: float, tmp_path: Path
) -> None:
    fitted = Calibration(temperature=1.7, threshold=threshold, unsure=0.08)
    answers, decided, chances = saved_decision(assets, fitted, tmp_path)
    if assets is MANY:
        ranked = np.sort(chances.to_numpy(), axis=1)
        lead = ranked[:, -1] - ranked[:, -2]
        edge = np.minimum(lead, np.abs(lead - 2 * fitted.unsure))
    else:
        far = np.abs(chances[assets.positive] - threshold)
        edge = np.minimum(far, np.abs(far - fitted.unsure))
    clear = np.asarray(edge > 1e-5)  # float32 may fall on either side of an edge
    assert clear.mean() > 0.95
    names = answers["prediction"].str.decode("utf-8")
    assert (names == decided["prediction"])[clear].all()
    assert (answers["unsure"] == decided["unsure"])[clear].all()
    assert 0.02 < answers["unsure"].mean() < 0.9
    assert set(names) == set(assets.classes)
    np.testing.assert_allclose(answers["score"][clear], decided["score"][clear], atol=1e-5)


def test_the_baseline_answers_train_s_most_frequent_class() -> None:
    train, dev = units(["cat", "not cat", "not cat"]), units(["cat", "not cat", "cat", "cat"])
    found = baseline({"train": train, "dev": dev}, BINARY, fields())
    assert set(found["prediction"]) == {"not cat"}
    assert list(found["error"]) == [1, 0, 1, 1]
    assert checked(found)["score"].iloc[0] == pytest.approx(2 / 3)


@pytest.mark.parametrize(("assets", "number"), [(BINARY, 5), (MANY, 2)])
def test_the_first_metric_is_the_error(assets: Assets, number: int) -> None:
    found = metrics(assets, fields())
    assert found[0].name == "error"
    assert len(found) == number
