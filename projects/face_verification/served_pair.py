"""Code of the MLflow model: two pictures in, are they of one person? Needs no other file.

A picture that comes in many rows of a request is read and embedded once.
"""

import base64
import io
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import tensorflow as tf
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel
from PIL import Image

SIDES = ("first", "second")
BATCH = 32
"""Pictures that are embedded together, so that a long table does not fill the memory."""
READ = ("JPEG", "MPO", "PNG", "GIF", "BMP", "WEBP")
"""Kinds of pictures that are read, in Pillow's names; MPO is the JPEG of some phones."""
LARGEST = 100
"""Megapixels of the largest picture that is read."""

Places = dict[bytes, tuple[int, str]]
"""A picture's file and the row and column where it came first."""


class Refused(MlflowException):
    """One line that is told as it is: before others, MLflow's server writes all that was sent."""

    def serialize_as_json(self) -> str:
        """Return the answer with the words this was raised with."""
        self.message = str(self)
        said: str = super().serialize_as_json()
        return said


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

        `first` and `second` are files in base64, or their bytes. Raises Refused (status 400)
        naming row and column of what cannot be read, or shows nothing.
        """
        places: Places = {}
        files: dict[str, list[bytes]] = {side: [] for side in SIDES}
        for side in SIDES:
            for row, sent in enumerate(model_input[side]):
                try:
                    file = content(sent)
                except ValueError as error:
                    self._refuse((row, side), str(error))
                files[side].append(file)
                places.setdefault(file, (row, side))
        waiting = list(places.items())
        known: dict[bytes, np.ndarray] = {}
        for start in range(0, len(waiting), BATCH):
            known |= self._embeddings(dict(waiting[start : start + BATCH]))
        sides = {side: tf.constant(np.stack([known[one] for one in files[side]])) for side in SIDES}
        found = self.loaded.signatures["compare"](**sides)
        answers = pd.DataFrame({name: found[name].numpy() for name in sorted(found)})
        return answers.assign(prediction=answers["prediction"].str.decode("utf-8"))

    def _embeddings(self, places: Places) -> dict[bytes, np.ndarray]:
        """Return each picture's unit vector; one that cannot be read is looked for by itself."""
        try:
            found = self.loaded.signatures["image"](image=tf.constant(list(places)))
        except (tf.errors.OpError, ValueError):
            if len(places) == 1:
                ((file, place),) = places.items()
                self._refuse(place, why_unreadable(file))
            alone = [self._embeddings({file: place}) for file, place in places.items()]
            return {file: vector for one in alone for file, vector in one.items()}
        for place, is_even in zip(places.values(), found["is_even"].numpy(), strict=True):
            if is_even:
                self._refuse(place, "shows one even colour")
        return dict(zip(places, found["embedding"].numpy(), strict=True))

    def _refuse(self, place: tuple[int, str], why: str) -> NoReturn:
        row, side = place
        raise Refused.invalid_parameter_value(f"row {row}: {side} {why}; send {self.takes}")


def content(sent: Any) -> bytes:
    """Return the content of a file that was sent; ValueError says what was sent instead."""
    if isinstance(sent, bytes):
        return sent
    if not isinstance(sent, str):
        raise ValueError("is no text")
    try:
        return base64.b64decode("".join(sent.split()), validate=True)
    except ValueError:  # binascii.Error is one, and text that is not ASCII another
        raise ValueError("is no base64") from None


def why_unreadable(file: bytes) -> str:
    """Return why a file was not read, as far as its header tells."""
    try:
        with Image.open(io.BytesIO(file)) as image:
            kind, (width, height) = image.format, image.size
    except Image.DecompressionBombError:
        return f"has more than {LARGEST} megapixels"
    except Exception:  # Pillow raises many kinds for damaged files
        return "cannot be read"
    if kind not in READ:
        return f"is a {kind} file"
    megapixels = width * height / 10**6
    return f"has {megapixels:.0f} megapixels" if megapixels > LARGEST else "cannot be read"


if __name__ != "projects.face_verification.served_pair":  # MLflow's name for it is another
    set_model(ServedPair())
