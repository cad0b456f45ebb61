"""What the strategy layer returns: plain, frozen records that the report and tracking read."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

GapName: TypeAlias = Literal["avoidable_bias", "variance", "data_mismatch", "overfitting_to_dev"]
DiagnosisStatus: TypeAlias = Literal["primary", "none", "undecided", "met", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with its 95 % interval, the units it rests on, and the interval's method.

    `effective`: for a share, how many independent units would give this interval, else None.
    """

    value: float
    low: float
    high: float
    n: int
    method: str
    effective: float | None = None


@dataclass(frozen=True, kw_only=True)
class ConstraintResult:
    """A constraint such as `latency_p95_ms <= 20` beside what was measured.

    `needed`: how many further units would settle an unproven one, None where not known.
    """

    text: str
    status: Literal["pass", "fail", "unproven"]
    measured: Estimate | None
    needed: int | None = None


@dataclass(frozen=True, kw_only=True)
class Level:
    """The error at one level: human, train, train_dev, dev or test. Error in [0, 1]."""

    name: str
    error: Estimate
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Gap:
    """The later level's error minus the earlier's, signed, in [-1, 1].

    `leads`: share of draws in which this gap is the largest. `error` is None when it is unknown
    (the reason is in `note`).
    """

    name: GapName
    before: str
    after: str
    error: Estimate | None
    leads: float = 0.0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing to do next. `ceiling`: error it can remove at most, in [0, 1]; None if unknown."""

    text: str
    evidence: str
    ceiling: float | None
    gap: str = ""


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What to do next (docs/strategy.md, section 5).

    `verdict` is one plain sentence; `problems` the gaps named as primary, or the candidates when
    undecided.
    """

    status: DiagnosisStatus
    verdict: str
    problems: tuple[str, ...]
    levels: tuple[Level, ...]
    gaps: tuple[Gap, ...]
    actions: tuple[Action, ...] = ()
    cells: dict[tuple[str, str], Estimate | None] = field(default_factory=dict)
