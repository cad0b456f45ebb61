"""Dev rows decided with settings fitted on other dev rows, so that dev does not flatter itself."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from common.data.splits import folds
from common.project import A, C, NoCalibration, Project, S

if TYPE_CHECKING:
    Table = pd.DataFrame

FOLDS = 5


def cross_fitted(
    project: Project[S, A, C],
    scores: pd.DataFrame,
    units: pd.DataFrame,
    assets: A,
    settings: S,
) -> pd.DataFrame:
    """Return predictions of the dev units, each fifth decided by what the others calibrate.

    The fifths keep groups together (docs/strategy.md, section 1). Too few groups for five give
    fewer; a single group is decided by itself. So is a fifth with a label that no other has: what
    was fitted without such examples could not answer it.
    """
    if project.calibration is NoCalibration:
        calibration = project.calibrate(scores, units, assets, settings)
        return project.decide(scores, units, assets, calibration)
    fold = _fold(units, settings.data.seed)
    alone = {number for number, _ in _alone(units, fold)}
    parts = []
    for k in range(int(fold.max()) + 1):
        inside = fold == k
        other = np.ones_like(inside) if k in alone else ~inside
        calibration = project.calibrate(scores[other], units[other], assets, settings)
        parts.append(project.decide(scores[inside], units[inside], assets, calibration))
    return pd.concat(parts, ignore_index=True)


def fitted_on_themselves(
    project: Project[S, A, C], units: pd.DataFrame, settings: S
) -> tuple[str, ...]:
    """Return the labels whose dev units are decided by what was fitted on them as well.

    No other fifth has such units.
    """
    if project.calibration is NoCalibration:
        return ()
    lone = _alone(units, _fold(units, settings.data.seed))
    return tuple(sorted({label for _, label in lone}))


def _fold(units: pd.DataFrame, seed: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
    number = min(FOLDS, units["group"].nunique())
    if number < 2:
        return np.zeros(len(units), dtype=np.int64)
    return folds(units, number, seed).to_numpy()


def _alone(units: pd.DataFrame, fold: Any) -> list[tuple[int, str]]:
    """Return (fold, label) of the labels that are in one fold only."""
    where = units.assign(fold=fold).groupby("label")["fold"].agg(["min", "max"])
    lone = where[where["min"] == where["max"]]
    return [(int(row["min"]), str(label)) for label, row in lone.iterrows()]
