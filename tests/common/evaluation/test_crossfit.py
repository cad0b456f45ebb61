from dataclasses import replace

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from common.evaluation.crossfit import cross_fitted, fitted_on_themselves
from common.project import NoCalibration
from common.settings import Data, Settings
from tests.common import tiny


def _scored(sizes: list[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores and units: a group of each size, all of label "yes"; a logit is the row's number."""
    groups = [f"g{number}" for number, size in enumerate(sizes) for _ in range(size)]
    ids = [f"e{i}" for i in range(len(groups))]
    units = pd.DataFrame({"example_id": ids, "group": groups, "label": "yes", "split": "dev"})
    return pd.DataFrame({"example_id": ids, "logit": [float(i) for i in range(len(ids))]}), units


def _remembering() -> tuple[tiny.Project, list[tuple[set[str], set[str]]]]:
    """A project whose calibration is a list of the groups it was fitted on, and what it decided."""
    fitted: list[set[str]] = []
    pairs: list[tuple[set[str], set[str]]] = []

    def calibrate(scores, units, assets, settings):  # type: ignore[no-untyped-def]
        assert list(scores["example_id"]) == list(units["example_id"])
        fitted.append(set(units["group"]))
        return tiny.calibrate(scores, units, assets, settings)

    def decide(scores, units, assets, calibration):  # type: ignore[no-untyped-def]
        pairs.append((fitted[-1], set(units["group"])))
        return tiny.decide(scores, units, assets, calibration)

    return replace(tiny.PROJECT, calibrate=calibrate, decide=decide), pairs


@given(st.lists(st.integers(1, 4), min_size=2, max_size=12), st.integers(0, 3))
def test_no_group_is_decided_by_what_it_calibrated(sizes: list[int], seed: int) -> None:
    scores, units = _scored(sizes)
    project, pairs = _remembering()
    settings = Settings(data=Data(seed=seed))
    found = cross_fitted(project, scores, units, tiny.Assets(train_rows=0), settings)
    assert sorted(found["example_id"]) == sorted(units["example_id"])
    assert len(pairs) == min(5, len(sizes))
    everything = set(units["group"])
    for calibrated, decided in pairs:
        assert calibrated == everything - decided
    assert sum(len(decided) for _, decided in pairs) == len(everything)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=4, max_size=30))
def test_no_pair_is_decided_by_what_its_first_group_calibrated(
    sides: list[tuple[int, int]],
) -> None:
    ids = [f"e{i}" for i in range(len(sides))]
    units = pd.DataFrame(
        {
            "example_id": ids,
            "group": [f"g{first}" for first, _ in sides],
            "group_2": ["" if first == other else f"g{other}" for first, other in sides],
            "label": "yes",
            "split": "dev",
        }
    )
    scores = pd.DataFrame({"example_id": ids, "logit": 0.0})
    if units["group"].nunique() < 2:
        return
    seen: list[tuple[set[str], set[str]]] = []

    def calibrate(scores, rows, assets, settings):  # type: ignore[no-untyped-def]
        seen.append((set(rows["group"]) | set(rows["group_2"]), set()))
        return tiny.calibrate(scores, rows, assets, settings) if len(rows) else None

    def decide(scores, rows, assets, calibration):  # type: ignore[no-untyped-def]
        seen[-1] = (seen[-1][0], set(rows["group"]))
        return rows.assign(truth="yes", prediction="yes", score=1.0, error=0.0)

    project = replace(tiny.PROJECT, calibrate=calibrate, decide=decide)
    lone = fitted_on_themselves(project, units, Settings())
    cross_fitted(project, scores, units, tiny.Assets(train_rows=0), Settings())
    if not lone:
        assert all(not fitted & decided for fitted, decided in seen)


def test_a_threshold_comes_from_the_other_groups() -> None:
    scores, units = _scored([1, 1])
    found = cross_fitted(
        tiny.PROJECT, scores, units, tiny.Assets(train_rows=0), Settings()
    ).set_index("example_id")
    # e0 has logit 0 and is judged by e1's median 1; e1 by e0's.
    assert found["prediction"].to_dict() == {"e0": "no", "e1": "yes"}


def test_a_single_group_is_decided_by_itself() -> None:
    scores, units = _scored([3])
    found = cross_fitted(tiny.PROJECT, scores, units, tiny.Assets(train_rows=0), Settings())
    assert list(found["prediction"]) == ["no", "no", "yes"]


def test_a_label_that_only_one_group_has_is_decided_by_all() -> None:
    """What was fitted without it could not answer it: here every threshold would be 0."""
    scores, units = _scored([2, 2, 2])
    units["label"] = ["no"] * 4 + ["yes"] * 2
    project, pairs = _remembering()
    cross_fitted(project, scores, units, tiny.Assets(train_rows=0), Settings())
    everything = {"g0", "g1", "g2"}
    assert [fitted for fitted, decided in pairs if decided == {"g2"}] == [everything]
    assert all(fitted == everything - decided for fitted, decided in pairs if decided != {"g2"})
    assert fitted_on_themselves(project, units, Settings()) == ("yes",)


def test_where_nothing_is_calibrated_all_is_decided_at_once() -> None:
    scores, units = _scored([1, 1, 1])
    project, pairs = _remembering()
    project = replace(project, calibration=NoCalibration)
    cross_fitted(project, scores, units, tiny.Assets(train_rows=0), Settings())
    assert len(pairs) == 1
