"""A permutation test: how often chance alone gives a slice so high an error."""

import numpy as np
from numpy.typing import NDArray

from common.strategy.clusters import Array, Clusters

DRAWS = 10_000


def as_high_by_lot(
    error: Array, weight: Array, groups: Clusters, inside: NDArray[np.bool_]
) -> float:
    """Return the one-sided p that the slice's groups have no higher errors than the others.

    Each group counts once a side, with its mean error there; the means are dealt out anew DRAWS
    times, with a fixed seed. Exact for single units whose errors are alike in and outside the
    slice, however skewed. A group on both sides makes it cautious.
    """
    means = [_means(error[side], weight[side], groups.at(side)) for side in (inside, ~inside)]
    every, n = np.concatenate(means), min(map(len, means))
    sign = 1 if len(means[0]) == n else -1
    drawn = sign * every[_subsets(len(every), n)].sum(axis=1)
    observed = sign * means[0 if sign == 1 else 1].sum()
    return float((1 + (drawn >= observed - 1e-12).sum()) / (1 + DRAWS))


def _means(error: Array, weight: Array, groups: Clusters) -> Array:
    total = groups.sums(weight)
    return groups.sums(weight * error)[total > 0] / total[total > 0]


def _subsets(size: int, n: int) -> NDArray[np.int64]:
    """Return DRAWS random subsets of n of `size` indices, a row each (Floyd's algorithm)."""
    random = np.random.default_rng(0)
    found = np.empty((DRAWS, n), np.int64)
    for place, last in enumerate(range(size - n, size)):
        one = random.integers(0, last + 1, DRAWS)
        twice = (found[:, :place] == one[:, None]).any(axis=1)
        found[:, place] = np.where(twice, last, one)
    return found
