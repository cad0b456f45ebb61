"""Near-duplicate pictures: perceptual hashes that differ in few of their 64 bits."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

LIMIT = 4
"""Bits in which two hashes may differ (docs/measurements.md has what this finds and mistakes)."""
BLOCK = 1024


def identified(examples: pd.DataFrame) -> pd.DataFrame:
    """Return the pictures with `example_id` and `group`, where their source gives none.

    The id is that of the content; its second copy gets "-2". The group is a near-duplicate set,
    named after the first of its ids.
    """
    if "example_id" not in examples:
        copy = examples.groupby("digest").cumcount()
        suffix = copy.map(lambda number: f"-{number + 1}" if number else "")
        examples = examples.assign(example_id=examples["digest"] + suffix)
    if "group" in examples:
        return examples
    sets = near_duplicate_sets(examples["phash"].tolist())
    return examples.assign(group=examples.groupby(sets)["example_id"].transform("min"))


def near_duplicate_sets(phashes: Sequence[str], limit: int = LIMIT) -> np.ndarray:
    """Return (n,) int: the same number for pictures that are linked by hashes `limit` bits apart.

    `phashes`: 16 hex digits each. Compares all pairs, block by block: 20,000 take seconds.
    """
    hashes = np.array([int(value, 16) for value in phashes], dtype=np.uint64)
    number = len(hashes)
    left: list[np.ndarray] = []
    right: list[np.ndarray] = []
    for start in range(0, number, BLOCK):
        bits = np.bitwise_count(hashes[start : start + BLOCK, None] ^ hashes[None, start:])
        near_left, near_right = np.nonzero(bits <= limit)
        left.append(near_left + start)
        right.append(near_right + start)
    if not left:
        return np.zeros(0, dtype=np.int64)
    rows, columns = np.concatenate(left), np.concatenate(right)
    links = coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(number, number))
    sets: np.ndarray = connected_components(links, directed=False)[1]
    return sets
