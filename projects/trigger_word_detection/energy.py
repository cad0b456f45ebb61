"""The trivial detector: something is louder than what was heard before. numpy only."""

import numpy as np
from numpy.typing import NDArray

from projects.trigger_word_detection.grid import STEP, STEPS_PER_SECOND

RISE = 1.5
"""dB per second by which the noise floor may rise; it falls at once."""
MIDDLE, SLOPE = 15.0, 5.0
"""dB above the floor at which the score is one half, and per unit of its logit."""
_QUIETEST = 1e-10


def energy_scores(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (clips, steps) scores in (0, 1) for (clips, samples): the level above the noise.

    The level of each step in dB, less a floor that follows the quietest of the past: causal, as
    a stream needs it.
    """
    frames = audio[:, : audio.shape[1] // STEP * STEP].reshape(len(audio), -1, STEP)
    power = np.square(frames, dtype=np.float64).mean(axis=2)
    level = 10 * np.log10(power + _QUIETEST)
    # The floor is the least of (level then + RISE per second since), a running minimum.
    drift = RISE / STEPS_PER_SECOND * np.arange(level.shape[1])
    floor = np.minimum.accumulate(level - drift, axis=1) + drift
    return np.asarray(1 / (1 + np.exp((MIDDLE - (level - floor)) / SLOPE)))
