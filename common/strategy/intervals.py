"""Intervals, 95 % each: proportions, means, rates, quantiles, and differences of two estimates."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from common.strategy.clusters import Array, Clusters, singles
from common.strategy.results import Estimate

Z = 1.959963984540054
UNDEFINED = Estimate(value=math.nan, low=0.0, high=1.0, n=0, method="undefined")
"""A share of nothing: no value, anything possible."""


def exactly(value: float) -> Estimate:
    """Return a number that is known without uncertainty, such as the size of a file."""
    return Estimate(value=value, low=value, high=value, n=1, method="exact")


def wilson(errors: float, n: float) -> Estimate:
    """Return the share errors / n with its Wilson score interval (Wilson 1927).

    `n` may be an effective size, and `errors` then need not be whole.
    """
    if n <= 0:
        return UNDEFINED
    share = errors / n
    spread = Z * Z / n
    centre = (share + spread / 2) / (1 + spread)
    half = math.sqrt(max(share * (1 - share), 0.0) * spread + spread * spread / 4) / (1 + spread)
    return Estimate(
        value=share,
        low=max(0.0, centre - half) if errors > 0 else 0.0,
        high=min(1.0, centre + half) if errors < n else 1.0,
        n=round(n),
        method="Wilson",
        effective=n,
    )


def ratio(above: Array, below: Array, groups: Clusters) -> Estimate:
    """Return sum(above) / sum(below), a share, with Wilson's interval on its effective size.

    `above` and `below` have one number per row, 0 <= above <= below. A weighted mean error is
    ratio(weight * error, weight). The effective size is e (1 - e) / variance; the variance of
    the ratio is linearised over the groups, and for pairs over both members' groups (Aronow,
    Samii & Assenova 2015). Student's t with groups - 1 degrees replaces z. Where no variation
    is seen, as with no or only errors, the effective size is the number of groups, counted by
    weight (Kish).
    """
    used = below > 0
    if not used.any():
        return UNDEFINED
    above, below, groups = above[used], below[used], groups.at(used)
    share = float(above.sum() / below.sum())
    if groups.alone and (below == 1).all() and np.isin(above, (0.0, 1.0)).all():
        return wilson(float(above.sum()), len(above))
    weights = groups.sums(below)
    counted = float(weights.sum() ** 2 / (weights**2).sum())
    return linearised(share, (above - share * below) / below.sum(), groups, unvaried=counted)


def linearised(share: float, residuals: Array, groups: Clusters, *, unvaried: float) -> Estimate:
    """Return `share` with Wilson's interval on the effective size that its residuals imply.

    `residuals`: each row's influence on the share, summing to 0. `unvaried`: the effective size
    where the residuals show no variation at all.
    """
    from scipy.stats import t

    if groups.crossed:
        variance, freedom = _of_crossed(residuals, groups)
    else:
        variance, freedom = variance_of_sum(residuals, groups), max(groups.count - 1, 1)
    size = unvaried if variance <= 1e-15 else share * (1 - share) / variance
    size *= (Z / float(t.ppf(0.975, freedom))) ** 2
    return replace(
        wilson(share * size, size),
        value=share,
        n=len(residuals),
        method="Wilson on the effective size",
    )


def variance_of_sum(residuals: Array, groups: Clusters) -> float:
    """Return the variance of a sum of residuals that are independent between groups.

    `residuals`: one number per row, summing to about 0. Two pairs count as dependent when they
    share a group.
    """
    over_groups = float((groups.sums(residuals) ** 2).sum())
    if groups.paired:
        # A pair meets itself in both of its groups and must count once.
        pairs = np.stack([groups.first, groups.second], axis=1)
        pairs.sort(axis=1)
        _, codes = np.unique(pairs[groups.second >= 0], axis=0, return_inverse=True)
        twice = np.bincount(codes.ravel(), weights=residuals[groups.second >= 0])
        over_groups = max(over_groups - float((twice**2).sum()), float((residuals**2).sum()))
    return over_groups * groups.count / max(groups.count - 1, 1)


def _of_crossed(residuals: Array, groups: Clusters) -> tuple[float, float]:
    """Return the variance of a sum over two kinds of clusters, and its degrees of freedom.

    Such as contents and styles: each kind varies by itself, and has its own few levels (Cameron,
    Gelbach & Miller 2011; degrees after Satterthwaite). A kind of one level says nothing of how
    much it varies, and then no variation counts as seen.
    """
    parts, freedoms = [], []
    for codes in (groups.first, groups.second):
        sums = np.bincount(codes, weights=residuals)
        n = len(np.unique(codes))
        if n < 2:
            return 0.0, 1.0
        parts.append(float((sums**2).sum()) * n / (n - 1))
        freedoms.append(n - 1)
    _, cells = np.unique(np.stack([groups.first, groups.second]), axis=1, return_inverse=True)
    twice = float((np.bincount(cells.ravel(), weights=residuals) ** 2).sum())
    below = sum(part**2 / n for part, n in zip(parts, freedoms, strict=True))
    freedom = sum(parts) ** 2 / below if below > 0 else 1.0
    return max(sum(parts) - twice, *parts), freedom


def mean(
    values: ArrayLike, weights: ArrayLike | None = None, groups: Clusters | None = None
) -> Estimate:
    """Return the weighted mean of errors in [0, 1], graded or 0/1, with the interval of `ratio`."""
    errors = np.asarray(values, dtype=float)
    weight = np.ones_like(errors) if weights is None else np.asarray(weights, dtype=float)
    return ratio(weight * errors, weight, singles(len(errors)) if groups is None else groups)


def difference(later: Estimate, earlier: Estimate) -> Estimate:
    """Return later - earlier for two independent estimates, by MOVER (Newcombe 1998, method 10)."""
    value = later.value - earlier.value
    return Estimate(
        value=value,
        low=value - math.hypot(later.value - later.low, earlier.high - earlier.value),
        high=value + math.hypot(later.high - later.value, earlier.value - earlier.low),
        n=min(later.n, earlier.n),
        method="MOVER",
    )


def average(parts: list[Estimate]) -> Estimate:
    """Return the plain mean of independent shares, by MOVER (Zou & Donner 2008)."""
    k = len(parts)
    value = sum(part.value for part in parts) / k
    sizes = [part.effective or 1.0 for part in parts]
    spread = sum(part.value * (1 - part.value) / n for part, n in zip(parts, sizes, strict=True))
    unvaried = k * k / sum(1 / n for n in sizes)
    return Estimate(
        value=value,
        low=value - math.hypot(*(part.value - part.low for part in parts)) / k,
        high=value + math.hypot(*(part.high - part.value for part in parts)) / k,
        n=sum(part.n for part in parts),
        method="MOVER",
        effective=value * (1 - value) * k * k / spread if spread > 0 else unvaried,
    )


def rate(events: float, exposure: float) -> Estimate:
    """Return events per unit of exposure with the exact Poisson interval (Garwood 1936).

    `events` need not be whole: both may be effective numbers.
    """
    from scipy.stats import chi2

    return Estimate(
        value=events / exposure,
        low=float(chi2.ppf(0.025, 2 * events)) / 2 / exposure if events else 0.0,
        high=float(chi2.ppf(0.975, 2 * events + 2)) / 2 / exposure,
        n=round(events),
        method="Garwood",
    )


def overdispersed_rate(counts: Array, exposure: Array, groups: Clusters) -> Estimate:
    """Return sum(counts) / sum(exposure) with Garwood's interval, widened where groups differ.

    The dispersion is Pearson's chi-squared of the groups' counts over its degrees of freedom. It
    counts where the test rejects Poisson at 5 %; events and exposure are then both divided by it
    (quasi-Poisson, McCullagh & Nelder 1989), with Student's t in place of z for few groups.
    """
    from scipy.stats import chi2, t

    events, total = float(counts.sum()), float(exposure.sum())
    if total <= 0:
        return UNDEFINED
    expected = groups.sums(exposure) * events / total
    used = expected > 0
    freedom = int(used.sum()) - 1
    if events == 0 or freedom < 1:
        return rate(events, total)
    pearson = float(((groups.sums(counts)[used] - expected[used]) ** 2 / expected[used]).sum())
    if chi2.sf(pearson, freedom) > 0.05:
        return rate(events, total)
    dispersion = max(1.0, pearson / freedom) * (float(t.ppf(0.975, freedom)) / Z) ** 2
    found = rate(events / dispersion, total / dispersion)
    return replace(
        found, value=events / total, n=round(events), method="Garwood, divided by the dispersion"
    )


def quantile(values: ArrayLike, share: float) -> Estimate:
    """Return the `share` quantile with its order-statistics interval, free of any distribution.

    An end for which there are too few values is infinite: the 95th percentile has an upper end
    from 72 values on.
    """
    from scipy.stats import binom

    ordered = np.sort(np.asarray(values, dtype=float))
    n = len(ordered)
    low, high = int(binom.ppf(0.025, n, share)), int(binom.ppf(0.975, n, share)) + 1
    return Estimate(
        value=float(np.quantile(ordered, share, method="inverted_cdf")),
        low=float(ordered[low - 1]) if low >= 1 else -math.inf,
        high=float(ordered[high - 1]) if high <= n else math.inf,
        n=n,
        method="order statistics",
    )


def complement(estimate: Estimate) -> Estimate:
    """Return 1 - estimate: the error that belongs to a metric of which more is better."""
    return replace(estimate, value=1 - estimate.value, low=1 - estimate.high, high=1 - estimate.low)
