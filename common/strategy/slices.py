"""Slices of dev that do worse than the rest, by what is known of the examples."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.strategy.clusters import Array, Clusters, clusters
from common.strategy.intervals import variance_of_sum
from common.strategy.predictions import Table, checked
from common.strategy.shift import ATTRIBUTE, attributes, is_numeric

SMALLEST = 30
"""Units that a slice must have."""
FALSE_DISCOVERIES = 0.1
"""Share of the named slices that may be there by chance (Benjamini & Hochberg 1995)."""

COLUMNS = ("slice", "n", "errors", "error", "elsewhere", "gain", "p", "named")


def slices(predictions: Table) -> Table:
    """Return every slice of dev that was tried, the largest gain first.

    Slices are the values of the categorical `attr.*` columns and the thirds of the numeric
    ones, with their edges. `errors`: sum of the errors; `error` and `elsewhere`: their weighted
    means in and outside the slice; `gain`: what dev's error would lose if the slice were as
    good as the rest; `p`: one-sided, that the slice is no worse, by Fisher's exact test, or by
    a t test on the linearised difference where errors are graded, weighted or grouped; `named`:
    survives the correction for all that were tried.
    """
    table = checked(predictions)
    dev = table[table["split"] == "dev"].reset_index(drop=True)
    groups = clusters(dev)
    rows = [
        (name, *_compared(dev, groups, inside.to_numpy(dtype=bool)))
        for name, inside in _candidates(dev)
        if SMALLEST <= inside.sum() <= len(dev) - SMALLEST
    ]
    found = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    found["named"] = _discovered(found["p"].to_numpy(dtype=float)) & (found["gain"] > 0)
    return found.sort_values("gain", ascending=False, kind="stable", ignore_index=True)


def _candidates(dev: Table) -> Iterator[tuple[str, "pd.Series[bool]"]]:
    for column in attributes(dev):
        name, values = column.removeprefix(ATTRIBUTE), dev[column]
        if is_numeric(values):
            low, high = np.nanquantile(values.to_numpy(dtype=float), [1 / 3, 2 / 3])
            yield f"{name}: low (up to {low:.3g})", values <= low
            yield f"{name}: middle", (values > low) & (values <= high)
            yield f"{name}: high (over {high:.3g})", values > high
        else:
            for value in sorted(values.dropna().unique(), key=str):
                yield f"{name}: {value}", values == value


def _compared(
    dev: Table, groups: Clusters, inside: NDArray[np.bool_]
) -> tuple[int, float, float, float, float, float]:
    """Return n, errors, error, elsewhere, gain and p of one slice."""
    error, weight = (dev[column].to_numpy(dtype=float) for column in ("error", "weight"))
    ours, rest = np.where(inside, weight, 0.0), np.where(inside, 0.0, weight)
    within, elsewhere = (float((w * error).sum() / w.sum()) for w in (ours, rest))
    if groups.alone and (weight == 1).all() and np.isin(error, (0.0, 1.0)).all():
        p = _fisher(error[inside].sum(), int(inside.sum()), error.sum(), len(error))
    else:
        influence = ours * (error - within) / ours.sum() - rest * (error - elsewhere) / rest.sum()
        p = _t_test(within - elsewhere, variance_of_sum(influence, groups), groups.count)
    gain = ours.sum() / weight.sum() * (within - elsewhere)
    return int(inside.sum()), float(error[inside].sum()), within, elsewhere, float(gain), p


def _fisher(errors: float, n: int, errors_in_all: float, n_in_all: int) -> float:
    from scipy.stats import hypergeom

    return float(hypergeom.sf(errors - 1, n_in_all, errors_in_all, n))


def _t_test(excess: float, variance: float, groups: int) -> float:
    from scipy.stats import t

    if variance <= 0 or groups < 2:
        return 1.0
    return float(t.sf(excess / math.sqrt(variance), groups - 1))


def _discovered(p: Array) -> NDArray[np.bool_]:
    from scipy.stats import false_discovery_control

    return false_discovery_control(p) <= FALSE_DISCOVERIES if len(p) else np.zeros(0, dtype=bool)
