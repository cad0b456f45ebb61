"""Thresholds that pairs do not choose themselves: each fifth's is set on the other people."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from common.evaluation.crossfit import divisions
from projects.face_verification.threshold import Compared, Distances, estimated

if TYPE_CHECKING:
    Table = pd.DataFrame


def compared(distance: Distances, units: "Table") -> Compared:
    """Return pairs of one split with their identities, `group` and `group_2`, for a threshold."""
    people = units[["group", "group_2"]].to_numpy(dtype=object)
    second = np.where(people[:, 1] == "", people[:, 0], people[:, 1])
    return Compared(distance, people[:, 0], second)


def own_thresholds(distance: Distances, units: "Table", limit: float, seed: int) -> Distances:
    """Return for each pair of a split the threshold at a false-match limit, set on other people.

    Divided as dev is by the one flow: what is decided by these is decided as there. A fifth that
    has a kind of pair which no other has is decided by all.
    """
    found = np.empty(len(units))
    for inside, others, _ in divisions(units, seed):
        found[inside] = estimated(compared(distance[others], units[others]), limit)
    return found
