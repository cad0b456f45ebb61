"""Who trained on what, and who scored it: with a model that remembers its training examples."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from common.data.splits import by_group
from common.errors import UserError
from common.evaluation import trained
from common.evaluation.trained import by_split, cross_validated, held_out
from common.settings import Data, Fit, Runtime, Settings
from common.training.fit import FitJob
from tests.common import tiny


class Memory:
    """Stands for a Keras model; scores 1 for what it was trained on, 0.5 for what it watched."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.watched: set[str] = set()


class House:
    """A project that trains memories, with the jobs it was given."""

    def __init__(self) -> None:
        self.jobs: list[FitJob[Any, Any]] = []
        self.told: list[tuple[int, str]] = []
        self.project: Any = replace(
            tiny.PROJECT,
            build=lambda assets, settings: Memory(),
            fit=self.fit,
            score=self.score,
            prepare=lambda rows, settings: tiny.Assets(train_rows=len(rows)),
        )

    def fit(self, model: Memory, job: FitJob[Any, Any]) -> pd.DataFrame:
        assert job.assets.train_rows == len(job.train)
        model.seen = set(job.train["example_id"])
        model.watched = set(job.watch["example_id"]) if job.watch is not None else set()
        self.jobs.append(job)
        losses = [abs(epoch - 1 - len(self.jobs)) for epoch in range(job.epochs)]
        rows = [
            {"epoch": epoch + 1, "loss": 1.0, "val_loss": float(loss)}
            for epoch, loss in enumerate(losses)
        ]
        job.on_epoch(rows)
        return pd.DataFrame(rows)

    def score(self, model: Memory, units: pd.DataFrame, assets: Any, settings: Any) -> pd.DataFrame:
        ids = units["example_id"].to_numpy()
        known = [1.0 if i in model.seen else 0.5 if i in model.watched else 0.0 for i in ids]
        return pd.DataFrame({"example_id": ids, "logit": known})

    def tell(self, rows: list[dict[str, float]], prefix: str) -> None:
        self.told.append((len(rows), prefix))


@pytest.fixture
def house() -> House:
    return House()


def divided(**data: Any) -> pd.DataFrame:
    return by_group(tiny.examples(), Data(**{"dev_share": 0.25, "test_share": 0.2, **data}))


def settings(folds: int = 0, patience: int = 0, **runtime: Any) -> Settings:
    return Settings(fit=Fit(folds=folds, patience=patience, epochs=6), runtime=Runtime(**runtime))


def test_test_rows_are_sealed(house: House) -> None:
    rows = divided()
    found = by_split(house.project, rows, settings())
    assert set(found) == {"train", "dev"}
    assert sum(map(len, found.values())) == (rows["split"] != "test").sum()


def test_held_out_scores_what_it_trained_on_as_train_and_dev_apart(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trained, "TRAIN_SAMPLE", 20)
    rows = divided()
    found = held_out(house.project, settings(), rows, tmp_path, house.tell)
    (job,) = house.jobs
    parts = by_split(house.project, rows, settings())
    assert set(job.train["example_id"]) == set(parts["train"]["example_id"])
    assert job.watch is not None
    assert set(job.watch["example_id"]) == set(parts["dev"]["example_id"])
    by_unit = found.units.assign(logit=found.scores["logit"].to_numpy()).groupby("split")["logit"]
    assert by_unit.agg(["min", "max", "size"]).to_dict("index") == {
        "train": {"min": 1.0, "max": 1.0, "size": 20},
        "dev": {"min": 0.5, "max": 0.5, "size": len(parts["dev"])},
    }
    assert set(found.predictions["example_id"]) == set(found.units["example_id"])
    assert list(found.reference["example_id"]) == list(found.dev_units["example_id"])
    assert house.told == [(6, "epoch")]


@pytest.mark.parametrize("patience", [0, 2])
def test_with_folds_every_example_is_scored_once_by_a_model_that_did_not_see_it(
    house: House, tmp_path: Path, patience: int
) -> None:
    rows = divided()
    pool = rows[rows["split"] != "test"]
    found = cross_validated(house.project, settings(4, patience), rows, tmp_path, house.tell)
    scored = found.units.assign(logit=found.scores["logit"].to_numpy())
    assert list(found.units["example_id"]) == list(found.scores["example_id"])
    dev, train = (scored[scored["split"] == name] for name in ("dev", "train"))
    assert sorted(dev["example_id"]) == sorted(pool["example_id"])
    assert (dev["logit"] == 0).all()
    assert sorted(train["example_id"]) == sorted(pool["example_id"])
    assert (train["logit"] >= 0.5).all()
    assert (train["logit"] == 1).mean() > (0.8 if patience else 0.99)
    assert sorted(found.predictions["example_id"]) == sorted([*pool["example_id"]] * 2)


def test_folds_divide_no_group_and_keep_the_test_set_out(house: House, tmp_path: Path) -> None:
    rows = divided()
    cross_validated(house.project, settings(4, patience=2), rows, tmp_path, house.tell)
    *fold_jobs, last = house.jobs
    assert len(fold_jobs) == 4
    test = set(rows.loc[rows["split"] == "test", "example_id"])
    group = rows.set_index("example_id")["group"]
    for job in fold_jobs:
        assert job.watch is not None
        inside, watched = (set(part["example_id"]) for part in (job.train, job.watch))
        outside = set(rows["example_id"]) - inside - watched - test
        parts = [set(group[list(ids)]) for ids in (inside, watched, outside)]
        assert sum(map(len, parts)) == len(set.union(*parts))
        assert not test & (inside | watched)
    assert set(last.train["example_id"]) == set(rows["example_id"]) - test
    assert last.watch is None


def test_the_final_model_trains_for_the_folds_median_best_epoch(
    house: House, tmp_path: Path
) -> None:
    cross_validated(house.project, settings(3, patience=2), divided(), tmp_path, house.tell)
    # Fold 1 is best in epoch 3, fold 2 in epoch 4, fold 3 in epoch 5.
    assert [job.epochs for job in house.jobs] == [6, 6, 6, 4]
    assert [job.patience for job in house.jobs] == [2, 2, 2, 0]
    assert [prefix for _, prefix in house.told] == ["fold1", "fold2", "fold3", "epoch"]
    assert len({job.backup for job in house.jobs}) == 4


def test_folds_that_are_done_are_not_trained_again(house: House, tmp_path: Path) -> None:
    first = cross_validated(house.project, settings(3), divided(), tmp_path, house.tell)
    (tmp_path / "backup_fold2.parquet").unlink()
    again = House()
    second = cross_validated(again.project, settings(3), divided(), tmp_path, again.tell)
    assert [job.title for job in again.jobs] == ["fold 2 of 3", "training on all"]
    pd.testing.assert_frame_equal(first.scores, second.scores)
    pd.testing.assert_frame_equal(first.predictions, second.predictions)


def test_folds_and_a_second_distribution_do_not_go_together(house: House, tmp_path: Path) -> None:
    both = Settings(data=Data(target="folder:phone"), fit=Fit(folds=5))
    with pytest.raises(UserError, match=r"fit\.folds is 5 and data\.target.*set fit\.folds=0"):
        cross_validated(house.project, both, divided(), tmp_path, house.tell)
    assert not house.jobs


def test_bfloat16_trains_in_it_and_hands_on_the_same_weights_in_float32(tmp_path: Path) -> None:
    short = Settings(fit=Fit(epochs=1), runtime=Runtime(precision="bfloat16"))
    policies: list[str] = []
    weights: list[np.ndarray] = []

    def fit(model: Any, job: Any) -> pd.DataFrame:
        policies.extend([model.layers[0].compute_dtype, model.layers[0].variable_dtype])
        weights.extend(w + 1 for w in model.get_weights())
        model.set_weights(weights)
        return pd.DataFrame({"epoch": [1], "loss": [1.0]})

    project = replace(tiny.PROJECT, fit=fit)
    found = held_out(project, short, divided(), tmp_path, lambda rows, prefix: None)
    assert policies == ["bfloat16", "float32"]
    assert found.model.layers[0].compute_dtype == "float32"
    pairs = zip(found.model.get_weights(), weights, strict=True)
    assert all(np.array_equal(found_weight, weight) for found_weight, weight in pairs)


def doubled(rows: pd.DataFrame, split: str, settings: Settings) -> pd.DataFrame:
    """Each example twice, named after the split it was composed for."""
    both = pd.concat([rows, rows], ignore_index=True)
    ids = [f"{split}-{place}-{one}" for place, one in enumerate(both["example_id"])]
    return both.assign(example_id=ids)


def test_composed_rows_are_trained_on_and_scored_in_the_examples_place(
    house: House, tmp_path: Path
) -> None:
    project = replace(house.project, compose=doubled)
    rows = divided()
    found = held_out(project, settings(), rows, tmp_path, house.tell)
    (job,) = house.jobs
    assert len(job.train) == 2 * (rows["split"] == "train").sum()
    assert found.units.groupby("split").size()["dev"] == 2 * (rows["split"] == "dev").sum()
    assert found.units["example_id"].str.startswith(("train-", "dev-")).all()


def test_folds_are_composed_one_by_one(house: House, tmp_path: Path) -> None:
    project = replace(house.project, compose=doubled)
    rows = divided()
    known = rows[rows["split"] != "test"]
    found = cross_validated(project, settings(folds=3), rows, tmp_path, house.tell)
    assert found.units.groupby("split").size().to_dict() == {
        "train": 2 * len(known),
        "dev": 2 * len(known),
    }
    assert len(house.jobs[-1].train) == 2 * len(known)
