"""Gaps between successive levels, and the six-cell table (course 3, 1.9 to 1.11 and 2.5)."""

from collections.abc import Mapping
from itertools import pairwise

from common.strategy.intervals import difference
from common.strategy.levels import HumanLevel
from common.strategy.metrics import Metric
from common.strategy.predictions import Table
from common.strategy.results import Estimate, Gap, GapName, Level

CELL_ROWS = ("human level", "error on data trained on", "error on data not trained on")
DISTRIBUTIONS = ("general", "target")

_NAMES: dict[tuple[str, str], GapName] = {
    ("train", "train_dev"): "variance",
    ("train", "dev"): "variance",
    ("train_dev", "dev"): "data_mismatch",
    ("dev", "test"): "overfitting_to_dev",
}


def gaps(levels: tuple[Level, ...]) -> tuple[Gap, ...]:
    """Return each later level's error minus the earlier one's, signed, with its interval.

    The avoidable bias is unknown, not zero, where the human level is unknown or the model is
    better than people. Without train-dev, variance is train to dev.
    """
    splits = [level for level in levels if level.name != "human"]
    found = [_avoidable_bias(levels)]
    for before, after in pairwise(splits):
        found.append(
            Gap(
                name=_NAMES[before.name, after.name],
                before=before.name,
                after=after.name,
                error=difference(after.error, before.error),
            )
        )
    return tuple(found)


def six_cells(
    predictions: Table, metric: Metric, human: Mapping[str, HumanLevel]
) -> dict[tuple[str, str], Estimate | None]:
    """Return {(row, distribution): error, None where there are no data}, from a checked table.

    `human`: the human level of each distribution that has one. Data not trained on are
    train-dev and dev; the sealed test set is in no cell.
    """
    cells: dict[tuple[str, str], Estimate | None] = {}
    seen = predictions["split"] == "train"
    unseen = predictions["split"].isin(["train_dev", "dev"])
    for distribution in DISTRIBUTIONS:
        ours = (predictions["distribution"] == distribution) & (predictions["unit"] == metric.unit)
        level = human.get(distribution)
        cells[CELL_ROWS[0], distribution] = level.error if level else None
        for row, rows in zip(CELL_ROWS[1:], (seen & ours, unseen & ours), strict=True):
            cells[row, distribution] = metric.error_of(predictions[rows]) if rows.any() else None
    return cells


def _avoidable_bias(levels: tuple[Level, ...]) -> Gap:
    known = {level.name: level.error for level in levels}
    human, train = known.get("human"), known["train"]
    note = ""
    if human is None:
        note = "human level unknown"
    elif train.value < human.value:
        note = "train error is below the human level, so what is still avoidable is unknown"
    error = difference(train, human) if human is not None and not note else None
    return Gap(name="avoidable_bias", before="human", after="train", error=error, note=note)
