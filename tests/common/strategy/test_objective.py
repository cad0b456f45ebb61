import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from common.errors import UserError
from common.strategy.intervals import complement, exactly, rate, wilson
from common.strategy.metrics import error, f1
from common.strategy.objective import Objective, best, constraint, judge


@pytest.mark.parametrize(
    ("text", "name", "at_most", "bound"),
    [
        ("latency_p95_ms <= 100", "latency_p95_ms", True, 100.0),
        ("recall>=85 %", "recall", False, 0.85),
        ("misses <= 15%", "misses", True, 0.15),
        ("  size_mb <= 1.5e1 ", "size_mb", True, 15.0),
    ],
)
def test_constraints_are_read(text, name, at_most, bound):
    found = constraint(text)
    assert (found.name, found.at_most) == (name, at_most)
    assert found.bound == pytest.approx(bound)


@pytest.mark.parametrize("text", ["", "latency", "a < 3", "a <= fast", "<= 3", "a <= 3 <= 4"])
def test_constraints_that_cannot_be_read_are_refused(text):
    with pytest.raises(UserError, match="cannot be read"):
        Objective(error, (text,))


def test_a_verdict_needs_the_whole_interval():
    measured = {"misses": wilson(30, 200)}
    found = judge(("misses <= 25 %", "misses <= 5 %", "misses <= 16 %"), measured)
    assert [result.status for result in found] == ["pass", "fail", "unproven"]
    assert [result.needed is None for result in found] == [True, True, False]


@given(st.integers(1, 400), st.floats(0.01, 0.99), st.data())
def test_the_units_needed_settle_it_and_hardly_fewer_do(n, bound, data):
    errors = data.draw(st.integers(0, n))
    share = errors / n
    assume(abs(share - bound) > 0.005)
    result = judge((f"e <= {bound!r}",), {"e": wilson(errors, n)})[0]
    if result.status == "unproven":
        assert result.needed is not None
        total = n + result.needed
        settled = wilson(share * total, total)
        assert settled.high <= bound + 1e-9 or settled.low >= bound - 1e-9
        if result.needed > 2:
            short = wilson(share * (total - 2), total - 2)
            assert short.low <= bound <= short.high


def test_only_shares_say_how_many_units_they_need():
    result = judge(("alarms_per_hour <= 1",), {"alarms_per_hour": rate(1, 2.0)})[0]
    assert (result.status, result.needed) == ("unproven", None)


def test_an_exact_number_on_the_bound_passes():
    assert judge(("size_mb <= 2",), {"size_mb": exactly(2.0)})[0].status == "pass"
    assert judge(("size_mb >= 2",), {"size_mb": exactly(2.0)})[0].status == "pass"


def test_an_undefined_number_proves_nothing():
    result = judge(("recall >= 0.8",), {"recall": complement(wilson(0, 0))})[0]
    assert (result.status, result.needed) == ("unproven", None)
    assert math.isnan(result.measured.value)


def test_an_unknown_name_lists_the_known():
    with pytest.raises(UserError, match="known are error, latency_p95_ms"):
        judge(("latency <= 3",), {"latency_p95_ms": exactly(2.0), "error": wilson(1, 10)})


def test_lecture_1_4_the_best_that_is_fast_enough():
    objective = Objective(error, ("ms <= 100",))
    candidates = {
        "A": {"error": exactly(0.10), "ms": exactly(80)},
        "B": {"error": exactly(0.08), "ms": exactly(95)},
        "C": {"error": exactly(0.05), "ms": exactly(1500)},
    }
    assert best(candidates, objective) == "B"
    with pytest.raises(UserError, match="fails a constraint"):
        best({"C": candidates["C"]}, objective)


def test_lecture_1_3_more_is_better():
    candidates = {"A": {"f1": exactly(0.924)}, "B": {"f1": exactly(0.910)}}
    assert best(candidates, Objective(f1("cat"))) == "A"
