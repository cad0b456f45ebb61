"""Code of the MLflow model: loads a SavedModel and answers a frame; needs no other file."""

from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

BATCH = 32
"""Rows that are answered together, so that a long table does not fill the memory."""


class ServedModel(PythonModel):
    """Hands each row to the SavedModel signature that is named like the input column."""

    def load_context(self, context: Any) -> None:
        """Load the SavedModel; the object must be kept, or its variables are deleted."""
        self.loaded = tf.saved_model.load(context.artifacts["saved_model"])
        self.takes = context.model_config["takes"]

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return a row of answers for each row of the one input column.

        Raises MlflowException (status 400) naming the row that cannot be read.
        """
        column = model_input.columns[0]
        values = list(model_input[column])
        parts = [values[i : i + BATCH] for i in range(0, len(values), BATCH)]
        answers = [self._answers(column, part, i * BATCH) for i, part in enumerate(parts)]
        return pd.concat(answers, ignore_index=True)

    def _answers(self, column: str, values: list[Any], first: int) -> pd.DataFrame:
        """Return the answers of a batch; one that cannot be read is looked for row by row."""
        try:
            if not all(isinstance(value, str | bytes) for value in values):
                raise TypeError("a list of a text would pass for a text")
            found = self.loaded.signatures[column](**{column: tf.constant(values)})
        except (tf.errors.OpError, TypeError, ValueError):
            if len(values) > 1:
                alone = (self._answers(column, [v], first + i) for i, v in enumerate(values))
                return pd.concat(list(alone), ignore_index=True)
            raise MlflowException.invalid_parameter_value(
                f"row {first}: {column} cannot be read; send {self.takes}"
            ) from None
        names = sorted(found)
        return pd.DataFrame({n: [plain(one) for one in found[n].numpy()] for n in names})


def plain(value: Any) -> Any:
    """Return a numpy value or bytes as what JSON knows: numbers, lists, strings."""
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


if __name__ != "common.export.served_model":  # MLflow runs this file under a name of its own
    set_model(ServedModel())
