"""All four networks learn, read no padding, and predict step by step what they learned at once."""

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.errors import UserError
from common.settings import Fit, Runtime
from projects.machine_translation.data import Assets
from projects.machine_translation.model import (
    NETWORKS,
    PieceError,
    PieceLoss,
    Translator,
    build,
    initial_loss,
)
from projects.machine_translation.settings import PRESETS, Model, Settings
from projects.machine_translation.tokens import BEGIN, PAD, Tokens

NAMES = tuple(NETWORKS)
PIECES = 12
LETTERS = Tokens(kind="characters", pieces=tuple("abcdefgh"))
ASSETS = Assets(
    source=LETTERS,
    target=LETTERS,
    source_length=9,
    target_length=7,
    frequent=(),
    common_target="",
)


def settings(name: str, width: int = 8, seed: int = 0, **fit: Any) -> Settings:
    chosen = Model(name=name, width=width, embedding=6, layers=1, heads=2)  # type: ignore[arg-type]
    return Settings(model=chosen, fit=Fit(**fit), runtime=Runtime(seed=seed))


def network(name: str) -> Translator:
    """Of two layers where there are layers; with weights large enough for differences to show."""
    chosen = settings(name)
    two = chosen.model.model_copy(update={"layers": 2})
    model = build(ASSETS, chosen.model_copy(update={"model": two}))
    rng = np.random.default_rng(0)
    model.set_weights([w + 0.3 * rng.standard_normal(w.shape) for w in model.get_weights()])
    return model


def batch(number: int = 6) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Letters to be written backwards, of different lengths."""
    rng = np.random.default_rng(1)
    source, labels = np.zeros((number, 6), np.int32), np.zeros((number, 6), np.int32)
    for row in range(number):
        letters = rng.integers(4, PIECES, 2 + row % 5)
        source[row, : len(letters)], labels[row, : len(letters)] = letters, letters[::-1]
    begin = np.full((number, 1), BEGIN, np.int32)
    return {"source": source, "given": np.concatenate([begin, labels[:, :-1]], 1)}, labels


def model_loss(model: Translator, inputs: Any, labels: np.ndarray) -> float:
    return float(model.compute_loss(y=labels, y_pred=model(inputs, training=False)))


@pytest.mark.parametrize("name", NAMES)
def test_each_learns_a_batch_from_the_loss_of_knowing_nothing(name: str) -> None:
    chosen = settings(name, learning_rate=1e-2)
    model = build(ASSETS, chosen)
    assert model.name == name
    losses = [model.train_on_batch(*batch(), return_dict=True)["loss"] for _ in range(40)]
    assert losses[0] == pytest.approx(initial_loss(ASSETS, chosen), rel=0.1)
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("start", ["zeros", "small", "glorot", "he"])
def test_every_initialization_starts_near_equal_chances(name: str, start: str) -> None:
    loss = model_loss(build(ASSETS, settings(name, initialization=start)), *batch())
    assert loss == pytest.approx(math.log(PIECES), rel=0.05 if start != "zeros" else 1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_padding_changes_nothing(name: str) -> None:
    model = network(name)
    inputs, labels = batch()
    logits = model(inputs, training=False).numpy()
    loss = float(model.compute_loss(y=labels, y_pred=logits))
    wider = {key: np.pad(ids, [(0, 0), (0, 5)]) for key, ids in inputs.items()}
    padded = model(wider, training=False).numpy()
    np.testing.assert_allclose(padded[:, :6], logits, atol=1e-5)
    again = model.compute_loss(y=np.pad(labels, [(0, 0), (0, 5)]), y_pred=padded)
    assert float(again) == pytest.approx(loss, abs=1e-5)
    for row in range(6):
        length = int((inputs["source"][row] != PAD).sum())
        alone = {
            "source": inputs["source"][row : row + 1, :length],
            "given": inputs["given"][row : row + 1, :length],
        }
        np.testing.assert_allclose(model(alone, training=False)[0], logits[row, :length], atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_steps_predict_what_is_predicted_at_once(name: str) -> None:
    """With all states and memories in another order after each step, as a beam has them."""
    model, (inputs, _) = network(name), batch()
    expected = tf.nn.log_softmax(model(inputs, training=False)).numpy()
    memory = model.encode(tf.constant(inputs["source"]))
    state = model.start(memory)
    order = np.arange(6)
    for t in range(6):
        logs, state, attention = model.step(tf.constant(inputs["given"][order, t]), state, memory)
        assert logs.dtype == attention.dtype == tf.float32
        np.testing.assert_allclose(logs, expected[order, t], atol=1e-5)
        mask = inputs["source"][order] != PAD
        assert (attention.numpy()[~mask] == 0).all()
        total = 0 if name == "no_attention" else 1
        np.testing.assert_allclose(attention.numpy().sum(1), total, atol=1e-5)
        turn = np.roll(np.arange(6), t)
        order = order[turn]
        state, memory = (
            {key: tf.gather(one, turn) for key, one in tensors.items()}
            for tensors in (state, memory)
        )


@pytest.mark.parametrize("name", NAMES)
def test_a_piece_is_predicted_from_those_before_it(name: str) -> None:
    model, (inputs, _) = network(name), batch()
    before = model(inputs, training=False).numpy()
    changed = {**inputs, "given": inputs["given"].copy()}
    changed["given"][:, 3] = 4 + (changed["given"][:, 3] + 1) % 8
    after = model(changed, training=False).numpy()
    np.testing.assert_allclose(after[:, :3], before[:, :3], atol=1e-6)
    assert (np.abs(after[:, 3] - before[:, 3]).max(axis=1) > 1e-3).all()


def test_attention_is_all_that_a_network_without_it_lacks() -> None:
    """At equal width: the one vector's product is as large as the alignment's two."""
    sizes = {name: build(ASSETS, settings(name, width=64)).count_params() for name in NAMES}
    assert sizes["no_attention"] == sizes["bahdanau"]
    assert sizes["luong"] < sizes["bahdanau"]


@pytest.mark.parametrize("name", NAMES)
def test_the_knobs_of_course_2_reach_the_network(name: str) -> None:
    model = build(ASSETS, settings(name, l2=0.01, dropout=0.4, label_smoothing=0.1))
    kernels = [v for v in model.trainable_variables if v.name == "kernel"]
    assert len(model.losses) == len(kernels) >= 6
    penalty = sum(0.01 * float(np.square(np.asarray(one)).sum()) for one in kernels)
    assert float(sum(model.losses)) == pytest.approx(penalty, rel=1e-4)
    assert model.loss.label_smoothing == 0.1
    inputs, _ = batch()
    calm, one, other = (model(inputs, training=training) for training in (False, True, True))
    assert np.abs(one.numpy() - other.numpy()).max() > 0
    np.testing.assert_array_equal(calm, model(inputs, training=False))
    still = build(ASSETS, settings(name))
    np.testing.assert_array_equal(still(inputs, training=True), still(inputs, training=False))


@pytest.mark.parametrize("name", NAMES)
def test_layers_start_unlike_each_other_and_follow_the_seed(name: str) -> None:
    def weights(seed: int) -> list[np.ndarray]:
        model = build(ASSETS, settings(name, seed=seed))
        return [w for w in model.get_weights() if w.ndim == 2 and w.std() > 0]

    one, same, other = weights(0), weights(0), weights(1)
    assert all((a == b).all() for a, b in zip(one, same, strict=True))
    assert not any((a == b).all() for a, b in zip(one, other, strict=True))
    assert len({a.ravel()[:20].tobytes() for a in one}) == len(one)


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_model_comes_back_in_safe_mode(name: str, tmp_path: Path) -> None:
    model, (inputs, _) = network(name), batch()
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    assert type(again) is Translator
    np.testing.assert_array_equal(again(inputs), model(inputs))


@pytest.mark.parametrize("name", NAMES)
def test_bfloat16_computes_in_it_but_answers_in_float32(name: str) -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build(ASSETS, settings(name))
    finally:
        keras.config.set_dtype_policy("float32")
    inputs, labels = batch()
    assert model(inputs, training=True).dtype == tf.float32
    assert model.encode(tf.constant(inputs["source"]))["mask"].dtype == tf.bool
    assert model.decoder.compute_dtype == model.encoder.compute_dtype == "bfloat16"
    with tf.GradientTape() as tape:
        loss = model.compute_loss(y=labels, y_pred=model(inputs, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    assert all(np.isfinite(tf.convert_to_tensor(one)).all() for one in gradients)
    assert {str(v.dtype) for v in model.trainable_variables} == {"float32"}


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_right_in_float64(name: str) -> None:
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        model = build(ASSETS, settings(name, label_smoothing=0.1))
        inputs, labels = batch(3)

        @tf.function
        def loss() -> tf.Tensor:
            return model.compute_loss(y=tf.constant(labels), y_pred=model(inputs, training=False))

        with tf.GradientTape() as tape:
            value = loss()
        assert value.dtype == tf.float64
        gradients = tape.gradient(value, model.trainable_variables)
        rng, step, found = np.random.default_rng(0), 1e-6, []
        for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
            way, start = rng.standard_normal(variable.shape), np.asarray(variable)
            variable.assign(start + step * way)
            above = float(loss())
            variable.assign(start - step * way)
            slope = (above - float(loss())) / (2 * step)
            variable.assign(start)
            found.append((float(np.sum(np.asarray(tf.convert_to_tensor(gradient)) * way)), slope))
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
    exact, numerical = np.array(found).T
    assert (np.abs(exact) > 0).mean() > 0.9
    assert np.linalg.norm(exact - numerical) < 1e-5 * np.linalg.norm(exact)


def test_the_loss_is_a_mean_over_pieces_and_smoothing_spreads_the_label() -> None:
    labels = np.array([[5, 6, PAD], [4, PAD, PAD]])
    logits = np.random.default_rng(0).standard_normal((2, 3, PIECES)).astype(np.float32)
    logs = np.asarray(tf.nn.log_softmax(logits))
    for smoothing in (0.0, 0.2):
        even = np.full(PIECES, smoothing / PIECES)
        losses = [
            -((even + (1 - smoothing) * np.eye(PIECES)[labels[at]]) * logs[at]).sum()
            for at in ((0, 0), (0, 1), (1, 0))
        ]
        found = PieceLoss(smoothing)(labels, logits)
        assert float(found) == pytest.approx(np.mean(losses), rel=1e-5)
        assert PieceLoss.from_config(PieceLoss(smoothing).get_config()).label_smoothing == smoothing
    assert float(PieceLoss()(np.zeros((1, 2)), logits[:1, :2])) == 0


def test_the_piece_error_counts_no_padding() -> None:
    metric = PieceError()
    logits = np.eye(PIECES, dtype=np.float32)[[[5, 6, 7], [4, 4, 4]]]
    metric.update_state(np.array([[5, 7, PAD], [4, 4, PAD]]), logits)
    assert float(metric.result()) == 0.25
    assert PieceError.from_config(metric.get_config()).name == "piece_error"


def test_a_width_that_heads_cannot_share_is_refused() -> None:
    chosen = Settings(model=Model(name="transformer", width=10, heads=4))
    with pytest.raises(UserError, match=r"width is 10 and model\.heads 4: .* a multiple"):
        build(ASSETS, chosen)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [4, 7])
def test_small_and_odd_widths_work(name: str, width: int) -> None:
    chosen = Settings(model=Model(name=name, width=width, embedding=3, heads=1))  # type: ignore[arg-type]
    inputs, labels = batch()
    loss = model_loss(build(ASSETS, chosen), inputs, labels)
    assert loss == pytest.approx(math.log(PIECES), rel=0.1)


def test_every_preset_builds() -> None:
    for _, chosen in PRESETS.values():
        assert build(ASSETS, chosen).name == chosen.model.name
