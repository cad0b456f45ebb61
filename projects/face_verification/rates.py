"""Error rates of pairs of pictures, with intervals over identities.

The terms are ISO/IEC 19795-1's. A pair matches where its similarity is at least a threshold. The
threshold that belongs to a rate is one of the similarities found, never a point between them.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from common.errors import UserError
from common.strategy import metrics
from common.strategy.clusters import Array, Clusters, clusters
from common.strategy.intervals import UNDEFINED, linearised, ratio
from common.strategy.metrics import Metric
from common.strategy.predictions import Table
from common.strategy.results import Estimate
from projects.face_verification.pairs import DIFFERENT, SAME

PAIR = "genuine+impostor"
"""The units that these metrics read: two pictures of one person, and of two people."""

ENOUGH = 3.0
"""A limit is supported by ENOUGH / limit independent impostors: none wrong would then prove it."""

Sides = tuple[Array, Array, Array]
"""Each row's similarity, its weight as a genuine pair and as an impostor pair; one is 0."""


def false_non_match_rate(limit: float) -> Metric:
    """Return the share of same pairs that fail at the threshold of a false match rate.

    The threshold is the lowest at which the share of different pairs that match is at most
    `limit`. Where the different pairs count for fewer than 3 / limit independent ones, the rate
    is unknown and the method says so. The interval holds what the choice of the threshold adds;
    in simulation it covers 0.92 to 0.95 over 100 identities or more, and 0.88 over 40 who differ
    much.
    """

    def measure(rows: Table) -> Estimate:
        return missed_at(limit, _sides(rows), clusters(rows))

    return Metric(f"fnmr_at_fmr_{limit:g}", PAIR, False, measure)


def _equal_error_rate(rows: Table) -> Estimate:
    sides, groups = _sides(rows), clusters(rows)
    _, genuine, impostor = sides
    if not (genuine.any() and impostor.any()):
        return UNDEFINED
    steps = _steps(sides)
    at = int(np.argmin(np.abs(steps.false_match - steps.false_non_match)))
    rate = float(steps.false_match[at] + steps.false_non_match[at]) / 2
    missed, wrong, slope = _influences(sides, groups, steps, at)
    # Both rates move along the curve until they meet again: each counts by the other's slope.
    residuals = (missed + slope * wrong) / (1 + slope)
    fewest = min(_identities_of(genuine, groups), _identities_of(impostor, groups))
    return _share(rate, residuals, groups, fewest)


equal_error_rate = Metric("eer", PAIR, False, _equal_error_rate)
"""The error at the threshold where false matches and false non-matches are equally frequent."""


def _area(rows: Table) -> Estimate:
    similarity, _, _ = _sides(rows)
    return metrics.auc(SAME).measure(rows.assign(probability=similarity))


auc = Metric("auc", PAIR, True, _area)
"""The area under the ROC curve: how often a same pair is more alike than a different one."""


def curve(rows: Table, most: int = 400) -> Table:
    """Return the ROC and DET points of pairs: threshold (a similarity), fmr, fnmr.

    The threshold falls from infinity. Corners of the curve only, and at most `most` of them;
    none where there are no same or no different pairs.
    """
    sides = _sides(rows)
    if not (sides[1].any() and sides[2].any()):
        return pd.DataFrame(columns=["threshold", "fmr", "fnmr"], dtype=float)
    steps = _steps(sides)
    points = pd.DataFrame(
        {"threshold": steps.threshold, "fmr": steps.false_match, "fnmr": steps.false_non_match}
    )
    # Between two corners the curve runs straight along one axis.
    rates = points[["fmr", "fnmr"]]
    points = points[~(rates.diff().eq(0) & rates.diff(-1).eq(0)).any(axis=1)]
    if len(points) > most:
        # Evenly in the logarithms, so that the rare errors of a DET keep their points.
        place = np.log(points["fmr"] + 1e-6) - np.log(points["fnmr"] + 1e-6)
        wanted = np.linspace(place.iloc[0], place.iloc[-1], most)
        chosen = np.searchsorted(place, wanted).clip(0, len(points) - 1)
        points = points.iloc[np.unique(chosen)]
    return points.reset_index(drop=True)


def missed_at(limit: float, sides: Sides, groups: Clusters) -> Estimate:
    """Return the share of genuine rows below the lowest threshold that keeps to the limit.

    `false_non_match_rate` says how. One cluster of `groups` is one identity.
    """
    similarity, genuine, impostor = sides
    if not (genuine.any() and impostor.any()):
        return UNDEFINED
    steps = _steps(sides)
    at = int(np.flatnonzero(steps.false_match <= limit)[-1])
    alarms = ratio(impostor * (similarity >= steps.threshold[at]), impostor, groups)
    counted, needed = math.floor(alarms.effective or 0), math.ceil(ENOUGH / limit)
    if groups.paired:
        # At few alarms the effective size is a poor estimate; pairs of people are a ceiling.
        people = zip(groups.first[impostor > 0], groups.second[impostor > 0], strict=True)
        counted = min(counted, len(set(people)))
    if counted < needed:
        how = f"unknown: the impostors count for {counted} independent ones, {needed} are needed"
        return replace(UNDEFINED, n=int((impostor > 0).sum()), method=how)
    missed, wrong, slope = _influences(sides, groups, steps, at)
    return _share(
        float(steps.false_non_match[at]),
        missed + slope * wrong,
        groups,
        _identities_of(genuine, groups),
    )


@dataclass(frozen=True)
class _Steps:
    """Every threshold that makes a difference, from infinity down, and the two error rates."""

    threshold: Array
    false_match: Array
    false_non_match: Array


def _steps(sides: Sides) -> _Steps:
    similarity, genuine, impostor = sides
    levels, codes = np.unique(similarity, return_inverse=True)
    shares = []
    for side in (genuine, impostor):
        at = np.bincount(codes, weights=side, minlength=len(levels))[::-1]
        shares.append(np.concatenate([[0.0], np.cumsum(at)]) / side.sum())
    return _Steps(np.concatenate([[np.inf], levels[::-1]]), shares[1], 1 - shares[0])


def _influences(
    sides: Sides, groups: Clusters, steps: _Steps, at: int
) -> tuple[Array, Array, float]:
    """Return what each row adds to the two error rates at a threshold, and the curve's slope.

    The slope is -d FNMR / d FMR, a difference over the 95 % interval of the false match rate
    (as Woodruff 1952 has it for quantiles): no density needs to be estimated.
    """
    similarity, genuine, impostor = sides
    match = similarity >= steps.threshold[at]
    missed = genuine * (~match - steps.false_non_match[at]) / genuine.sum()
    wrong = impostor * (match - steps.false_match[at]) / impostor.sum()
    alarms = ratio(impostor * match, impostor, groups)
    ends = np.searchsorted(steps.false_match, [alarms.low, alarms.high], side="right") - 1
    fall = -np.diff(steps.false_non_match[ends])[0]
    return missed, wrong, float(fall / (alarms.high - alarms.low))


def _share(rate: float, residuals: Array, groups: Clusters, unvaried: float) -> Estimate:
    if rate in (0.0, 1.0):
        residuals = np.zeros_like(residuals)
    return linearised(rate, residuals, groups, unvaried=unvaried)


def _identities_of(side: Array, groups: Clusters) -> float:
    """Return the number of identities behind the weights of one side (Kish)."""
    weights = groups.sums(side)
    return float(weights.sum() ** 2 / (weights**2).sum())


def _sides(rows: Table) -> Sides:
    truth = rows["truth"].astype(str) if "truth" in rows else pd.Series(dtype=str)
    strange = truth[~truth.isin((SAME, DIFFERENT))]
    if len(truth) == 0 or len(strange):
        found = repr(strange.iloc[0]) if len(strange) else "no such column"
        raise UserError(
            f"the truth of a pair is {found}; expected {SAME} or {DIFFERENT}: correct the table"
        )
    weight, same = rows["weight"].to_numpy(dtype=float), (truth == SAME).to_numpy()
    return _similarity(rows), weight * same, weight * ~same


def _similarity(rows: Table) -> Array:
    """Return (n,) what is larger for pairs that are more alike: -distance, or else the score."""
    column = "distance" if "distance" in rows else "score"
    if column not in rows or rows[column].isna().any():
        raise UserError(
            f"some pair has no {column}: a table of pairs needs the column 'distance', or 'score'"
            " (larger for the same person), in every row: add it"
        )
    values = rows[column].to_numpy(dtype=float)
    return -values if column == "distance" else values
