"""Which days the generated dates are about: a prior over two centuries, and a draw from it."""

from datetime import date, timedelta
from random import Random

import numpy as np
from numpy.typing import NDArray

from common.errors import UserError

FIRST, LAST = date(1900, 1, 1), date(2099, 12, 31)
NUMBER = (LAST - FIRST).days + 1
PLATEAU = 1970, 2030
"""Years that are written about equally often; what lies outside is the rarer the farther."""
FADE = 15.0, 8.0
"""Years in which the chance falls to 1/e, before and after the plateau."""


def chances(number: int) -> NDArray[np.float64]:
    """The chance of each day from `FIRST` to `LAST` to be among `number` drawn: their sum.

    In proportion to the prior, but never above 1. A `UserError` if there are not so many days.
    """
    if number > NUMBER:
        raise UserError(
            f"data.dates.days is {number}: from {FIRST.year} to {LAST.year} there are only"
            f" {NUMBER} days; ask for fewer"
        )
    years = np.array([(FIRST + timedelta(days)).year for days in range(NUMBER)])
    before, after = np.maximum(PLATEAU[0] - years, 0), np.maximum(years - PLATEAU[1], 0)
    prior = np.exp(-before / FADE[0] - after / FADE[1])
    chance = prior * number / prior.sum()
    while (certain := chance >= 1).any() and chance.max() > 1:
        chance[certain] = 1
        chance[~certain] *= (number - certain.sum()) / chance[~certain].sum()
    return chance


def drawn(number: int, seed: int) -> list[date]:
    """Different days in their order, each drawn with exactly its chance (Madow 1949)."""
    random = Random(f"days:{seed}")
    order = list(range(NUMBER))
    random.shuffle(order)
    reached = np.cumsum(chances(number)[order])
    hits = np.searchsorted(reached, random.random() + np.arange(number), side="right")
    places = np.minimum(hits, NUMBER - 1)
    return [FIRST + timedelta(int(day)) for day in sorted(np.array(order)[places])]
