import pandas as pd
import pytest

from common.data.examples import attributes, checked, fingerprint
from common.errors import UserError

ROWS = pd.DataFrame(
    {"example_id": ["a", "b"], "label": ["cat", "dog"], "content": ["file:a", "file:b"]},
    index=[7, 7],
)


def test_defaults_are_filled_in():
    found = checked(ROWS.assign(group=["", None], split=None))
    assert list(found["group"]) == ["a", "b"]
    assert set(found["split"]) == {""}
    assert set(found["distribution"]) == {"general"}
    assert list(found.index) == [0, 1]
    assert "group" not in ROWS


def test_numbers_become_text():
    assert list(checked(ROWS.assign(label=[0, 1]))["label"]) == ["0", "1"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (ROWS.drop(columns="label"), "no column 'label'"),
        (ROWS.iloc[:0], "no rows"),
        (ROWS.assign(example_id="a"), "'a' occurs twice"),
        (ROWS.assign(split="best"), "split is 'best' in 2 of 2"),
        (ROWS.assign(distribution="web"), "expected general, target"),
    ],
)
def test_a_wrong_table_is_refused(rows, said):
    with pytest.raises(UserError, match=said):
        checked(rows)


def test_fingerprint_reads_ids_and_labels_alone():
    assert fingerprint(ROWS) == fingerprint(ROWS[::-1].assign(content="elsewhere"))
    assert fingerprint(ROWS) != fingerprint(ROWS.assign(label=["dog", "cat"]))
    assert len(fingerprint(ROWS)) == 16


def test_attributes():
    assert attributes(ROWS.assign(**{"attr.width": 1, "width": 2})) == ["attr.width"]
