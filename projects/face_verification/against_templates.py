"""A gallery's photos compared as they are verified, in blocks: of many, the nearest are kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.strategy.results import Estimate
from projects.face_verification.threshold import (
    Compared,
    Distances,
    Impostors,
    check_limit,
    independent_pairs,
)

MOST = 6_000
"""Photos that are compared with everybody at most: enough for a limit of 0.001."""
CELLS = 2**20
"""Comparisons of one block: 8 MB for each number of them."""

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Verified:
    """Photos against templates: the nearest of other people, and the own ones."""

    nearest: Impostors
    """More than the limit asked for."""
    own: Compared
    """Photos and the templates that their person's other photos make."""

    def impostors(self) -> Impostors:
        """Return the nearest impostor pairs."""
        return self.nearest

    def missed(self, threshold: float) -> Estimate:
        """Return the false non-match rate: own photos above it, clustered by person."""
        return self.own.missed(threshold)


def against_templates(
    names: Sequence[str], embeddings: NDArray[np.float32], limit: float
) -> Verified:
    """Return a gallery's photos compared for a false-match limit, from embeddings (n, d).

    Each photo against everybody else's template, and against the template that the other photos of
    its own person make, where there are any. Of more than 6,000 photos so many are compared:
    everybody's first, then everybody's second. UserError for a limit that is no rate.
    """
    check_limit(limit)
    owners, people = pd.factorize(np.asarray(names, dtype=object))
    photos = embeddings.astype(np.float64)
    sums = np.zeros((len(people), photos.shape[1]))
    np.add.at(sums, owners, photos)
    turns = pd.Series(owners).groupby(owners).cumcount().to_numpy()
    chosen = np.argsort(turns, kind="stable")[:MOST]
    photo, owner = photos[chosen], owners[chosen]
    others = np.bincount(owners, minlength=len(people))[owner] > 1
    own = np.linalg.norm(photo - unit(sums[owner] - photo), axis=1)
    genuine = Compared(own[others], owner[others], owner[others])
    return Verified(_nearest(photo, owner, unit(sums), limit), genuine)


def unit(vectors: Distances) -> Distances:
    """Return sums of photos (n, d) as templates: of length 1."""
    # Photos that contradict each other, which no gallery takes, leave a length of 0.
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-3)


def apart(photos: Distances, templates: Distances) -> Distances:
    """Return the distance of each photo (n, d) to each template (m, d), as (n, m)."""
    lengths = (photos**2).sum(axis=1)[:, None] + (templates**2).sum(axis=1)
    return np.sqrt(np.maximum(lengths - 2 * photos @ templates.T, 0.0))


def _nearest(photo: Distances, owner: Codes, templates: Distances, limit: float) -> Impostors:
    """Return the impostor pairs that count for more than the limit together, the nearest ones."""
    people = len(templates)
    each = np.bincount(owner, minlength=people)
    seen = int((each > 0).sum())
    # Everybody seen meets everybody; who is not, because there are too many, only those who are.
    pairs = seen * (seen - 1) // 2 + seen * (people - seen)
    far, shares = np.zeros(0), np.zeros(0)
    if not pairs:
        return Impostors(far, shares, 0, 0)
    for rows in _blocks(len(photo), people):
        found = apart(photo[rows], templates)
        found[np.arange(len(rows)), owner[rows]] = np.inf
        # What is farther than enough of the others is none of the nearest.
        farthest = far[-1] if shares.sum() > limit else np.finfo(float).max
        first, second = np.nonzero(found <= farthest)
        new = found[first, second]
        weight = 1 / (each[owner[rows][first]] + each[second]) / pairs
        far, shares = _cut(np.concatenate([far, new]), np.concatenate([shares, weight]), limit)
    return Impostors(far, shares, people, independent_pairs(pairs, people, people - 1))


def _cut(far: Distances, shares: Distances, limit: float) -> tuple[Distances, Distances]:
    """Return the nearest of these, as many as come to more than the limit."""
    order = np.argsort(far, kind="stable")
    far, shares = far[order], shares[order]
    enough = int(np.searchsorted(np.cumsum(shares), limit + 1e-9, side="right")) + 1
    return far[:enough], shares[:enough]


def _blocks(rows: int, columns: int) -> Iterator[Codes]:
    size = max(1, CELLS // columns)
    yield from (np.arange(at, min(at + size, rows)) for at in range(0, rows, size))
