"""A stream in any chunks gives what the whole clip gives, and nothing depends on what follows."""

import itertools
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from common.errors import UserError
from projects.trigger_word_detection.grid import STEP
from projects.trigger_word_detection.streaming import (
    CausalConv,
    Recurrent,
    Residual,
    state_size,
    step_through,
    stream_step,
)
from tests.projects.trigger_word_detection.networks import KINDS, network, sound

LENGTH = 60


@pytest.fixture(scope="module", params=KINDS, ids=["-".join(kind) for kind in KINDS])
def model(request: pytest.FixtureRequest) -> keras.Model:
    return network(*request.param)


@pytest.fixture(scope="module")
def step(model: keras.Model) -> Any:
    """A step of the stream as a graph for chunks of any length."""
    shapes = [tf.TensorSpec([None, None]), tf.TensorSpec([None, state_size(model)])]
    return tf.function(
        lambda samples, state: stream_step(model, samples, state), input_signature=shapes
    )


@settings(max_examples=10)
@given(cuts=st.sets(st.integers(1, LENGTH - 1), max_size=20))
def test_any_chunks_give_what_the_whole_clip_gives(
    model: keras.Model, step: Any, cuts: set[int]
) -> None:
    samples = sound(LENGTH)
    whole = np.asarray(step(samples, tf.zeros((len(samples), state_size(model))))[0])
    assert whole.std() > 0.05, "sound must matter"
    np.testing.assert_allclose(model(samples[:, : 9 * STEP]), whole[:, :9], atol=1e-4)
    state, found = tf.zeros((len(samples), state_size(model))), []
    edges = [0, *sorted(cuts), LENGTH]
    for first, last in itertools.pairwise(edges):
        logits, state = step(tf.constant(samples[:, first * STEP : last * STEP]), state)
        found.append(logits)
    np.testing.assert_allclose(np.concatenate(found, axis=1), whole, atol=1e-4)


def test_step_by_step_over_ten_seconds(model: keras.Model) -> None:
    samples = sound(250)[:1]
    step = tf.function(lambda chunk, state: stream_step(model, chunk, state))
    state, found = tf.zeros((1, state_size(model))), []
    for first in range(0, samples.shape[1], STEP):
        logits, state = step(tf.constant(samples[:, first : first + STEP]), state)
        found.append(logits)
    whole = model.predict(samples, verbose=0)
    np.testing.assert_allclose(np.concatenate(found, axis=1), whole, atol=1e-4)


@pytest.mark.parametrize("at", [1, 17])
def test_what_follows_changes_no_earlier_score(model: keras.Model, at: int) -> None:
    samples = sound(24)
    other = samples.copy()
    other[:, at * STEP :] = sound(24, seed=1)[:, at * STEP :]
    one, two = (np.asarray(model(each, training=False)) for each in (samples, other))
    np.testing.assert_allclose(one[:, :at], two[:, :at], atol=1e-5)
    assert np.abs(one[:, at:] - two[:, at:]).max() > 1e-3


def test_a_saved_model_streams_alike(model: keras.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    assert state_size(again) == state_size(model)
    chunk, state = tf.constant(sound(8)), tf.random.stateless_normal((2, state_size(model)), [1, 2])
    for found, expected in zip(
        stream_step(again, chunk, state), stream_step(model, chunk, state), strict=True
    ):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_chunks_that_are_no_whole_steps_are_refused(model: keras.Model) -> None:
    with pytest.raises(UserError, match="641 samples: a stream takes multiples of 640"):
        stream_step(model, tf.zeros((1, 641)), tf.zeros((1, state_size(model))))


@pytest.mark.parametrize(("kernel", "dilation"), [(1, 1), (3, 1), (4, 5), (2, 8)])
def test_the_convolution_is_keras_s_causal_one(kernel: int, dilation: int) -> None:
    x = np.random.default_rng(0).standard_normal((3, 20, 5)).astype(np.float32)
    ours = CausalConv(7, kernel, dilation)
    found = ours(x)
    theirs = layers.Conv1D(7, kernel, padding="causal", dilation_rate=dilation)
    theirs.build(x.shape)
    weights, bias = ours.get_weights()
    theirs.set_weights([weights.reshape(kernel, 5, 7), bias])
    np.testing.assert_allclose(found, theirs(x), atol=1e-5)


def test_the_recurrent_layer_is_keras_s_gru() -> None:
    x = np.random.default_rng(0).standard_normal((3, 20, 5)).astype(np.float32)
    ours = Recurrent(6, seed=1)
    found = ours(x)
    theirs = layers.GRU(6, return_sequences=True)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(found, theirs(x), atol=1e-5)


def test_a_residual_adds_what_its_chain_makes_also_in_training() -> None:
    x = np.random.default_rng(0).standard_normal((4, 30, 5)).astype(np.float32)
    norm = layers.BatchNormalization()
    inner = [CausalConv(5, 3, 2), norm]
    block = Residual(inner)
    made, _ = step_through(inner, tf.constant(x), tf.zeros((4, block(x) is not None and 20)))
    np.testing.assert_allclose(block(x), x + made, atol=1e-5)
    assert block.memory == 20
    assert not np.asarray(norm.moving_mean).any()
    trained = np.asarray(block(x, training=True)) - x
    np.testing.assert_allclose(trained.mean(axis=(0, 1)), 0, atol=1e-5)
    assert np.asarray(norm.moving_mean).any()


def test_layers_are_made_again_from_their_configuration() -> None:
    chain: list[Any] = [CausalConv(5, 3, 2, use_bias=False, kernel_regularizer="l2")]
    for layer in (*chain, Recurrent(4, seed=3), Residual([*chain, layers.BatchNormalization()])):
        config = keras.saving.serialize_keras_object(layer)
        again = keras.saving.deserialize_keras_object(config)
        assert keras.saving.serialize_keras_object(again) == config
        assert again.get_config() == layer.get_config()


def test_a_stream_may_compute_in_bfloat16() -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = network("tiny", "logmel")
    finally:
        keras.config.set_dtype_policy("float32")
    samples = sound(20)
    logits, state = stream_step(model, tf.constant(samples), tf.zeros((2, state_size(model))))
    assert (logits.dtype, state.dtype) == (tf.float32, tf.float32)
    np.testing.assert_allclose(logits, model(samples, training=False), atol=1e-2)
