"""Code of the MLflow model: two pictures in, are they of one person? Needs no other file.

A picture that comes in many rows of a request is read and embedded once.
"""

from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

SIDES = ("first", "second")
BATCH = 32
"""Pictures that are embedded together, so that a long table does not fill the memory."""

Places = dict[bytes, tuple[int, str]]
"""A picture's file and the row and column where it came first."""


class ServedPair(PythonModel):
    """Embeds the pictures with the SavedModel, and compares the embeddings of each row."""

    def load_context(self, context: Any) -> None:
        """Load the SavedModel; the object must be kept, or its variables are deleted."""
        self.loaded = tf.saved_model.load(context.artifacts["saved_model"])
        self.takes = context.model_config["takes"]

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return prediction, distance, probability, threshold and its error rates for each row.

        Raises MlflowException (status 400) naming row and column of what cannot be read.
        """
        places: Places = {}
        for side in SIDES:
            for row, file in enumerate(model_input[side]):
                if not isinstance(file, bytes):
                    raise self._unreadable(row, side)
                places.setdefault(file, (row, side))
        waiting = list(places.items())
        known: dict[bytes, np.ndarray] = {}
        for start in range(0, len(waiting), BATCH):
            known |= self._embeddings(dict(waiting[start : start + BATCH]))
        sides = {
            side: tf.constant(np.stack([known[file] for file in model_input[side]]))
            for side in SIDES
        }
        found = self.loaded.signatures["compare"](**sides)
        answers = pd.DataFrame({name: found[name].numpy() for name in sorted(found)})
        return answers.assign(prediction=answers["prediction"].str.decode("utf-8"))

    def _embeddings(self, places: Places) -> dict[bytes, np.ndarray]:
        """Return each picture's unit vector; one that cannot be read is looked for by itself."""
        try:
            found = self.loaded.signatures["image"](image=tf.constant(list(places)))
        except (tf.errors.OpError, ValueError):
            if len(places) == 1:
                raise self._unreadable(*next(iter(places.values()))) from None
            alone = [self._embeddings({file: place}) for file, place in places.items()]
            return {file: vector for one in alone for file, vector in one.items()}
        return dict(zip(places, found["embedding"].numpy(), strict=True))

    def _unreadable(self, row: int, side: str) -> MlflowException:
        said = f"row {row}: {side} cannot be read; send {self.takes}"
        return MlflowException.invalid_parameter_value(said)


if __name__ != "projects.face_verification.served_pair":  # MLflow's name for it is another
    set_model(ServedPair())
