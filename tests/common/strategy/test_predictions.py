import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from common.strategy.predictions import DEFAULTS, checked, fingerprint, units


def test_defaults_are_filled_in(made):
    table = checked(made(n=3, dev=0.5))
    assert table["group"].tolist() == table["example_id"].tolist()
    for column, value in DEFAULTS.items():
        assert (table[column] == value).all()


def test_what_is_given_stays_and_the_input_is_untouched(made):
    given = made(n=3, dev=0.5).assign(group=["a", None, "b"], weight=[1, 2, 3])
    before = given.copy()
    table = checked(given)
    assert table["group"].tolist() == ["a", "dev-1", "b"]
    assert table["weight"].tolist() == [1.0, 2.0, 3.0]
    pd.testing.assert_frame_equal(given, before)


def test_numeric_ids_and_categories_become_strings(made):
    given = made(n=3, dev=0.5).assign(example_id=[1, 2, 3])
    given["split"] = given["split"].astype("category")
    assert checked(given)["example_id"].tolist() == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"error": None}, "no column 'error'"),
        ({"error": 1.5}, "error of example dev-0 is 1.5"),
        ({"error": -0.1}, "expected a number in"),
        ({"error": np.nan}, "error of example dev-0 is nan"),
        ({"weight": -1.0}, "weight of example dev-0"),
        ({"exposure": np.inf}, "finite and at least 0"),
        ({"split": "validation"}, "split is 'validation' in 3 of 3 rows"),
        ({"distribution": "phones"}, "expected general, target"),
        ({"example_id": "same"}, "'same' occurs more than once"),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(made, change, message):
    table = made(n=3, dev=0.5)
    for column, value in change.items():
        table = table.drop(columns=column) if value is None else table.assign(**{column: value})
    with pytest.raises(UserError, match=message) as caught:
        checked(table)
    assert "\n" not in str(caught.value)


def test_an_empty_table_is_refused(made):
    with pytest.raises(UserError, match="has no rows"):
        checked(made(n=3, dev=0.5).head(0))


def test_one_example_may_have_several_units_and_splits(made):
    one = made(n=2, dev=0.5)
    table = checked(pd.concat([one, one.assign(unit="event"), one.assign(split="train")]))
    assert len(units(table, "dev", "event")) == len(units(table, "train", "example")) == 2


def test_the_fingerprint_knows_dev_ids_and_truths_and_nothing_else(made):
    table = made(n=4, train=0.5, dev=0.5).assign(truth="cat")
    same = table.sample(frac=1, random_state=1).assign(error=0.0)
    same = same[(same["split"] == "dev") | (same["example_id"] == "train-1")]
    assert fingerprint(checked(same)) == fingerprint(checked(table))
    relabelled = table.assign(truth=["cat"] * 7 + ["dog"])
    assert fingerprint(checked(relabelled)) != fingerprint(checked(table))
