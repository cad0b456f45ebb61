"""Labeled Faces in the Wild: its pictures, and its 6,000 pairs in ten folds.

Huang, Ramesh, Berg & Learned-Miller 2007; "View 2" of the protocol, `pairs.txt`.
"""

import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.data.examples import Table
from common.data.picture_sources import file_bytes
from common.data.picture_store import Reader
from common.errors import UserError
from common.strategy.clusters import Array
from common.strategy.results import Estimate
from projects.face_verification.pairs import DIFFERENT, SAME, paired

PAIRS = "pairs.txt"
_FORM = "NAME i j for a same pair, NAME i NAME j for a different one, with tabs between"


def pictures(place: str) -> tuple[Table, Reader]:
    """Return LFW's pictures, and a reader of one row's bytes; `place` is a folder or a zip file.

    Columns: example_id ("NAME_0001"), label and group (the name), content. Pictures are found at
    any depth as NAME/NAME_0001.jpg. Raises UserError where there is none.
    """
    root = Path(place).expanduser()
    if root.is_dir():
        return _found(root, [str(file.relative_to(root)) for file in root.rglob("*.jpg")], "file:")
    try:
        archive = zipfile.ZipFile(root)
    except (OSError, zipfile.BadZipFile):
        raise UserError(
            f"{root} is no folder and no zip file: give LFW's folder, or its pictures as a zip"
        ) from None
    table, _ = _found(root, archive.namelist(), "zip:")
    return table, lambda row: archive.read(str(row["content"]).partition("#")[2])


def protocol(file: str, examples: Table, only: Sequence[int] = ()) -> Table:
    """Return the pairs that `pairs.txt` lists, as `pairs.pairs` does, with `fold` from 1.

    `only`: of these folds; none is all of them. Raises UserError, in one line that names the
    file's, where the list is malformed or names a picture that the examples lack.
    """
    place = Path(file).expanduser()
    try:
        lines = place.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{place} cannot be read ({type(error).__name__}): give LFW's {PAIRS}"
        ) from None
    while lines and not lines[-1].strip():
        lines.pop()
    folds, size = _head(place, lines)
    if len(lines) - 1 != folds * 2 * size:
        _refuse(place, 1, f"{folds} folds of {size} + {size} pairs and {len(lines) - 1} lines",
                "as many lines as pairs", "fetch the file again")  # fmt: skip
    if strange := set(only) - set(range(1, folds + 1)):
        _refuse(place, 1, f"{folds} folds", f"fold {min(strange)} among them",
                f"choose from 1 to {folds}")  # fmt: skip
    table = examples.reset_index(drop=True)
    row_of = {name: row for row, name in enumerate(table["example_id"])}
    of_fold = np.repeat(np.arange(1, folds + 1), 2 * size)
    kinds = ([SAME] * size + [DIFFERENT] * size) * folds
    chosen = np.flatnonzero(np.isin(of_fold, only or of_fold))
    rows = np.array(
        [_pair(place, at + 2, lines[at + 1], kinds[at], row_of) for at in chosen.tolist()]
    )
    return paired(table, rows).assign(fold=of_fold[chosen])


@dataclass(frozen=True)
class FoldAccuracy:
    """LFW's result: the mean accuracy over its folds, and `standard_error` beside it.

    `accuracy`: with Student's interval over the folds. `folds`: fold, threshold, accuracy.
    """

    accuracy: Estimate
    standard_error: float
    folds: Table


def fold_accuracy(rows: Table) -> FoldAccuracy:
    """Return the accuracy of each fold at the threshold that is best on the other folds.

    `rows`: truth (same or different), distance, fold, and where several networks were scored
    `network`; a threshold comes from the other folds of the same network. The mean and its
    standard error are those of Huang et al. 2007, section IV. Raises UserError where a network
    has one fold only.
    """
    from scipy.stats import t

    network = rows["network"] if "network" in rows else pd.Series("", rows.index)
    same = rows["truth"].to_numpy() == SAME
    distance, found = rows["distance"].to_numpy(dtype=float), []
    for fold in sorted(set(rows["fold"])):
        here = (rows["fold"] == fold).to_numpy()
        others = ~here & network.isin(set(network[here])).to_numpy()
        if not others.any():
            raise UserError(
                f"fold {fold} is the only one of its network: its threshold comes from other folds,"
                " so score at least two"
            )
        threshold = _best_threshold(distance[others], same[others])
        right = (distance[here] <= threshold) == same[here]
        found.append({"fold": fold, "threshold": threshold, "accuracy": float(right.mean())})
    folds = pd.DataFrame(found)
    each = folds["accuracy"].to_numpy(dtype=float)
    mean, error = float(each.mean()), float(each.std(ddof=1)) / math.sqrt(len(each))
    half = float(t.ppf(0.975, len(folds) - 1)) * error
    accuracy = Estimate(
        value=mean,
        low=max(0.0, mean - half),
        high=min(1.0, mean + half),
        n=len(rows),
        method="Student's t over the folds",
    )
    return FoldAccuracy(accuracy, error, folds)


def _best_threshold(distance: Array, same: NDArray[np.bool_]) -> float:
    """Return the distance that divides most pairs rightly, in the middle of a gap."""
    levels, codes = np.unique(distance, return_inverse=True)
    gain = np.bincount(codes, weights=np.where(same, 1.0, -1.0), minlength=len(levels))
    at = int(np.argmax(np.concatenate([[0.0], np.cumsum(gain)])))
    ends = np.concatenate([[levels[0] - 1], levels, [levels[-1] + 1]])
    return float(ends[at] + ends[at + 1]) / 2


def _found(root: Path, names: list[str], kind: str) -> tuple[Table, Reader]:
    rows = [
        {
            "example_id": at.stem,
            "label": at.parent.name,
            "group": at.parent.name,
            "content": f"file:{root / name}" if kind == "file:" else f"zip:{root}#{name}",
        }
        for name in sorted(names)
        if (at := PurePosixPath(name)).suffix == ".jpg"
        and at.stem.rpartition("_")[0] == at.parent.name
    ]
    if not rows:
        raise UserError(
            f"{root} has no picture such as Aaron_Eckhart/Aaron_Eckhart_0001.jpg among"
            f" {len(names)} files: give LFW's folder or zip as it was published"
        )
    return pd.DataFrame(rows), file_bytes


def _head(place: Path, lines: list[str]) -> tuple[int, int]:
    numbers = lines[0].split() if lines else []
    if len(numbers) != 2 or not all(_is_count(one) for one in numbers):
        found = repr(lines[0]) if lines else "nothing"
        _refuse(place, 1, found, "the number of folds and of pairs, such as 10<TAB>300",
                f"give LFW's {PAIRS}")  # fmt: skip
    return int(numbers[0]), int(numbers[1])


def _pair(place: Path, at: int, line: str, kind: str, row_of: dict[str, int]) -> tuple[int, int]:
    match kind, line.split("\t"):
        case "same", [name, i, j] if _is_count(i) and _is_count(j) and int(i) != int(j):
            two = (name, i), (name, j)
        case "different", [name, i, other, j] if _is_count(i) and _is_count(j) and name != other:
            two = (name, i), (other, j)
        case _:
            _refuse(place, at, repr(line), f"a pair of the {kind} kind", f"write {_FORM}")
    ids = [f"{name}_{int(number):04d}" for name, number in two]
    for one in ids:
        if one not in row_of:
            _refuse(place, at, f"a pair with {one}", "a picture that is there",
                    "fetch the pictures again")  # fmt: skip
    return row_of[ids[0]], row_of[ids[1]]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) > 0


def _refuse(place: Path, line: int, found: str, expected: str, cure: str) -> NoReturn:
    raise UserError(f"{place}, line {line}: found {found}, expected {expected}: {cure}")
