"""The compiled painter: what it costs at first, that it learns, and what its metrics say."""

from typing import Any

import keras
import numpy as np
import pytest

from common.settings import Fit
from projects.neural_style_transfer.data import Assets, prepare
from projects.neural_style_transfer.embedded import picture
from projects.neural_style_transfer.model import Cost, PerceptualLoss, build, initial_loss
from projects.neural_style_transfer.settings import Data, Model, Settings

SIZE = 32


def settings(style: str = "starry", **model: Any) -> Settings:
    return Settings(
        data=Data(size=SIZE, style=style),
        model=Model(**{"width": 4, "blocks": 1, **model}),
        fit=Fit(learning_rate=3e-3),
    )


def assets(chosen: Settings) -> Assets:
    return prepare(None, chosen)  # type: ignore[arg-type]


def scenes(number: int = 4) -> np.ndarray:
    return np.stack([picture(f"drawn:1:{i}", SIZE) for i in range(number)]).astype(np.float32)


@pytest.mark.parametrize("style", ["starry", "dotted", "woodcut"])
def test_the_first_loss_is_the_expected_one(style: str) -> None:
    chosen = settings(style)
    network, contents = build(assets(chosen), chosen), scenes(8)
    loss = float(network.compute_loss(y=contents, y_pred=network(contents)))
    assert 0.5 < loss / initial_loss(assets(chosen), chosen) < 3


def test_a_batch_is_learned_and_its_costs_are_told() -> None:
    chosen = settings()
    network, contents = build(assets(chosen), chosen), scenes()
    first = network.train_on_batch(contents, contents, return_dict=True)
    for _ in range(25):
        last = network.train_on_batch(contents, contents, return_dict=True)
    assert set(first) == {"loss", "content_cost", "style_cost"}
    assert last["loss"] < 0.8 * first["loss"]
    network.reset_metrics()
    told = network.test_on_batch(contents, contents, return_dict=True)
    found = network.loss.terms(contents, np.asarray(network(contents)))
    for name in ("content", "style"):
        assert told[f"{name}_cost"] == pytest.approx(float(np.mean(found[name])), rel=1e-3)


def test_untouched_contents_have_all_of_the_style_to_go() -> None:
    chosen = settings()
    loss, contents = build(assets(chosen), chosen).loss, scenes()
    np.testing.assert_allclose(loss.terms(contents, contents)["style"], 1, rtol=1e-3)


def test_what_is_wanted_of_one_picture_does_not_depend_on_its_batch() -> None:
    chosen = settings()
    loss, contents = build(assets(chosen), chosen).loss, scenes()
    together = loss.terms(contents, contents[::-1])["total"]
    alone = loss.terms(contents[:1], contents[3:])["total"]
    assert float(together[0]) == pytest.approx(float(alone[0]), rel=1e-4)


def test_the_seed_decides_how_a_network_starts() -> None:
    chosen = settings()
    first, again = (build(assets(chosen), chosen).get_weights() for _ in range(2))
    assert all(np.array_equal(*both) for both in zip(first, again, strict=True))


def test_loss_and_metric_come_back_from_their_configs() -> None:
    chosen = settings()
    contents = scenes()
    loss = build(assets(chosen), chosen).loss
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert isinstance(again, PerceptualLoss)
    assert float(again(contents, contents)) == pytest.approx(float(loss(contents, contents)))
    metric = Cost("style", loss)
    assert Cost.from_config(metric.get_config()).name == "style_cost"


def test_it_is_trained_in_bfloat16_and_paints_float32() -> None:
    chosen, contents = settings(), scenes()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = build(assets(chosen), chosen)
        found = network.train_on_batch(contents, contents, return_dict=True)
        assert np.isfinite(found["loss"])
        assert network(contents).dtype == "float32"
    finally:
        keras.config.set_dtype_policy("float32")
