"""Who is to blame for a wrong answer: the search, the length normalisation or the model."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Table = pd.DataFrame

SEARCH, NORMALISATION, MODEL, UNWRITABLE = BLAMES = (
    "search",
    "length normalisation",
    "model",
    "cannot be written",
)
"""What a wrong answer can be laid on; a right one has none, "".

NORMALISATION: dividing by length ** alpha put a longer answer before the likelier truth.
"""
NOISE = 1e-4
"""How far two log-probabilities of the same pieces can be apart, computed at once or step by step.
"""


def blamed(rows: Table) -> NDArray[Any]:
    """Return what each answer's error is to be laid on (course 5, 3.5).

    The model scores the truth and the answer; a score is log-probability / length ** alpha, which
    the search maximises. Where the truth's is higher, the search missed it. Otherwise, where its
    log-probability is higher, the normalisation ranked it lower; otherwise the model. What no
    answer can say, for want of a piece or of length, is a case of its own.

    Reads exact, score, log_probability, truth_score, truth_log_probability, truth_is_writable. The
    truth is scored in the pieces that training gives it; other subwords may spell it as well.
    """
    # A score is as much less noisy as it is divided; a log-probability of 0 is beyond doubt.
    divided = (rows["score"] / rows["log_probability"]).where(rows["log_probability"] != 0, 1.0)
    missed = rows["truth_score"] > rows["score"] + NOISE * divided
    likelier = rows["truth_log_probability"] > rows["log_probability"] + NOISE
    cases = [rows["exact"].astype(bool), ~rows["truth_is_writable"].astype(bool), missed, likelier]
    return np.select(cases, ["", UNWRITABLE, SEARCH, NORMALISATION], MODEL)
