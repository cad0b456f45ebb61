"""The MLflow model: a code file over the SavedModel, no pickle; saved, then logged alike."""

import logging
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import mlflow
import pandas as pd
from mlflow.models import Model, infer_signature

logging.getLogger("mlflow.utils.environment").setLevel(logging.ERROR)  # on pip in uv's environments

CODE = Path(__file__).with_name("served_model.py")
PACKAGES = ("mlflow", "tensorflow", "pandas", "numpy")


class Logged(NamedTuple):
    """A logged model: its URI and its registered version."""

    uri: str
    version: str


def save_model(
    saved_model: Path,
    path: Path,
    *,
    example: pd.DataFrame,
    answers: pd.DataFrame,
    takes: str,
    code: Path = CODE,
    artifacts: Mapping[str, Path] | None = None,
    packages: Sequence[str] = (),
) -> None:
    """Write an MLflow model that answers a frame of one column as `example` with one as `answers`.

    The column's name is that of the SavedModel's signature and of its input. Both frames have one
    row: they make the model's signature, and `example` is its input example. Whoever sends what
    cannot be read is told to send what it `takes`. A `code` file of a
    room's own finds the SavedModel and the files `artifacts` by name, and may need more `packages`.
    """
    files = {"saved_model": saved_model, **(artifacts or {})}
    needed = [f"{name}=={version(name)}" for name in (*PACKAGES, *packages)]
    signature = infer_signature(example, answers)
    described = _described(code, files, signature, example, needed, {"takes": takes})
    mlflow.pyfunc.save_model(path=path, **described)


def load_model(path: Path) -> Any:
    """Return a saved MLflow model; its `predict` takes a frame."""
    return mlflow.pyfunc.load_model(str(path))


def log_model(path: Path, name: str) -> Logged:
    """Log a saved MLflow model as the active run's model and register it under `name`."""
    saved = Model.load(path)
    flavor = saved.flavors["python_function"]
    described = _described(
        path / Path(flavor["model_code_path"]).name,
        {name: path / one["path"] for name, one in flavor["artifacts"].items()},
        saved.signature,
        saved.load_input_example(path),
        (path / "requirements.txt").read_text(encoding="utf-8").split(),
        flavor["config"],
    )
    logged = mlflow.pyfunc.log_model(name="model", registered_model_name=name, **described)
    return Logged(logged.model_uri, str(logged.registered_model_version))


def _described(
    code: Path,
    artifacts: Mapping[str, Path],
    signature: Any,
    example: Any,
    needed: Sequence[str],
    config: Mapping[str, str],
) -> dict[str, Any]:
    """Return what saving and logging share; stating it spares MLflow seconds of guessing."""
    return {
        "python_model": code,
        "artifacts": {name: str(file) for name, file in artifacts.items()},
        "signature": signature,
        "input_example": example,
        "pip_requirements": list(needed),
        "model_config": dict(config),
    }
