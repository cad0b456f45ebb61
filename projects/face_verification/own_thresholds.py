"""Thresholds that pairs do not choose themselves: each fifth's is set on the other people."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from common.data.splits import folds
from projects.face_verification.threshold import Compared, Distances, estimated

if TYPE_CHECKING:
    Table = pd.DataFrame

FOLDS = 5


def compared(distance: Distances, units: "Table") -> Compared:
    """Return pairs of one split with their identities, `group` and `group_2`, for a threshold."""
    people = units[["group", "group_2"]].to_numpy(dtype=object)
    second = np.where(people[:, 1] == "", people[:, 0], people[:, 1])
    return Compared(distance, people[:, 0], second)


def own_thresholds(distance: Distances, units: "Table", limit: float, seed: int) -> Distances:
    """Return for each pair of a split the threshold at a false-match limit, set on other people.

    Divided as `common.evaluation.crossfit` divides dev: what is decided by these is decided as
    there. A fifth that has a kind of pair which no other has is decided by all.
    """
    number = min(FOLDS, units["group"].nunique())
    if number < 2:
        return np.full(len(units), estimated(compared(distance, units), limit))
    fold = folds(units, number, seed).to_numpy()
    of_group = dict(zip(units["group"], fold.tolist(), strict=True))
    second = units["group_2"].map(of_group).fillna(-1).to_numpy()
    found = np.empty(len(units))
    for one in range(number):
        rest = (fold != one) & (second != one)
        if set(units["label"]) - set(units["label"][rest]):
            rest = np.ones(len(units), bool)
        found[fold == one] = estimated(compared(distance[rest], units[rest]), limit)
    return found
