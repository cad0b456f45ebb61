"""Metrics: one number with its interval from the rows of a predictions table."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from common.errors import UserError
from common.strategy.bootstrap import bootstrap, of_sums
from common.strategy.clusters import Array, Clusters, Codes, clusters
from common.strategy.intervals import (
    UNDEFINED,
    average,
    complement,
    linearised,
    mean,
    overdispersed_rate,
    ratio,
)
from common.strategy.parsing import percent
from common.strategy.predictions import Table, units
from common.strategy.results import Estimate


@dataclass(frozen=True)
class Metric:
    """A named number: which unit's rows it reads, which way is better, how it is measured.

    A `unit` of two kinds, "genuine+impostor", reads the rows of both.

    `dataclasses.replace(error, name="misses", unit="event")` is the same measure on other rows.
    """

    name: str
    unit: str
    higher_is_better: bool
    measure: Callable[[Table], Estimate]
    share: bool = True
    """Whether it is a share, shown in percent; else a plain number: a rate, seconds."""

    def on(self, predictions: Table, split: str) -> Estimate:
        """Return the metric on one split of a checked table; UserError if it has no such rows."""
        rows = units(predictions, split, self.unit)
        if rows.empty:
            raise UserError(
                f"{self.name} reads units of the kind {self.unit!r} and {split} has none: "
                f"score {split} or choose another metric"
            )
        return self.measure(rows)

    def error_on(self, predictions: Table, split: str) -> Estimate:
        """Return the metric on one split as an error, of which less is better."""
        return self.as_error(self.on(predictions, split))

    def error_of(self, rows: Table) -> Estimate:
        """Return the metric on the given rows as an error, of which less is better."""
        return self.as_error(self.measure(rows))

    def in_words(self, found: Estimate) -> str:
        """Return value and interval as a person reads them: "12.7 %  (11.0 % to 14.7 %)"."""
        if math.isnan(found.value):
            return found.method
        value, low, high = (
            percent(one) if self.share else f"{one:.3g}"
            for one in (found.value, found.low, found.high)
        )
        return f"{value}  ({low} to {high})"

    def as_error(self, found: Estimate) -> Estimate:
        """Return what was measured as an error, of which less is better."""
        return complement(found) if self.higher_is_better else found


def _mean_error(rows: Table) -> Estimate:
    return mean(rows["error"], rows["weight"], clusters(rows))


error = Metric("error", "example", False, _mean_error)
"""The weighted mean of the column `error`: sum(w e) / sum(w)."""


def macro_average(column: str, *, name: str = "", unit: str = "example") -> Metric:
    """Return the plain mean, over the values of a column, of the error among their rows."""
    name = name or f"error_over_{column}"

    def measure(rows: Table) -> Estimate:
        parts = _column(rows, column, name).astype(str)
        cluster = clusters(rows)
        codes = pd.factorize(parts)[0].astype(np.int64)
        if _spans_parts(cluster, codes):
            return bootstrap(_mean_of_parts(rows, codes), cluster)
        found = [
            mean(part["error"], part["weight"], clusters(part)) for _, part in rows.groupby(parts)
        ]
        return average(found)

    return Metric(name, unit, False, measure)


balanced_error = macro_average("truth", name="balanced_error")
"""The mean over the true classes of the error within each."""


def recall(positive: str, unit: str = "example") -> Metric:
    """Return the share of the true positives that are found."""

    def measure(rows: Table) -> Estimate:
        truth, prediction = _answers(rows, positive, "recall")
        return _weighted_ratio(rows, truth * prediction, truth)

    return Metric("recall", unit, True, measure)


def precision(positive: str, unit: str = "example") -> Metric:
    """Return the share of the positive answers that are right."""

    def measure(rows: Table) -> Estimate:
        truth, prediction = _answers(rows, positive, "precision")
        return _weighted_ratio(rows, truth * prediction, prediction)

    return Metric("precision", unit, True, measure)


def rate_of(column: str, *, name: str, unit: str) -> Metric:
    """Return the sum of a column of counts for each hour of exposure, with its interval.

    Garwood's where the groups differ no more than Poisson counts do; where they do (their
    dispersion is above 1 by a chi-squared test at 5 %), as many hours are counted as would make
    them Poisson: the interval is Garwood's on both divided by the dispersion.
    """

    def measure(rows: Table) -> Estimate:
        counts = _column(rows, column, name).to_numpy(dtype=float)
        return overdispersed_rate(counts, rows["exposure"].to_numpy(dtype=float), clusters(rows))

    return Metric(name, unit, False, measure, share=False)


def f1(positive: str, unit: str = "example") -> Metric:
    """Return the harmonic mean of precision and recall (course 3, 1.3): 2 tp / (2 tp + fp + fn)."""

    def measure(rows: Table) -> Estimate:
        truth, prediction = _answers(rows, positive, "f1")
        return _weighted_ratio(rows, 2 * truth * prediction, truth + prediction)

    return Metric("f1", unit, True, measure)


def auc(positive: str, unit: str = "example") -> Metric:
    """Return the area under the ROC curve of the column `probability`; ties count half.

    The interval is Wilson's on the effective size from DeLong's variance (DeLong, DeLong &
    Clarke-Pearson 1988), summed over groups. Without both classes the area has no value.
    """

    def measure(rows: Table) -> Estimate:
        scores = pd.to_numeric(_column(rows, "probability", "auc")).to_numpy(dtype=float)
        wanted = np.asarray(_column(rows, "truth", "auc").astype(str) == positive, dtype=float)
        weight = rows["weight"].to_numpy(dtype=float)
        return _area(scores, weight * wanted, weight * (1 - wanted), clusters(rows))

    return Metric("auc", unit, True, measure)


def _area(scores: Array, wanted: Array, other: Array, groups: Clusters) -> Estimate:
    """`wanted`, `other`: each row's weight as a positive and as a negative; one of them is 0."""
    if wanted.sum() == 0 or other.sum() == 0:
        return UNDEFINED
    beaten = _share_below(scores, other)
    beating = 1 - _share_below(scores, wanted)
    area = float((wanted * beaten).sum() / wanted.sum())
    residuals = wanted * (beaten - area) / wanted.sum() + other * (beating - area) / other.sum()
    fewest = min(float(side.sum() ** 2 / (side**2).sum()) for side in (wanted, other))
    return linearised(area, residuals, groups, unvaried=min(fewest, groups.count))


def _share_below(scores: Array, weight: Array) -> Array:
    """Return for each row the share of `weight` at lower scores; equal scores count half."""
    levels, codes = np.unique(scores, return_inverse=True)
    at = np.bincount(codes, weights=weight, minlength=len(levels))
    return ((np.cumsum(at) - at / 2) / weight.sum())[codes]


def _weighted_ratio(rows: Table, above: Array, below: Array) -> Estimate:
    weight = rows["weight"].to_numpy(dtype=float)
    return ratio(weight * above, weight * below, clusters(rows))


def _answers(rows: Table, positive: str, metric: str) -> tuple[Array, Array]:
    truth, prediction = (
        np.asarray(_column(rows, column, metric).astype(str) == positive, dtype=float)
        for column in ("truth", "prediction")
    )
    return truth, prediction


def _column(rows: Table, column: str, metric: str) -> "pd.Series[str]":
    if column not in rows or rows[column].isna().any():
        raise UserError(
            f"{metric} reads the column {column!r}, which the predictions table does not have "
            "in every row: add it or choose another metric"
        )
    return rows[column]


def _spans_parts(groups: Clusters, codes: Codes) -> bool:
    """Whether some group has rows in more than one part, so that the parts are not independent."""
    memberships = np.concatenate([groups.first, groups.second[groups.second >= 0]])
    parts = np.concatenate([codes, codes[groups.second >= 0]])
    return len(np.unique(np.stack([memberships, parts]), axis=1).T) > groups.count


def _mean_of_parts(rows: Table, codes: Codes) -> Callable[[Array], Array]:
    parts = np.eye(int(codes.max()) + 1)[codes]
    weight = rows["weight"].to_numpy(dtype=float)[:, None] * parts
    errors = weight * rows["error"].to_numpy(dtype=float)[:, None]

    def value(sums: Array) -> Array:
        above, below = np.split(sums, 2, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (above / below).mean(axis=1)

    return of_sums(np.concatenate([errors, weight], axis=1), value)
