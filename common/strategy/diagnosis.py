"""The diagnosis: which gap is the problem, and what to do about it."""

from dataclasses import replace

import numpy as np

from common.strategy.actions import Evidence, ranked_actions
from common.strategy.clusters import Array
from common.strategy.gaps import gaps, six_cells
from common.strategy.levels import HumanLevel, levels
from common.strategy.objective import Objective
from common.strategy.predictions import Table, checked
from common.strategy.results import Diagnosis, DiagnosisStatus
from common.strategy.rule import SURE, Decision, decide, gap_draws
from common.strategy.verdict import verdict

MARGIN = 0.1
"""A gap below this share of the dev error does not matter."""


def diagnose(
    predictions: Table,
    objective: Objective,
    *,
    human_level: HumanLevel,
    goal: float | None,
    evidence: Evidence,
    seed: int,
) -> Diagnosis:
    """Return what the predictions say is worth doing next (docs/strategy.md).

    `goal`: the dev error at which the project is done, or None. `seed`: of the draws. Raises
    UserError for a table that cannot be read and where train or dev is missing.
    """
    table = checked(predictions)
    metric = objective.optimize
    known = levels(table, metric, human_level)
    found = gaps(known)
    dev = next(level.error for level in known if level.name == "dev")
    margin = MARGIN * dev.value
    ends = gap_draws(known, np.random.default_rng(seed))
    status, named, leads = _stated(ends, margin)
    if dev.value == 0:
        status, named = "none", ()
    if goal is not None and dev.high < goal:
        status = "met"
    found = tuple(replace(gap, leads=lead) for gap, lead in zip(found, leads, strict=True))
    problems = tuple(found[column] for column in named)
    return Diagnosis(
        status=status,
        verdict=verdict(status, problems, bias=found[0], dev=dev, margin=margin, goal=goal),
        problems=tuple(gap.name for gap in problems),
        levels=known,
        gaps=found,
        actions=ranked_actions(
            status, table[table["unit"] == metric.unit], known, found, evidence, human_level
        ),
        cells=six_cells(table, metric, {"general": human_level}),
    )


def _stated(
    ends: tuple[Array, Array], margin: float
) -> tuple[DiagnosisStatus, tuple[int, ...], tuple[float, ...]]:
    """Return status, columns of the named gaps, and leads: what holds at any human level.

    `ends`: the gaps' draws with the human level at its lowest and at its highest. As it rises
    the bias falls and no other gap moves, so what holds at both ends holds in between. Where
    the ends differ and one of them is decided, the human level itself is what is missing.
    """
    lowest, highest = (decide(end, margin) for end in ends)
    leads = tuple(min(pair) for pair in zip(lowest.leads, highest.leads, strict=True))
    both = tuple(column for column in lowest.named if column in highest.named)
    either = tuple(dict.fromkeys((*lowest.named, *highest.named)))
    if lowest.status == highest.status == "undecided":
        return "undecided", either, leads
    if lowest.status == highest.status == "none":
        return "none", (), leads
    if lowest.status == highest.status and _lead(lowest, both) and _lead(highest, both):
        return "primary", both, leads
    return "unknown", either, leads


def _lead(decision: Decision, columns: tuple[int, ...]) -> bool:
    return sum(decision.leads[column] for column in columns) >= SURE
