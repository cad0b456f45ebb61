"""The one training flow: `Model.fit` with resume, best weights, decay, progress and clear stops."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

import keras
import pandas as pd

from common.project import A, Project, S
from common.training.callbacks import BestWeights, LearningRate, Recorder, Row, StopAtNaN
from common.training.progress import Progress
from common.training.resume import Backup

if TYPE_CHECKING:
    Table = pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class FitJob(Generic[S, A]):
    """What one training needs besides the model."""

    project: Project[S, A, Any]
    settings: S
    assets: A
    train: pd.DataFrame
    watch: pd.DataFrame | None
    """Examples whose loss is followed, and by which early stopping decides; never trained on."""
    epochs: int
    patience: int
    backup: Path
    on_epoch: Callable[[list[Row]], None]
    title: str = "training"


def keras_fit(model: keras.Model, job: FitJob[S, A]) -> pd.DataFrame:
    """Train `model` in place and return its history, a row per epoch (see Recorder).

    Goes on from `job.backup` where that exists. With patience the model ends with its best
    weights, else with its last. Ctrl-C ends training after the last finished epoch and keeps it.
    Raises UserError when the loss is no longer a number. A model with a method `callbacks` gives
    callbacks of its own; those have no state that is resumed.
    """
    fit, project = job.settings.fit, job.project
    steps = fit.passes * math.ceil(len(job.train) / fit.batch_size)
    recorder = Recorder(job.on_epoch)
    rate = LearningRate(fit, job.epochs, steps)
    best = BestWeights(job.patience) if job.patience else None
    stateful = [recorder, rate, *([best] if best else [])]
    backup = Backup(job.backup, stateful, recorder)
    done = backup.take_up(model)
    recorder.tell()
    watch = None
    if job.watch is not None and len(job.watch):
        watch = project.dataset(job.watch, job.assets, job.settings, None)
    if best:
        best.set_model(model)
    if done < job.epochs and not (best and best.stopped):
        stream = project.dataset(job.train, job.assets, job.settings, done * fit.passes)
        own: list[keras.callbacks.Callback] = getattr(model, "callbacks", list)()  # a room's
        callbacks = [StopAtNaN(), *own, rate, *([best] if best else []), recorder]
        progress = Progress(job.title, job.epochs, steps)
        try:
            model.fit(
                stream,
                initial_epoch=done,
                epochs=job.epochs,
                steps_per_epoch=steps,
                validation_data=watch,
                callbacks=[*callbacks, progress, backup],
                shuffle=False,
                verbose=0,
            )
        except KeyboardInterrupt:
            if not recorder.rows:
                raise
            print(f"stopped by hand after epoch {len(recorder.rows)}; what was learned is kept")
            if not best:
                backup.take_up(model)
        finally:
            progress.close()
    if best:
        best.use_best()
    return pd.DataFrame(recorder.rows)
