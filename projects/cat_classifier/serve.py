"""What leaves the house: Keras's file, LiteRT, a SavedModel of pictures, an MLflow model."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from common.export.formats import Format, keras_file, litert_file, load_saved_model
from common.export.mlflow_model import load_model, save_model
from common.export.served_model import plain
from common.export.served_pictures import answered, batches, encoded, from_files, from_pixels
from projects.cat_classifier.data import Assets, originals
from projects.cat_classifier.evaluate import Calibration, score, scores_table
from projects.cat_classifier.settings import Settings

if TYPE_CHECKING:
    Table = pd.DataFrame

Answer = dict[str, tf.Tensor]


class Served(tf.Module):
    """The network with everything before and after it: decoding, resizing, calibrated decision.

    Answers, per picture: `prediction` (class, string), `score` (its calibrated probability),
    `unsure` (bool), `probabilities` (classes by name) and `logits` (the network's own).
    """

    def __init__(
        self, model: keras.Model, assets: Assets, fitted: Calibration, settings: Settings
    ) -> None:
        super().__init__()
        self.model, self.assets, self.fitted = model, assets, fitted
        self.size = settings.data.size

    def image(self, image: tf.Tensor) -> Answer:
        """Answer encoded pictures, (batch,) strings."""
        return self._answer(from_files(image, self.size))

    def pixels(self, pixels: tf.Tensor) -> Answer:
        """Answer pictures of any one size, (batch, height, width, 3) uint8."""
        return self._answer(from_pixels(pixels, self.size))

    def _answer(self, pictures: tf.Tensor) -> Answer:
        logits = self.model(pictures, training=False)
        classes, fitted = self.assets.classes, self.fitted
        calibrated = logits / fitted.temperature
        if len(classes) > 2:
            chances = tf.nn.softmax(calibrated)
            top = tf.math.top_k(chances, 2).values
            chosen = tf.argmax(chances, axis=1)
            unsure = top[:, 0] - top[:, 1] < 2 * fitted.unsure
        else:
            positive = classes.index(self.assets.positive)
            chance = tf.sigmoid(calibrated[:, 0])
            pair = [chance, 1 - chance] if positive == 0 else [1 - chance, chance]
            chances = tf.stack(pair, axis=1)
            chosen = tf.where(chance >= fitted.threshold, positive, 1 - positive)
            unsure = tf.abs(chance - fitted.threshold) < fitted.unsure
        return {
            "prediction": tf.gather(tf.constant(classes), chosen),
            "score": tf.gather(chances, chosen, axis=1, batch_dims=1),
            "unsure": unsure,
            "probabilities": chances,
            "logits": logits,
        }


def write_saved_model(
    model: keras.Model,
    units: "Table",
    assets: Assets,
    fitted: Calibration,
    settings: Settings,
    path: Path,
) -> None:
    """Write the SavedModel; its signatures `image` and `pixels` are named like their input."""
    served = Served(model, assets, fitted, settings)
    image = tf.function(served.image, input_signature=[tf.TensorSpec([None], tf.string, "image")])
    pixels = tf.function(
        served.pixels,
        input_signature=[tf.TensorSpec([None, None, None, 3], tf.uint8, "pixels")],
    )
    signatures = {"serving_default": image, "image": image, "pixels": pixels}
    tf.saved_model.save(served, str(path), signatures=signatures)


def score_saved_model(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return logits and predictions for the original pictures, each through its own endpoint."""
    answers = answered(loaded, originals(units, settings))
    names = [name.decode() for name in answers["prediction"]]
    return scores_table(units, answers["logits"], assets).assign(prediction=names)


def write_mlflow_model(
    model: keras.Model,
    units: "Table",
    assets: Assets,
    fitted: Calibration,
    settings: Settings,
    path: Path,
) -> None:
    """Write the MLflow model: a column `image` of encoded pictures in, a row of answers out."""
    image = encoded(next(originals(units[:1], settings)))
    answer = Served(model, assets, fitted, settings).image(tf.constant([image]))
    save_model(
        path.parent / "saved_model",
        path,
        example=pd.DataFrame({"image": [image]}),
        answers=pd.DataFrame([{name: plain(found.numpy()[0]) for name, found in answer.items()}]),
        takes="the content of one JPEG, PNG, GIF, BMP or WebP file, base64-encoded",
    )


def score_mlflow_model(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return logits and predictions for the original pictures as encoded bytes."""
    found = [
        loaded.predict(pd.DataFrame({"image": files}))
        for files in batches(map(encoded, originals(units, settings)))
    ]
    answers = pd.concat(found, ignore_index=True)
    scores = scores_table(units, np.stack(list(answers["logits"])), assets)
    return scores.assign(prediction=answers["prediction"])


FORMATS: tuple[Format[Settings, Assets, Calibration], ...] = (
    keras_file("float pictures of the trained size, 0 to 255", score),
    Format(
        name="saved_model",
        takes="encoded pictures, or uint8 pixels of any size",
        write=write_saved_model,
        load=load_saved_model,
        score=score_saved_model,
        served=True,
    ),
    litert_file("one float picture of the trained size, 0 to 255", score),
    Format(
        name="mlflow_model",
        takes="a table with encoded pictures",
        write=write_mlflow_model,
        load=load_model,
        score=score_mlflow_model,
    ),
)
