"""What leaves the house: Keras's file, LiteRT, a SavedModel for any size, an MLflow model."""

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray

from common.data.picture_store import pixels
from common.data.pictures import decode
from common.export.formats import Format, keras_file, litert_file, load_saved_model
from common.export.mlflow_model import load_model, save_model
from common.export.served_pictures import batches, encoded
from common.export.timing import TIMED, WARM_UP, milliseconds
from common.project import NoCalibration
from projects.neural_style_transfer.data import PAINTED, Assets
from projects.neural_style_transfer.evaluate import score, scores_table
from projects.neural_style_transfer.served_painting import LARGEST
from projects.neural_style_transfer.settings import Settings

if TYPE_CHECKING:
    Table = pd.DataFrame

Answer = dict[str, tf.Tensor]
Pictures = NDArray[np.float32]
CODE = Path(__file__).with_name("served_painting.py")
ROUNDED = 0.51
"""Grey levels within which a pixel of a PNG is the painted one."""


class Served(tf.Module):
    """The painter for pictures of any size: what is no multiple of 4 is continued and cut again."""

    def __init__(self, model: keras.Model) -> None:
        super().__init__()
        self.model = model

    def image(self, image: tf.Tensor) -> Answer:
        """Answer encoded pictures, (batch,) strings of any sizes, with `painted`: PNG (batch,).

        And their `width` and `height`. Larger ones than LARGEST are an error.
        """
        kinds = {"painted": tf.string, "width": tf.int32, "height": tf.int32}
        specs = {name: tf.TensorSpec([], kind) for name, kind in kinds.items()}
        return tf.map_fn(self._file, image, fn_output_signature=specs)

    def pixels(self, pixels: tf.Tensor) -> Answer:
        """Answer pictures of one size, (batch, h, w, 3) uint8, with `painted`: float32, 0..255."""
        return {"painted": self._painted(pixels)}

    def _file(self, file: tf.Tensor) -> Answer:
        content = decode(file)
        shape = tf.shape(content)
        width, height = tf.as_string(shape[1]), tf.as_string(shape[0])
        most = f" pixels, at most {LARGEST // 10**6} megapixels"
        message = tf.strings.join(["the picture is too large: ", width, " x ", height, most])
        small = tf.debugging.Assert(shape[0] * shape[1] <= LARGEST, [message])
        with tf.control_dependencies([small]):
            painting = self._painted(content[None])[0]
        png = tf.io.encode_png(tf.cast(tf.round(painting), tf.uint8))
        return {"painted": png, "width": shape[1], "height": shape[0]}

    def _painted(self, pictures: tf.Tensor) -> tf.Tensor:
        shape = tf.shape(pictures)
        rows, columns = (mirrored(shape[axis]) for axis in (1, 2))
        larger = tf.gather(tf.gather(pictures, rows, axis=1), columns, axis=2)
        painting = self.model(tf.cast(larger, tf.float32), training=False)
        return painting[:, : shape[1], : shape[2]]


def mirrored(side: tf.Tensor) -> tf.Tensor:
    """Return indices of so many rows and their mirror image: a multiple of 4, at least 8."""
    length = tf.maximum((side + 3) // 4 * 4, 8)
    there_and_back = tf.range(length) % tf.maximum(2 * side - 2, 1)
    return tf.minimum(there_and_back, tf.abs(2 * side - 2 - there_and_back))


def write_saved_model(
    model: keras.Model,
    units: "Table",
    assets: Assets,
    fitted: NoCalibration,
    settings: Settings,
    path: Path,
) -> None:
    """Write the SavedModel; its signatures `image` and `pixels` are named like their input."""
    served = Served(model)
    image = tf.function(served.image, input_signature=[tf.TensorSpec([None], tf.string, "image")])
    pixels = tf.function(
        served.pixels,
        input_signature=[tf.TensorSpec([None, None, None, 3], tf.uint8, "pixels")],
    )
    signatures = {"serving_default": image, "image": image, "pixels": pixels}
    tf.saved_model.save(served, str(path), signatures=signatures)


def score_saved_model(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return the scores of what `pixels` paints, as `evaluate.score` does."""

    def paint(contents: list[Any]) -> Pictures:
        found = loaded.signatures["pixels"](pixels=tf.constant(np.stack(contents)))
        return found["painted"].numpy()

    return _scores(paint, units, assets)


def write_mlflow_model(
    model: keras.Model,
    units: "Table",
    assets: Assets,
    fitted: NoCalibration,
    settings: Settings,
    path: Path,
) -> None:
    """Write the MLflow model: a column `image` of encoded pictures in; painted PNGs out."""
    content = pixels(units[units["unit"] == PAINTED][:1])[0]
    height, width = content.shape[:2]
    save_model(
        path.parent / "saved_model",
        path,
        example=_sent([content]),
        answers=pd.DataFrame([{"image": "", "width": float(width), "height": float(height)}]),
        takes="the content of one JPEG, PNG, GIF, BMP or WebP file, base64-encoded, of at most"
        f" {LARGEST // 10**6} megapixels",
        code=CODE,
        packages=["pillow"],
    )


def _sent(contents: list[Any]) -> pd.DataFrame:
    """Return pictures as they are sent to the server."""
    files = [base64.b64encode(encoded(one)).decode("ascii") for one in contents]
    return pd.DataFrame({"image": files})


def score_mlflow_model(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return the scores of the files that it answers with, as `evaluate.score` does.

    A PNG holds whole grey levels: a pixel that is what its own SavedModel paints, but for rounding,
    counts as that.
    """
    exact = loaded.unwrap_python_model().loaded.signatures["pixels"]

    def paint(contents: list[Any]) -> Pictures:
        files = map(base64.b64decode, loaded.predict(_sent(contents))["image"])
        shown = np.stack([tf.io.decode_png(file).numpy() for file in files]).astype(np.float32)
        unrounded = exact(pixels=tf.constant(np.stack(contents)))["painted"].numpy()
        return np.where(np.abs(shown - unrounded) < ROUNDED, unrounded, shown)

    return _scores(paint, units, assets)


def time_saved_model(
    loaded: Any, units: "Table", assets: Assets, settings: Settings
) -> list[float]:
    """Return the milliseconds of single paintings, from the file to the PNG."""
    files = (tf.constant([encoded(one)]) for one in _timed_contents(units))
    return milliseconds(lambda file: loaded.signatures["image"](image=file), files)


def time_keras(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> list[float]:
    """Return the milliseconds of single paintings, from pixels to pixels."""
    return milliseconds(loaded.predict_on_batch, map(_batch, _timed_contents(units)))


def time_litert(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> list[float]:
    """Return the milliseconds of single paintings, from pixels to pixels."""
    batches = map(_batch, _timed_contents(units))
    return milliseconds(lambda batch: loaded.predict([batch]), batches)


def time_mlflow_model(
    loaded: Any, units: "Table", assets: Assets, settings: Settings
) -> list[float]:
    """Return the milliseconds of single paintings, from what is sent to what is answered."""
    tables = (_sent([one]) for one in _timed_contents(units))
    return milliseconds(loaded.predict, tables)


def _batch(content: NDArray[np.uint8]) -> Pictures:
    return content[None].astype(np.float32)


def _timed_contents(units: "Table") -> Any:
    rows = units[units["unit"] == PAINTED][: TIMED + WARM_UP]
    return pixels(rows) if len(rows) else ()


def _scores(paint: Callable[[list[Any]], Pictures], units: "Table", assets: Assets) -> "Table":
    """Return the scores of the paintings of all units that the network paints."""
    rows = units[units["unit"] == PAINTED]
    found = [paint(contents) for contents in batches(iter(pixels(rows)) if len(rows) else [])]
    pictures = np.concatenate(found) if found else np.zeros((0, 1, 1, 3), np.float32)
    return scores_table(units, pictures, assets)


def _of_one_size(form: Format[Any, Any, Any]) -> Format[Any, Any, Any]:
    """Return the format with the painter written for pictures of the trained size."""

    def write(
        model: keras.Model, units: "Table", assets: Assets, fitted: Any, settings: Any, path: Path
    ) -> None:
        size = settings.data.size
        pictures = keras.Input((size, size, 3), name="pictures")
        fixed = keras.Model(pictures, model(pictures))
        form.write(fixed, units, assets, fitted, settings, path)

    return replace(form, write=write)


FORMATS: tuple[Format[Settings, Assets, NoCalibration], ...] = (
    replace(
        keras_file("float pictures, 0 to 255, of sides that are multiples of 4", score),
        milliseconds=time_keras,
    ),
    Format(
        name="saved_model",
        takes="encoded pictures, or uint8 pixels, of any size",
        write=write_saved_model,
        load=load_saved_model,
        score=score_saved_model,
        milliseconds=time_saved_model,
        served=True,
    ),
    replace(
        _of_one_size(litert_file("one float picture of the trained size, 0 to 255", score)),
        milliseconds=time_litert,
    ),
    Format(
        name="mlflow_model",
        takes="a table with encoded pictures",
        write=write_mlflow_model,
        load=load_model,
        score=score_mlflow_model,
        milliseconds=time_mlflow_model,
    ),
)
