"""The verifier: builds, learns, is saved and measured as the settings say."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.settings import Runtime
from projects.face_verification import embedded
from projects.face_verification.collapse import StopAtCollapse
from projects.face_verification.model import RankError, build, initial_loss
from projects.face_verification.settings import Data, Fit, Model, Settings

SIZE, PEOPLE = 32, 6
LOSSES = [
    ("arcface", "random"),
    ("siamese", "random"),
    ("triplet", "random"),
    ("triplet", "semi_hard"),
    ("triplet", "batch_hard"),
]
each_loss = pytest.mark.parametrize(("loss", "mining"), LOSSES)


def settings(size: int = SIZE, fit: Any = (), runtime: Any = (), **model: Any) -> Settings:
    return Settings(
        data=Data(size=size),
        fit=Fit(**{"batch_size": 24, "learning_rate": 3e-3, **dict(fit)}),
        model=Model(**{"width": 4, "embedding": 16, **model}),
        runtime=Runtime(**dict(runtime)),
    )


def verifier(people: int = PEOPLE, **fields: Any) -> keras.Model:
    return build(assets(people), settings(**fields))


def assets(people: int = PEOPLE) -> Any:
    return SimpleNamespace(people=tuple(f"person {number}" for number in range(people)))


def batch(people: int = PEOPLE, first: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Four drawn pictures of each."""
    drawn = embedded.examples(first + people, 4, seed=0)[4 * first :]
    pictures = np.stack([embedded.picture(one, SIZE) for one in drawn["content"]])
    truth = np.repeat(np.arange(first, first + people, dtype=np.int32), 4)
    return pictures.astype(np.float32), truth


def loss_of(model: keras.Model, pictures: np.ndarray, truth: np.ndarray) -> float:
    return float(model.compute_loss(y=truth, y_pred=model(pictures, training=True)))


@pytest.mark.parametrize(
    ("loss", "mining", "name"), [*((*one, "convnet") for one in LOSSES), (*LOSSES[0], "resnet")]
)
def test_each_loss_learns_a_batch_and_is_saved(
    loss: str, mining: str, name: str, tmp_path: Path
) -> None:
    model = verifier(name=name, loss=loss, mining=mining)
    pictures, truth = batch()
    model.run_eagerly = name == "convnet"  # graphs are traced for seconds: one is enough
    seen = [model.train_on_batch(pictures, truth, return_dict=True) for _ in range(20)]
    assert set(seen[0]) == {"loss", "spread", "rank_error"}
    assert loss_of(model, pictures, truth) < 0.8 * float(seen[0]["loss"])
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_allclose(again(pictures), model(pictures, training=False), atol=1e-5)
    assert (again.recipe, again.people) == (model.recipe, PEOPLE)
    assert loss_of(again, pictures, truth) == pytest.approx(
        loss_of(model, pictures, truth), rel=1e-4
    )


def test_the_embedder_alone_is_saved_and_needs_none_of_our_code(tmp_path: Path) -> None:
    model = verifier()
    model.embedder.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    pictures, _ = batch()
    np.testing.assert_allclose(again(pictures), model(pictures, training=False), atol=1e-6)
    assert {type(layer).__module__.split(".")[0] for layer in again.layers} == {"keras"}


@each_loss
@pytest.mark.parametrize("batch_norm", [True, False])
def test_an_untrained_network_has_about_the_initial_loss(
    loss: str, mining: str, batch_norm: bool
) -> None:
    asked = settings(loss=loss, mining=mining, fit={"batch_norm": batch_norm})
    found = loss_of(build(assets(), asked), *batch())
    expected = initial_loss(assets(), asked)
    assert 0.5 * expected < found < 3 * expected


@pytest.mark.parametrize("loss", ["arcface", "siamese", "triplet"])
def test_people_without_a_centre_are_watched_and_not_learned(loss: str) -> None:
    model = verifier(loss=loss)
    pictures, truth = batch(first=PEOPLE)
    before = model.get_weights()
    seen = model.test_on_batch(pictures, truth, return_dict=True)
    assert np.isfinite(seen["loss"])
    assert seen["loss"] > 0
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


def test_vectors_are_unit_and_those_of_predict() -> None:
    model = verifier(embedding=7)
    pictures, _ = batch()
    vectors = model.predict(pictures, verbose=0)
    assert vectors.shape == (len(pictures), 7)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors, model(pictures, training=False), atol=1e-5)


@pytest.mark.parametrize("size", [32, 48, 96, 112])
@pytest.mark.parametrize("name", ["convnet", "resnet"])
def test_pictures_of_any_size_become_a_vector(name: str, size: int) -> None:
    model = verifier(name=name, size=size, width=2)
    assert model(np.zeros((1, size, size, 3), np.float32)).shape == (1, 16)


def test_the_knobs_of_course_2_reach_the_network() -> None:
    def kinds(model: keras.Model) -> set[str]:
        return {type(layer).__name__ for layer in model.embedder.layers}

    plain = verifier(fit={"batch_norm": False})
    assert not {"BatchNormalization", "Dropout"} & kinds(plain)
    assert plain.losses == []
    model = verifier(fit={"dropout": 0.4, "l2": 0.01})
    assert {"BatchNormalization", "Dropout"} <= kinds(model)
    kernels = [v for v in model.trainable_variables if v.name == "kernel"]
    penalty = sum(0.01 * float(np.square(np.asarray(one)).sum()) for one in kernels)
    pictures, truth = batch()
    without = build(assets(), settings(fit={"dropout": 0.4}))
    assert penalty > 0
    assert loss_of(model, pictures, truth) - penalty == pytest.approx(
        loss_of(without, pictures, truth), rel=1e-4
    )


def test_weights_follow_the_seed() -> None:
    one, same = verifier().get_weights(), verifier().get_weights()
    other = verifier(runtime={"seed": 1}).get_weights()
    assert all((a == b).all() for a, b in zip(one, same, strict=True))
    assert not any((a == b).all() for a, b in zip(one, other, strict=True) if a.ndim > 1)


def test_bfloat16_computes_in_it_and_gives_unit_vectors_in_float32() -> None:
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = verifier()
        pictures, truth = batch()
        loss = float(model.train_on_batch(pictures, truth, return_dict=True)["loss"])
    finally:
        keras.config.set_dtype_policy("float32")
    assert np.isfinite(loss)
    assert any(layer.compute_dtype == "bfloat16" for layer in model.embedder.layers)
    vectors = np.asarray(model(pictures))
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert {str(v.dtype) for v in model.trainable_variables} == {"float32"}


@pytest.mark.parametrize("loss", ["arcface", "siamese", "triplet"])
def test_the_gradient_is_that_of_differences(loss: str) -> None:
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        model = verifier(loss=loss, width=2)
        pictures, truth = (one[2:6] for one in batch())
        inputs = tf.constant(pictures, "float64")
        kernel = model.embedder.get_layer("embedding").kernel
        if loss == "siamese":
            model.head.kernel.assign(tf.fill((16, 1), tf.constant(-0.5, "float64")))

        def value() -> tf.Tensor:
            return model.compute_loss(y=truth, y_pred=model(inputs, training=False))

        with tf.GradientTape() as tape:
            loss_now = value()
        slopes = np.asarray(tape.gradient(loss_now, kernel.value))
        direction = np.random.default_rng(0).standard_normal(slopes.shape)
        start, ends = np.asarray(kernel), []
        for sign in (1, -1):
            kernel.assign(start + sign * 1e-6 * direction)
            ends.append(float(value()))
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(float((slopes * direction).sum()), rel=1e-4)


def test_the_rank_error_counts_pictures_whose_nearest_is_of_somebody_else() -> None:
    metric = RankError()
    at = np.deg2rad([0.0, 10, 19, 90, 150])
    vectors = np.stack([np.cos(at), np.sin(at)], axis=1).astype(np.float32)
    metric.update_state(tf.constant([0, 0, 1, 1, 2]), tf.constant(vectors))
    assert float(metric.result()) == 0.75
    assert RankError.from_config(metric.get_config()).name == "rank_error"


def test_a_verifier_is_watched_for_collapse() -> None:
    assert [type(one) for one in verifier().callbacks()] == [StopAtCollapse]
