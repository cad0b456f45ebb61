import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import UserError
from common.strategy.intervals import wilson
from common.strategy.metrics import (
    auc,
    balanced_error,
    error,
    f1,
    macro_average,
    precision,
    rate_of,
    recall,
)
from common.strategy.predictions import checked


def binary(tp: int, fp: int, fn: int, tn: int) -> pd.DataFrame:
    truth = ["cat"] * tp + ["dog"] * fp + ["cat"] * fn + ["dog"] * tn
    prediction = ["cat"] * (tp + fp) + ["dog"] * (fn + tn)
    return checked(
        pd.DataFrame(
            {
                "example_id": range(len(truth)),
                "split": "dev",
                "truth": truth,
                "prediction": prediction,
                "error": np.not_equal(truth, prediction).astype(float),
            }
        )
    )


def scored(positives: np.ndarray, negatives: np.ndarray) -> pd.DataFrame:
    probability = np.concatenate([positives, negatives])
    truth = ["cat"] * len(positives) + ["dog"] * len(negatives)
    return checked(
        pd.DataFrame(
            {
                "example_id": range(len(truth)),
                "split": "dev",
                "truth": truth,
                "probability": probability,
                "error": 0.0,
            }
        )
    )


@pytest.mark.parametrize(
    ("table", "p", "r", "both"),
    [
        (binary(1710, 90, 190, 500), 0.95, 0.90, 0.924),
        (binary(8330, 170, 1470, 500), 0.98, 0.85, 0.910),
    ],
)
def test_lecture_1_3_classifiers_a_and_b(table, p, r, both):
    assert precision("cat").on(table, "dev").value == pytest.approx(p)
    assert recall("cat").on(table, "dev").value == pytest.approx(r)
    assert f1("cat").on(table, "dev").value == pytest.approx(both, abs=5e-4)


COUNTRIES = {
    "A": ((3, 7, 5, 9), 6),
    "B": ((5, 6, 5, 10), 6.5),
    "C": ((2, 3, 4, 5), 3.5),
    "D": ((5, 8, 7, 2), 5.5),
    "E": ((4, 5, 2, 4), 3.75),
    "F": ((7, 11, 8, 12), 9.5),
}


@pytest.mark.parametrize("name", COUNTRIES)
def test_lecture_1_3_the_mean_over_countries(made, name):
    errors, mean = COUNTRIES[name]
    parts = [
        made(n=100 * (i + 1), dev=e / 100).assign(**{"attr.country": place})
        for i, (e, place) in enumerate(zip(errors, ("US", "China", "India", "other"), strict=True))
    ]
    table = pd.concat(parts, ignore_index=True)
    table["example_id"] = table.index
    found = macro_average("attr.country").on(checked(table), "dev")
    assert found.value == pytest.approx(mean / 100)
    assert found.low < found.value < found.high


@pytest.mark.parametrize(("weight", "better"), [(1, "A"), (10, "B"), (100, "B")])
def test_lecture_1_7_pornography_weighs_more(weight, better):
    """A errs on 3 % and lets pornography through, B errs on 5 % and does not."""
    bad = np.arange(1000) < 10

    def weighted(wrong: np.ndarray) -> float:
        table = pd.DataFrame({"example_id": range(1000), "split": "dev", "error": wrong * 1.0})
        table["weight"] = np.where(bad, float(weight), 1.0)
        return error.on(checked(table), "dev").value

    a = weighted(np.arange(1000) < 30)
    b = weighted(np.arange(1000) >= 950)
    assert a == pytest.approx((20 + 10 * weight) / (990 + 10 * weight))
    assert ("A" if a < b else "B") == better


def test_error_is_wilson_on_single_units(made):
    found = error.on(checked(made(n=200, dev=0.1)), "dev")
    assert (found.low, found.high) == (wilson(20, 200).low, wilson(20, 200).high)


def test_balanced_error_is_the_mean_of_both_classes():
    found = balanced_error.on(binary(90, 40, 10, 160), "dev")
    assert found.value == pytest.approx((0.1 + 0.2) / 2)


def test_groups_that_span_classes_are_kept_whole():
    table = binary(90, 40, 10, 160)
    apart = balanced_error.on(table, "dev")
    table["group"] = [f"g{i % 30}" for i in range(len(table))]
    spanning = balanced_error.on(table, "dev")
    assert spanning.value == pytest.approx(apart.value)
    assert "bootstrap" in spanning.method


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=15),
    st.lists(st.integers(0, 5), min_size=1, max_size=15),
)
def test_auc_is_the_share_of_pairs_in_order(positives, negatives):
    found = auc("cat").on(scored(np.array(positives), np.array(negatives)), "dev")
    pairs = [(p > q) + 0.5 * (p == q) for p in positives for q in negatives]
    assert found.value == pytest.approx(np.mean(pairs))
    assert -1e-9 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1 + 1e-9


def test_a_weight_of_two_is_two_examples_to_auc():
    rng = np.random.default_rng(0)
    table = scored(rng.normal(1, 1, 20), rng.normal(0, 1, 20))
    weighted = table.assign(weight=np.where(np.arange(40) % 3 == 0, 2.0, 1.0))
    double = pd.concat([table, table[np.arange(40) % 3 == 0]]).assign(example_id=range(54))
    doubled = auc("cat").on(double, "dev")
    assert auc("cat").on(weighted, "dev").value == pytest.approx(doubled.value)


def test_a_perfect_auc_is_not_certain():
    found = auc("cat").on(scored(np.full(20, 0.9), np.full(200, 0.1)), "dev")
    assert found.value == 1
    assert found.low < 0.87


@pytest.mark.parametrize(("n", "truth", "lowest"), [(100, 0.9, 0.925), (200, 0.8, 0.93)])
def test_auc_covers(n, truth, lowest):
    from scipy.stats import norm

    rng = np.random.default_rng(1)
    shift = math.sqrt(2) * norm.ppf(truth)
    found = [
        auc("cat").measure(scored(rng.normal(shift, 1, n), rng.normal(0, 1, n))) for _ in range(250)
    ]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert lowest - 0.015 <= covered <= 0.98


def test_f1_covers():
    rng = np.random.default_rng(2)
    found = [
        f1("cat").measure(binary(*rng.multinomial(200, [0.27, 0.07, 0.03, 0.63])))
        for _ in range(250)
    ]
    covered = np.mean([one.low <= 0.84375 <= one.high for one in found])
    assert 0.925 <= covered <= 0.985


def test_a_missing_class_gives_no_value_rather_than_a_crash():
    assert math.isnan(auc("cat").on(scored(np.ones(5), np.array([])), "dev").value)
    assert math.isnan(precision("cat").on(binary(0, 0, 5, 5), "dev").value)
    assert math.isnan(recall("bird").on(binary(5, 0, 0, 5), "dev").value)


def test_what_is_missing_is_named(made):
    table = checked(made(n=5, dev=0.2))
    with pytest.raises(UserError, match="auc reads the column 'probability'"):
        auc("cat").on(table, "dev")
    with pytest.raises(UserError, match="train has none"):
        error.on(table, "train")
    with pytest.raises(UserError, match="'event'"):
        replace(error, unit="event").on(table, "dev")


def test_error_on_turns_a_metric_of_which_more_is_better():
    table = binary(90, 10, 10, 90)
    assert recall("cat").error_on(table, "dev").value == pytest.approx(0.1)
    assert error.error_on(table, "dev").value == pytest.approx(0.1)


def test_a_rate_is_read_from_its_own_unit_and_shown_as_a_number():
    table = checked(
        pd.DataFrame(
            {
                "example_id": ["a", "b", "c", "d"],
                "split": "dev",
                "unit": ["event", "stretch", "stretch", "stretch"],
                "error": [1.0, 1.0, 0.0, 0.0],
                "exposure": [0.0, 0.5, 0.5, 1.0],
                "false": [7.0, 3.0, 0.0, 1.0],
            }
        )
    )
    metric = rate_of("false", name="false_accepts_per_hour", unit="stretch")
    found = metric.on(table, "dev")
    assert (found.value, found.n) == (2.0, 4)
    assert metric.in_words(found).startswith("2  (")
    assert error.in_words(wilson(1, 4)).startswith("25.0 %  (")
