"""What leaves the house: the embedder as Keras's file and for LiteRT; with the comparison of two
faces as a SavedModel and an MLflow model.
"""

import base64
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from common.data.picture_store import pixels
from common.export.formats import Format, keras_file, litert_file, load_saved_model
from common.export.mlflow_model import load_model, save_model
from common.export.served_model import plain
from common.export.served_pictures import answered, encoded, from_files, from_pixels
from common.export.timing import TIMED, WARM_UP, milliseconds
from projects.face_verification.data import Assets, originals, pictures
from projects.face_verification.evaluate import Calibration, score, scores_table
from projects.face_verification.even_colour import SAID, is_even
from projects.face_verification.pairs import DIFFERENT, SAME
from projects.face_verification.served_pair import LARGEST, SIDES
from projects.face_verification.settings import Settings

if TYPE_CHECKING:
    Table = pd.DataFrame

Answer = dict[str, tf.Tensor]
CODE = Path(__file__).with_name("served_pair.py")


class Served(tf.Module):
    """The embedder with decoding and resizing before it, and the calibrated comparison after it."""

    def __init__(self, embedder: keras.Model, fitted: Calibration, size: int) -> None:
        super().__init__()
        self.embedder, self.fitted, self.size = embedder, fitted, size

    def image(self, image: tf.Tensor) -> Answer:
        """Answer encoded pictures, (batch,) strings, with `embedding`: unit vectors (batch, d).

        And `is_even`, (batch,) bool: it shows one even colour, and its embedding means nothing.
        """
        return self._embedded(from_files(image, self.size))

    def pixels(self, pixels: tf.Tensor) -> Answer:
        """Answer pictures of any one size, (batch, height, width, 3) uint8, as `image` does."""
        return self._embedded(from_pixels(pixels, self.size))

    def compare(self, first: tf.Tensor, second: tf.Tensor) -> Answer:
        """Answer two embeddings each, (batch, d): are they of one person?

        `prediction` (same or different), `distance` (0 to 2), `probability` (of the same person,
        at equal odds); `threshold`, and on dev its `false_match_rate` and `false_non_match_rate`.
        """
        fitted = self.fitted
        distance = tf.norm(first - second, axis=1)
        measured = ("threshold", "false_match_rate", "false_non_match_rate")
        constants = {name: tf.fill(tf.shape(distance), getattr(fitted, name)) for name in measured}
        return {
            "prediction": tf.where(distance <= fitted.threshold, SAME, DIFFERENT),
            "distance": distance,
            "probability": tf.sigmoid(fitted.intercept - fitted.slope * distance),
            **constants,
        }

    def pair(self, first: tf.Tensor, second: tf.Tensor) -> Answer:
        """Answer two encoded pictures each, (batch,) strings, as `compare` does.

        Raises InvalidArgumentError where one shows one even colour.
        """
        found = [self.image(first), self.image(second)]
        is_even = tf.concat([one["is_even"] for one in found], axis=0)
        with tf.control_dependencies([tf.debugging.Assert(~tf.reduce_any(is_even), [SAID])]):
            return self.compare(*(tf.identity(one["embedding"]) for one in found))

    def _embedded(self, pictures: tf.Tensor) -> Answer:
        embedding = self.embedder(pictures, training=False)
        return {"embedding": embedding, "is_even": is_even(pictures)}


def write_saved_model(
    model: keras.Model,
    units: "Table",
    assets: Assets,
    fitted: Calibration,
    settings: Settings,
    path: Path,
) -> None:
    """Write the SavedModel; its signatures are named like the methods of `Served`."""
    served = Served(model.embedder, fitted, settings.data.size)
    files = [tf.TensorSpec([None], tf.string, name) for name in ("image", "first", "second")]
    vectors = [tf.TensorSpec([None, settings.model.embedding], name=n) for n in ("first", "second")]
    arrays = tf.TensorSpec([None, None, None, 3], tf.uint8, "pixels")
    image = tf.function(served.image, input_signature=files[:1])
    signatures = {
        "serving_default": image,
        "image": image,
        "pixels": tf.function(served.pixels, input_signature=[arrays]),
        "compare": tf.function(served.compare, input_signature=vectors),
        "pair": tf.function(served.pair, input_signature=files[1:]),
    }
    tf.saved_model.save(served, str(path), signatures=signatures)


def score_saved_model(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return distances and predictions; each original picture goes through its own endpoint once.

    Those of pairs that are spread over all are answered by `pair`, from both files.
    """
    table, sides = pictures(units)
    vectors = answered(loaded, originals(table, settings))["embedding"]
    first, second = (tf.constant(vectors[sides[:, side]]) for side in (0, 1))
    found = loaded.signatures["compare"](first=first, second=second)
    answers = {name: found[name].numpy() for name in ("distance", "prediction")}
    some = np.unique(np.linspace(0, len(units) - 1, TIMED, dtype=int))
    for place, (one, other) in zip(some, _files(units.iloc[some], settings), strict=True):
        both = _both(loaded, one, other)
        for name, values in answers.items():
            values[place] = both[name].numpy()[0]
    said = [name.decode() for name in answers["prediction"]]
    scores = scores_table(units, vectors, sides)
    return scores.assign(distance=answers["distance"].astype(float), prediction=said)


def time_saved_model(
    loaded: Any, units: "Table", assets: Assets, settings: Settings
) -> list[float]:
    """Return the milliseconds of single verifications, from two files to the answer."""
    return milliseconds(
        lambda pair: _both(loaded, *pair), _files(units[: TIMED + WARM_UP], settings)
    )


def time_litert(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> list[float]:
    """Return the milliseconds of two embeddings, from pictures of the trained size."""
    table, sides = pictures(units[: TIMED + WARM_UP])
    images = pixels(table).astype(np.float32)
    both = [(images[one], images[other]) for one, other in sides]
    return milliseconds(lambda pair: loaded.predict([np.stack(pair)]), both)


def write_mlflow_model(
    model: keras.Model,
    units: "Table",
    assets: Assets,
    fitted: Calibration,
    settings: Settings,
    path: Path,
) -> None:
    """Write the MLflow model: columns `first` and `second` of encoded pictures in, answers out."""
    ((first, second),) = _files(units[:1], settings)
    served = Served(model.embedder, fitted, settings.data.size)
    answer = served.pair(tf.constant([first]), tf.constant([second]))
    save_model(
        path.parent / "saved_model",
        path,
        example=_sent([(first, second)]),
        answers=pd.DataFrame([{name: plain(answer[name].numpy()[0]) for name in sorted(answer)}]),
        takes="the content of one JPEG, PNG, GIF, BMP or WebP file of a face, base64-encoded, of at"
        f" most {LARGEST} megapixels",
        code=CODE,
        packages=["pillow"],
    )


def score_mlflow_model(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return distances and predictions for the original pictures as encoded bytes."""
    answers = loaded.predict(_sent(_files(units, settings)))
    return pd.DataFrame(
        {
            "example_id": units["example_id"].to_numpy(),
            "distance": answers["distance"].to_numpy(float),
            "prediction": answers["prediction"].to_numpy(object),
        }
    )


def time_mlflow_model(
    loaded: Any, units: "Table", assets: Assets, settings: Settings
) -> list[float]:
    """Return the milliseconds of single verifications, from two files to the answer."""
    files = _files(units[: TIMED + WARM_UP], settings)
    return milliseconds(lambda pair: loaded.predict(_sent([pair])), files)


def _of_embedder(form: Format[Any, Any, Any]) -> Format[Any, Any, Any]:
    """Return the format with the embedder written instead of what trains it."""
    return replace(form, write=lambda model, *others: form.write(model.embedder, *others))


def _both(loaded: Any, one: bytes, other: bytes) -> Any:
    return loaded.signatures["pair"](first=tf.constant([one]), second=tf.constant([other]))


def _files(units: "Table", settings: Settings) -> list[tuple[bytes, bytes]]:
    """Return the two files of each pair; each picture is read once."""
    table, sides = pictures(units)
    files = [encoded(one) for one in originals(table, settings)]
    return [(files[one], files[other]) for one, other in sides]


def _sent(files: list[tuple[bytes, bytes]]) -> "Table":
    """Return pairs of files as they are sent to the server."""
    texts = [[base64.b64encode(one).decode("ascii") for one in two] for two in files]
    return pd.DataFrame(texts, columns=list(SIDES))


FORMATS: tuple[Format[Settings, Assets, Calibration], ...] = (
    _of_embedder(keras_file("float pictures of the trained size, 0 to 255", score)),
    Format(
        name="saved_model",
        takes="one or two encoded pictures, or uint8 pixels of any size",
        write=write_saved_model,
        load=load_saved_model,
        score=score_saved_model,
        served=True,
        milliseconds=time_saved_model,
    ),
    replace(
        _of_embedder(litert_file("one float picture of the trained size, 0 to 255", score)),
        milliseconds=time_litert,
    ),
    Format(
        name="mlflow_model",
        takes="a table with two encoded pictures a row",
        write=write_mlflow_model,
        load=load_model,
        score=score_mlflow_model,
        milliseconds=time_mlflow_model,
    ),
)
