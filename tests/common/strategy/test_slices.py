import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from common.strategy import shuffled
from common.strategy.slices import COLUMNS, slices, smallest, untested


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


SKEWED = {
    "even": lambda rng, n: np.clip(rng.normal(0.6, 0.1, n), 0, 1),
    "mostly small": lambda rng, n: rng.beta(0.3, 2.7, n),
    "mostly large": lambda rng, n: 1 - rng.beta(0.3, 2.7, n),
    "mostly exactly 1": lambda rng, n: np.minimum(1, rng.normal(1.05, 0.1, n)),
}


def graded(rng: np.random.Generator, error: np.ndarray, group: np.ndarray) -> pd.DataFrame:
    """Return a small dev set whose attributes are of its groups, and say nothing of errors."""
    number = group.max() + 1
    return pd.DataFrame(
        {
            "example_id": range(len(error)),
            "split": "dev",
            "group": group.astype(str),
            "attr.kind": rng.integers(0, 9, number).astype(str)[group],
            "attr.light": rng.normal(size=number)[group],
            "attr.size": rng.normal(size=number)[group],
            "error": error,
        }
    )


@pytest.mark.parametrize("name", SKEWED)
@pytest.mark.parametrize("grouped", [False, True], ids=["single units", "groups"])
def test_small_slices_of_skewed_errors_are_not_named_by_chance(
    name: str, grouped: bool, monkeypatch: pytest.MonkeyPatch
):
    """At most 10 %, give or take chance; a t test alone names some in up to 60 % of these."""
    monkeypatch.setattr(shuffled, "DRAWS", 500)
    rng, named = np.random.default_rng(8), 0
    sizes = np.r_[rng.integers(1, 4, 40), 11, 11] if grouped else np.ones(76, int)
    group = np.repeat(np.arange(len(sizes)), sizes)
    for _ in range(60):
        error = SKEWED[name](rng, len(group))
        if grouped:
            shared = rng.random(len(group)) < 0.6
            error = np.where(shared, SKEWED[name](rng, len(sizes))[group], error)
        named += bool(slices(graded(rng, error, group))["named"].any())
    assert named <= 12


def test_a_small_slice_of_graded_errors_is_found():
    """As the style room's: 76 pictures, of which 8 mountains are far worse."""
    rng = np.random.default_rng(9)
    table = graded(rng, np.clip(rng.normal(0.75, 0.1, 76), 0, 1), np.arange(76))
    table["attr.kind"] = ["mountains"] * 8 + [f"kind {i % 6}" for i in range(68)]
    table.loc[:7, "error"] = rng.normal(0.92, 0.05, 8).clip(0, 1)
    found = slices(table)
    assert found.loc[found["named"], "slice"].tolist() == ["kind: mountains"]
    assert smallest(table) == 8
    wrong = table.assign(error=(table["error"] > 0.85).astype(float))
    assert smallest(wrong) == 30
    assert slices(wrong).empty


def test_what_has_too_few_units_or_groups_is_listed_largest_first():
    table = dev(np.random.default_rng(10), n=200)
    table["attr.source"] = ["web"] * 12 + ["phone"] * 188
    table["attr.blurred"] = [True] * 3 + [False] * 197
    table["attr.speaker"] = ["one"] * 40 + ["others"] * 160
    table["group"] = ["one"] * 40 + [str(i) for i in range(160)]
    found = untested(table)
    assert [(one.name, one.units, one.groups) for one in found[:3]] == [
        ("speaker: one", 40, 1),
        ("speaker: others", 40, 1),
        ("source: phone", 12, 1),
    ]
    assert len(found) == 6
    assert not {one.name for one in found} & set(slices(table)["slice"])


def test_slices_that_were_all_tested_leave_none_out():
    assert untested(dev(np.random.default_rng(11))) == ()


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
