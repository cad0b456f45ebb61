"""Code of the MLflow model: encoded pictures in, painted ones out. Needs no other file."""

import base64
import re
from typing import Any

import pandas as pd
import tensorflow as tf
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel


class ServedPainting(PythonModel):
    """Paints each row's picture with the SavedModel, at its own size."""

    def load_context(self, context: Any) -> None:
        """Load the SavedModel; the object must be kept, or its variables are deleted."""
        self.loaded = tf.saved_model.load(context.artifacts["saved_model"])
        self.takes = context.model_config["takes"]

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return for each row `image` (the painting, a PNG file in base64), `width`, `height`.

        Raises MlflowException (status 400) naming the row that cannot be read, or is too large.
        """
        answers = [self._answer(row, file) for row, file in enumerate(model_input["image"])]
        return pd.DataFrame(answers, columns=["image", "width", "height"])

    def _answer(self, row: int, file: Any) -> dict[str, Any]:
        try:
            if not isinstance(file, bytes):
                raise TypeError("a list of texts would pass for a text")
            found = self.loaded.signatures["image"](image=tf.constant([file]))
        except (tf.errors.OpError, TypeError, ValueError) as error:
            # The graph's own words, where it can be read but is too large.
            large = re.search(r"the picture [^\]\n]* megapixels", str(error))
            why = large[0] if large else "image cannot be read"
            raise MlflowException.invalid_parameter_value(
                f"row {row}: {why}; send {self.takes}"
            ) from None
        return {
            "image": base64.b64encode(found["painted"].numpy()[0]).decode("ascii"),
            "width": float(found["width"].numpy()[0]),
            "height": float(found["height"].numpy()[0]),
        }


if __name__ != "projects.neural_style_transfer.served_painting":  # MLflow has a name of its own
    set_model(ServedPainting())
