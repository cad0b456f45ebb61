"""Distances of unit vectors, and exact search by one matrix product."""

import numpy as np
from numpy.typing import NDArray

from common.errors import UserError

Embeddings = NDArray[np.float32]


def mean_face(embeddings: Embeddings) -> Embeddings:
    """Return the template (d,) of one person's photos (k, d): their normalised mean.

    UserError for photos that contradict each other so far that no mean is left.
    """
    mean = embeddings.mean(axis=0)
    length = np.linalg.norm(mean)
    if length < 1e-3:
        raise UserError(
            f"the {len(embeddings)} photos are so unlike each other that they have no mean: "
            "give photos of one person"
        )
    return mean / length


def distances(embeddings: Embeddings, to: Embeddings) -> NDArray[np.float64]:
    """Return the Euclidean distance, 0 to 2, of each embedding (n, d) to one (d,)."""
    return np.linalg.norm(embeddings.astype(np.float64) - to.astype(np.float64), axis=1)


def nearest(
    templates: Embeddings, embeddings: Embeddings, k: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows (q, k) of the nearest templates (n, d), nearest first, and the distances.

    `embeddings`: (q, d) unit vectors. With n below k, all n are returned. Of unit vectors the
    nearest has the largest product: |a - b|^2 = 2 - 2 ab. The distances of those found are
    computed from the differences, as that formula cancels where faces are alike.
    """
    if k < 1:
        raise ValueError(f"the {k} nearest")
    k = min(k, len(templates))
    rows = np.empty((len(embeddings), k), np.int64)
    found = np.empty((len(embeddings), k))
    for i, similar in enumerate(embeddings @ templates.T):
        last = len(similar) - k
        best = np.argpartition(similar, last)[last:]
        apart = distances(templates[best], embeddings[i])
        order = np.lexsort((best, apart))
        rows[i], found[i] = best[order], apart[order]
    return rows, found
