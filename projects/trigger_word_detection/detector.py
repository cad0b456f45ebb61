"""What follows the network: smoothing, threshold, refractory time, and which words were hit.

Rows are clips (or units, each with its clip's scores), columns are steps of 40 ms; step i covers
sound up to (i + 1) steps, so that is its time. The exported graph does the same (`serve.py`).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from projects.trigger_word_detection.grid import STEPS_PER_SECOND

Scores = NDArray[np.float64]
Marks = NDArray[np.bool_]

SMOOTHINGS = (1, 3, 5, 8)
"""Steps over which probabilities may be averaged."""
_PEAKS, _QUANTILES = 64, 48


class Watched(NamedTuple):
    """Probabilities (rows, steps), and where in each row a detection counts (rows, steps)."""

    probabilities: Scores
    where: Marks


class Fitted(NamedTuple):
    """The best detector found, and what it missed and falsely accepted while it was fitted."""

    smoothing: int
    threshold: float
    misses: int
    false_accepts: int


def times(steps: int) -> Scores:
    """Return the time of each step in seconds: the end of the sound that it has heard."""
    return np.arange(1, steps + 1) / STEPS_PER_SECOND


def smoothed(probabilities: Scores, smoothing: int) -> Scores:
    """Return (rows, steps): the mean of the last `smoothing` steps, zeros before the first."""
    total = np.cumsum(probabilities, axis=1, dtype=np.float64)
    total[:, smoothing:] -= total[:, :-smoothing].copy()
    return np.clip(total / smoothing, 0, 1) if smoothing > 1 else probabilities.astype(np.float64)


def fired(scores: Scores, threshold: float, refractory: int) -> Marks:
    """Return (rows, steps): where the detector fires.

    It does where the score reaches the threshold and at least `refractory` steps have passed
    since it last did.
    """
    above = (scores >= threshold).T
    detected = np.zeros_like(above)
    ready = np.zeros(above.shape[1], dtype=np.int64)
    for step in np.flatnonzero(above.any(axis=1)):
        detected[step] = above[step] & (ready <= step)
        ready[detected[step]] = step + refractory
    return detected.T


def inside(windows: Iterable[Sequence[Sequence[float]]], tolerance: float, steps: int) -> Marks:
    """Return (rows, steps): whether a step lies in [start, end + tolerance] of a row's window."""
    at = times(steps)
    rows = [
        np.any(
            [(at >= start - 1e-9) & (at <= end + tolerance + 1e-9) for start, end in row]
            or [np.zeros(steps, dtype=bool)],
            axis=0,
        )
        for row in windows
    ]
    return np.array(rows, dtype=bool).reshape(-1, steps)


def matched(detected: Marks, where: Marks) -> tuple[NDArray[np.int64], Scores]:
    """Return for each row the detections `where` they count, and the first one's time (or NaN).

    With the window of a saying these are its hits; with all that is outside of every window of
    the clip they are its false accepts.
    """
    counted = detected & where
    first = times(detected.shape[1])[counted.argmax(axis=1)]
    return counted.sum(axis=1), np.where(counted.any(axis=1), first, np.nan)


def peaks(scores: Scores, where: Marks) -> Scores:
    """Return each row's highest score `where` it counts; 0 where nothing does."""
    return np.where(where, scores, 0.0).max(axis=1, initial=0.0)


def fitted(events: Watched, stretches: Watched, allowed: int, refractory: int) -> Fitted:
    """Return smoothing and threshold that miss fewest events with `allowed` false accepts at most.

    Of equally good thresholds the middle one, which stands furthest from doing worse; of equally
    good smoothings the one with fewer false accepts, then the shorter. A detector that may never
    fire usefully gets the threshold 1.
    """
    found = [_at_smoothing(events, stretches, allowed, refractory, k) for k in SMOOTHINGS]
    return min(found, key=lambda one: (one.misses, one.false_accepts, one.smoothing))


def swept(
    events: Watched, stretches: Watched, refractory: int
) -> tuple[Scores, NDArray[np.int64], NDArray[np.int64]]:
    """Return thresholds, rising, with the misses and the false accepts of each.

    At most some 200: halfway between neighbouring peaks of the stretches (each of the highest,
    where few false accepts are decided) and of the events, and 1.
    """
    outside = np.sort(peaks(*stretches))
    levels = np.concatenate(
        [[0.0, 1.0], outside[-_PEAKS:], _spread(outside), _spread(peaks(*events))]
    )
    edges = np.unique(levels)
    thresholds = np.append((edges[1:] + edges[:-1]) / 2, 1.0)
    misses = (_counts(events, thresholds, refractory) == 0).sum(axis=1)
    return thresholds, misses, _counts(stretches, thresholds, refractory).sum(axis=1)


def _at_smoothing(
    events: Watched, stretches: Watched, allowed: int, refractory: int, smoothing: int
) -> Fitted:
    thresholds, misses, false_accepts = swept(
        Watched(smoothed(events.probabilities, smoothing), events.where),
        Watched(smoothed(stretches.probabilities, smoothing), stretches.where),
        refractory,
    )
    usable = false_accepts <= allowed
    fewest = misses[usable].min(initial=len(events.where))
    best = np.flatnonzero(usable & (misses == fewest))
    if fewest == len(events.where):  # nothing is hit, so nothing need be falsely accepted
        best = np.array([len(thresholds) - 1])
    middle = (thresholds[best[0]] + thresholds[best[-1]]) / 2
    chosen = best[np.abs(thresholds[best] - middle).argmin()]
    return Fitted(
        smoothing, float(thresholds[chosen]), int(misses[chosen]), int(false_accepts[chosen])
    )


def _counts(watched: Watched, thresholds: Scores, refractory: int) -> NDArray[np.int64]:
    """Return (thresholds, rows): the detections where they count."""
    return np.array(
        [
            (fired(watched.probabilities, level, refractory) & watched.where).sum(axis=1)
            for level in thresholds
        ],
        dtype=np.int64,
    ).reshape(len(thresholds), -1)


def _spread(values: Scores) -> Scores:
    """Return some of the values, evenly over their ranks."""
    if not len(values):
        return values
    return np.quantile(values, np.linspace(0, 1, _QUANTILES), method="lower")
