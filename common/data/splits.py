"""Splits by a hash of the group: nothing moves when examples are added, no group straddles."""

import hashlib

import numpy as np
import pandas as pd

from common.data.examples import GENERAL, TARGET
from common.errors import UserError
from common.settings import Data


def by_group(examples: pd.DataFrame, data: Data) -> pd.DataFrame:
    """Return the examples with the column `split`: train, dev and test, or as the source says.

    With a target distribution, general groups make train and train_dev, target groups dev and
    test, in the proportion of their shares. A division that the source brings is kept; what it
    lacks of dev comes from train. Raises UserError when a split is empty or lacks a class.
    """
    split = examples.get("split", pd.Series("", index=examples.index)).fillna("").astype(str)
    place = examples["group"].map(lambda group: _place(data.seed, str(group))).to_numpy()
    is_target = (examples["distribution"] == TARGET).to_numpy()
    if is_target.any():
        share = data.test_share / (data.dev_share + data.test_share)
        wanted = np.where(
            is_target,
            np.where(place < share, "test", "dev"),
            np.where(place < data.dev_share, "train_dev", "train"),
        )
    else:
        wanted = np.select(
            [place < data.test_share, place < data.test_share + data.dev_share],
            ["test", "dev"],
            "train",
        )
        if (split != "").any():
            wanted = _kept(split.to_numpy(), place, data.dev_share)
    divided = examples.assign(split=wanted)
    _check(divided, data)
    return divided


def folds(examples: pd.DataFrame, number: int, seed: int) -> pd.Series:
    """Return each example's fold, 0 to number - 1: whole groups, each label spread evenly.

    Groups are dealt, label by label, in the order of their hash.
    """
    groups = examples.groupby("group", sort=False)["label"].first().reset_index()
    groups["place"] = [_place(seed, f"fold {group}") for group in groups["group"]]
    groups = groups.sort_values(["label", "place"], kind="stable")
    groups["fold"] = np.arange(len(groups)) % number
    return examples["group"].map(groups.set_index("group")["fold"])


def _place(seed: int, group: str) -> float:
    """Return a number in [0, 1) that depends on seed and group alone."""
    digest = hashlib.sha256(f"{seed}\t{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _kept(split: np.ndarray, place: np.ndarray, dev_share: float) -> np.ndarray:
    """Return the source's own division, with dev taken from train where there is none."""
    if (split == "dev").any():
        return split
    return np.where((split == "train") & (place < dev_share), "dev", split)


def _check(divided: pd.DataFrame, data: Data) -> None:
    counts = divided.groupby(["split", "label"]).size().unstack(fill_value=0)
    classes = divided["label"].nunique()
    needed = ["train", "dev"]
    if (divided["distribution"] == TARGET).any() and (divided["distribution"] == GENERAL).any():
        needed.append("train_dev")
    if "test" in counts.index:
        needed.append("test")
    for name in needed:
        present = int((counts.loc[name] > 0).sum()) if name in counts.index else 0
        if present < max(classes, 2):
            total = int(counts.loc[name].sum()) if name in counts.index else 0
            raise UserError(
                f"{name} has {total} examples of {present} classes, of {len(divided)} examples of"
                f" {classes} classes in all: every split needs each of at least two classes; add"
                " examples, or change data.dev_share, data.test_share or data.seed"
            )
