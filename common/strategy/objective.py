"""One number to optimise, and the constraints that must hold besides (course 3, 1.3 and 1.4)."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from common.errors import UserError
from common.strategy.intervals import Z
from common.strategy.metrics import Metric
from common.strategy.parsing import number
from common.strategy.results import ConstraintResult, Estimate

_FORM = re.compile(r"\s*([\w./-]+)\s*(<=|>=)\s*(.+?)\s*")


@dataclass(frozen=True)
class Constraint:
    """A bound on a measured number; `text` is how it was written."""

    text: str
    name: str
    at_most: bool
    bound: float


@dataclass(frozen=True)
class Objective:
    """The one optimizing metric and any number of satisficing constraints.

    Raises UserError for a constraint that cannot be read.
    """

    optimize: Metric
    constraints: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for text in self.constraints:
            constraint(text)


def constraint(text: str) -> Constraint:
    """Return what 'latency_p95_ms <= 100' or 'recall >= 85 %' says; UserError for other text."""
    found = _FORM.fullmatch(text)
    bound = number(found[3]) if found else None
    if found is None or bound is None:
        raise UserError(
            f"constraint {text!r} cannot be read; expected a name, <= or >=, and a number, "
            "for example 'latency_p95_ms <= 100' or 'recall >= 85 %'"
        )
    return Constraint(text.strip(), found[1], found[2] == "<=", bound)


def judge(
    constraints: tuple[str, ...], measured: Mapping[str, Estimate]
) -> tuple[ConstraintResult, ...]:
    """Return each constraint with its verdict, from the whole interval of what was measured.

    Pass: the interval is inside the bound. Fail: it is outside. Otherwise unproven, with the
    number of further units that would settle a share if it stayed where it is. Raises UserError
    for a name that was not measured.
    """
    return tuple(_judged(constraint(text), measured) for text in constraints)


def best(candidates: Mapping[str, Mapping[str, Estimate]], objective: Objective) -> str:
    """Return the name of the best candidate none of whose constraints fails.

    Each candidate maps names, the optimizing metric's among them, to what was measured. Raises
    UserError when every candidate fails.
    """
    allowed = {
        name: measured[objective.optimize.name].value
        for name, measured in candidates.items()
        if all(result.status != "fail" for result in judge(objective.constraints, measured))
    }
    if not allowed:
        raise UserError(
            f"each of {', '.join(candidates)} fails a constraint of "
            f"{', '.join(objective.constraints)}: loosen one or add a candidate"
        )
    choose = max if objective.optimize.higher_is_better else min
    return choose(allowed, key=lambda name: allowed[name])


def _judged(bounded: Constraint, measured: Mapping[str, Estimate]) -> ConstraintResult:
    if bounded.name not in measured:
        raise UserError(
            f"constraint {bounded.text!r} names {bounded.name!r}, which is not measured; "
            f"known are {', '.join(sorted(measured)) or 'none'}: correct the name"
        )
    found = measured[bounded.name]
    status = _status(found, bounded)
    needed = _units_needed(found, bounded.bound) if status == "unproven" else None
    return ConstraintResult(text=bounded.text, status=status, measured=found, needed=needed)


def _status(found: Estimate, bounded: Constraint) -> Literal["pass", "fail", "unproven"]:
    if found.high <= bounded.bound if bounded.at_most else found.low >= bounded.bound:
        return "pass"
    if found.low > bounded.bound if bounded.at_most else found.high < bounded.bound:
        return "fail"
    return "unproven"


def _units_needed(found: Estimate, bound: float) -> int | None:
    """Wilson's interval ends where the score test does, so the size solves a plain equation."""
    if not found.effective or found.value == bound or not 0 < bound < 1:
        return None
    effective = Z * Z * bound * (1 - bound) / (found.value - bound) ** 2
    return max(1, math.ceil((effective / found.effective - 1) * found.n))
