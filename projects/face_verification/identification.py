"""How often a search names the right person: closed set (rank 1) and open set (or nobody)."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.errors import UserError
from common.strategy.clusters import Array, Clusters
from common.strategy.intervals import UNDEFINED, complement, mean
from common.strategy.results import Estimate
from projects.face_verification.rates import missed_at


def rank_1(similarity: NDArray[np.float32], probes: list[str], gallery: list[str]) -> Estimate:
    """Return the share of enrolled probes whose most similar entry is of their own identity.

    `similarity`: (probes, gallery); `probes`, `gallery`: the identity of each row and column.
    Probes whose identity is not in the gallery are left out. The interval is over the probes'
    identities; the gallery is taken as it is. Raises UserError for an empty gallery.
    """
    right, known, _ = _searched(similarity, probes, gallery)
    if not known.any():
        return UNDEFINED
    return mean(right[known], groups=_identities(probes).at(known))


def detection_and_identification_rate(
    similarity: NDArray[np.float32], probes: list[str], gallery: list[str], *, limit: float
) -> Estimate:
    """Return the share of enrolled probes that are found under their name, at a false alarm rate.

    Found: the most similar entry is of the probe's identity and at least at the threshold, the
    lowest at which at most `limit` of the probes of people who are not enrolled find anybody
    (Phillips, Grother & Micheals 2011). Arguments and interval are those of `rank_1`; the rate
    is unknown, as `false_non_match_rate`, where too few probes are not enrolled.
    """
    right, known, best = _searched(similarity, probes, gallery)
    # Who is found under another name is missed at every threshold.
    scores = np.where(known & (right == 0), -np.inf, best)
    sides = scores, known.astype(float), (~known).astype(float)
    return complement(missed_at(limit, sides, _identities(probes)))


def _searched(
    similarity: NDArray[np.float32], probes: list[str], gallery: list[str]
) -> tuple[Array, NDArray[np.bool_], Array]:
    """Return for each probe whether it is named rightly, whether it is enrolled, how alike."""
    if similarity.shape != (len(probes), len(gallery)) or not similarity.size:
        raise UserError(
            f"the similarities are {similarity.shape}, of {len(probes)} probes and {len(gallery)}"
            " gallery entries: one number for each probe and entry, and one of both, are expected"
        )
    names = np.asarray(gallery)
    right = names[similarity.argmax(axis=1)] == np.asarray(probes)
    return right.astype(float), np.isin(probes, names), similarity.max(axis=1).astype(float)


def _identities(probes: list[str]) -> Clusters:
    codes, names = pd.factorize(np.asarray(probes, dtype=object))
    return Clusters(codes.astype(np.int64), np.full(len(probes), -1), len(names))
