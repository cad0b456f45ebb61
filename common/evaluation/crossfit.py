"""Dev rows decided with settings fitted on other dev rows, so that dev does not flatter itself."""

from typing import TYPE_CHECKING

import pandas as pd

from common.data.splits import folds
from common.project import A, C, Project, S

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
    fewer; a single group is decided by itself.
    """
    number = min(FOLDS, units["group"].nunique())
    if number < 2:
        calibration = project.calibrate(scores, units, assets, settings)
        return project.decide(scores, units, assets, calibration)
    fold = folds(units, number, settings.data.seed).to_numpy()
    parts = []
    for k in range(number):
        inside, outside = fold == k, fold != k
        calibration = project.calibrate(scores[outside], units[outside], assets, settings)
        parts.append(project.decide(scores[inside], units[inside], assets, calibration))
    return pd.concat(parts, ignore_index=True)
