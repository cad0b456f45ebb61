import itertools
import math
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.settings import Fit
from common.training.learning import class_weights, decayed_rate, initializer, optimizer, penalty


def _moved(fit: Fit, gradients: list[float], start: float = 1.0) -> float:
    """Where a weight ends after these gradients."""
    rule = optimizer(fit)
    weight = keras.Variable(np.float32(start))
    for gradient in gradients:
        rule.apply([np.float32(gradient)], [weight])
    return float(weight)


def test_gradient_descent_steps_against_the_gradient() -> None:
    assert _moved(Fit(optimizer="sgd", learning_rate=0.1), [2, 2]) == pytest.approx(0.6)


def test_momentum_accumulates_the_gradients() -> None:
    # Course 2, 2.6, without the factor (1 - beta): v = 0.5 v + g; w = w - 0.1 v.
    fit = Fit(optimizer="momentum", learning_rate=0.1, momentum=0.5)
    assert _moved(fit, [2, 2]) == pytest.approx(1 - 0.1 * 2 - 0.1 * 3)


def test_rmsprop_divides_by_the_root_of_the_mean_square() -> None:
    # Course 2, 2.7: s = 0.9 s + 0.1 g^2; w = w - rate g / sqrt(s).
    first, second = 0.1 * 4, 0.9 * 0.1 * 4 + 0.1 * 9
    expected = 1 - 0.01 * 2 / math.sqrt(first) - 0.01 * 3 / math.sqrt(second)
    assert _moved(Fit(optimizer="rmsprop", learning_rate=0.01), [2, 3]) == pytest.approx(expected)


def test_adam_is_momentum_and_rmsprop_with_bias_corrected() -> None:
    # Course 2, 2.8, beta 1 = 0.8, beta 2 = 0.999.
    v, s, weight = 0.0, 0.0, 1.0
    for step, gradient in enumerate([2.0, -3.0], start=1):
        v, s = 0.8 * v + 0.2 * gradient, 0.999 * s + 0.001 * gradient**2
        weight -= 0.01 * (v / (1 - 0.8**step)) / math.sqrt(s / (1 - 0.999**step))
    fit = Fit(optimizer="adam", learning_rate=0.01, momentum=0.8)
    assert _moved(fit, [2, -3]) == pytest.approx(weight, abs=1e-5)


def test_adamw_shrinks_the_weight_besides() -> None:
    rate = {"learning_rate": 0.01}
    shrunk = _moved(Fit(optimizer="adamw", weight_decay=0.5, **rate), [2])
    assert shrunk == pytest.approx(_moved(Fit(**rate), [2]) - 0.01 * 0.5, abs=1e-6)


@pytest.mark.parametrize("name", ["sgd", "momentum"])
def test_the_gradient_is_clipped_to_its_global_norm(name: Any) -> None:
    fit = Fit(optimizer=name, learning_rate=0.1, clip_norm=0.5)
    weights = [keras.Variable(np.zeros(1, np.float32)) for _ in range(2)]
    gradients = [np.array([value], np.float32) for value in (30, 40)]
    optimizer(fit).apply(gradients, weights)
    assert [float(w[0]) for w in weights] == pytest.approx([-0.03, -0.04])


@pytest.mark.parametrize("name", ["rmsprop", "adam", "adamw"])
def test_every_optimizer_takes_the_limit(name: Any) -> None:
    assert optimizer(Fit(optimizer=name, clip_norm=0.5)).global_clipnorm == 0.5
    assert optimizer(Fit(optimizer=name)).global_clipnorm is None


@pytest.mark.parametrize(
    ("decay", "rates"),
    [
        # Course 2, 2.9: rate / (1 + decay rate x epoch) from 0.2 gives 0.1, 0.067, 0.05.
        ("inverse", [0.2, 0.1, 0.2 / 3, 0.05]),
        ("exponential", [0.2, 0.19, 0.1805, 0.171475]),
        ("cosine", [0.2, 0.1 * (1 + math.sqrt(0.5)), 0.1, 0.1 * (1 - math.sqrt(0.5))]),
        ("constant", [0.2, 0.2, 0.2, 0.2]),
        ("plateau", [0.2, 0.2, 0.2, 0.2]),
    ],
)
def test_the_rate_decays_as_in_the_lecture(decay: Any, rates: list[float]) -> None:
    fit = Fit(learning_rate=0.2, decay=decay)
    assert [decayed_rate(fit, epoch, 4) for epoch in range(4)] == pytest.approx(rates)


@given(
    decay=st.sampled_from(["constant", "inverse", "exponential", "cosine", "plateau"]),
    rate=st.floats(1e-6, 10),
    epochs=st.integers(1, 200),
)
def test_no_decay_ever_raises_the_rate_or_ends_it_early(
    decay: Any, rate: float, epochs: int
) -> None:
    fit = Fit(learning_rate=rate, decay=decay)
    rates = [decayed_rate(fit, epoch, epochs) for epoch in range(epochs)]
    assert rates[0] == pytest.approx(rate)
    assert all(later <= earlier for earlier, later in itertools.pairwise(rates))
    assert rates[-1] > 0


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("zeros", 0),
        ("small", 0.01),
        ("he", math.sqrt(2 / 400)),
        ("glorot", math.sqrt(2 / (400 + 600))),
    ],
)
def test_kernels_start_with_the_lectures_variance(name: Any, deviation: float) -> None:
    drawn = np.asarray(initializer(Fit(initialization=name), seed=3)((400, 600)))
    assert drawn.std() == pytest.approx(deviation, rel=0.02)
    assert drawn.mean() == pytest.approx(0, abs=deviation / 50)


@pytest.mark.parametrize("name", ["small", "he", "glorot"])
def test_a_seed_decides_the_start(name: Any) -> None:
    fit = Fit(initialization=name)
    first, again, other = (np.asarray(initializer(fit, seed)((4, 4))) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_the_penalty_is_the_sum_of_squares() -> None:
    assert penalty(Fit()) is None
    penalised = penalty(Fit(l2=0.1))
    assert penalised is not None
    assert float(penalised(np.array([[1.0, 2.0]], np.float32))) == pytest.approx(0.5)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60))
def test_every_class_weighs_the_same_in_all(labels: list[str]) -> None:
    found = class_weights(pd.Series(labels))
    assert found.dtype == np.float32
    assert found.mean() == pytest.approx(1, rel=1e-5)
    by_class = [found[np.array(labels) == one].sum() for one in set(labels)]
    assert by_class == pytest.approx([len(labels) / len(by_class)] * len(by_class), rel=1e-5)
