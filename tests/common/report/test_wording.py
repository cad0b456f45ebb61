import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample import estimate

from common.report import wording

NBSP = "\u00a0"


def test_percent_has_one_decimal_and_does_not_break() -> None:
    assert wording.percent(0.12) == f"12.0{NBSP}%"
    assert wording.percent(float("nan")) == "unknown"


def test_points_are_signed_with_a_real_minus() -> None:
    assert wording.points(0.057) == "+5.7"
    assert wording.points(-0.001) == "−0.1"
    assert wording.points(-0.0001) == "0.0"


def test_intervals() -> None:
    assert wording.interval(estimate(0.12, 0.108, 0.134)) == "10.8 to 13.4"
    assert wording.points_interval(estimate(0.012, -0.001, 0.025)) == "−0.1 to +2.5"
    assert wording.interval(estimate(float("nan"), float("nan"), float("nan"))) == "unknown"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (8.1, "8.1"),
        (1240.4, "1,240"),
        (3e-7, "3e−7"),
        (0.0, "0"),
        (0.2134, "0.213"),
        (-2.5, "−2.5"),
    ],
)
def test_number_has_three_digits(value: float, said: str) -> None:
    assert wording.number(value) == said


def test_sizes_and_names() -> None:
    assert wording.size(1_600_000) == f"1.6{NBSP}MB"
    assert wording.size(12_300) == f"12{NBSP}kB"
    assert wording.level_name("train_dev") == "Train-dev"
    assert wording.constraint("latency_p95_ms <= 20") == "latency p95 ms ≤ 20"


@given(st.floats(-1, 1))
def test_points_read_back_within_rounding(difference: float) -> None:
    said = wording.points(difference)
    assert "-" not in said
    assert float(said.replace("−", "-")) == pytest.approx(100 * difference, abs=0.0501)
