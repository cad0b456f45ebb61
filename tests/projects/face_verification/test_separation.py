"""Distances and probabilities: what is said beside what is seen."""

import re

import numpy as np

from projects.face_verification.separation import CHANCES, separation, template_table
from projects.face_verification.template_rates import template_rates
from tests.projects.face_verification.decided import directions
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


def test_templates_have_a_row_for_each_number_of_photos_or_a_reason() -> None:
    people = [f"person-{who:02d}" for who in range(40) for _ in range(5)]
    found = template_rates(people, directions(people, 0.6), 0.1, seed=0)
    html = template_table(found, 0.1)
    assert html.count("<tr>") == 1 + len(found) > 2
    for one in found:
        assert f"{one.threshold:.3f}" in html
        assert f"{100 * one.false_match.value:.1f}\u00a0%" in html
    assert "nothing is known" in template_table([], 0.1)
