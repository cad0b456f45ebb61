"""The predictions table: one row per scored unit; everything downstream reads it."""

import hashlib
from typing import TypeAlias

import pandas as pd

from common.errors import UserError

Table: TypeAlias = pd.DataFrame

SPLITS = ("train", "train_dev", "dev", "test")
"""Train is a sample scored in inference mode, unaugmented; test is absent until revealed."""

REQUIRED = {
    "example_id": "stable over runs: from the content or the source's own key",
    "split": "train, train_dev, dev or test",
    "error": "the unit's own contribution to the mean error, in [0, 1]",
}
"""Columns that every predictions table has, and what they mean."""

DEFAULTS: dict[str, str | float] = {
    "unit": "example",
    "distribution": "general",
    "group_2": "",
    "weight": 1.0,
    "exposure": 0.0,
    "label_version": "original",
}
"""What `checked` fills in.

`unit`: what was scored (example, pair, event, stretch, ...). `distribution`: general or target.
`group_2`: the second cluster of a pair, empty where there is none. `weight`: at least 0.
`exposure`: hours behind the row. `label_version`: which truth the row was scored against.
`group`, the cluster that was split on, becomes `example_id` where it is missing.
"""

OPTIONAL = {
    "truth": "the right answer; a class name where there are classes; empty where there is none",
    "prediction": "the model's answer; a class name where there are classes",
    "score": "the model's confidence in its prediction",
    "probability": "the model's probability of the positive class (binary tasks)",
}
"""Columns that some metrics and the error sheet read. `attr.*` columns feed the slices."""

_NUMBERS = {"error": 1.0, "weight": float("inf"), "exposure": float("inf")}


def checked(predictions: Table) -> Table:
    """Return a copy with every default filled in, ids and groups as strings, and a fresh index.

    Raises UserError for a missing column, an empty table, an unknown split or distribution, an
    error outside [0, 1], a negative or infinite weight or exposure, and an `example_id` that
    occurs twice within the same split and unit.
    """
    missing = [column for column in REQUIRED if column not in predictions]
    if missing:
        raise UserError(
            f"the predictions table has no column {missing[0]!r}; "
            f"it needs {', '.join(REQUIRED)}: add it ({REQUIRED[missing[0]]})"
        )
    if predictions.empty:
        raise UserError("the predictions table has no rows; at least one scored unit is needed")
    table = predictions.reset_index(drop=True).copy()
    for column, default in DEFAULTS.items():
        table[column] = table[column].astype(object).fillna(default) if column in table else default
    if "group" not in table:
        table["group"] = table["example_id"]
    for column in ("example_id", "group", "group_2", "split", "unit", "distribution"):
        table[column] = table[column].astype(object).fillna("").astype(str)
    unnamed = table["group"] == ""
    table.loc[unnamed, "group"] = table.loc[unnamed, "example_id"]
    _refuse_values_out_of_range(table)
    _refuse_duplicates(table)
    return table


def units(predictions: Table, split: str, unit: str) -> Table:
    """Return the rows of one split and one unit, with a fresh index; possibly none.

    Several units that are measured together are joined: "genuine+impostor".
    """
    chosen = (predictions["split"] == split) & predictions["unit"].isin(unit.split("+"))
    return predictions[chosen].reset_index(drop=True)


def has_truth(predictions: Table) -> bool:
    """Return whether there are right answers, which may be wrong themselves.

    There are none where an error is a distance, such as a picture's to a style.
    """
    return "truth" in predictions and bool((predictions["truth"].fillna("") != "").any())


def fingerprint(predictions: Table) -> str:
    """Return 16 hexadecimal digits that depend only on dev's ids, truths and label version."""
    columns = [
        column
        for column in ("unit", "example_id", "truth", "label_version")
        if column in predictions
    ]
    dev = predictions.loc[predictions["split"] == "dev", columns].astype(str)
    rows = sorted("\x1f".join(row) for row in dev.itertuples(index=False, name=None))
    return hashlib.sha256("\x1e".join(rows).encode()).hexdigest()[:16]


def _refuse_values_out_of_range(table: Table) -> None:
    for column, known in {"split": SPLITS, "distribution": ("general", "target")}.items():
        strange = table.loc[~table[column].isin(known), column]
        if len(strange):
            raise UserError(
                f"{column} is {strange.iloc[0]!r} in {len(strange)} of {len(table)} rows of the "
                f"predictions table; expected {', '.join(known)}: rename it"
            )
    for column, highest in _NUMBERS.items():
        numbers = pd.to_numeric(table[column], errors="coerce").astype(float)
        outside = ~((numbers >= 0) & (numbers <= highest) & (numbers < float("inf")))
        if outside.any():
            found = table.loc[outside].iloc[0]
            limits = "in [0, 1]" if highest == 1 else "finite and at least 0"
            raise UserError(
                f"{column} of example {found['example_id']} is {found[column]}; "
                f"expected a number {limits}: correct the row"
            )
        table[column] = numbers


def _refuse_duplicates(table: Table) -> None:
    twice = table.duplicated(["split", "example_id", "unit"])
    if twice.any():
        row = table.loc[twice].iloc[0]
        raise UserError(
            f"example_id {row['example_id']!r} occurs more than once among the {row['unit']} units "
            f"of {row['split']}; ids must be unique there: drop the copies or rename them"
        )
