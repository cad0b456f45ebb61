"""Collapse: a network that gives every face the same vector makes many losses small."""

from typing import Any

import keras
import tensorflow as tf

from common.errors import UserError
from projects.face_verification.losses import pairings, squared_distances

COLLAPSED = 0.1
"""A smaller spread is a collapse: faces of different people nearly coincide."""
EPOCHS = 2
"""So many epochs in a row must show it."""


@keras.saving.register_keras_serializable("faces")
class Spread(keras.metrics.Mean):
    """Mean distance of the different people of a batch: 0 collapsed, 1.41 random directions."""

    def __init__(self, name: str = "spread", dtype: str | None = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count all pairs of different people of identities (b,) and unit vectors (b, d)."""
        distances = tf.sqrt(squared_distances(y_pred))
        super().update_state(distances, sample_weight=pairings(y_true)[1])


class StopAtCollapse(keras.callbacks.Callback):
    """Ends training with one clear line when the embedding has collapsed."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs = 0

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Raise UserError where the spread has been below COLLAPSED for EPOCHS epochs."""
        spread = (logs or {}).get("spread", COLLAPSED)
        self.epochs = self.epochs + 1 if spread < COLLAPSED else 0
        if self.epochs == EPOCHS:
            raise UserError(
                f"the embedding has collapsed: in epoch {epoch + 1} different people are "
                f"{spread:.3f} apart on average, at least {COLLAPSED} was expected; lower "
                "fit.learning_rate, set fit.batch_norm, use model.mining semi_hard instead of "
                "batch_hard, or a larger fit.batch_size"
            )
