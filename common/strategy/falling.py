"""Does a loss still fall, and by more than its noise?"""

import math
from collections.abc import Sequence

import numpy as np

LAST = 4
"""Epochs that are looked at: the last ones, fewer tell nothing."""
SURE = 0.05
"""Chance that a loss which only wobbles about is said to fall."""


def fall(losses: Sequence[float]) -> float | None:
    """Return the share by which a loss fell over the last few epochs; None where they are fewer."""
    if len(losses) < LAST:
        return None
    return (losses[-LAST] - losses[-1]) / max(losses[-LAST], 1e-12)


def sure_fall(losses: Sequence[float]) -> float | None:
    """Return what `fall` does, but 0 where the fall is within the noise.

    It is not where a line through the last epochs slopes down, by Student's t.
    """
    from scipy.stats import t

    found = fall(losses)
    if found is None or not math.isfinite(found):
        return found
    last, epochs = np.asarray(losses[-LAST:], dtype=float), np.arange(LAST) - (LAST - 1) / 2
    slope = float((epochs * last).sum() / (epochs**2).sum())
    residuals = last - last.mean() - slope * epochs
    error = math.sqrt((residuals**2).sum() / (LAST - 2) / (epochs**2).sum())
    return found if slope < -float(t.ppf(1 - SURE, LAST - 2)) * error else 0.0
