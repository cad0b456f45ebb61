"""The examples table: one row per example, before TensorFlow; splitting and auditing read it."""

import hashlib
from typing import TypeAlias

import pandas as pd

from common.errors import UserError

Table: TypeAlias = pd.DataFrame

GENERAL, TARGET = "general", "target"
"""Where examples come from: the plentiful distribution, and the one that counts."""

SPLITS = ("train", "train_dev", "dev", "test")

REQUIRED = {
    "example_id": "stable over runs: from the content or the source's own key, no running number",
    "label": "the class, or another truth, as text",
    "content": "where it is: file:PATH, h5:PATH#train/12, tfds:NAME#train/12, drawn:...",
}
"""Columns that every examples table has, and what they mean. `attr.*` is what is known of each."""

DEFAULTS = {"distribution": GENERAL, "split": ""}
"""What `checked` fills in; `split` stays empty until it is assigned, or is the source's own.

`group`, what must not be divided between splits, becomes `example_id` where it is missing.
"""


def checked(table: Table) -> Table:
    """Return a copy with defaults filled in, these columns as text, and a fresh index.

    Raises UserError for a missing column, an empty table, an id that occurs twice, an unknown
    split or distribution.
    """
    missing = [column for column in REQUIRED if column not in table]
    if missing:
        raise UserError(
            f"the examples table has no column {missing[0]!r}; it needs {', '.join(REQUIRED)}:"
            f" add it ({REQUIRED[missing[0]]})"
        )
    if table.empty:
        raise UserError("the examples table has no rows: name a source that holds some examples")
    found = table.reset_index(drop=True).copy()
    for column, default in DEFAULTS.items():
        if column not in found:
            found[column] = default
    if "group" not in found:
        found["group"] = found["example_id"]
    for column in (*REQUIRED, *DEFAULTS, "group"):
        found[column] = found[column].astype(object).fillna("").astype(str)
    unnamed = found["group"] == ""
    found.loc[unnamed, "group"] = found.loc[unnamed, "example_id"]
    twice = found["example_id"].duplicated()
    if twice.any():
        one = found.loc[twice, "example_id"].iloc[0]
        raise UserError(f"example_id {one!r} occurs twice; ids must be unique: rename or drop one")
    _refuse_unknown(found, "split", ("", *SPLITS))
    _refuse_unknown(found, "distribution", (GENERAL, TARGET))
    return found


def fingerprint(table: Table) -> str:
    """Return 16 hexadecimal digits of all ids and labels, whatever their order."""
    pairs = zip(table["example_id"].astype(str), table["label"].astype(str), strict=True)
    rows = sorted("\x1f".join(pair) for pair in pairs)
    return hashlib.sha256("\x1e".join(rows).encode()).hexdigest()[:16]


def attributes(table: Table) -> list[str]:
    """Return the names of the columns that say what is known of each example."""
    return [column for column in table.columns if str(column).startswith("attr.")]


def _refuse_unknown(table: Table, column: str, known: tuple[str, ...]) -> None:
    strange = table.loc[~table[column].isin(known), column]
    if len(strange):
        raise UserError(
            f"{column} is {strange.iloc[0]!r} in {len(strange)} of {len(table)} examples;"
            f" expected {', '.join(name for name in known if name)}: rename it"
        )


def empty_problems() -> Table:
    """Return the table of what could not be read, without a row: `content` and `reason`."""
    return pd.DataFrame({"content": pd.Series(dtype=str), "reason": pd.Series(dtype=str)})
