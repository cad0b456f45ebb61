"""When is a gap the problem? Draws of every level, and the rule that reads them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from common.strategy.clusters import Array
from common.strategy.results import Estimate, Level

SURE = 0.9
"""Share of draws in which a statement must hold."""
BESIDE = 2 / 3
"""A gap of at least this share of the largest is named beside it."""
DRAWS = 10_000


@dataclass(frozen=True)
class Decision:
    """What the draws say: columns of the gaps named as problems, or as candidates when undecided.

    `leads`: for each gap, the share of draws in which it is the largest.
    """

    status: Literal["primary", "none", "undecided"]
    named: tuple[int, ...]
    leads: tuple[float, ...]


def draws(error: Estimate, rng: np.random.Generator) -> Array:
    """Return DRAWS errors that could lie behind an estimate.

    Beta with Jeffreys' prior on the effective size; an error that is given is what it is.
    """
    if error.effective is None:
        return np.full(DRAWS, error.value)
    return rng.beta(
        error.value * error.effective + 0.5, (1 - error.value) * error.effective + 0.5, DRAWS
    )


def gap_draws(levels: tuple[Level, ...], rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the gaps' draws (DRAWS x gaps) with the human level at its lowest and at its highest.

    They differ in the first column, the avoidable bias: an unknown human level, or one that the
    model has beaten, lies anywhere between 0 and the train error, a range between its ends.
    """
    known = {level.name: level.error for level in levels}
    human = known.pop("human", None)
    errors = np.stack([draws(error, rng) for error in known.values()], axis=1)
    train = errors[:, 0]
    if human is None or known["train"].value < human.value:
        ends = (np.zeros(DRAWS), train)
    elif human.method == "range":
        ends = (np.full(DRAWS, human.low), np.full(DRAWS, human.high))
    else:
        ends = (draws(human, rng),) * 2
    later = np.diff(errors, axis=1)
    lowest, highest = (np.column_stack([train - end, later]) for end in ends)
    return lowest, highest


def decide(gaps: Array, margin: float) -> Decision:
    """Return what draws of the gaps (draws x gaps) allow to say.

    No gap matters where all are below the margin. A gap is named where it is above the margin
    and at least two thirds of the largest; the named gaps are the problem where the largest is
    among them. Each of these must hold in 90 % of the draws. Otherwise the candidates are the
    gaps that lead in 90 % of the draws between them.
    """
    largest = gaps.max(axis=1)
    leader = gaps.argmax(axis=1)
    leads = np.bincount(leader, minlength=gaps.shape[1]) / len(gaps)
    order = [int(column) for column in np.argsort(-leads, kind="stable")]
    if np.mean(largest < margin) >= SURE:
        return Decision("none", (), tuple(leads))
    large = gaps >= BESIDE * np.maximum(largest, 0.0)[:, None]
    sure = (large.mean(axis=0) >= SURE) & ((gaps > margin).mean(axis=0) >= SURE)
    named = tuple(column for column in order if sure[column])
    if sum(leads[list(named)]) >= SURE:
        return Decision("primary", named, tuple(leads))
    enough = int(np.searchsorted(np.cumsum(leads[order]), SURE - 1e-12)) + 1
    return Decision("undecided", tuple(order[:enough]), tuple(leads))
