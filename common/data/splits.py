"""Examples divided into train, train-dev, dev and test, by group, before anything is derived."""

import hashlib
from collections.abc import Iterable

import numpy as np
import pandas as pd

from common.data.examples import GENERAL, TARGET, Table, checked
from common.errors import UserError
from common.settings import Data

Thresholds = tuple[tuple[float, str], ...]
"""Upper edges of the hash, rising, each with the split below it; the last edge is 1."""


def by_group(examples: Table, data: Data) -> Table:
    """Return the examples with `split`, every class being in every split; see `divided`.

    Raises UserError when there are fewer than two classes, or a split lacks one.
    """
    found = divided(examples, data)
    classes = sorted(found["label"].unique())
    if len(classes) < 2:
        raise UserError(
            f"all {len(found)} examples are of class {classes[0]!r}; at least two classes are"
            " needed: add examples of another"
        )
    counts = pd.crosstab(found["split"], found["label"])
    for split in counts.index:
        for label in counts.columns[counts.loc[split] == 0]:
            raise UserError(
                f"{split} has no example of class {label!r}, which has {counts[label].sum()} in"
                f" all ({_counted(found['split'])}): add examples of it, give {split} a larger"
                " share, or try another data.seed"
            )
    return found


def divided(examples: Table, data: Data) -> Table:
    """Return the examples (checked) with every `split` filled in.

    A group goes where a hash of (data.seed, group) falls, so no group is divided, and none moves
    when others are added. A split that the source brings is kept; where it brings some but no
    dev, dev is taken from its train. With a target distribution, general examples make train and
    train-dev (the source's own dev and test examples are its train-dev), target examples make dev
    and test, in proportion dev_share : test_share (the source's own train counts as undivided);
    with `target_trains` they are divided as an only distribution is, and train as well.
    Raises UserError when a split stays empty.
    """
    found = checked(examples)
    place = pd.Series(_hashed(found["group"], data.seed))
    general, target = (found[found["distribution"] == one]["split"] for one in (GENERAL, TARGET))
    wanted = ["train", "dev"]
    if len(target):
        wanted.append("train_dev")
        divide = _only if data.target_trains else _target
        split = pd.concat([_general(general, data, place), divide(target, data, place)])
    else:
        split = _only(general, data, place)
    if data.test_share and not _is_own(target if len(target) else general):
        wanted.append("test")
    missing = [name for name in wanted if not (split == name).any()]
    if missing:
        raise UserError(_too_few(missing[0], wanted, found.assign(split=split)))
    return found.assign(split=split)


def folds(examples: Table, number: int, seed: int) -> pd.Series:
    """Return a fold, 0 .. number - 1, for each row: groups undivided, labels balanced.

    Groups are dealt out, the largest first, each to the fold that holds least of its labels; of
    equal folds to the smaller one. Where there is no column `label`, sizes are balanced. Raises
    UserError when there are fewer groups than folds.
    """
    labels = examples["label"] if "label" in examples else pd.Series("", index=examples.index)
    counts = pd.crosstab(examples["group"], labels)
    if len(counts) < number:
        raise UserError(
            f"{_number(len(counts), 'group')} of examples cannot make {number} folds: set fit.folds"
            f" to {len(counts)} or less, or add examples"
        )
    place = _hashed(counts.index, seed)
    each = counts.to_numpy() / counts.to_numpy().sum(axis=0)
    sizes = counts.sum(axis=1).to_numpy()
    filled, total = np.zeros((number, each.shape[1])), np.zeros(number)
    fold_of = np.empty(len(counts), dtype=np.int64)
    for group in np.lexsort((place, -sizes)):
        # Rounded, or the last digit of a sum would decide between equal folds.
        crowding = (filled @ each[group]).round(12)
        fold_of[group] = fold = int(np.lexsort((total, crowding))[0])
        filled[fold] += each[group]
        total[fold] += sizes[group]
    return examples["group"].map(dict(zip(counts.index, fold_of, strict=True))).rename("fold")


def _only(own: pd.Series, data: Data, place: pd.Series) -> pd.Series:
    """Return train, dev and test of the only distribution."""
    if not _is_own(own):
        if data.dev_share + data.test_share >= 1:
            raise UserError(
                f"data.dev_share is {data.dev_share} and data.test_share {data.test_share}: train"
                " gets what they leave, so together they must be below 1"
            )
        edges = ((data.test_share, "test"), (data.test_share + data.dev_share, "dev"))
        return _below((*edges, (1.0, "train")), place[own.index])
    own = own.replace("", "train")
    if (own == "dev").any():
        return own
    return own.where(own != "train", _below(((data.dev_share, "dev"), (1.0, "train")), place))


def _general(own: pd.Series, data: Data, place: pd.Series) -> pd.Series:
    """Return train and train_dev: where another distribution makes dev and test."""
    own = own.replace({"dev": "train_dev", "test": "train_dev", "": "train"})
    if (own == "train_dev").any():
        return own
    return _below(((data.dev_share, "train_dev"), (1.0, "train")), place[own.index])


def _target(own: pd.Series, data: Data, place: pd.Series) -> pd.Series:
    """Return dev and test of the distribution that counts."""
    if own.isin(("dev", "test")).any():
        return own.where(own == "test", "dev")
    test = data.test_share / (data.dev_share + data.test_share)
    return _below(((test, "test"), (1.0, "dev")), place[own.index])


def _is_own(split: pd.Series) -> bool:
    """Return whether the source brings a division."""
    return bool((split != "").any())


def _below(edges: Thresholds, place: pd.Series) -> pd.Series:
    """Return the name of the interval that each place in [0, 1) falls into."""
    uppers = np.array([upper for upper, _ in edges])
    names = np.array([name for _, name in edges], dtype=object)
    return pd.Series(names[np.searchsorted(uppers, place, side="right")], index=place.index)


def _hashed(groups: Iterable[str], seed: int) -> np.ndarray:
    """Return a number in [0, 1) for each group, equally distributed, the same in every process."""

    def one(group: str) -> float:
        digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    return np.array([one(str(group)) for group in groups])


def _too_few(missing: str, wanted: list[str], found: Table) -> str:
    """Return what to do about a split that would be empty."""
    groups = found["group"].nunique()
    many = f"{_number(len(found), 'example')} in {_number(groups, 'group')}"
    if groups < len(wanted):
        were = "was" if len(found) == 1 else "were"
        return (
            f"{missing} would be empty: {many} {were} found, at least {len(wanted)} groups are"
            f" needed, for {', '.join(wanted)}, and better many more: add examples"
        )
    return (
        f"{missing} would be empty: {many} give {_counted(found['split'])}; add examples, give"
        f" {missing} a larger share, or try another data.seed"
    )


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _counted(split: pd.Series) -> str:
    counts = split.value_counts().sort_index()
    return ", ".join(f"{name} {count}" for name, count in counts.items())
