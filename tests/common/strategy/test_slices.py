import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from common.strategy.slices import COLUMNS, slices


def dev(rng: np.random.Generator, n: int = 1000, planted: float = 0.0) -> pd.DataFrame:
    blurred = rng.random(n) < 0.2
    return pd.DataFrame(
        {
            "example_id": range(n),
            "split": "dev",
            "attr.blurred": blurred,
            "attr.light": rng.normal(size=n),
            "attr.source": rng.choice(["web", "phone"], n),
            "error": (rng.random(n) < 0.1 + planted * blurred).astype(float),
        }
    )


def test_a_planted_slice_comes_first_and_alone():
    found = slices(dev(np.random.default_rng(0), planted=0.25))
    assert list(found.columns) == list(COLUMNS)
    assert found["slice"][0] == "blurred: True"
    assert found.loc[found["named"], "slice"].tolist() == ["blurred: True"]
    assert len(found) == 7


def test_the_numbers_of_a_slice():
    table = dev(np.random.default_rng(1), planted=0.2)
    row = slices(table).set_index("slice").loc["blurred: True"]
    inside = table["attr.blurred"]
    assert row["n"] == inside.sum()
    assert row["errors"] == table.loc[inside, "error"].sum()
    assert row["elsewhere"] == pytest.approx(table.loc[~inside, "error"].mean())
    assert row["gain"] == pytest.approx(table["error"].mean() - row["elsewhere"])
    counts = [
        [(table["error"][chosen] == value).sum() for value in (1.0, 0.0)]
        for chosen in (inside, ~inside)
    ]
    assert row["p"] == pytest.approx(fisher_exact(counts, alternative="greater").pvalue)


def test_without_a_cause_little_is_named():
    rng = np.random.default_rng(2)
    named = sum(slices(dev(rng))["named"].any() for _ in range(100))
    assert named <= 16


def test_groups_do_not_pass_for_evidence():
    """A trait of 40 speakers x 15 recordings: Fisher would name it in a third of these tables."""
    rng = np.random.default_rng(3)
    named = 0
    for _ in range(100):
        speaker = np.repeat(np.arange(40), 15)
        table = pd.DataFrame({"example_id": range(600), "split": "dev"})
        table["group"] = [f"speaker {s}" for s in speaker]
        table["attr.accent"] = (rng.random(40) < 0.3)[speaker]
        table["error"] = (rng.random(600) < rng.beta(0.4, 3.6, 40)[speaker]).astype(float)
        named += bool(slices(table)["named"].any())
    assert named <= 16


def test_graded_errors_have_slices_too():
    table = dev(np.random.default_rng(4))
    table["error"] = np.where(table["attr.blurred"], 0.4, 0.2) + 0.1 * np.random.default_rng(
        5
    ).random(len(table))
    assert slices(table)["slice"][0] == "blurred: True"
    assert slices(table)["named"][0]


def test_small_slices_and_constant_columns_are_not_tried():
    table = dev(np.random.default_rng(6), n=100)
    table["attr.rare"] = ["yes"] * 5 + ["no"] * 95
    table["attr.constant"] = 1.5
    names = " ".join(slices(table)["slice"])
    assert "rare" not in names
    assert "constant" not in names


def test_missing_values_and_no_attributes_are_survived():
    table = dev(np.random.default_rng(7))
    table.loc[:300, "attr.light"] = np.nan
    table["attr.source"] = table["attr.source"].where(table.index > 100)
    assert slices(table)["n"].min() >= 30
    plain = table[["example_id", "split", "error"]]
    assert slices(plain).empty
