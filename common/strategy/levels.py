"""The error at each level: human, train, train-dev, dev, test."""

import math
import re
from dataclasses import dataclass

from common.errors import UserError
from common.strategy.intervals import wilson
from common.strategy.metrics import Metric
from common.strategy.parsing import number
from common.strategy.predictions import SPLITS, Table, units
from common.strategy.results import Estimate, Level

_COUNTED = re.compile(r"\s*(\d+)\s*/\s*(\d+)\s*")


@dataclass(frozen=True)
class HumanLevel:
    """What people reach on the task; `error` is None where nobody knows.

    `note`: what that level is, or where it is unknown, what would give one; in plain words.
    """

    error: Estimate | None
    note: str = ""


UNKNOWN = HumanLevel(None)


def human_level(text: str) -> HumanLevel:
    """Return the level that 'unknown', '0.02', '2 %', '6/300' or '0.01-0.03' stands for.

    A plain number counts as exact, errors/n has Wilson's interval, and of a range nothing is
    known but its ends. Raises UserError for anything else and for an error outside [0, 1].
    """
    if text.strip().lower() == "unknown":
        return UNKNOWN
    counted = _COUNTED.fullmatch(text)
    if counted and 0 < int(counted[2]) >= int(counted[1]):
        return HumanLevel(wilson(int(counted[1]), int(counted[2])))
    ends = [number(text)] if number(text) is not None else list(map(number, text.split("-")))
    known = [end for end in ends if end is not None]
    if not len(known) == len(ends) <= 2 or not 0 <= known[0] <= known[-1] <= 1:
        raise UserError(
            f"human level is {text!r}; expected 'unknown', an error in [0, 1] such as 0.02, "
            "errors/n such as 6/300, or a range such as 0.01-0.03"
        )
    low, high = known[0], known[-1]
    method = "given" if low == high else "range"
    return HumanLevel(Estimate(value=(low + high) / 2, low=low, high=high, n=0, method=method))


def levels(predictions: Table, metric: Metric, human: HumanLevel) -> tuple[Level, ...]:
    """Return the levels that are known, in order, from a checked table.

    A metric of which more is better enters as 1 - metric. Raises UserError where train or dev
    has no rows, or where the metric has no value.
    """
    known = []
    if human.error is not None:
        known.append(Level(name="human", error=human.error, note=human.note))
    for split in SPLITS:
        if split in ("train", "dev") or len(units(predictions, split, metric.unit)):
            error = metric.error_on(predictions, split)
            if math.isnan(error.value):
                raise UserError(
                    f"{metric.name} has no value on {split}, whose rows lack a class or an "
                    "answer it needs: add such examples or optimise another metric"
                )
            known.append(Level(name=split, error=error))
    return tuple(known)
