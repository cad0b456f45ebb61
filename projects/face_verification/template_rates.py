"""What comparing a photo with a template of several photos is worth, measured on dev's people.

Averaging takes away what is one photo's own and leaves what faces share: strangers come nearer
to a template than to a photo, and the threshold of photos lets more of them through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from common.strategy.clusters import Clusters
from common.strategy.intervals import mean
from common.strategy.results import Estimate
from projects.face_verification.against_templates import apart, unit
from projects.face_verification.nearest import Embeddings
from projects.face_verification.rates import ENOUGH

PHOTOS = (2, 3, 4, 6, 9)
"""Photos in a template that are tried, where dev's people have so many."""
FEWEST = 10
"""People with more photos than a template has: with fewer nothing is said of such templates."""
FOLDS = 5
LARGEST = 1_000
"""People who are compared at most."""
PROBES = 12
"""Photos of a person that are compared at most: other people tell more than more of the same."""
CELLS = 2**19
"""Comparisons that more than one probe of everybody may come to."""

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class TemplateRates:
    """The threshold for templates of some photos, and what it lets through and misses."""

    photos: int
    threshold: float
    false_match: Estimate
    false_non_match: Estimate
    people: int
    """Of how many people there were templates."""


def template_rates(
    people: Sequence[str], embeddings: Embeddings, limit: float, seed: int
) -> list[TemplateRates]:
    """Return thresholds at a false-match limit for templates of 2, 3, ... photos, with their rates.

    `people`: of each picture (n, d). Photos are compared with templates of other people, and with
    those of their own person that they are no part of; a pair of people counts once. The rates
    are cross-fitted: a fifth of the people is decided by a threshold that was set without them, on
    either side; the one returned is set on all. Intervals are over people, on both sides; in
    simulation they cover 0.90 to 0.96 of the rates of new people. Sizes of templates for which
    there are fewer than 10 people, or of which the impostors count for fewer than 3 / limit
    independent ones, are left out.
    """
    rng = np.random.default_rng(seed)
    names, owners = np.unique(np.asarray(people, dtype=str), return_inverse=True)
    chosen = np.sort(rng.permutation(len(names))[:LARGEST])
    rows = [rng.permutation(np.flatnonzero(owners == one)) for one in chosen]
    fold = rng.permutation(len(rows)) % FOLDS
    found = []
    for photos in PHOTOS:
        if sum(len(one) > photos for one in rows) < FEWEST:
            continue
        one = _measured(_faced(rows, embeddings.astype(np.float64), photos), photos, limit, fold)
        if (one.false_match.effective or 0) >= ENOUGH / limit:
            found.append(one)
    return found


@dataclass(frozen=True)
class _Faced:
    """Probes before templates: distances (p, t), whose they are, and where they may be compared."""

    distances: Floats
    probe_of: Codes
    template_of: Codes
    own: NDArray[np.bool_]
    """The template is of the probe's person, and made of other photos."""
    people: int

    @property
    def counts(self) -> Codes:
        """How many comparisons there are of each probe's person (p) with each template's (t)."""
        sides = (np.bincount(of, minlength=self.people) for of in (self.probe_of, self.template_of))
        return np.outer(*sides)

    @cached_property
    def impostors(self) -> tuple[Floats, Floats, Codes, Codes]:
        """The distance, weight and both people of each impostor comparison, the nearest first."""
        rows, columns = np.nonzero(self.probe_of[:, None] != self.template_of)
        far = self.distances[rows, columns]
        order = np.argsort(far, kind="stable")
        first, second = self.probe_of[rows[order]], self.template_of[columns[order]]
        both = self.counts + self.counts.T
        return far[order], 1 / both[first, second], first, second

    def threshold(self, limit: float, of: NDArray[np.bool_]) -> float:
        """Return the largest threshold at which at most `limit` match, among some people."""
        far, weight, first, second = self.impostors
        used = of[first] & of[second]
        below = np.cumsum(weight[used])
        at = int(np.searchsorted(below, limit * below[-1] * (1 + 1e-12), side="right"))
        return float(np.nextafter(far[used][at], -np.inf))


def _faced(rows: list[Codes], embeddings: Floats, photos: int) -> _Faced:
    """Return photos before templates of the first and of the last of everybody's photos."""
    made = [
        [one[:photos], one[-photos:]][: 1 + (len(one) > photos)] if len(one) >= photos else []
        for one in rows
    ]
    parts = np.array([template for of_one in made for template in of_one])
    template_of = np.repeat(np.arange(len(rows)), [len(of_one) for of_one in made])
    each = int(np.clip(CELLS // (len(rows) * len(parts)), 1, PROBES))
    # From both ends: what is in one of the templates may be compared with the other.
    probes = np.concatenate([np.roll(one, each // 2)[:each] for one in rows])
    probe_of = np.repeat(np.arange(len(rows)), [min(len(one), each) for one in rows])
    own = probe_of[:, None] == template_of
    of_probe, of_template = np.nonzero(own)
    own[own] = (parts[of_template] != probes[of_probe, None]).all(axis=1)
    far = apart(embeddings[probes], unit(embeddings[parts].sum(axis=1)))
    return _Faced(far, probe_of, template_of, own, len(rows))


def _measured(faced: _Faced, photos: int, limit: float, fold: Codes) -> TemplateRates:
    others = np.array([faced.threshold(limit, fold != one) for one in range(FOLDS)])
    matched = faced.distances <= others[fold][faced.probe_of][:, None]
    return TemplateRates(
        photos=photos,
        threshold=faced.threshold(limit, np.ones(faced.people, bool)),
        false_match=_false_match(faced, matched),
        false_non_match=_false_non_match(faced, matched),
        people=len(np.unique(faced.template_of)),
    )


def _false_match(faced: _Faced, matched: NDArray[np.bool_]) -> Estimate:
    number = faced.people
    of_probe = np.zeros((number, matched.shape[1]))
    np.add.at(of_probe, faced.probe_of, matched)
    both = np.zeros((number, number))
    np.add.at(both.T, faced.template_of, of_probe.T)
    counts = faced.counts * ~np.eye(number, dtype=bool)
    first, second = np.nonzero(counts)
    share = both[first, second] / counts[first, second]
    weight = counts[first, second] / (counts + counts.T)[first, second]
    return mean(share, weight, Clusters(first, second, number))


def _false_non_match(faced: _Faced, matched: NDArray[np.bool_]) -> Estimate:
    probe, template = np.nonzero(faced.own)
    person, number = faced.probe_of[probe], faced.people
    counts = np.bincount(person, minlength=number)
    missed = np.bincount(person, weights=~matched[probe, template], minlength=number)
    known = counts > 0
    return mean(missed[known] / counts[known])
