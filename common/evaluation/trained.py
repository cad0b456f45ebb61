"""Training and scoring: with a dev set held out, or cross-validated over all but test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

import keras
import pandas as pd

from common import runtime
from common.data.splits import folds
from common.errors import UserError
from common.evaluation.constraints import check_constraints
from common.evaluation.crossfit import cross_fitted, fitted_on_themselves
from common.files import written
from common.project import A, C, Project, S
from common.training.fit import FitJob, keras_fit

if TYPE_CHECKING:
    Table = pd.DataFrame

TRAIN_SAMPLE = 2_000
"""Train examples that are scored for the train error."""

Told = Callable[[list[dict[str, float]], str], None]
"""What is told of every epoch: all rows so far, and "epoch" or "fold1", "fold2", ..."""


@dataclass(frozen=True, kw_only=True)
class Trained(Generic[A, C]):
    """A trained model with what was scored."""

    model: keras.Model
    assets: A
    history: pd.DataFrame
    units: pd.DataFrame
    """All scored units, with their split."""
    scores: pd.DataFrame
    """Raw scores of `units`, row by row."""
    reference: pd.DataFrame
    """The trained model's own scores of the dev units; exports must give the same."""
    calibration: C
    predictions: pd.DataFrame
    """Dev decided with cross-fitted settings, the other splits with those that ship."""
    watched: str
    """What early stopping watched, in words; empty where the last epoch is kept."""
    on_themselves: tuple[str, ...] = ()
    """Labels of dev whose rows were decided by settings fitted on them as well."""

    @property
    def dev_units(self) -> pd.DataFrame:
        """The units of dev, in the order of `reference`."""
        return self.units[self.units["split"] == "dev"].reset_index(drop=True)


def held_out(
    project: Project[S, A, C], settings: S, examples: pd.DataFrame, folder: Path, tell: Told
) -> Trained[A, C]:
    """Train on train, watch dev, and score train (a sample), train-dev and dev."""
    rows = by_split(project, examples, settings)
    assets, model, history = _fitted(
        project,
        settings,
        rows["train"],
        folder,
        tell,
        watch=rows["dev"],
        epochs=settings.fit.epochs,
        patience=settings.fit.patience,
    )
    seen = {"train": rows["train"].sort_values("example_id")[:TRAIN_SAMPLE]}
    seen |= {name: rows[name] for name in ("train_dev", "dev") if name in rows}
    units, scores = [], []
    for split, part in seen.items():
        scored = project.units(part, assets, settings).assign(split=split)
        units.append(scored)
        scores.append(project.score(model, scored, assets, settings))
    all_units, all_scores = _joined(units), _joined(scores)
    watched = "dev" if settings.fit.patience else ""
    reference = all_scores[(all_units["split"] == "dev").to_numpy()]
    return _decided(
        project, settings, model, assets, history, all_units, all_scores, reference, watched
    )


def cross_validated(
    project: Project[S, A, C], settings: S, examples: pd.DataFrame, folder: Path, tell: Told
) -> Trained[A, C]:
    """Score every example outside test by a model that did not train on it, then train on all.

    Dev rows are the out-of-fold scores. Train rows: fold k's model scores the examples of fold
    k + 1, on which it was trained. Early stopping watches a tenth of each fold's train rows; the
    final model trains for the folds' median number of epochs. Raises UserError with a second
    distribution, whose dev set cannot be folded into train.
    """
    if settings.data.target:
        raise UserError(
            f"fit.folds is {settings.fit.folds} and data.target is {settings.data.target!r}:"
            " folds mix train and dev, so they need one source; set fit.folds=0"
        )
    pool = examples[examples["split"].isin(["train", "dev"])].reset_index(drop=True)
    number = settings.fit.folds
    fold = folds(pool, number, settings.data.seed).to_numpy()
    found = [
        _fold(project, settings, pool, fold, k, folder, tell) for k in range(number)
    ]  # fmt: skip
    epochs = sorted(int(one["epochs"].iloc[0]) for one in found)[number // 2]
    everything = project.compose(pool, "train", settings)
    assets, model, history = _fitted(
        project, settings, everything, folder, tell, epochs=epochs, title="training on all"
    )
    scores = _joined(found)
    scored = [project.compose(pool[fold == k], "dev", settings) for k in range(number)]
    units = _joined(
        [
            project.units(scored[(k + shift) % number], assets, settings).assign(split=split)
            for k in range(number)
            for shift, split in ((0, "dev"), (1, "train"))
        ]
    )
    dev = units[units["split"] == "dev"]
    reference = project.score(model, dev, assets, settings)
    watched = "a tenth of each fold's train rows" if settings.fit.patience else ""
    raw = scores.drop(columns=["epochs"])
    return _decided(project, settings, model, assets, history, units, raw, reference, watched)


def by_split(
    project: Project[S, A, C], examples: pd.DataFrame, settings: S
) -> Mapping[str, pd.DataFrame]:
    """Return the composed rows of each split; test is not among them: it is sealed."""
    known = examples[examples["split"] != "test"].groupby("split")
    return {
        str(name): project.compose(rows.reset_index(drop=True), str(name), settings)
        for name, rows in known
    }


def _fold(
    project: Project[S, A, C],
    settings: S,
    pool: pd.DataFrame,
    fold: Any,
    k: int,
    folder: Path,
    tell: Told,
) -> pd.DataFrame:
    """Return scores of fold k (dev) and fold k + 1 (train), and `epochs`; kept for a resume."""
    kept = folder / f"backup_fold{k + 1}.parquet"
    if kept.exists():
        return pd.read_parquet(kept)
    train = pool[fold != k].reset_index(drop=True)
    watch = None
    if settings.fit.patience:
        held = folds(train, 10, settings.data.seed + 1).to_numpy() == 0
        train, watch = train[~held].reset_index(drop=True), train[held].reset_index(drop=True)
        watch = project.compose(watch, "dev", settings)
    train = project.compose(train, "train", settings)
    assets, model, history = _fitted(
        project,
        settings,
        train,
        folder,
        tell,
        watch=watch,
        epochs=settings.fit.epochs,
        patience=settings.fit.patience,
        prefix=f"fold{k + 1}",
        title=f"fold {k + 1} of {settings.fit.folds}",
    )
    parts = [
        project.compose(pool[fold == (k + shift) % settings.fit.folds], "dev", settings)
        for shift in (0, 1)
    ]
    scores = _joined(
        [
            project.score(model, project.units(part, assets, settings), assets, settings)
            for part in parts
        ]
    )
    best = int(history["val_loss"].to_numpy().argmin()) if settings.fit.patience else -1
    scores["epochs"] = int(history["epoch"].iloc[best])
    with written(kept) as beside:
        scores.to_parquet(beside)
    return scores


def _fitted(
    project: Project[S, A, C],
    settings: S,
    train: pd.DataFrame,
    folder: Path,
    tell: Told,
    *,
    epochs: int,
    watch: pd.DataFrame | None = None,
    patience: int = 0,
    prefix: str = "epoch",
    title: str = "training",
) -> tuple[A, keras.Model, pd.DataFrame]:
    """Return assets, the trained model, in float32, and its history."""
    assets = project.prepare(train, settings)
    check_constraints(project, assets, settings)
    job = FitJob(
        project=project,
        settings=settings,
        assets=assets,
        train=train,
        watch=watch,
        epochs=epochs,
        patience=patience,
        backup=folder / ("backup.npz" if prefix == "epoch" else f"backup_{prefix}.npz"),
        on_epoch=lambda rows: tell(rows, prefix),
        title=title,
    )
    runtime.seed_everything(settings.runtime)
    keras.config.set_dtype_policy(runtime.dtype_policy(settings.runtime))
    try:
        model = project.build(assets, settings)
        history = (project.fit or keras_fit)(model, job)
    finally:
        keras.config.set_dtype_policy("float32")
    if settings.runtime.precision != "float32":
        twin = project.build(assets, settings)
        twin.set_weights(model.get_weights())
        model = twin
    return assets, model, history


def _decided(
    project: Project[S, A, C],
    settings: S,
    model: keras.Model,
    assets: A,
    history: pd.DataFrame,
    units: pd.DataFrame,
    scores: pd.DataFrame,
    reference: pd.DataFrame,
    watched: str,
) -> Trained[A, C]:
    is_dev = (units["split"] == "dev").to_numpy()
    dev_scores, dev_units = scores[is_dev], units[is_dev]
    calibration = project.calibrate(dev_scores, dev_units, assets, settings)
    decided = [cross_fitted(project, dev_scores, dev_units, assets, settings)]
    decided += [project.decide(scores[~is_dev], units[~is_dev], assets, calibration)]
    return Trained(
        model=model,
        assets=assets,
        history=history,
        units=units,
        scores=scores,
        reference=reference.reset_index(drop=True),
        calibration=calibration,
        predictions=_joined(decided),
        watched=watched,
        on_themselves=fitted_on_themselves(project, dev_units, settings),
    )


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)
