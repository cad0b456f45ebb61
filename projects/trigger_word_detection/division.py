"""Recordings divided by speaker and by background recording, before anything is mixed of them."""

import hashlib

import numpy as np
import pandas as pd

from common.data.examples import checked
from common.data.splits import by_group
from projects.trigger_word_detection.settings import Settings


def divided(examples: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Return the recordings with `split`: words by `common.data.splits`, backgrounds dealt.

    Backgrounds are few, and every split needs some: in the order of a hash of their groups they
    are dealt out in the words' proportions, at least one to each split. A background of a
    speaker's group goes with the speaker, and the source's own division is kept.
    """
    is_background = (examples["label"] == "background").to_numpy()
    words = by_group(examples[~is_background], settings.data)
    parts = [words]
    for distribution, behind in checked(examples[is_background]).groupby("distribution"):
        own = words[words["distribution"] == distribution]
        speakers = dict(zip(own["group"], own["split"], strict=True))
        shares = own["split"].value_counts(normalize=True).sort_index()
        groups = sorted(set(behind["group"]), key=lambda group: _place(group, settings.data.seed))
        dealt = dict(zip(groups, _dealt(shares, len(groups)), strict=True))
        brought = behind["split"].where(behind["split"].isin(shares.index))
        split = behind["group"].map(speakers).fillna(brought).fillna(behind["group"].map(dealt))
        parts.append(behind.assign(split=split))
    return pd.concat(parts, ignore_index=True)


def _dealt(shares: "pd.Series[float]", number: int) -> list[str]:
    """Return a split for each of `number` groups: one of each first, then where most are owed."""
    counts = np.zeros(len(shares))
    found = []
    for dealt in range(1, number + 1):
        owed = shares.to_numpy() * dealt - counts + np.where(counts == 0, number, 0)
        chosen = int(owed.argmax())
        counts[chosen] += 1
        found.append(str(shares.index[chosen]))
    return found


def _place(group: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{group}".encode()).hexdigest()
