"""The examples table: a row per example, before TensorFlow.

| column | meaning |
| --- | --- |
| `example_id` | stable: from the content or the source's own key, never a place in a listing |
| `group` | what must not straddle splits: a near-duplicate set, a speaker, a person |
| `label` | the class, as text |
| `distribution` | `general` or `target` |
| `split` | empty until assigned; a source that brings its own division has filled it in |
| `content` | where it is: `file:PATH`, `h5:PATH#train/12`, `tfds:NAME#train/12`, ... |
| `store`, `row` | where its decoded pixels are (pictures) |
| `attr.*` | what is known of it, for slices |
"""

import hashlib
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    Table = pd.DataFrame

GENERAL, TARGET = "general", "target"


def fingerprint(examples: pd.DataFrame) -> str:
    """Return 16 hex digits of all ids and labels, whatever their order."""
    lines = sorted(examples["example_id"].astype(str) + "\t" + examples["label"].astype(str))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def attributes(examples: pd.DataFrame) -> list[str]:
    """Return the columns of what is known of the examples."""
    return [name for name in examples.columns if name.startswith("attr.")]


def empty_problems() -> pd.DataFrame:
    """Return the table of what could not be read, without a row: `content` and `reason`."""
    return pd.DataFrame({"content": pd.Series(dtype=str), "reason": pd.Series(dtype=str)})
