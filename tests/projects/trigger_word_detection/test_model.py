"""Both networks build, learn, and follow the settings; in float64 and bfloat16 as well."""

import math
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from common.settings import Fit, Runtime
from projects.trigger_word_detection.model import StepError, build, initial_loss
from projects.trigger_word_detection.settings import PRESETS, Model, Settings
from projects.trigger_word_detection.streaming import Recurrent, Residual
from tests.projects.trigger_word_detection.networks import KINDS, sound
from tests.projects.trigger_word_detection.planted import ASSETS

BOTH = ("tiny", "course")


def settings(name: str = "tiny", features: str = "logmel", width: int = 8, **fit: Any) -> Settings:
    chosen = Model(name=name, features=features, width=width)  # type: ignore[arg-type]
    return Settings(model=chosen, fit=Fit(**fit))


def flat(network: keras.Model) -> list[layers.Layer]:
    """All layers, those inside of residual blocks too."""
    found: list[layers.Layer] = []
    for layer in network.layers:
        found += [layer, *(layer.chain if isinstance(layer, Residual) else [])]
    return found


def batch(number: int = 4, steps: int = 25) -> tuple[np.ndarray, np.ndarray]:
    """Noise in which a tone sounds for 8 steps: the word, which is labelled as it sounds."""
    samples, truth = sound(steps, number), np.zeros((number, steps, 1), np.float32)
    for row, start in enumerate(np.random.default_rng(1).integers(0, steps - 8, number)):
        truth[row, start : start + 8] = 1
        tone = 0.3 * np.sin(2 * np.pi * 800 * np.arange(8 * 640) / 16_000)
        samples[row, start * 640 : (start + 8) * 640] += tone.astype(np.float32)
    return samples, truth


@pytest.mark.parametrize(("name", "features"), KINDS)
def test_each_learns_a_batch_from_the_loss_of_knowing_nothing(name: str, features: str) -> None:
    chosen = settings(name, features, learning_rate=1e-2)
    network = build(ASSETS, chosen)
    assert network.output_shape == (None, None, 1)
    losses = [network.train_on_batch(*batch(), return_dict=True)["loss"] for _ in range(15)]
    assert losses[0] == pytest.approx(initial_loss(ASSETS, chosen), rel=0.1)
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("start", ["zeros", "small", "glorot", "he"])
def test_every_initialization_starts_near_ln_2(name: str, start: str) -> None:
    network = build(ASSETS, settings(name, initialization=start, batch_norm=False))
    samples, truth = batch()
    loss = float(network.compute_loss(y=truth, y_pred=network(samples)))
    assert loss == pytest.approx(math.log(2), rel=0.2 if start != "zeros" else 1e-6)


def test_tiny_is_small_and_sees_two_seconds() -> None:
    network = build(ASSETS, settings(width=40))
    assert 35_000 < network.count_params() < 50_000
    seconds = (1 + _looked_back(network)) / 25
    assert 1.5 < seconds < 2.5


def _looked_back(network: keras.Model) -> int:
    """Steps before the present one that its convolutions see."""
    convs = [one for one in flat(network) if hasattr(one, "dilation")]
    return sum((one.kernel_size - 1) * one.dilation for one in convs)


def test_course_has_the_course_s_layers() -> None:
    network = build(ASSETS, settings("course", dropout=0.5))
    kinds = [type(layer).__name__ for layer in network.layers[4:]]
    norm, drop = "BatchNormalization", "Dropout"
    conv, gru = ["CausalConv", norm, "ReLU", drop], ["Recurrent", drop, norm]
    assert kinds == [*conv, *gru, *gru, drop, "Dense"]
    assert [one.units for one in network.layers if isinstance(one, Recurrent)] == [128, 128]


@pytest.mark.parametrize("name", BOTH)
def test_the_knobs_of_course_2_reach_the_network(name: str) -> None:
    plain = flat(build(ASSETS, settings(name, batch_norm=False)))
    assert not any(isinstance(one, layers.BatchNormalization | layers.Dropout) for one in plain)
    network = build(ASSETS, settings(name, dropout=0.4, l2=0.01, label_smoothing=0.1))
    assert {one.rate for one in flat(network) if isinstance(one, layers.Dropout)} == {0.4}
    kernels = [v for v in network.trainable_variables if v.name == "kernel"]
    assert len(network.losses) == len(kernels) >= 4
    penalty = sum(0.01 * float(np.square(np.asarray(one)).sum()) for one in kernels)
    assert float(sum(network.losses)) == pytest.approx(penalty, rel=1e-4)
    assert network.loss.label_smoothing == 0.1
    biases = [v.path for v in network.trainable_variables if v.name == "bias"]
    assert not any("conv" in path for path in biases), "batch norm has its own"


@pytest.mark.parametrize("name", BOTH)
def test_layers_start_unlike_each_other_and_follow_the_seed(name: str) -> None:
    def weights(seed: int) -> list[np.ndarray]:
        chosen = settings(name).model_copy(update={"runtime": Runtime(seed=seed)})
        return [w for w in build(ASSETS, chosen).get_weights() if w.ndim == 2 and w.std() > 0]

    one, same, other = weights(0), weights(0), weights(1)
    assert all((a == b).all() for a, b in zip(one, same, strict=True))
    kernels = [(a, b) for a, b in zip(one, other, strict=True) if a.shape[0] > 2]
    assert not any((a == b).all() for a, b in kernels)
    assert len({a.ravel()[:20].tobytes() for a, _ in kernels}) == len(kernels)


@pytest.mark.parametrize("name", BOTH)
def test_bfloat16_computes_in_it_but_hears_and_answers_in_float32(name: str) -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = build(ASSETS, settings(name))
    finally:
        keras.config.set_dtype_policy("float32")
    computed = {layer.name: layer.compute_dtype for layer in flat(network)[1:]}
    assert {computed.pop(name) for name in ("energies", "features", "logits")} == {"float32"}
    assert set(computed.values()) == {"bfloat16"}
    loss = float(network.train_on_batch(*batch(2))[0])
    assert math.isfinite(loss)
    assert {str(v.dtype) for v in network.trainable_variables} == {"float32"}


@pytest.mark.parametrize(("name", "features"), KINDS)
def test_gradients_are_right_in_float64(name: str, features: str) -> None:
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        network = build(ASSETS, settings(name, features))
        samples, truth = (tf.constant(one, tf.float64) for one in batch(2, 12))

        def loss() -> tf.Tensor:
            return network.compute_loss(y=truth, y_pred=network(samples, training=False))

        with tf.GradientTape() as tape:
            value = loss()
        assert value.dtype == tf.float64
        gradients = tape.gradient(value, network.trainable_variables)
        rng, step, found = np.random.default_rng(0), 1e-6, []
        for variable, gradient in zip(network.trainable_variables, gradients, strict=True):
            way, start = rng.standard_normal(variable.shape), np.asarray(variable)
            variable.assign(start + step * way)
            above = float(loss())
            variable.assign(start - step * way)
            slope = (above - float(loss())) / (2 * step)
            variable.assign(start)
            found.append((float(np.sum(np.asarray(gradient) * way)), slope))
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
    exact, numerical = np.array(found).T
    assert np.linalg.norm(exact) > 0
    assert np.linalg.norm(exact - numerical) < 1e-5 * np.linalg.norm(exact)


def test_the_step_error_counts_steps() -> None:
    metric = StepError()
    truth, logits = [0, 1, 1, 0], [-1, 2, -3, -4]
    metric.update_state(*(np.array(one, np.float32)[None, :, None] for one in (truth, logits)))
    assert float(metric.result()) == 0.25
    assert StepError.from_config(metric.get_config()).name == "step_error"


def test_every_preset_builds() -> None:
    for _, chosen in PRESETS.values():
        assert build(ASSETS, chosen).name == chosen.model.name
