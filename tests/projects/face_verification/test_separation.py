"""Distances and probabilities: what is said beside what is seen."""

import re

import numpy as np

from projects.face_verification.separation import CHANCES, separation
from tests.projects.face_verification.test_trade import planted


def test_the_histogram_says_its_medians_and_the_threshold() -> None:
    rows = planted(3)
    label = re.findall(r'aria-label="([^"]+)"', separation(rows))[0]
    for truth in ("same", "different"):
        middle = rows.loc[rows["truth"] == truth, "distance"].median()
        assert f"{middle:.2f}" in label
    assert "threshold is 1.00" in label


def test_both_kinds_of_pairs_count_half_in_the_bands() -> None:
    """Of 600 same and 3,000 different pairs at one probability, half the weight is same."""
    rows = planted(3).assign(probability=0.5)
    assert ">50.0\u00a0% " in separation(rows)


def test_only_bands_with_pairs_are_shown() -> None:
    rows = planted(3)
    bands = {np.searchsorted(CHANCES, one) for one in rows["probability"]}
    assert separation(rows).count("<tr>") == len(bands) + 1


def test_thresholds_that_differ_are_a_band() -> None:
    rows = planted(3)
    moved = rows.assign(threshold=np.linspace(0.95, 1.05, len(rows)))
    assert len(separation(moved)) > len(separation(rows))
