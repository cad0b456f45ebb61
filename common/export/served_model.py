"""Code of the MLflow model: loads a SavedModel and answers a frame; needs no other file."""

from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel


class ServedModel(PythonModel):
    """Hands each row to the SavedModel signature that is named like the input column."""

    def load_context(self, context: Any) -> None:
        """Load the SavedModel; the object must be kept, or its variables are deleted."""
        self.loaded = tf.saved_model.load(context.artifacts["saved_model"])

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return a row of answers for each row of the one input column.

        Raises MlflowException (status 400) naming the row that cannot be read.
        """
        column = model_input.columns[0]
        signature = self.loaded.signatures[column]
        answers = [self._answer(signature, column, i, v) for i, v in enumerate(model_input[column])]
        return pd.DataFrame(answers)

    def _answer(self, signature: Any, column: str, row: int, value: Any) -> dict[str, Any]:
        try:
            found = signature(**{column: tf.constant([value])})
        except (tf.errors.OpError, TypeError, ValueError):
            raise MlflowException.invalid_parameter_value(
                f"row {row}: {column} cannot be read; send the content of one file, base64-encoded"
            ) from None
        return {name: plain(tensor.numpy()[0]) for name, tensor in sorted(found.items())}


def plain(value: Any) -> Any:
    """Return a numpy value or bytes as what JSON knows: numbers, lists, strings."""
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


if __name__ != "common.export.served_model":  # MLflow runs this file under a name of its own
    set_model(ServedModel())
