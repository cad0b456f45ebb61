"""Dev rows decided with settings fitted on other dev rows, so that dev does not flatter itself."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.data.splits import folds
from common.project import A, C, NoCalibration, Project, S

if TYPE_CHECKING:
    Table = pd.DataFrame

FOLDS = 5
Mask: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.int64]


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
    was fitted without such examples could not answer it. A pair belongs to the fifth of its first
    group, and no pair with a group of that fifth on either side is fitted on.
    """
    if project.calibration is NoCalibration:
        calibration = project.calibrate(scores, units, assets, settings)
        return project.decide(scores, units, assets, calibration)
    parts = []
    for inside, other, _ in divisions(units, settings.data.seed):
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
    found = set[str]().union(*(lone for _, _, lone in divisions(units, settings.data.seed)))
    return tuple(sorted(found))


def divisions(units: pd.DataFrame, seed: int) -> Iterator[tuple[Mask, Mask, set[str]]]:
    """Yield for each fifth its rows, the rows to fit on, and labels that no other fifth has."""
    fold = _fold(units, seed)
    second = _fold_of_second(units, fold)
    for k in range(int(fold.max()) + 1):
        inside = fold == k
        other = ~inside & (second != k)
        lone = {str(one) for one in set(units["label"]) - set(units["label"][other])}
        yield inside, np.ones_like(other) if lone else other, lone


def _fold(units: pd.DataFrame, seed: int) -> Codes:
    number = min(FOLDS, units["group"].nunique())
    if number < 2:
        return np.zeros(len(units), dtype=np.int64)
    return folds(units, number, seed).to_numpy()


def _fold_of_second(units: pd.DataFrame, fold: Codes) -> Codes:
    """Return the fold of each row's second group; -1 where it has none, or one without rows."""
    known = dict(zip(units["group"], fold.tolist(), strict=True))
    if "group_2" not in units:
        return np.full(len(units), -1)
    return units["group_2"].map(known).fillna(-1).to_numpy(np.int64)
