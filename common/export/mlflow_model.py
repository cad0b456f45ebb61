"""The MLflow model: a code file over the SavedModel, no pickle; saved, then logged as it is."""

import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import mlflow
import pandas as pd
from mlflow.models import Model, infer_signature

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
    mlflow.pyfunc.save_model(
        path=path,
        python_model=CODE,
        artifacts={"saved_model": str(saved_model)},
        signature=infer_signature(example, answers),
        input_example=example,
        pip_requirements=[
            f"{name}=={version(name)}" for name in ("mlflow", "tensorflow", "pandas", "numpy")
        ],
    )


def load_model(path: Path) -> Any:
    """Return a saved MLflow model; its `predict` takes a frame."""
    return mlflow.pyfunc.load_model(str(path))


def log_model(path: Path, run_id: str, name: str) -> Logged:
    """Log a saved MLflow model as the run's model and register it under `name`."""
    copied = mlflow.models.Model.log(
        name="model",
        flavor=_Saved,
        source=path,
        run_id=run_id,
        registered_model_name=name,
        await_registration_for=None,
    )
    return Logged(copied.model_uri, str(copied.registered_model_version))


class _Saved:
    """A flavour, as `Model.log` wants one, that copies what was saved and re-checked before."""

    @staticmethod
    def save_model(path: str, mlflow_model: Model, source: Path, **_: Any) -> None:
        """Copy `source` to `path`, under the ids that `mlflow_model` brings."""
        shutil.copytree(source, path, dirs_exist_ok=True)
        model = Model.load(source)
        for name, value in model.__dict__.items():
            if name not in (
                "run_id",
                "artifact_path",
                "model_id",
                "model_uuid",
                "utc_time_created",
            ):
                setattr(mlflow_model, name, value)
        mlflow_model.save(str(Path(path) / "MLmodel"))
