"""How far apart the perceptual hashes of a folder's pictures are: is the limit right?

    python tests/benchmarks/near_duplicates.py SOURCE [PAIRS]

SOURCE as in `data.source`. Prints the nearest pairs, nearest first; those up to the limit in
common/data/duplicates.py are taken for one picture.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from common import runtime

runtime.quiet()
runtime.load_tensorflow()

from common.data.duplicates import LIMIT  # noqa: E402
from common.data.picture_sources import source  # noqa: E402
from common.data.picture_store import stored  # noqa: E402


def main(spec: str, pairs: int) -> None:
    """Print the nearest pairs of pictures and the number within the limit."""
    table, read = source(spec, None)
    good, _ = stored(table, read, 64, Path(tempfile.mkdtemp()), spec)
    hashes = np.array([int(value, 16) for value in good["phash"]], dtype=np.uint64)
    bits = np.bitwise_count(hashes[:, None] ^ hashes[None, :])
    left, right = np.triu_indices(len(hashes), 1)
    apart = bits[left, right]
    linked = int((apart <= LIMIT).sum())
    print(f"{len(hashes)} pictures, {len(apart):,} pairs, {linked} within {LIMIT} bits")
    for place in np.argsort(apart, kind="stable")[:pairs]:
        names = [
            str(good["content"].iloc[i]).rsplit("/", 2)[-2:] for i in (left[place], right[place])
        ]
        print(f"{apart[place]:3d} bits  {'/'.join(names[0])}  {'/'.join(names[1])}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
