"""The trade of both errors: true to planted pairs, readable, and honest where pairs are few."""

import re

import numpy as np
import pandas as pd
import pytest

from common.strategy.predictions import checked
from projects.face_verification.rates import auc, equal_error_rate, false_non_match_rate
from projects.face_verification.trade import comparison, errors_of, trade

THRESHOLD = 1.0


def planted(separation: float, *, different: int = 3_000, seed: int = 0) -> pd.DataFrame:
    """Decided pairs of 300 people, same ones nearer by `separation` deviations."""
    rng = np.random.default_rng(seed)
    same = 600
    distance = np.concatenate([rng.normal(0, 0.15, same), rng.normal(0, 0.15, different)])
    distance += np.concatenate([np.full(same, 1.2 - 0.15 * separation), np.full(different, 1.2)])
    first, step = rng.integers(0, 300, same + different), rng.integers(1, 300, same + different)
    truth = np.array(["same"] * same + ["different"] * different)
    prediction = np.where(distance <= THRESHOLD, "same", "different")
    return checked(
        pd.DataFrame(
            {
                "example_id": [f"pair {at}" for at in range(same + different)],
                "split": "dev",
                "truth": truth,
                "group": [f"p{one}" for one in first],
                "group_2": [
                    f"p{one}" if kind == "different" else ""
                    for one, kind in zip((first + step) % 300, truth, strict=True)
                ],
                "distance": distance,
                "threshold": THRESHOLD,
                "prediction": prediction,
                "probability": 1 / (1 + np.exp(12 * (distance - 0.9))),
                "error": (prediction != truth).astype(float),
            }
        )
    )


WAYS = {"network": planted(3), "eigenfaces": planted(1, seed=1), "pixels": planted(0.3, seed=2)}


def test_both_errors_are_counted_as_decided() -> None:
    rows = WAYS["network"]
    missed, matched = errors_of(rows)
    for found, truth in ((missed, "same"), (matched, "different")):
        assert found.value == rows.loc[rows["truth"] == truth, "error"].mean()
        assert found.low < found.value < found.high


def test_roc_and_det_are_drawn_in_the_pages_colours_and_said_in_words() -> None:
    html = trade(WAYS, 0.01)
    assert html.count("<svg") == 2
    assert "var(--accent)" in html
    assert not re.search(r"#0000f\d", html)
    labels = re.findall(r'aria-label="([^"]+)"', html)
    assert f"network {100 * auc.measure(WAYS['network']).value:.1f}" in labels[0]
    assert "false matches" in labels[1]
    for way in WAYS:
        assert html.count(f">{way}<") == 2


def test_ids_of_both_charts_differ() -> None:
    ids = re.findall(r'\bid="([^"]+)"', trade(WAYS, 0.01))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("separation", [0.0, 40.0])
def test_networks_that_know_nothing_or_everything_are_drawn(separation: float) -> None:
    html = trade({"network": planted(separation)}, 0.01)
    assert "nan" not in html.lower()
    assert html.count("<svg") == 2


def test_the_comparison_holds_what_rates_measures() -> None:
    html = comparison(WAYS, 0.01)
    for rows in WAYS.values():
        for metric in (false_non_match_rate(0.01), equal_error_rate, auc):
            assert f"{100 * metric.measure(rows).value:.1f}\u00a0%" in html


def test_a_limit_that_the_pairs_do_not_support_is_unknown_and_says_why() -> None:
    html = comparison({"network": planted(3, different=150)}, 0.001)
    assert ">unknown<" in html
    assert "3000 are needed" in html
