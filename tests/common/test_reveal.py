"""Looks at sealed test sets: recorded first, counted by test set, several runs in one."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from common import reveal, tracking
from common.data.examples import fingerprint
from common.data.splits import by_group
from common.errors import UserError
from common.export.formats import Format
from common.files import read_json, write_json
from common.reveal import LOOKS, revealed
from common.runs import RunFolder, home
from common.settings import Data, Settings
from tests.common import tiny

Make = Callable[..., RunFolder]


def _score(model: float, units: pd.DataFrame, assets: Any, settings: Any) -> pd.DataFrame:
    logits = units[tiny.FEATURES].sum(axis=1).to_numpy() * model
    return pd.DataFrame({"example_id": units["example_id"].to_numpy(), "logit": logits})


FORMAT: Format[Any, Any, Any] = Format(
    name="factor.json",
    takes="four numbers",
    write=lambda model, units, assets, fitted, settings, path: write_json(path, model),
    load=read_json,
    score=_score,
)


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """make(factor=1, test_share=0.3): a finished run whose logit is factor x the sum."""
    project = replace(tiny.PROJECT, formats=(FORMAT,))
    made: list[Path] = [home() / "runs" / LOOKS]
    monkeypatch.setattr(reveal, "room", lambda name: project)

    def run(factor: float = 1.0, test_share: float = 0.3, seed: int = 0) -> RunFolder:
        settings = Settings(data=Data(test_share=test_share, seed=seed))
        with tracking.new_run("tiny", "demo", {}) as folder:
            by_group(tiny.examples(), settings.data).to_parquet(folder.path / "examples.parquet")
            write_json(folder.path / "settings.json", settings.model_dump(mode="json"))
            write_json(folder.path / "assets.json", {"train_rows": 1})
            write_json(folder.path / "calibration.json", {"threshold": 0.0})
            write_json(folder.path / "export" / FORMAT.name, factor)
            known = {"dev/error": 0.2, "dev/error_low": 0.1, "dev/error_high": 0.3}
            write_json(folder.path / "measurements.json", {"metrics": known})
        made.append(folder.path)
        return folder

    yield run
    made[0].unlink(missing_ok=True)
    for path in made[1:]:
        shutil.rmtree(path)


def _looks() -> dict[str, list[dict[str, Any]]]:
    return dict(read_json(home() / "runs" / LOOKS))


def _test_rows(folder: RunFolder) -> pd.DataFrame:
    examples = pd.read_parquet(folder.path / "examples.parquet")
    return examples[examples["split"] == "test"]


def test_a_look_scores_the_test_rows_only_and_says_which_look_it_is(make: Make) -> None:
    folder = make()
    lines = revealed([folder.name], "to publish")
    rows = _test_rows(folder)
    kept = pd.read_parquet(folder.path / "predictions_test.parquet")
    assert set(kept["example_id"]) == set(rows["example_id"])
    wrong = (rows[tiny.FEATURES].sum(axis=1) > 0) != (rows["label"] == "yes")
    assert kept["error"].mean() == pytest.approx(wrong.mean())
    assert lines[0] == (
        f"{folder.name}: {len(rows)} test units, the first look at this test set (recorded in"
        " runs/test_looks.json); dev error was 20.0 % (10.0 % to 30.0 %)"
    )
    assert f"{100 * wrong.mean():.1f} %" in lines[1]
    run = MlflowClient().get_run(folder.info["run_id"])
    assert run.data.metrics["test/error"] == pytest.approx(wrong.mean())
    assert run.data.tags["test_looks"] == "1"


def test_looks_are_counted_by_test_set_with_time_reason_and_runs(make: Make) -> None:
    first, second, other = make(), make(-1), make(seed=5)
    revealed([first.name], "one")
    lines = revealed([second.name], "two")
    assert "look number 2 at this test set" in lines[0]
    assert "the first look" in revealed([other.name], "three")[0]
    shared, apart = (fingerprint(_test_rows(folder)) for folder in (first, other))
    assert [look["reason"] for look in _looks()[shared]] == ["one", "two"]
    assert [look["runs"] for look in _looks()[shared]] == [[first.name], [second.name]]
    assert all(pd.Timestamp(look["time"]).tzinfo for look in _looks()[shared])
    assert len(_looks()[apart]) == 1
    assert reveal.test_looks(home(), shared) == 2
    assert reveal.test_looks(home(), "unknown") == 0


def test_several_runs_are_one_look_also_when_one_is_named_twice(make: Make) -> None:
    first, second = make(), make(-1)
    lines = revealed([first.name, second.name, first.info["run_id"]], "which is better?")
    heads = [line for line in lines if "test units" in line]
    assert [line.split(":")[0] for line in heads] == [first.name, second.name]
    assert all("the first look" in line for line in heads)
    ((look,),) = _looks().values()
    assert look["runs"] == [first.name, second.name]


def test_a_look_is_recorded_before_anything_is_scored(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make()
    seen: list[int] = []

    def fall(*_: Any) -> None:
        seen.append(reveal.test_looks(home(), fingerprint(_test_rows(folder))))
        raise ZeroDivisionError

    broken = replace(tiny.PROJECT, formats=(replace(FORMAT, score=fall),))
    monkeypatch.setattr(reveal, "room", lambda name: broken)
    with pytest.raises(ZeroDivisionError):
        revealed([folder.name], "")
    assert seen == [1]
    assert not (folder.path / "predictions_test.parquet").exists()


def test_a_look_that_cannot_be_taken_is_not_counted(make: Make) -> None:
    good, without = make(), make(test_share=0.0)
    with pytest.raises(UserError, match=r"no run was named: reveal_test RUN"):
        revealed([], "")
    with pytest.raises(UserError, match=rf"{without.name} has no test set: .*data\.test_share"):
        revealed([good.name, without.name], "")
    with pytest.raises(UserError, match="0 runs are called 'nothing'"):
        revealed([good.name, "nothing"], "")
    assert not (home() / "runs" / LOOKS).exists()


def test_a_real_runs_test_set_is_scored_by_its_export(smoke_run: RunFolder) -> None:
    copy = RunFolder(home() / "runs" / "copy")
    shutil.copytree(smoke_run.path, copy.path)
    lines = revealed(["copy"], "")
    kept = pd.read_parquet(copy.path / "predictions_test.parquet")
    assert f"copy: {len(kept)} test units, the first look" in lines[0]
    assert set(kept["example_id"]) == set(_test_rows(smoke_run)["example_id"])
    assert np.isfinite(kept["score"]).all()
    assert not (smoke_run.path / "predictions_test.parquet").exists()
    shutil.rmtree(copy.path)
    (home() / "runs" / LOOKS).unlink()
