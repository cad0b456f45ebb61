"""Code of the MLflow model: encoded pictures in, painted ones out. Needs no other file."""

import base64
import io
from typing import Any

import pandas as pd
import tensorflow as tf
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel
from PIL import Image

LARGEST = 4_000_000
"""Pixels of the largest file that is painted: maps at its full size need much memory."""


class Refused(MlflowException):
    """One line that is told as it is: before others, MLflow's server writes all that was sent."""

    def serialize_as_json(self) -> str:
        """Return the answer with the words this was raised with."""
        self.message = str(self)
        said: str = super().serialize_as_json()
        return said


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

        A row's `image` is a file in base64, or its bytes. Raises Refused (status 400) naming the
        row that cannot be read, or is too large; of that only the header is read.
        """
        answers = [self._answer(row, file) for row, file in enumerate(model_input["image"])]
        return pd.DataFrame(answers, columns=["image", "width", "height"])

    def _answer(self, row: int, image: Any) -> dict[str, Any]:
        try:
            file = _file(image)
            _check_size(file)
        except ValueError as error:
            raise self._refused(row, str(error)) from None
        try:
            found = self.loaded.signatures["image"](image=tf.constant([file]))
        except (tf.errors.OpError, UnicodeDecodeError):  # the latter from bytes in a message
            raise self._refused(row, "image cannot be read") from None
        return {
            "image": base64.b64encode(found["painted"].numpy()[0]).decode("ascii"),
            "width": float(found["width"].numpy()[0]),
            "height": float(found["height"].numpy()[0]),
        }

    def _refused(self, row: int, why: str) -> MlflowException:
        return Refused.invalid_parameter_value(f"row {row}: {why}; send {self.takes}")


def _file(image: Any) -> bytes:
    """Return the content of the file that was sent; raises ValueError where there is none."""
    if isinstance(image, bytes):
        return image
    if not isinstance(image, str):
        raise ValueError("image is no text")
    try:
        return base64.b64decode("".join(image.split()), validate=True)
    except ValueError:  # binascii.Error is one
        raise ValueError("image is no base64") from None


def _check_size(file: bytes) -> None:
    """Raise ValueError where the header says no picture that is painted: before it is decoded."""
    try:
        with Image.open(io.BytesIO(file), formats=("JPEG", "PNG", "GIF", "BMP", "WEBP")) as image:
            width, height = image.size
    except Image.DecompressionBombError:
        raise ValueError("the picture is too large") from None
    except Exception:  # Pillow raises many kinds for damaged files
        raise ValueError("image cannot be read") from None
    if width * height > LARGEST:
        raise ValueError(f"the picture is too large: {width} x {height} pixels")


if __name__ != "projects.neural_style_transfer.served_painting":  # MLflow has a name of its own
    set_model(ServedPainting())
