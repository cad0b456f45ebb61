"""Bootstrap over groups, in blocks, for statistics that have no interval of their own."""

from collections.abc import Callable

import numpy as np

from common.strategy.clusters import Array, Clusters, Codes
from common.strategy.intervals import Z, linearised
from common.strategy.results import Estimate

Statistic = Callable[[Array], Array]
"""Weights of the rows (draws x rows) -> one value per draw."""

_Counts = Callable[[range, int], Array]

# Cells of one block of draws: 2,000 draws of 100,000 rows at once would take 1.6 GB.
_CELLS = 2**22


def of_sums(statistics: Array, value: Callable[[Array], Array]) -> Statistic:
    """Return the statistic that is a function of summed sufficient statistics.

    `statistics`: rows x k. `value` maps sums (draws x k) to one value per draw.
    """
    return lambda weights: value(weights @ statistics)


def bootstrap(
    statistic: Statistic, groups: Clusters, *, seed: int = 0, draws: int = 2000
) -> Estimate:
    """Return a statistic in [0, 1] with its BCa interval (Efron 1987), drawing whole groups.

    A pair's weight is the product of both of its groups' draws. Draws in which the statistic
    has no value are left out; where all draws agree, Wilson's interval counts the groups.
    """
    value = float(statistic(np.ones((1, len(groups.first))))[0])
    found = _finite(_over_blocks(statistic, groups, draws, _drawn(np.random.default_rng(seed))))
    left_out = _finite(_over_blocks(statistic, groups, groups.count, _all_but_one))
    variance = float(found.var())
    if variance == 0:
        return linearised(value, np.zeros(len(groups.first)), groups, unvaried=groups.count)
    low, high = np.quantile(found, _bca_shares(value, found, left_out))
    return Estimate(
        value=value,
        low=min(float(low), value),
        high=max(float(high), value),
        n=len(groups.first),
        method="bootstrap over groups, BCa",
        effective=value * (1 - value) / variance,
    )


def _over_blocks(statistic: Statistic, groups: Clusters, draws: int, counts: _Counts) -> Array:
    size = max(1, _CELLS // max(groups.count, len(groups.first)))
    blocks = (range(start, min(start + size, draws)) for start in range(0, draws, size))
    return np.concatenate(
        [statistic(_row_weights(counts(block, groups.count), groups)) for block in blocks]
    )


def _drawn(rng: np.random.Generator) -> _Counts:
    def counts(block: range, groups: int) -> Array:
        picks: Codes = rng.integers(0, groups, (len(block), groups))
        picks += np.arange(len(block))[:, None] * groups
        found = np.bincount(picks.ravel(), minlength=len(block) * groups)
        return found.reshape(len(block), groups).astype(float)

    return counts


def _all_but_one(block: range, groups: int) -> Array:
    counts = np.ones((len(block), groups))
    counts[np.arange(len(block)), list(block)] = 0.0
    return counts


def _row_weights(counts: Array, groups: Clusters) -> Array:
    weights = counts[:, groups.first]
    if groups.paired:
        weights = weights * np.where(groups.second >= 0, counts[:, groups.second], 1.0)
    return weights


def _finite(values: Array) -> Array:
    return values[np.isfinite(values)]


def _bca_shares(value: float, found: Array, left_out: Array) -> Array:
    """Return the two shares of the draws below which the interval ends."""
    from scipy.stats import norm

    below = (np.mean(found < value) + np.mean(found <= value)) / 2
    shift = norm.ppf(np.clip(below, 1 / len(found), 1 - 1 / len(found)))
    influence = left_out.mean() - left_out
    spread = (influence**2).sum() ** 1.5
    skew = (influence**3).sum() / (6 * spread) if spread > 0 else 0.0
    ends = shift + np.array([-Z, Z])
    return norm.cdf(shift + ends / (1 - skew * ends))
