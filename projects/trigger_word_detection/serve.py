"""What leaves the house: Keras's file, a SavedModel of streams and clips, LiteRT, an MLflow model.

All but the first hold the whole detector (`served.py`).
"""

import io
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pandas as pd
import soundfile
import tensorflow as tf

from common.export.formats import Format, keras_file, load_saved_model
from common.export.mlflow_model import load_model, save_model
from common.export.served_model import plain
from projects.trigger_word_detection.data import Assets, clip_audio, dataset
from projects.trigger_word_detection.evaluate import Calibration, score, scores_table
from projects.trigger_word_detection.grid import RATE, STEP
from projects.trigger_word_detection.served import Served
from projects.trigger_word_detection.settings import Settings

if TYPE_CHECKING:
    Table = pd.DataFrame

EXAMPLE = Path(__file__).with_name("stream_example.py")
"""Is laid beside the LiteRT file, and needs nothing else."""
TIMED, WARM_UP = 200, 5


def write_saved_model(
    model: keras.Model,
    units: "Table",
    assets: Assets,
    fitted: Calibration,
    settings: Settings,
    path: Path,
) -> None:
    """Write the SavedModel with the signatures `clip`, `stream` and `audio` (see Served)."""
    served = Served(model, fitted)
    samples = tf.TensorSpec([None, None], tf.float32, "samples")
    one = tf.TensorSpec([1, None], tf.float32, "samples")
    state = tf.TensorSpec(served.zeros(1).shape, tf.float32, "state")
    files = tf.TensorSpec([None], tf.string, "audio")
    clip = tf.function(served.clip, input_signature=[samples])
    signatures = {
        "serving_default": clip,
        "clip": clip,
        "stream": tf.function(served.stream, input_signature=[one, state]),
        "audio": tf.function(served.audio, input_signature=[files]),
    }
    tf.saved_model.save(served, str(path), signatures=signatures)


def score_saved_model(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return the probabilities of whole clips."""
    clip = loaded.signatures["clip"]
    return _scored(lambda one: clip(samples=one)["probability"], units, assets, settings)


def write_litert(
    model: keras.Model,
    units: "Table",
    assets: Assets,
    fitted: Calibration,
    settings: Settings,
    path: Path,
) -> None:
    """Write one step of the stream as a LiteRT file, with `stream_example.py` beside it.

    The signature `step` takes samples (1, 640) and state (1, S), which starts as zeros, and gives
    probability, smoothed and detected (1, 1) and the next state.
    """
    served = Served(model, fitted)
    inputs = [
        tf.TensorSpec([1, STEP], tf.float32, "samples"),
        tf.TensorSpec(served.zeros(1).shape, tf.float32, "state"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        # Not tf.saved_model.save: the converter keeps its variables, and they have no values.
        archive = keras.export.ExportArchive()
        archive.track(model)
        archive.add_endpoint("step", served.stream, input_signature=inputs)
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["step"])
        path.write_bytes(converter.convert())
    shutil.copy(EXAMPLE, path.parent)


class Device:
    """A LiteRT file that listens, 640 samples at a time."""

    def __init__(self, path: Path) -> None:
        """Load the file into the interpreter, on one thread, as on a small device."""
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(model_path=str(path), num_threads=1)
        self.step = self.interpreter.get_signature_runner("step")
        self.zeros = np.zeros(self.step.get_input_details()["state"]["shape"], np.float32)

    def probabilities(self, samples: np.ndarray) -> np.ndarray:
        """Return the probability of each step of a clip, (n,) samples."""
        found, state = [], self.zeros
        for chunk in samples.reshape(-1, 1, STEP):
            answer = self.step(samples=chunk, state=state)
            state = answer["state"]
            found.append(answer["probability"][0, 0])
        return np.array(found)

    def milliseconds(self, samples: np.ndarray) -> list[float]:
        """Return how long each of 200 steps takes, the first few (warm-up) left out."""
        times, state = [], self.zeros
        chunks = np.resize(samples, (TIMED + WARM_UP, 1, STEP))
        for chunk in chunks:
            started = time.perf_counter()
            state = self.step(samples=chunk, state=state)["state"]
            times.append(1000 * (time.perf_counter() - started))
        return times[WARM_UP:]


def score_litert(loaded: Device, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return the probabilities of clips heard step by step."""

    def answer(clips: np.ndarray) -> np.ndarray:
        return np.stack([loaded.probabilities(one) for one in clips])

    return _scored(answer, units, assets, settings)


def time_litert(loaded: Device, units: "Table", assets: Assets, settings: Settings) -> list[float]:
    """Return milliseconds for each 40 ms of a clip."""
    return loaded.milliseconds(_first_clip(units, settings))


def write_mlflow_model(
    model: keras.Model,
    units: "Table",
    assets: Assets,
    fitted: Calibration,
    settings: Settings,
    path: Path,
) -> None:
    """Write the MLflow model: a column `audio` of WAV files in, a row of answers out."""
    file = wav(_first_clip(units, settings))
    answer = Served(model, fitted).audio(tf.constant([file]))
    save_model(
        path.parent / "saved_model",
        path,
        example=pd.DataFrame({"audio": [file]}),
        answers=pd.DataFrame([{name: plain(found.numpy()[0]) for name, found in answer.items()}]),
        takes="the content of one WAV file (16 bits, 16 kHz), base64-encoded",
    )


def score_mlflow_model(loaded: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return the probabilities of clips as WAV files."""

    def answer(clips: np.ndarray) -> np.ndarray:
        found = loaded.predict(pd.DataFrame({"audio": [wav(one) for one in clips]}))
        return np.stack([np.array(json.loads(one)) for one in found["probabilities"]])

    return _scored(answer, units, assets, settings)


def wav(samples: np.ndarray) -> bytes:
    """Return (n,) samples as a WAV file of 16 bits at 16 kHz."""
    whole = np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)
    file = io.BytesIO()
    soundfile.write(file, whole, RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _first_clip(units: "Table", settings: Settings) -> np.ndarray:
    rows: list[Any] = units[:1].to_dict("records")
    return clip_audio(rows[0], settings)


def _scored(
    answer: Callable[[np.ndarray], Any], units: "Table", assets: Assets, settings: Settings
) -> "Table":
    """Return the scores of units from a function of clips (batch, samples) -> (batch, steps)."""
    batches = dataset(units.drop_duplicates("clip"), assets, settings, None)
    found = [np.asarray(answer(samples.numpy())) for samples, _ in batches]
    return scores_table(units, np.concatenate(found))


FORMATS: tuple[Format[Settings, Assets, Calibration], ...] = (
    keras_file("samples at 16 kHz, a multiple of 640", score),
    Format(
        name="saved_model",
        takes="clips, or a stream chunk by chunk, or WAV files",
        write=write_saved_model,
        load=load_saved_model,
        score=score_saved_model,
    ),
    Format(
        name="model.tflite",
        takes="40 ms of a stream, with its state",
        write=write_litert,
        load=Device,
        score=score_litert,
        served=True,
        milliseconds=time_litert,
    ),
    Format(
        name="mlflow_model",
        takes="a table with WAV files",
        write=write_mlflow_model,
        load=load_model,
        score=score_mlflow_model,
    ),
)
"""What leaves the house, and its re-check in a fresh process."""
