import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from common.errors import UserError
from common.settings import Fit
from common.training.callbacks import (
    BestWeights,
    LearningRate,
    Recorder,
    StopAtNaN,
    watched_loss,
)


class _Model:
    """What callbacks know of a model; its weights say how often they were read."""

    def __init__(self) -> None:
        self.optimizer = SimpleNamespace(learning_rate=0.0)
        self.stop_training = False
        self.weights = [np.zeros(1)]

    def get_weights(self) -> list[np.ndarray]:
        return [w.copy() for w in self.weights]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.weights = weights


def _with_model(callback: Any) -> tuple[Any, Any]:
    model = _Model()
    callback.set_model(model)
    return callback, model


def _rates(fit: Fit, losses: list[float]) -> list[float]:
    callback, model = _with_model(LearningRate(fit, epochs=len(losses), steps=1))
    rates = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_begin(epoch)
        rates.append(model.optimizer.learning_rate)
        callback.on_epoch_end(epoch, {"val_loss": loss})
    return rates


def test_the_rate_halves_after_three_epochs_without_a_better_loss() -> None:
    fit = Fit(learning_rate=1.0, decay="plateau")
    losses = [1.0, 0.9, 0.9, 0.95, 0.9, 0.8, 0.8, 0.8, 0.8, 0.7]
    assert _rates(fit, losses) == [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]


def test_without_a_plateau_decay_a_stalled_loss_changes_nothing() -> None:
    assert _rates(Fit(learning_rate=1.0), [1.0] * 6) == [1] * 6


def test_the_rate_warms_up_by_the_step() -> None:
    fit = Fit(learning_rate=1.0, warmup_epochs=1.5)
    callback, model = _with_model(LearningRate(fit, epochs=4, steps=4))
    rates = []
    for epoch in range(3):
        callback.on_epoch_begin(epoch)
        for batch in range(4):
            callback.on_train_batch_begin(batch)
            rates.append(model.optimizer.learning_rate)
    assert rates == pytest.approx([(step + 1) / 6 for step in range(6)] + [1] * 6)


def test_the_best_weights_are_kept_and_training_stops_when_patience_ends() -> None:
    callback, model = _with_model(BestWeights(patience=2))
    stops = []
    for epoch, loss in enumerate([0.9, 0.5, 0.6, 0.7]):
        model.weights = [np.full(1, float(epoch))]
        callback.on_epoch_end(epoch, {"loss": 0.0, "val_loss": loss})
        stops.append(model.stop_training)
    assert stops == [False, False, False, True]
    callback.use_best()
    assert model.weights[0] == 1
    assert callback.state() == {"best": 0.5, "best_epoch": 1, "stopped": True}


def test_before_the_first_epoch_there_are_no_best_weights() -> None:
    callback, model = _with_model(BestWeights(patience=2))
    callback.use_best()
    assert model.weights[0] == 0


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_stops_with_rate_epoch_and_cure(loss: float) -> None:
    callback, model = _with_model(StopAtNaN())
    model.optimizer.learning_rate = 0.5
    callback.on_epoch_end(0, {"loss": 1.0})
    with pytest.raises(UserError, match=rf"{loss} in epoch 3 at learning rate 0.5.*lower fit"):
        callback.on_epoch_end(2, {"loss": loss})


def test_the_recorder_keeps_rows_and_tells_them_when_asked() -> None:
    told: list[Any] = []
    callback, model = _with_model(Recorder(told.append))
    model.optimizer.learning_rate = 0.25
    for epoch in range(2):
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {"loss": np.float32(0.5), "val_loss": 1})
    assert told == []
    callback.tell()
    (rows,) = told
    assert [row["epoch"] for row in rows] == [1, 2]
    assert rows[0].keys() == {"epoch", "loss", "val_loss", "learning_rate", "seconds"}
    assert (rows[0]["loss"], rows[0]["learning_rate"]) == (0.5, 0.25)
    assert rows[0]["seconds"] >= 0


def test_the_watched_loss_is_the_watched_sets_where_there_is_one() -> None:
    assert watched_loss({"loss": 1, "val_loss": 2}) == 2
    assert watched_loss({"loss": 1}) == 1
    assert watched_loss({}) == math.inf
