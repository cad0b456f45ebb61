"""The MLflow model: a code file over the SavedModel, no pickle; saved, then logged alike."""

import logging
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import mlflow
import pandas as pd
from mlflow.models import Model, infer_signature

logging.getLogger("mlflow.utils.environment").setLevel(logging.ERROR)  # on pip in uv's environments

CODE = Path(__file__).with_name("served_model.py")


class Logged(NamedTuple):
    """A logged model: its URI and its registered version."""

    uri: str
    version: str


def save_model(
    saved_model: Path, path: Path, *, example: pd.DataFrame, answers: pd.DataFrame
) -> None:
    """Write an MLflow model that answers a frame of one column as `example` with one as `answers`.

    The column's name is that of the SavedModel's signature and of its input. Both frames have one
    row: they make the model's signature, and `example` is its input example.
    """
    signature = infer_signature(example, answers)
    mlflow.pyfunc.save_model(path=path, **_described(saved_model, signature, example))


def load_model(path: Path) -> Any:
    """Return a saved MLflow model; its `predict` takes a frame."""
    return mlflow.pyfunc.load_model(str(path))


def log_model(path: Path, name: str) -> Logged:
    """Log a saved MLflow model as the active run's model and register it under `name`."""
    saved = Model.load(path)
    place = saved.flavors["python_function"]["artifacts"]["saved_model"]["path"]
    logged = mlflow.pyfunc.log_model(
        name="model",
        registered_model_name=name,
        **_described(path / place, saved.signature, saved.load_input_example(path)),
    )
    return Logged(logged.model_uri, str(logged.registered_model_version))


def _described(saved_model: Path, signature: Any, example: Any) -> dict[str, Any]:
    """Return what saving and logging share; stating it spares MLflow seconds of guessing."""
    names = ("mlflow", "tensorflow", "pandas", "numpy")
    return {
        "python_model": CODE,
        "artifacts": {"saved_model": str(saved_model)},
        "signature": signature,
        "input_example": example,
        "pip_requirements": [f"{name}=={version(name)}" for name in names],
    }
