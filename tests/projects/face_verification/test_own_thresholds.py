"""Thresholds set on others decide as the one flow's cross-fitting does."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from common.evaluation.crossfit import cross_fitted
from projects.face_verification import evaluate
from projects.face_verification.own_thresholds import own_thresholds
from projects.face_verification.room import PROJECT
from tests.projects.face_verification.test_evaluate import ASSETS, SETTINGS, planted


@pytest.mark.parametrize("people", [6, 25])
def test_the_rates_that_ship_are_those_that_the_report_shows(people: int) -> None:
    units, scores = planted(people, np.random.default_rng(people))
    shipped = evaluate.calibrate(scores, units, ASSETS, SETTINGS)
    shown = cross_fitted(replace(PROJECT), scores, units, ASSETS, SETTINGS)
    rates = shown.groupby("truth")["error"].mean()
    assert shipped.false_non_match_rate == pytest.approx(rates["same"])
    assert shipped.false_match_rate == pytest.approx(rates["different"])


def test_nobody_helps_to_set_the_threshold_that_decides_them() -> None:
    units, scores = planted(20, np.random.default_rng(0))
    distance = scores["distance"].to_numpy()
    before = own_thresholds(distance, units, 0.05, seed=0)
    of_one = ((units["group"] == "p3") | (units["group_2"] == "p3")).to_numpy()
    nearer = np.where(of_one & (units["label"] == "different").to_numpy(), 0.01, distance)
    after = own_thresholds(nearer, units, 0.05, seed=0)
    first = (units["group"] == "p3").to_numpy()
    np.testing.assert_array_equal(before[first], after[first])
    assert (before[~first] > after[~first]).any()


def test_one_group_is_decided_by_itself() -> None:
    pairs = pd.DataFrame({"group": ["a"] * 3, "group_2": ["", "b", "c"]})
    pairs["label"] = ["same", "different", "different"]
    found = own_thresholds(np.array([0.2, 0.9, 1.1]), pairs, 0.6, seed=0)
    assert len(set(found)) == 1
    assert 0.9 < found[0] < 1.1
