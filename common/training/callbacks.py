"""Callbacks of the one training flow. Those with a state can be resumed (see resume.py)."""

import math
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from common.errors import UserError
from common.settings import Fit
from common.training.learning import decayed_rate

Row = dict[str, float]


class Stateful(keras.callbacks.Callback):
    """A callback whose plain attributes survive a kill: `state()` is JSON, `restore()` takes it."""

    def state(self) -> dict[str, Any]:
        """Return what must survive, as JSON values."""
        raise NotImplementedError

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` returned."""
        for name, value in state.items():
            setattr(self, name, value)


class LearningRate(Stateful):
    """Sets the rate: linear warm-up per step, decay per epoch, halving on a plateau.

    A plateau is three epochs in which the watched loss does not get better.
    """

    stalled_epochs = 3

    def __init__(self, fit: Fit, epochs: int, steps: int) -> None:
        """Take the settings, the number of epochs, and the steps of one epoch."""
        super().__init__()
        self.fit, self.epochs, self.steps = fit, epochs, steps
        self.factor, self.best, self.waited = 1.0, math.inf, 0
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set this epoch's rate."""
        self.epoch = epoch
        self._set(0)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Raise the rate while it warms up."""
        if self.epoch < self.fit.warmup_epochs:
            self._set(batch)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Halve the rate on a plateau, where that is the decay."""
        loss = watched_loss(logs or {})
        if loss < self.best:
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.fit.decay == "plateau" and self.waited >= self.stalled_epochs:
            self.factor, self.waited = self.factor / 2, 0

    def state(self) -> dict[str, Any]:
        """Return the plateau's memory."""
        return {"factor": self.factor, "best": self.best, "waited": self.waited}

    def _set(self, batch: int) -> None:
        rate = decayed_rate(self.fit, self.epoch, self.epochs) * self.factor
        done = self.epoch + (batch + 1) / self.steps
        warmth = min(1.0, done / self.fit.warmup_epochs) if self.fit.warmup_epochs else 1.0
        self.model.optimizer.learning_rate = rate * warmth


class BestWeights(Stateful):
    """Early stopping: keeps the weights of the best watched loss, stops after `patience` epochs."""

    def __init__(self, patience: int) -> None:
        """Take how many epochs may pass without a better loss."""
        super().__init__()
        self.patience = patience
        self.best, self.best_epoch, self.stopped = math.inf, -1, False
        self.weights: list[np.ndarray] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep better weights; stop when patience has run out."""
        loss = watched_loss(logs or {})
        if loss < self.best:
            self.best, self.best_epoch = loss, epoch
            self.weights = self.model.get_weights()
        elif epoch - self.best_epoch >= self.patience:
            self.stopped = True
            self.model.stop_training = True

    def state(self) -> dict[str, Any]:
        """Return the best loss and its epoch; resume.py keeps `weights` as arrays."""
        return {"best": self.best, "best_epoch": self.best_epoch, "stopped": self.stopped}

    def use_best(self) -> None:
        """Give the model its best weights, if an epoch was finished."""
        if self.weights:
            self.model.set_weights(self.weights)


class StopAtNaN(keras.callbacks.Callback):
    """Ends training with one clear line when the loss is no longer a number."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Raise UserError where the epoch's loss is NaN or infinite."""
        logs = logs or {}
        if not math.isfinite(logs.get("loss", 0.0)):
            rate = float(self.model.optimizer.learning_rate)
            raise UserError(
                f"the loss became {logs['loss']} in epoch {epoch + 1} at learning rate {rate:g}:"
                " a finite number was expected; lower fit.learning_rate or set fit.clip_norm to 1"
            )


class Recorder(Stateful):
    """Keeps a row per epoch and hands each to `on_epoch`."""

    def __init__(self, on_epoch: Callable[[list[Row]], None]) -> None:
        """Take what is told of every finished epoch: all rows so far."""
        super().__init__()
        self.rows: list[Row] = []
        self.on_epoch = on_epoch
        self.started = time.perf_counter()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock."""
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the row: epoch from 1, every metric, the learning rate, seconds."""
        numbers = {name: float(value) for name, value in (logs or {}).items()}
        rate = float(self.model.optimizer.learning_rate)
        seconds = time.perf_counter() - self.started
        row = {"epoch": epoch + 1, **numbers, "learning_rate": rate, "seconds": seconds}
        self.rows = [*self.rows, row]

    def state(self) -> dict[str, Any]:
        """Return the rows."""
        return {"rows": self.rows}

    def tell(self) -> None:
        """Hand the rows on; after the backup, so that nothing told is ever lost."""
        self.on_epoch(self.rows)


def watched_loss(logs: dict[str, Any]) -> float:
    """Return the loss that decays and stops are judged by: the watched set's, else train's."""
    return float(logs.get("val_loss", logs.get("loss", math.inf)))
