"""Which rows of a predictions table belong together: the clusters that were split on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.strategy.predictions import Table

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Clusters:
    """The cluster of each row, and the second one of a pair; -1 where there is no second.

    `first` and `second` number the clusters from 0 to `count` - 1, one code per row.
    """

    first: Codes
    second: Codes
    count: int

    @property
    def paired(self) -> bool:
        """Whether any row has two clusters."""
        return bool((self.second >= 0).any())

    @property
    def crossed(self) -> bool:
        """Whether first and second are two kinds of cluster, and every row has both."""
        return bool((self.second >= 0).all()) and not np.isin(self.second, self.first).any()

    @property
    def alone(self) -> bool:
        """Whether every row is a cluster of its own."""
        return not self.paired and self.count == len(self.first)

    def sums(self, values: Array) -> Array:
        """Return the sum of `values` (one row per unit) over each cluster, pairs in both."""
        total = np.zeros((self.count, *values.shape[1:]))
        np.add.at(total, self.first, values)
        np.add.at(total, self.second[self.second >= 0], values[self.second >= 0])
        return total

    def at(self, rows: NDArray[np.bool_]) -> "Clusters":
        """Return the clusters of the chosen rows alone, numbered afresh."""
        return _numbered(self.first[rows], self.second[rows])


def clusters(table: Table) -> Clusters:
    """Return the clusters of a checked table from its columns `group` and `group_2`.

    A pair from one cluster (two photos of one person) has that one cluster only.
    """
    names, _ = pd.factorize(pd.concat([table["group"], table["group_2"]], ignore_index=True))
    first, second = names[: len(table)], names[len(table) :]
    none = (table["group_2"] == "").to_numpy() | (first == second)
    return _numbered(first, np.where(none, -1, second))


def singles(n: int) -> Clusters:
    """Return n rows that are each a cluster of their own."""
    return Clusters(np.arange(n), np.full(n, -1), n)


def _numbered(first: Codes, second: Codes) -> Clusters:
    names, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    offset = int((names == -1).any())
    codes = codes.astype(np.int64) - offset
    return Clusters(codes[: len(first)], codes[len(first) :], len(names) - offset)
