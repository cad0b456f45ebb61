"""The ladder of networks: each builds, learns and is saved as the settings say."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from projects.cat_classifier.data import Assets
from projects.cat_classifier.model import ErrorRate, build, initial_loss
from tests.projects.cat_classifier.pets import BINARY, MANY, settings

LADDER = ("logistic", "shallow", "deep", "convnet", "resnet")
SIZE = 16


def model(name: str, assets: Assets = BINARY, **groups: Any) -> keras.Model:
    own = {"name": name, "width": 4, **groups.pop("model", {})}
    return build(assets, settings(size=SIZE, model=own, **groups))


def batch(assets: Assets, number: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rand = np.random.default_rng(0)
    pictures = rand.integers(0, 256, (number, SIZE, SIZE, 3)).astype(np.float32)
    truth = np.eye(len(assets.classes), dtype=np.float32)[np.arange(number) % len(assets.classes)]
    return pictures, truth[:, :1] if assets.outputs == 1 else truth


def kinds(network: keras.Model) -> list[str]:
    return [type(layer).__name__ for layer in network.layers]


@pytest.mark.parametrize("assets", [BINARY, MANY], ids=["binary", "many"])
@pytest.mark.parametrize("name", LADDER)
def test_each_rung_learns_a_batch_and_is_saved(name: str, assets: Assets, tmp_path: Path) -> None:
    network = model(name, assets, fit={"learning_rate": 3e-3})
    pictures, truth = batch(assets)
    losses = [network.train_on_batch(pictures, truth) for _ in range(25)]
    first, last = (float(np.asarray(one if np.ndim(one) == 0 else one[0])) for one in
                   (losses[0], losses[-1]))  # fmt: skip
    assert np.isfinite(first)
    assert last < first
    assert network.output_shape == (None, assets.outputs)
    network.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_allclose(again(pictures), network(pictures, training=False), atol=1e-5)


def test_the_course_s_networks_have_the_course_s_units() -> None:
    inputs = SIZE * SIZE * 3
    sizes = {"logistic": (1,), "shallow": (7, 1), "deep": (20, 7, 5, 1)}
    for name, units in sizes.items():
        expected = sum(
            (before + 1) * after for before, after in zip((inputs, *units), units, strict=False)
        )
        assert model(name).count_params() == expected


@pytest.mark.parametrize("assets", [BINARY, MANY], ids=["binary", "many"])
def test_zeros_start_at_the_loss_of_knowing_nothing(assets: Assets) -> None:
    network = model("logistic", assets, fit={"initialization": "zeros"})
    pictures, truth = batch(assets)
    loss = float(network.compute_loss(y=truth, y_pred=network(pictures)))
    assert loss == pytest.approx(initial_loss(assets, settings()), abs=1e-6)


@pytest.mark.parametrize("name", ["convnet", "resnet"])
def test_the_knobs_of_course_2_reach_the_network(name: str) -> None:
    plain = model(name, fit={"batch_norm": False})
    assert {"BatchNormalization", "Dropout"} & set(kinds(plain)) == set()
    assert plain.losses == []
    network = model(name, fit={"dropout": 0.4, "l2": 0.01, "label_smoothing": 0.1})
    assert {"BatchNormalization", "Dropout"} <= set(kinds(network))
    kernels = [v for v in network.trainable_variables if v.name == "kernel"]
    assert len(network.losses) == len(kernels)
    penalty = sum(0.01 * float(np.square(np.asarray(one)).sum()) for one in kernels)
    assert float(sum(network.losses)) == pytest.approx(penalty, rel=1e-4)
    assert network.loss.label_smoothing == 0.1
    convolutions = [one for one in network.layers if isinstance(one, keras.layers.Conv2D)]
    before_norm = [one for one in convolutions if one.strides == (1, 1) and one.kernel_size[0] > 1]
    assert before_norm
    assert not any(one.use_bias for one in before_norm)


def test_layers_start_unlike_each_other_and_follow_the_seed() -> None:
    one, same = model("resnet").get_weights(), model("resnet").get_weights()
    other = model("resnet", runtime={"seed": 1}).get_weights()
    assert all((a == b).all() for a, b in zip(one, same, strict=True))
    kernels = [(a, b) for a, b in zip(one, other, strict=True) if a.ndim == 4]
    assert not any((a == b).all() for a, b in kernels)
    stages = [a.ravel()[:20] for a, _ in kernels]
    assert len({row.tobytes() for row in stages}) == len(stages)


@pytest.mark.parametrize("size", [8, 9, 33, 64])
def test_any_size_of_pictures_has_its_stages(size: int) -> None:
    for name in ("convnet", "resnet"):
        network = build(BINARY, settings(size=size, model={"name": name, "width": 2}))
        answer = network(np.zeros((1, size, size, 3), np.float32))
        assert answer.shape == (1, 1)


def test_bfloat16_computes_in_it_and_answers_in_float32() -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = model("convnet")
    finally:
        keras.config.set_dtype_policy("float32")
    assert any(layer.compute_dtype == "bfloat16" for layer in network.layers)
    answer = network(batch(BINARY)[0])
    assert keras.backend.standardize_dtype(answer.dtype) == "float32"
    assert {str(v.dtype) for v in network.trainable_variables} == {"float32"}


@pytest.mark.parametrize(
    ("truth", "logits", "wrong"),
    [
        ([[0], [0], [1], [1]], [[-1], [2], [3], [4]], 0.25),
        ([[1, 0, 0], [0, 1, 0]], [[0.2, 0.1, 0.3], [0, 5, 1]], 0.5),
    ],
)
def test_the_error_rate_counts_wrong_answers(
    truth: list[list[float]], logits: list[list[float]], wrong: float
) -> None:
    metric = ErrorRate()
    metric.update_state(np.array(truth, np.float32), np.array(logits, np.float32))
    assert float(metric.result()) == wrong
    again = ErrorRate.from_config(metric.get_config())
    assert again.name == "error"
