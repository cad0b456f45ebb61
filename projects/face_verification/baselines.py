"""What comparing faces gives without a network: by their pixels, and by eigenfaces."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from common.data.examples import Table
from common.data.picture_store import pixels
from projects.face_verification.data import pictures

SIDE = 24
"""Width and height of the grey pictures that are compared."""
FLAT = 1e-3
"""Deviation, in grey levels of 0 to 1, below which a picture counts as having no pattern."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Eigenfaces:
    """The main directions in which faces differ: `mean` (d,), `axes` (components, d), orthonormal.

    Turk & Pentland 1991. `scale` (components,): the deviation of the pictures along each axis.
    """

    mean: Vectors
    axes: Vectors
    scale: Vectors

    def project(self, pictures: NDArray[np.uint8]) -> Vectors:
        """Return pictures (n, size, size, 3) as unit vectors (n, components).

        Every axis counts alike, or the first few, which follow the light, decide alone; and only
        the direction counts (Moon & Phillips 2001, who compare such choices).
        """
        return _unit((patterns(pictures) - self.mean) @ self.axes.T / self.scale)


def patterns(pictures: NDArray[np.uint8]) -> Vectors:
    """Return (n, 576) unit vectors: grey, 24 pixels wide, each picture's mean taken away.

    So neither brightness nor contrast counts. Pictures without a pattern become zeros.
    """
    small = [
        Image.fromarray(one).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
        for one in pictures
    ]
    grey = np.stack([np.asarray(one, np.float32) for one in small]).reshape(len(small), -1) / 255
    grey -= grey.mean(axis=1, keepdims=True)
    return _unit(np.where(grey.std(axis=1, keepdims=True) > FLAT, grey, 0.0))


def eigenfaces(pictures: NDArray[np.uint8], components: int) -> Eigenfaces:
    """Return the main axes of pictures (n, size, size, 3); of n pictures at most n - 1."""
    found = patterns(pictures)
    mean = found.mean(axis=0)
    _, lengths, axes = np.linalg.svd(found - mean, full_matrices=False)
    kept = max(1, min(components, int((lengths > 1e-5).sum())))
    scale = np.maximum(lengths[:kept], 1e-5) / np.sqrt(len(found))
    return Eigenfaces(mean, axes[:kept], scale.astype(np.float32))


def pixel_distances(units: Table) -> NDArray[np.float64]:
    """Return the Euclidean distance (n,), 0 to 2, of both pictures of each pair as `patterns`."""
    table, codes = pictures(units)
    return _distances(patterns(pixels(table)), codes)


def eigenface_distances(units: Table, fitted: Eigenfaces) -> NDArray[np.float64]:
    """Return the distance (n,), 0 to 2, of both pictures of each pair as eigenfaces see them."""
    table, codes = pictures(units)
    return _distances(fitted.project(pixels(table)), codes)


def _distances(vectors: Vectors, codes: NDArray[np.int64]) -> NDArray[np.float64]:
    apart = vectors[codes[:, 0]] - vectors[codes[:, 1]]
    return np.linalg.norm(apart.astype(np.float64), axis=1)


def _unit(vectors: NDArray[np.floating[Any]]) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
