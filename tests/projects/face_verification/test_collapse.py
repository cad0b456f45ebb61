"""A collapsed embedding ends training with one line."""

import numpy as np
import pytest
import tensorflow as tf

from common.errors import UserError
from projects.face_verification.collapse import COLLAPSED, Spread, StopAtCollapse


def spread(embeddings: list[list[float]], people: list[int]) -> float:
    metric = Spread()
    metric.update_state(tf.constant(people), tf.constant(embeddings))
    return float(metric.result())


def test_the_spread_is_the_mean_distance_of_different_people() -> None:
    assert spread([[1.0, 0], [1, 0], [0, 1]], [0, 0, 1]) == pytest.approx(np.sqrt(2))
    assert spread([[1.0, 0], [1, 0], [-1, 0]], [0, 1, 1]) == pytest.approx(1)
    assert spread([[1.0, 0], [1, 0]], [0, 1]) == 0
    assert Spread.from_config(Spread().get_config()).name == "spread"


def test_two_collapsed_epochs_in_a_row_end_training() -> None:
    watch = StopAtCollapse()
    for epoch, value in enumerate([0.01, COLLAPSED, 0.01]):
        watch.on_epoch_end(epoch, {"spread": value})
    with pytest.raises(UserError, match=r"epoch 4 different people are 0\.020 apart.*lower fit\."):
        watch.on_epoch_end(3, {"spread": 0.02})


def test_a_training_without_the_metric_goes_on() -> None:
    watch = StopAtCollapse()
    for epoch in range(3):
        watch.on_epoch_end(epoch, {"loss": 0.0})
