"""A format of the exported model: how it is written, loaded and scored with."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

from common.project import A, C, S

if TYPE_CHECKING:
    import keras
    import pandas as pd

    Table = pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Format(Generic[S, A, C]):
    """One way the model leaves the house, under `export/NAME`.

    All are written from the trained model and compared with it in a fresh process.
    """

    name: str
    takes: str
    """What it wants, for the report: "encoded pictures"."""
    write: Callable[["keras.Model", "Table", A, C, S, Path], None]
    """Model, dev units (for an example of the input), assets, calibration, settings, path."""
    load: Callable[[Path], Any]
    score: Callable[[Any, "Table", A, S], "Table"]
    """What `load` returned, units -> float columns as `Project.score` names them, and any text
    columns as `Project.decide` names them, in the units' order."""
    served: bool = False
    """Whether its latency is the one that constraints speak of."""
    milliseconds: Callable[[Any, "Table", A, S], list[float]] | None = None
    """How long one answer takes, in repeated trials; None times `score` on one unit at a time."""


def keras_file(takes: str, project_score: Callable[..., "Table"]) -> Format[Any, Any, Any]:
    """Return the format `model.keras`: Keras's own file, loaded in safe mode."""

    def write(model: "keras.Model", _u: "Table", _a: Any, _c: Any, _s: Any, path: Path) -> None:
        model.save(path)

    def load(path: Path) -> Any:
        import keras

        return keras.saving.load_model(path, compile=False, safe_mode=True)

    return Format(name="model.keras", takes=takes, write=write, load=load, score=project_score)


def load_saved_model(path: Path) -> Any:
    """Return a SavedModel with its signatures."""
    import tensorflow as tf

    return tf.saved_model.load(str(path))


class LiteRTModel:
    """A LiteRT file with Keras's `predict` over a dataset of float batches."""

    def __init__(self, path: Path) -> None:
        """Load the file into the interpreter."""
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(model_path=str(path), num_threads=os.cpu_count())
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        self.output = self.interpreter.get_output_details()[0]

    def predict(self, batches: Any, verbose: int = 0) -> Any:
        """Return the outputs of all examples, one at a time, as a device would."""
        import numpy as np

        found = []
        for batch in batches:
            inputs = batch[0] if isinstance(batch, tuple) else batch
            for one in np.asarray(inputs):
                self.interpreter.set_tensor(self.input["index"], one[None])
                self.interpreter.invoke()
                found.append(self.interpreter.get_tensor(self.output["index"])[0].copy())
        return np.stack(found)


def litert_file(takes: str, project_score: Callable[..., "Table"]) -> Format[Any, Any, Any]:
    """Return the format `model.tflite`, for models of one fixed-size float input and one output."""

    def write(model: "keras.Model", _u: "Table", _a: Any, _c: Any, _s: Any, path: Path) -> None:
        # Not TFLiteConverter.from_concrete_functions: its file gives NaN for these models.
        model.export(path, format="litert", verbose=False)

    return Format(
        name="model.tflite", takes=takes, write=write, load=LiteRTModel, score=project_score
    )
