import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import UserError
from common.strategy.gaps import CELL_ROWS, gaps, six_cells
from common.strategy.intervals import wilson
from common.strategy.levels import UNKNOWN, human_level, levels
from common.strategy.metrics import auc, error, recall
from common.strategy.predictions import checked


@pytest.mark.parametrize(
    ("text", "value", "low", "high"),
    [
        ("0.02", 0.02, 0.02, 0.02),
        ("2 %", 0.02, 0.02, 0.02),
        ("0", 0.0, 0.0, 0.0),
        ("2e-3", 0.002, 0.002, 0.002),
        ("0.01-0.03", 0.02, 0.01, 0.03),
        ("1 % - 3 %", 0.02, 0.01, 0.03),
        ("6/300", 0.02, wilson(6, 300).low, wilson(6, 300).high),
    ],
)
def test_human_levels_are_read(text, value, low, high):
    found = human_level(text).error
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high))


def test_unknown_is_an_answer():
    assert human_level(" Unknown ") == UNKNOWN


@pytest.mark.parametrize("text", ["", "good", "1.2", "-0.1", "7/6", "0/0", "0.3-0.1", "1-2-3"])
def test_other_human_levels_are_refused(text):
    with pytest.raises(UserError, match="human level is"):
        human_level(text)


def signed(made, human: str, *, n: int = 1000, **shares: float) -> list[float]:
    found = gaps(levels(checked(made(n=n, **shares)), error, human_level(human)))
    return [round(100 * gap.error.value, 6) for gap in found if gap.error is not None]


def test_lecture_1_9(made):
    assert signed(made, "0.01", train=0.08, dev=0.10) == [7, 2]
    assert signed(made, "0.075", train=0.08, dev=0.10) == [0.5, 2]


def test_lecture_2_5_with_test(made):
    shares = {"train": 0.07, "train_dev": 0.10}
    assert signed(made, "0.04", **shares, dev=0.12, test=0.12) == [3, 3, 2, 0]
    assert signed(made, "0.04", **shares, dev=0.06, test=0.06) == [3, 3, -4, 0]


def test_gaps_say_between_what_they_lie(made):
    table = checked(made(n=100, train=0.1, train_dev=0.1, dev=0.1, test=0.1))
    found = gaps(levels(table, error, human_level("0.05")))
    assert [(gap.name, gap.before, gap.after) for gap in found] == [
        ("avoidable_bias", "human", "train"),
        ("variance", "train", "train_dev"),
        ("data_mismatch", "train_dev", "dev"),
        ("overfitting_to_dev", "dev", "test"),
    ]


def test_without_train_dev_variance_is_train_to_dev(made):
    found = gaps(levels(checked(made(n=100, train=0.1, dev=0.2)), error, UNKNOWN))
    assert [(gap.name, gap.after) for gap in found] == [
        ("avoidable_bias", "train"),
        ("variance", "dev"),
    ]
    assert found[0].error is None
    assert "unknown" in found[0].note


def test_lecture_1_11_better_than_people_is_unknown_not_zero(made):
    table = checked(made(n=1000, train=0.003, dev=0.004))
    bias, variance = gaps(levels(table, error, human_level("0.005")))
    assert bias.error is None
    assert "below the human level" in bias.note
    assert variance.error is not None
    assert variance.error.value == pytest.approx(0.001)


@given(st.lists(st.integers(0, 50), min_size=3, max_size=3), st.integers(0, 50))
def test_known_gaps_add_up_to_dev_minus_human(made, errors, human):
    shares = dict(zip(("train", "train_dev", "dev"), (e / 50 for e in errors), strict=True))
    found = gaps(levels(checked(made(n=50, **shares)), error, human_level(f"{human}/50")))
    known = [gap.error.value for gap in found if gap.error is not None]
    if len(known) == 3:
        assert sum(known) == pytest.approx((errors[-1] - human) / 50)
    else:
        assert errors[0] < human


def test_train_and_dev_are_needed(made):
    with pytest.raises(UserError, match="train has none"):
        levels(checked(made(n=5, dev=0.2)), error, UNKNOWN)


def test_a_metric_without_value_is_refused(made):
    table = checked(made(n=5, train=0.2, dev=0.2).assign(truth="cat", probability=0.5))
    with pytest.raises(UserError, match="auc has no value on train"):
        levels(table, auc("cat"), UNKNOWN)


def test_a_metric_of_which_more_is_better_enters_as_an_error(made):
    table = checked(made(n=10, train=0.2, dev=0.3).assign(truth="cat"))
    table["prediction"] = table["error"].map({1.0: "dog", 0.0: "cat"})
    found = levels(table, recall("cat"), UNKNOWN)
    assert [level.error.value for level in found] == pytest.approx([0.2, 0.3])


def test_lecture_2_5_the_six_cells_of_the_mirror(made):
    general = made(n=100, train=0.07, train_dev=0.10).assign(distribution="general")
    target = made(n=100, train=0.06, dev=0.06).assign(distribution="target")
    target["example_id"] = "target-" + target["example_id"]
    table = checked(pd.concat([general, target]))
    human = {"general": human_level("0.04"), "target": human_level("0.06")}
    cells = six_cells(table, error, human)
    values = [
        [cells[row, distribution].value for row in CELL_ROWS]
        for distribution in ("general", "target")
    ]
    assert values[0] == pytest.approx([0.04, 0.07, 0.10])
    assert values[1] == pytest.approx([0.06, 0.06, 0.06])


def test_cells_without_data_are_empty(made):
    table = checked(made(n=100, train=0.1, dev=0.2, test=0.9))
    cells = six_cells(table, error, {"general": UNKNOWN})
    assert len(cells) == 6
    filled = {cell: found.value for cell, found in cells.items() if found is not None}
    assert filled == {
        (CELL_ROWS[1], "general"): pytest.approx(0.1),
        (CELL_ROWS[2], "general"): pytest.approx(0.2),
    }
