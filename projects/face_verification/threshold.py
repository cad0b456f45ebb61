"""The threshold on the distance at a false-match limit, estimated or guaranteed."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.errors import UserError
from common.strategy.clusters import Clusters
from common.strategy.intervals import mean
from common.strategy.results import Estimate

Distances = NDArray[np.float64]
DOUBT = 0.05
"""How often an upper bound may be wrong."""
MARGIN = 1e-5
"""Distance that an estimated threshold keeps from the pairs: an exported model, which computes in
another order, still answers them alike."""


class Comparisons(Protocol):
    """What a threshold can be calibrated on: `Compared`, or a gallery's `Verified`."""

    def impostors(self) -> "Impostors":
        """Return the impostor pairs, or the nearest of them."""
        ...

    def missed(self, threshold: float) -> Estimate:
        """Return the false non-match rate."""
        ...


@dataclass(frozen=True)
class Compared:
    """Pairs of photos: the distance of each (n,), and the identities of both sides (n,).

    Two photos of one identity are a genuine pair, others an impostor pair. Photos match where
    their distance is at most the threshold, as in `rates`.
    """

    distances: Distances
    first: NDArray[Any]
    second: NDArray[Any]

    def impostors(self) -> "Impostors":
        """Return the impostor pairs, each pair of people counted once."""
        apart = self.first != self.second
        sides = np.concatenate([self.first[apart], self.second[apart]])
        codes, names = pd.factorize(sides)
        low, high = np.sort(codes.reshape(2, -1), axis=0)
        people, which, photos = np.unique(
            low * len(names) + high, return_inverse=True, return_counts=True
        )
        order = np.argsort(self.distances[apart], kind="stable")
        shares = 1 / photos[which] / max(len(people), 1)
        return Impostors(
            self.distances[apart][order],
            shares[order],
            len(names),
            _independent(np.concatenate([people // len(names), people % len(names)])),
        )

    def missed(self, threshold: float) -> Estimate:
        """Return the false non-match rate: genuine pairs above it, clustered by person."""
        same = self.first == self.second
        codes, names = pd.factorize(self.first[same])
        groups = Clusters(codes.astype(np.int64), np.full(len(codes), -1), len(names))
        return mean(self.distances[same] > threshold, groups=groups)


class Impostors(NamedTuple):
    """Impostor pairs in the order of their distances; of many, the nearest will do."""

    distances: Distances
    shares: Distances
    """What each counts: a pair of people counts once, divided among its pairs of photos."""
    people: int
    independent: int
    """How many independent pairs they are worth at least: people // 2 where all are compared."""

    def matched(self, threshold: float) -> float:
        """Return the share of false matches: of the impostor pairs at a threshold or below."""
        return float(self.shares[self.distances <= threshold].sum())

    def threshold(self, share: float) -> float:
        """Return the largest threshold at which at most `share` of the pairs match."""
        values, starts = np.unique(self.distances, return_index=True)
        below = np.concatenate([[0.0], np.cumsum(self.shares)])[starts]
        return float(np.nextafter(values[below <= share + 1e-12][-1], -np.inf))


@dataclass(frozen=True, kw_only=True)
class Calibrated:
    """A threshold whose false-match rate is below the limit, with 95 % confidence."""

    threshold: float
    limit: float
    false_match: float
    """The share among the impostor pairs at hand."""
    false_match_bound: float
    """The upper 95 % bound of the rate."""
    false_non_match: Estimate
    people: int
    independent: int


def estimated(compared: Compared, limit: float) -> float:
    """Return the largest threshold at which at most `limit` of the impostor pairs match.

    Nearer than 0.00001 to it there is no pair, for which a little less may have to do. An estimate:
    on other people the rate is as often above the limit as below. For a bound, see `calibrated`.
    UserError without impostor pairs.
    """
    impostors = _some(compared.impostors(), limit)
    return _clear_of(compared.distances, impostors.threshold(limit))


def calibrated(compared: Comparisons, limit: float) -> Calibrated:
    """Return the largest threshold whose false-match rate is surely at most `limit`.

    Surely: the chance that it is above, over draws of the people, is at most 5 %, whatever the
    distribution of the distances. UserError where there are too few impostor pairs for that: with
    no false match in n independent pairs the bound is 1 - 0.05 ** (1 / n), so a limit of 0.01
    needs 299 pairs and 598 people, and 0.001 needs 2,995 pairs and 5,990 people.

    What counts as independent: pairs share people, and a person who resembles many is in many
    pairs. Only pairs without a common person are independent, at most people // 2 at once. The
    pairs at hand fall into sets of such pairs (an edge colouring of the graph of people), and
    their number divided by that of the sets is what they count as. All of them are used: the mean
    over such sets keeps the bound of a single one (Hoeffding 1963, 5; Janson 2004).
    """
    impostors = _some(compared.impostors(), limit)
    n, needed = impostors.independent, pairs_needed(limit)
    if n < needed:
        lowest = math.ceil(upper_bound(0.0, n) * 1e4) / 1e4
        # A limit at which half of all strangers pass helps nobody.
        instead = f", or ask for a limit of at least {lowest:g}" if lowest < 0.5 else ""
        raise UserError(
            f"a false-match limit of {limit:g} needs photos of {2 * needed:,} people and here are"
            f" {impostors.people}, who make {n} independent impostor pair{'' if n == 1 else 's'} of"
            f" the {needed:,} needed: add people{instead}"
        )
    threshold = impostors.threshold(_allowed(n, limit))
    matched = impostors.matched(threshold)
    return Calibrated(
        threshold=threshold,
        limit=limit,
        false_match=matched,
        false_match_bound=upper_bound(matched, n),
        false_non_match=compared.missed(threshold),
        people=impostors.people,
        independent=n,
    )


def pairs_needed(limit: float) -> int:
    """Return how many independent pairs without a false match bring the upper bound to a limit."""
    return math.ceil(math.log(DOUBT) / math.log1p(-limit))


def upper_bound(share: float, independent: int) -> float:
    """Return the upper 95 % bound of a rate of which `share` was seen, in [share, 1].

    The rate p at which n KL(share, p) = ln 20 (Chernoff 1952). Without a false match it is that
    of Clopper and Pearson, 1 - 0.05 ** (1 / n). With some it is a little wider than theirs, which
    holds for independent pairs only, and not for means over pairs that share people.
    """
    from scipy.optimize import brentq

    if share <= 0:
        return 1 - DOUBT ** (1 / independent)
    if share >= 1:
        return 1.0
    return float(brentq(lambda p: _evidence(share, p, independent), share, 1 - 1e-15))


def _clear_of(distances: Distances, threshold: float) -> float:
    """Return the largest number up to `threshold` to which no distance is nearer than MARGIN."""
    levels = np.sort(distances)
    after = np.concatenate([[-np.inf], levels]) + MARGIN
    before = np.concatenate([levels, [np.inf]]) - MARGIN
    found = np.minimum(threshold, before)
    return float(found[found >= after].max())


def _allowed(independent: int, limit: float) -> float:
    """Return the largest share of false matches whose upper bound is at most the limit."""
    from scipy.optimize import brentq

    if _evidence(0.0, limit, independent) <= 0:
        return 0.0
    return float(brentq(lambda share: _evidence(share, limit, independent), 0.0, limit))


def _evidence(share: float, rate: float, independent: int) -> float:
    """Return by how much a share speaks against a rate; positive where the rate is ruled out."""
    from scipy.special import rel_entr

    divergence = rel_entr(share, rate) + rel_entr(1 - share, 1 - rate)
    return float(independent * divergence + math.log(DOUBT))


def _independent(sides: NDArray[np.int64]) -> int:
    """Return how many independent pairs some pairs of people are worth, by both sides of each."""
    if not len(sides):
        return 0
    _, meetings = np.unique(sides, return_counts=True)
    return independent_pairs(len(sides) // 2, len(meetings), int(meetings.max()))


def independent_pairs(pairs: int, people: int, most: int) -> int:
    """Return how many independent pairs some pairs of people are worth.

    Their number over the sets of disjoint pairs into which they fall: at most one more than the
    largest number of pairs with one person, `most` (Vizing 1964), and no more than a round robin
    has rounds.
    """
    sets = 1 if most == 1 else min(most + 1, people - 1 + people % 2)
    return pairs // sets


def check_limit(limit: float) -> None:
    """Raise UserError for a limit that is no rate."""
    if not 0 < limit < 1:
        raise UserError(f"a false-match limit of {limit:g}: give a rate between 0 and 1, as 0.01")


def _some(impostors: Impostors, limit: float) -> Impostors:
    check_limit(limit)
    if not len(impostors.distances):
        raise UserError("there is no impostor pair: compare photos of two people or more")
    return impostors
