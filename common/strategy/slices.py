"""Slices of dev that do worse than the rest, by what is known of the examples."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.strategy.clusters import Array, Clusters, clusters
from common.strategy.intervals import variance_of_sum
from common.strategy.predictions import Table, checked
from common.strategy.shift import ATTRIBUTE, attributes, is_numeric
from common.strategy.shuffled import as_high_by_lot

SMALLEST = 30
"""Units that a slice and the rest must have, where errors are 0 or 1: fewer would tell little."""
SMALLEST_GRADED = 8
"""Where errors are graded: their mean is known from fewer."""
LEAST_GROUPS = 3
"""Groups that both must come from: between fewer no variation is seen."""
FEW_GROUPS = 100
"""Below it on a side the t test may not be near enough where errors are skewed."""
FALSE_DISCOVERIES = 0.1
"""Share of the named slices that may be there by chance (Benjamini & Hochberg 1995)."""

COLUMNS = ("slice", "n", "errors", "error", "elsewhere", "gain", "p", "named")
Inside = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Sides:
    """How much there is of a slice and of the rest: units and groups of the smaller side."""

    name: str
    units: int
    groups: int


def slices(predictions: Table) -> Table:
    """Return every slice of dev that was tried, the largest gain first.

    Slices are the values of the categorical `attr.*` columns and the thirds of the numeric
    ones, with their edges. `errors`: sum of the errors; `error` and `elsewhere`: their weighted
    means in and outside the slice; `gain`: what dev's error would lose if the slice were as
    good as the rest; `p`: one-sided, that the slice is no worse, by Fisher's exact test, or by
    Welch's t test on the linearised difference where errors are graded, weighted or grouped, and
    where that alone is not to be trusted by a permutation test as well (the larger p); `named`:
    survives the correction for all that were tried.
    """
    dev, groups = _dev(predictions)
    rows = [
        (name, *_compared(dev, groups, inside))
        for name, inside in _candidates(dev)
        if _is_enough(_sides(name, groups, inside), dev)
    ]
    found = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    found["named"] = _discovered(found["p"].to_numpy(dtype=float)) & (found["gain"] > 0)
    return found.sort_values("gain", ascending=False, kind="stable", ignore_index=True)


def untested(predictions: Table) -> tuple[Sides, ...]:
    """Return the slices of dev that are too small, or whose rest is, the largest first."""
    dev, groups = _dev(predictions)
    every = (_sides(name, groups, inside) for name, inside in _candidates(dev))
    found = [sides for sides in every if sides.units and not _is_enough(sides, dev)]
    return tuple(sorted(found, key=lambda sides: -sides.units))


def smallest(predictions: Table) -> int:
    """Return how many units a slice of dev must have to be tested."""
    return _smallest(_dev(predictions)[0])


def _dev(predictions: Table) -> tuple[Table, Clusters]:
    table = checked(predictions)
    dev = table[table["split"] == "dev"].reset_index(drop=True)
    return dev, clusters(dev)


def _candidates(dev: Table) -> Iterator[tuple[str, Inside]]:
    for column in attributes(dev):
        for name, inside in _values(column.removeprefix(ATTRIBUTE), dev[column]):
            yield name, inside.to_numpy(dtype=bool)


def _values(name: str, values: "pd.Series[float]") -> Iterator[tuple[str, "pd.Series[bool]"]]:
    if is_numeric(values):
        low, high = np.nanquantile(values.to_numpy(dtype=float), [1 / 3, 2 / 3])
        yield f"{name}: low (up to {low:.3g})", values <= low
        yield f"{name}: middle", (values > low) & (values <= high)
        yield f"{name}: high (over {high:.3g})", values > high
    else:
        for value in sorted(values.dropna().unique(), key=str):
            yield f"{name}: {value}", values == value


def _sides(name: str, groups: Clusters, inside: Inside) -> Sides:
    both = (inside, ~inside)
    return Sides(
        name=name,
        units=min(int(side.sum()) for side in both),
        groups=min(groups.at(side).count for side in both),
    )


def _is_enough(sides: Sides, dev: Table) -> bool:
    return sides.units >= _smallest(dev) and sides.groups >= LEAST_GROUPS


def _smallest(dev: Table) -> int:
    return SMALLEST if dev["error"].isin([0.0, 1.0]).all() else SMALLEST_GRADED


def _compared(
    dev: Table, groups: Clusters, inside: Inside
) -> tuple[int, float, float, float, float, float]:
    """Return n, errors, error, elsewhere, gain and p of one slice."""
    error, weight = (dev[column].to_numpy(dtype=float) for column in ("error", "weight"))
    ours, rest = np.where(inside, weight, 0.0), np.where(inside, 0.0, weight)
    within, elsewhere = (float((w * error).sum() / w.sum()) for w in (ours, rest))
    if groups.alone and (weight == 1).all() and np.isin(error, (0.0, 1.0)).all():
        p = _fisher(error[inside].sum(), int(inside.sum()), error.sum(), len(error))
    else:
        influence = ours * (error - within) / ours.sum() - rest * (error - elsewhere) / rest.sum()
        p = _welch(within - elsewhere, influence, groups, inside)
        if _needs_lot(groups, inside):
            p = max(p, as_high_by_lot(error, weight, groups, inside))
    gain = ours.sum() / weight.sum() * (within - elsewhere)
    return int(inside.sum()), float(error[inside].sum()), within, elsewhere, float(gain), p


def _needs_lot(groups: Clusters, inside: Inside) -> bool:
    """Return whether skewed errors may mislead the t test: few groups, or of few units, a side.

    A group that is on both sides is compared with itself, which leaves little skew.
    """
    both = (inside, ~inside)
    counts = [groups.at(side).count for side in both]
    apart = sum(counts) == groups.count
    return min(counts) < FEW_GROUPS and (apart or min(side.sum() for side in both) < SMALLEST)


def _fisher(errors: float, n: int, errors_in_all: float, n_in_all: int) -> float:
    from scipy.stats import hypergeom

    return float(hypergeom.sf(errors - 1, n_in_all, errors_in_all, n))


def _welch(excess: float, influence: Array, groups: Clusters, inside: Inside) -> float:
    """Return the one-sided p of an excess, each side's variance by its own groups (Welch 1947).

    Degrees of freedom after Satterthwaite, at most those of the groups that are on both sides.
    """
    from scipy.stats import t

    scaled, parts = influence.copy(), []
    for side in (inside, ~inside):
        own = groups.at(side)
        parts.append((variance_of_sum(influence[side], own), own.count - 1))
        scaled[side] *= math.sqrt(own.count / (own.count - 1))
    variance = variance_of_sum(scaled, groups) * (1 - 1 / groups.count)
    if variance <= 0:
        return 1.0
    freedom = sum(part for part, _ in parts) ** 2 / sum(part**2 / n for part, n in parts)
    return float(t.sf(excess / math.sqrt(variance), min(freedom, groups.count - 1)))


def _discovered(p: Array) -> NDArray[np.bool_]:
    from scipy.stats import false_discovery_control

    return false_discovery_control(p) <= FALSE_DISCOVERIES if len(p) else np.zeros(0, dtype=bool)
