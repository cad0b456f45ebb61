import csv

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from common.strategy.sheet import SHOWN, TO_FILL_IN, error_sheet

IDS = st.sets(st.integers(0, 200), max_size=120)


def run_with(errors: set[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "example_id": [f"picture {i}" for i in range(201)],
            "split": "dev",
            "error": [float(i in errors) for i in range(201)],
            "truth": "cat",
            "prediction": "dog",
        }
    )


def sampled(errors: set[int], size: int, seed: int = 3) -> list[str]:
    return error_sheet(run_with(errors), seed=seed, size=size)["example_id"].tolist()


@given(IDS, IDS, st.integers(1, 60))
def test_two_runs_samples_overlap_as_far_as_they_can(first, second, size):
    ours, theirs = sampled(first, size), sampled(second, size)
    shared = {f"picture {i}" for i in first & second}
    assert len(ours) == min(size, len(first))
    # A shared error is on one sheet and not on the other only if the other is full of errors
    # that come before it.
    everything = sampled(set(range(201)), 201)
    place = {example: i for i, example in enumerate(everything)}
    for example in (set(ours) - set(theirs)) & shared:
        assert len(theirs) == size
        assert all(place[other] < place[example] for other in theirs)


@given(IDS, st.integers(1, 60), st.randoms())
def test_the_order_of_the_rows_does_not_matter(errors, size, random):
    order = list(range(201))
    random.shuffle(order)
    shuffled = error_sheet(run_with(errors).iloc[order], seed=3, size=size)
    assert shuffled["example_id"].tolist() == sampled(errors, size)


def test_the_sample_is_random_over_seeds():
    seen = np.zeros(201)
    for seed in range(120):
        for example in sampled(set(range(201)), 20, seed):
            seen[int(example.split()[1])] += 1
    expected = 120 * 20 / 201
    assert abs(seen - expected).max() < 5 * np.sqrt(expected)


def test_only_dev_errors_are_on_it():
    table = run_with({1, 2})
    table = pd.concat([table, table.assign(split="train", error=1.0)])
    sheet = error_sheet(table, seed=0, size=100)
    assert sorted(sheet["example_id"]) == ["picture 1", "picture 2"]


def test_the_file_says_what_it_belongs_to(tmp_path):
    table = run_with({5, 9}).assign(truth='"Katze", groß', score=0.75)
    path = tmp_path / "sheet.csv"
    error_sheet(table, seed=0, size=10, run="abc").to_csv(path, index=False)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [*SHOWN, *TO_FILL_IN, "run", "fingerprint"]
    assert {row["truth"] for row in rows} == {'"Katze", groß'}
    assert {(row["run"], len(row["fingerprint"])) for row in rows} == {("abc", 16)}
    assert {row["label wrong"] for row in rows} == {""}


def test_where_there_is_no_truth_no_label_can_be_wrong():
    sheet = error_sheet(run_with({1, 2}).assign(truth=""), seed=0, size=10)
    assert "label wrong" not in sheet
    assert "comment" in sheet


def test_a_run_without_errors_has_an_empty_sheet():
    sheet = error_sheet(run_with(set()), seed=0, size=10)
    assert sheet.empty
    assert sheet.to_csv(index=False).startswith("example_id,group")
