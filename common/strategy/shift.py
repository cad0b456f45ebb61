"""How the examples of dev differ from those of train, by what is known of them."""

import math

import numpy as np
import pandas as pd

from common.strategy.parsing import percent
from common.strategy.predictions import Table

ATTRIBUTE = "attr."
"""Prefix of the columns that describe an example."""

WORTH_SAYING = 0.2
"""Smallest standardised difference that is named: Cohen's 'small'."""


def attributes(table: Table) -> list[str]:
    """Return the names of the columns that describe an example."""
    return [name for name in map(str, table.columns) if name.startswith(ATTRIBUTE)]


def is_numeric(values: "pd.Series[float]") -> bool:
    """Return whether an attribute is a quantity: numbers with more than three distinct values."""
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return numeric and values.nunique() > 3


def attribute_shift(predictions: Table) -> str:
    """Return the two largest differences between train and dev as a sentence, or ''.

    Differences are in standard deviations: of the attribute, or of having its value.
    """
    train = predictions[predictions["split"] == "train"]
    dev = predictions[predictions["split"] == "dev"]
    found = [_difference(train[name], dev[name]) for name in attributes(predictions)]
    found.sort(key=lambda pair: -abs(pair[0]))
    return "; ".join(text for size, text in found[:2] if abs(size) >= WORTH_SAYING)


def _difference(train: "pd.Series[float]", dev: "pd.Series[float]") -> tuple[float, str]:
    """Return the standardised difference, dev minus train, and the words for it."""
    name = str(train.name).removeprefix(ATTRIBUTE)
    train, dev = train.dropna(), dev.dropna()
    if train.empty or dev.empty:
        return 0.0, ""
    if is_numeric(pd.concat([train, dev])):
        spread = math.sqrt((train.var(ddof=0) + dev.var(ddof=0)) / 2)
        size = _standardised(dev.mean() - train.mean(), spread)
        return size, f"{name} averages {dev.mean():.3g} in dev and {train.mean():.3g} in train"
    shares = pd.DataFrame(
        {"train": train.value_counts(normalize=True), "dev": dev.value_counts(normalize=True)}
    ).fillna(0.0)
    spread_of = np.sqrt((shares * (1 - shares)).mean(axis=1))
    sizes = [
        _standardised(change, spread)
        for change, spread in zip(shares["dev"] - shares["train"], spread_of, strict=True)
    ]
    largest = int(np.argmax(sizes))
    row = shares.iloc[largest]
    here, there = percent(row["dev"], digits=0), percent(row["train"], digits=0)
    return sizes[
        largest
    ], f"{name} is {shares.index[largest]} in {here} of dev and {there} of train"


def _standardised(change: float, spread: float) -> float:
    return change / spread if spread > 0 else math.copysign(math.inf, change) if change else 0.0
