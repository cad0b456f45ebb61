import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from common.data.duplicates import BLOCK, identified, near_duplicate_sets


def plainly(hashes: list[int], limit: int) -> list[set[int]]:
    """The sets, found by walking from each hash to all within the limit."""
    left, sets = set(range(len(hashes))), []
    while left:
        reached, todo = set(), [left.pop()]
        while todo:
            one = todo.pop()
            reached.add(one)
            near = {k for k in left if (hashes[k] ^ hashes[one]).bit_count() <= limit}
            left -= near
            todo += near
        sets.append(reached)
    return sets


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 255), max_size=30), st.integers(0, 8))
def test_equals_the_plain_search(hashes, limit):
    found = near_duplicate_sets([f"{value:016x}" for value in hashes], limit)
    sets = [set(np.flatnonzero(found == number)) for number in set(found)]
    assert sorted(map(sorted, sets)) == sorted(map(sorted, plainly(hashes, limit)))


def test_pairs_are_found_across_blocks():
    rand = np.random.default_rng(0)
    hashes = rand.integers(0, 2**63, 3 * BLOCK, dtype=np.uint64)
    hashes[-1] = hashes[5] ^ np.uint64(0b111)
    found = near_duplicate_sets([f"{value:016x}" for value in hashes], 3)
    assert found[-1] == found[5]
    assert len(set(found)) == len(hashes) - 1


def test_what_a_source_names_is_kept():
    rows = pd.DataFrame(
        {
            "digest": ["d1", "d2", "d2"],
            "phash": ["00000000000000ff", "ff00ff00ff00ff00", "ff00ff00ff00ff00"],
            "example_id": ["drawn-1", None, None],
        }
    )
    found = identified(rows)
    assert list(found["example_id"]) == ["drawn-1", "d2", "d2-2"]
    assert list(found["group"]) == ["drawn-1", "d2", "d2"]
    assert list(identified(rows.assign(group=["x", "y", "z"]))["group"]) == ["x", "y", "z"]
