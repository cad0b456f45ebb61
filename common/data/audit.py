"""The data audit: broken files, duplicates inside and across splits, classes per split."""

from dataclasses import dataclass

import pandas as pd

from common.data.examples import SPLITS

SHOWN = 3
RARE = 10
"""A class with fewer examples in dev than this says little."""
MOVED = 0.1
"""A class's share that differs by more between train and dev is told."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was found wrong or worth knowing; `lines` says it in plain words."""

    total: int
    broken: pd.DataFrame
    """`content` and `reason` of what could not be read."""
    exact: pd.DataFrame
    """Pairs of the same content: `first`, `second`, their splits and labels."""
    near: pd.DataFrame
    """Pairs (each with its set's first) of nearly the same content, likewise."""
    counts: pd.DataFrame
    """Examples, a row per split and a column per class; or per `kind`, where labels are texts."""

    def lines(self) -> list[str]:
        """Return the warnings, one line each; none for clean data."""
        found = []
        if len(self.broken):
            some = "; ".join(f"{r.content}: {r.reason}" for r in self.broken[:SHOWN].itertuples())
            found.append(
                f"{len(self.broken)} of {self.total} cannot be read and are left out: {some}"
                + (f"; and {more} more" if (more := len(self.broken) - SHOWN) > 0 else "")
            )
        for name, pairs in (("exact duplicates", self.exact), ("near-duplicates", self.near)):
            across = pairs[pairs["split_1"] != pairs["split_2"]]
            inside = len(pairs) - len(across)
            if inside:
                found.append(f"{_number(inside, name)} within one split")
            if len(across):
                some = "; ".join(
                    f"{r.first} ({r.split_1}) and {r.second} ({r.split_2})"
                    for r in across[:SHOWN].itertuples()
                )
                found.append(
                    f"{_number(len(across), name)} across splits, as the source divides them:"
                    f" {some}"
                )
        every = pd.concat([self.exact, self.near])
        contradictions = every[every["label_1"] != every["label_2"]]
        if len(contradictions):
            first = contradictions.iloc[0]
            number = _number(len(contradictions), "near-duplicates")
            found.append(
                f"{number} with different labels, for example"
                f" {first['first']} ({first['label_1']}) and {first['second']} ({first['label_2']})"
            )
        return found + self._balance()

    def _balance(self) -> list[str]:
        counts = self.counts.T
        if not {"train", "dev"} <= set(counts):
            return []
        shares = counts / counts.sum()
        moved = (shares["dev"] - shares["train"]).abs()
        name = str(moved.idxmax())
        lines = []
        if moved[name] > MOVED:
            lines.append(
                f"{name!r} is {shares['train'][name]:.0%} of train and"
                f" {shares['dev'][name]:.0%} of dev"
            )
        few = counts["dev"][counts["dev"] < RARE]
        return lines + [f"dev has only {number} of {name!r}" for name, number in few.items()]


def audit(examples: pd.DataFrame, problems: pd.DataFrame) -> Audit:
    """Return the audit of examples that have their split.

    `digest` tells exact duplicates, `alike` names sets of near-duplicates, `kind` is counted in
    place of labels that are no classes; each may be missing.
    """
    kind = examples.get("kind", examples["label"])
    counts = examples.groupby(["split", kind]).size().unstack(fill_value=0)
    counts = counts.reindex([split for split in SPLITS if split in counts.index])
    exact = _pairs(examples, examples.get("digest"))
    near = _pairs(examples, examples.get("alike"))
    known = set(zip(exact["first"], exact["second"], strict=True))
    pairs = zip(near["first"], near["second"], strict=True)
    is_new = pd.Series([pair not in known for pair in pairs], dtype=bool)
    return Audit(
        total=len(examples) + len(problems),
        broken=problems.reset_index(drop=True),
        exact=exact,
        near=near.loc[is_new].reset_index(drop=True),
        counts=counts,
    )


def _pairs(examples: pd.DataFrame, key: "pd.Series[str] | None") -> pd.DataFrame:
    """Return each example that shares its key beside the first that has it."""
    columns = ["first", "second", "split_1", "split_2", "label_1", "label_2"]
    if key is None:
        return pd.DataFrame(columns=columns)
    shared = examples[key.duplicated(keep=False).to_numpy()]
    rows = []
    for _, same in shared.groupby(key[shared.index], sort=False):
        first = same.iloc[0]
        for _, other in same.iloc[1:].iterrows():
            rows.append(
                (
                    first["content"], other["content"], first["split"], other["split"],
                    first["label"], other["label"],
                )
            )  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _number(count: int, name: str) -> str:
    return f"{count} {name if count > 1 else name.removesuffix('s')}"
