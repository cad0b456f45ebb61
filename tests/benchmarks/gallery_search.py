"""Exact search in the gallery: milliseconds for one face and for 32 at once.

    python tests/benchmarks/gallery_search.py [EMBEDDINGS ...]

Templates of 128 numbers in memory, the five nearest, median of ten searches. The answers to
photos near known templates must be those templates.
"""

import statistics
import sys
import time

import numpy as np
from numpy.typing import NDArray

from projects.face_verification.nearest import nearest

SIZES = (1_000, 10_000, 100_000, 1_000_000)
WIDTH, BATCH, K, REPEATS = 128, 32, 5, 10


def faces(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return random unit vectors (count, WIDTH)."""
    drawn = rng.standard_normal((count, WIDTH), dtype=np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


def milliseconds(templates: NDArray[np.float32], asked: NDArray[np.float32]) -> float:
    """Return the median time of a search."""
    took = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        nearest(templates, asked, K)
        took.append(1000 * (time.perf_counter() - started))
    return statistics.median(took)


def main(sizes: tuple[int, ...]) -> None:
    """Print a row per size of the gallery."""
    rng = np.random.default_rng(0)
    print(f"| embeddings | one face, ms | {BATCH} faces, ms |\n| ---: | ---: | ---: |")
    for size in sizes:
        templates = faces(size, rng)
        known = rng.integers(0, size, BATCH)
        asked = templates[known] + 0.2 * faces(BATCH, rng)
        asked /= np.linalg.norm(asked, axis=1, keepdims=True)
        found, _ = nearest(templates, asked, K)
        assert (found[:, 0] == known).all(), "the search missed a template"
        one, many = (milliseconds(templates, asked[:count]) for count in (1, BATCH))
        print(f"| {size:,} | {one:.3f} | {many:.2f} |", flush=True)


if __name__ == "__main__":
    main(tuple(int(word) for word in sys.argv[1:]) or SIZES)
