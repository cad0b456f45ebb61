"""How long an answer takes."""

import time
from collections.abc import Callable, Iterable
from typing import Any

TIMED, WARM_UP = 200, 3
"""Answers that are timed, and those before them that are not: the first trace and allocate."""


def milliseconds(answer: Callable[[Any], Any], inputs: Iterable[Any]) -> list[float]:
    """Return how long each answer takes, one input at a time, the first WARM_UP left out."""
    taken = []
    for one in inputs:
        started = time.perf_counter()
        answer(one)
        taken.append(1000 * (time.perf_counter() - started))
    return taken[WARM_UP:]
