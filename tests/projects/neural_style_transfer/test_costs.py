"""Gram matrices and the relative costs, against their definitions and planted truth."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.neural_style_transfer import costs
from projects.neural_style_transfer.features import Network, feature_network

RAND = np.random.default_rng(0)


@pytest.fixture(scope="module")
def network() -> Network:
    return feature_network("random")


def picture(height: int = 32, width: int = 40) -> np.ndarray:
    """Blobs of colour: neither flat nor noise."""
    small = RAND.random((1, 4, 5, 3), np.float32)
    return np.clip(keras.ops.image.resize(small, (height, width), "bicubic"), 0, 1)


def priced(network: Network, painted: object, content: object, style: object) -> dict[str, float]:
    found = costs.Objective(network, content, style, 0.6, 0.1).terms(painted)
    return {name: float(value) for name, value in found.items()}


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4))
def test_a_gram_matrix_is_the_mean_product_of_channels(h: int, w: int, channels: int) -> None:
    features = np.random.default_rng(h + 7 * w).normal(size=(2, h, w, channels)).astype("float32")
    expected = np.einsum("bhwi,bhwj->bij", features, features) / (h * w * channels)
    np.testing.assert_allclose(costs.gram(features), expected, rtol=1e-4, atol=1e-5)


def test_a_gram_matrix_does_not_depend_on_how_often_a_texture_repeats() -> None:
    features = RAND.normal(size=(1, 6, 6, 4)).astype("float32")
    tiled = np.tile(features, (1, 2, 3, 1))
    np.testing.assert_allclose(costs.gram(tiled), costs.gram(features), rtol=1e-4, atol=1e-6)


def test_the_content_as_it_was_loses_nothing_and_is_one_away_from_the_style(
    network: Network,
) -> None:
    content, style = picture(), picture()
    found = priced(network, content, content, style)
    assert found["content"] == pytest.approx(0, abs=1e-6)
    assert found["style"] == pytest.approx(1, rel=1e-4)
    own, other = (float(costs.roughness(one)[0]) for one in (content, style))
    assert found["variation"] == pytest.approx(own / (own + other), rel=1e-3)
    assert found["total"] == pytest.approx(0.6 + 0.1 * found["variation"], rel=1e-4)


def test_the_style_itself_is_no_way_from_the_style(network: Network) -> None:
    content, style = picture(), picture()
    assert priced(network, style, content, style)["style"] == pytest.approx(0, abs=1e-6)


def test_a_flat_picture_has_lost_about_all_structure(network: Network) -> None:
    content, style = picture(48, 48), picture()
    flat = np.full_like(content, 0.5)
    assert 0.5 < priced(network, flat, content, style)["content"] < 3


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_flat_pictures_and_content_equal_to_style_cost_a_number(
    value: float, network: Network
) -> None:
    flat, other = np.full((1, 16, 16, 3), value, "float32"), picture(16, 16)
    for content, style in ((flat, other), (other, flat), (flat, flat), (other, other)):
        for painted in (content, style, picture(16, 16)):
            assert np.isfinite(list(priced(network, painted, content, style).values())).all()
    same = priced(network, other, other, other)
    assert same["content"] == same["style"] == 0


@pytest.mark.parametrize("roughness", [0.0, 1e-4, 1e-2])
def test_strokes_on_a_flat_content_cost_no_more_than_a_few_times_its_loss(
    roughness: float, network: Network
) -> None:
    """Where features have a threshold, a flat content has none: a share of nothing is huge."""
    grain = roughness * RAND.normal(size=(1, 32, 40, 3)).astype("float32")
    style = picture()
    found = priced(network, style, 0.3 + grain, style)
    assert found["content"] < 2 / costs.STRUCTURE
    assert priced(network, 0.3 + grain, 0.3 + grain, style)["content"] < 1e-6


def test_a_batch_costs_what_its_pictures_cost_alone(network: Network) -> None:
    contents, painted = (np.concatenate([picture() for _ in range(3)]) for _ in range(2))
    style_picture = picture()
    style = costs.style_of(network, style_picture)
    together = costs.terms(
        network, painted, costs.content_of(network, contents, style), style, 0.6, 0.1
    )
    for number in range(3):
        one = slice(number, number + 1)
        alone = priced(network, painted[one], contents[one], style_picture)
        assert {name: float(v[number]) for name, v in together.items()} == pytest.approx(
            alone, rel=1e-3, abs=1e-6
        )


def test_the_total_s_gradient_in_float64_is_that_of_differences() -> None:
    import tensorflow as tf

    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    try:
        objective = costs.Objective(
            feature_network("random"),
            *(tf.constant(picture(16, 16), tf.float64) for _ in range(2)),
            0.6,
            0.1,
        )
        point = tf.constant(picture(16, 16), tf.float64)
        with tf.GradientTape() as tape:
            tape.watch(point)
            total = objective.terms(point)["total"]
        direction = RAND.normal(size=point.shape)
        exact = float(tf.reduce_sum(tape.gradient(total, point) * direction))
        ends = [objective.terms(point + sign * 1e-6 * direction)["total"] for sign in (1, -1)]
        assert total.dtype == tf.float64
        assert exact == pytest.approx(float(ends[0] - ends[1]) / 2e-6, rel=1e-4)
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


def test_costs_are_float32_where_layers_compute_in_bfloat16() -> None:
    content, style = picture(), picture()
    exact = priced(feature_network("random"), style, content, style)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        found = costs.Objective(feature_network("random"), content, style, 0.6, 0.1).terms(style)
    finally:
        keras.config.set_dtype_policy("float32")
    assert keras.backend.standardize_dtype(found["total"].dtype) == "float32"
    assert float(found["total"]) == pytest.approx(exact["total"], rel=0.05)
