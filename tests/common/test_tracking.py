"""Against a real SQLite store, the worker's own."""

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient

from common import tracking
from common.errors import UserError
from common.files import read_json, write_json
from common.runs import RunFolder, home

ROOT = Path(__file__).parents[2]
ROWS: list[dict[str, float]] = [
    {"epoch": epoch, "loss": 1 / epoch, "val_loss": 2 / epoch} for epoch in range(1, 5)
]


class Killed(BaseException):
    """Stands for a kill: nobody catches it."""


@pytest.fixture(autouse=True)
def _no_run_is_left_open() -> Iterator[None]:
    tracking._told.clear()
    yield
    assert mlflow.active_run() is None


def delivered(smoke_run: RunFolder, project: str, promotable: bool = True) -> RunFolder:
    """A run of another project with the smoke run's files."""
    with tracking.new_run(project, "demo", {}) as folder:
        fill(folder, smoke_run, promotable)
        assert tracking.deliver(folder)
    return folder


def fill(folder: RunFolder, smoke_run: RunFolder, promotable: bool) -> None:
    kept = shutil.ignore_patterns("run.json", "lock")
    shutil.copytree(smoke_run.path, folder.path, ignore=kept, dirs_exist_ok=True)
    results = read_json(folder.path / "measurements.json")
    write_json(folder.path / "measurements.json", {**results, "promotable": promotable})


def run_of(folder: RunFolder) -> Any:
    return MlflowClient().get_run(folder.info["run_id"])


def steps(folder: RunFolder, metric: str) -> list[int]:
    history = MlflowClient().get_metric_history(folder.info["run_id"], metric)
    return sorted(one.step for one in history)


@pytest.fixture(scope="module")
def zoo(smoke_run: RunFolder) -> RunFolder:
    """The first run of project zoo, delivered."""
    return delivered(smoke_run, "zoo")


def test_everything_documented_is_in_mlflow(zoo: RunFolder) -> None:
    run, results = run_of(zoo), read_json(zoo.path / "measurements.json")
    assert run.info.status == "FINISHED"
    assert run.info.run_name == zoo.name
    assert MlflowClient().get_experiment(run.info.experiment_id).name == "zoo"
    tags = {"project": "zoo", "kind": "train", "preset": "demo", **results["tags"]}
    assert tags.items() <= run.data.tags.items()
    assert run.data.params["settings/fit.epochs"] == "2"
    assert results["metrics"].items() <= run.data.metrics.items()
    assert steps(zoo, "epoch/loss") == [1, 2]
    (data,) = run.inputs.dataset_inputs
    assert data.dataset.digest == results["tags"]["data_fingerprint"]


def test_the_run_folder_is_among_the_artifacts(zoo: RunFolder) -> None:
    found = {file.path for file in MlflowClient().list_artifacts(zoo.info["run_id"])}
    assert {"report.html", "settings.json", "predictions.parquet", "export"} <= found
    assert not {"lock", "run.json"} & found
    assert not [name for name in found if name.startswith(("backup", "."))]


def test_the_model_is_registered_with_signature_and_example(zoo: RunFolder) -> None:
    model = mlflow.models.get_model_info(zoo.info["model_uri"])
    assert model.signature.inputs.input_names() == ["image"]
    assert model.saved_input_example_info is not None
    assert tracking.champion("zoo") == zoo.info["run_id"]


def test_delivering_again_adds_nothing(zoo: RunFolder) -> None:
    client, before = MlflowClient(), run_of(zoo)
    assert tracking.deliver(zoo)
    after = run_of(zoo)
    assert after.data.to_dictionary() == before.data.to_dictionary()
    assert after.info.status == "FINISHED"
    assert steps(zoo, "dev/error") == [0]
    assert steps(zoo, "epoch/loss") == [1, 2]
    assert len(client.search_model_versions("name = 'zoo'")) == 1
    assert len(after.inputs.dataset_inputs) == 1


def test_only_the_first_good_run_becomes_champion(
    smoke_run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tracking.champion("farm") is None
    delivered(smoke_run, "farm", promotable=False)
    assert tracking.champion("farm") is None
    assert "registered as farm/1: no champion yet" in capsys.readouterr().out
    first_good = delivered(smoke_run, "farm")
    assert tracking.champion("farm") == first_good.info["run_id"]
    delivered(smoke_run, "farm")
    assert tracking.champion("farm") == first_good.info["run_id"]
    assert "registered as farm/3: the champion stays" in capsys.readouterr().out
    assert len(MlflowClient().search_model_versions("name = 'farm'")) == 3


def test_a_run_joins_the_one_that_mlflow_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow.set_experiment(experiment_id="0")
    opened = MlflowClient().create_run("0", run_name="a/b")
    monkeypatch.setenv("MLFLOW_RUN_ID", opened.info.run_id)
    with tracking.new_run("zoo", "smoke", {}) as folder:
        pass
    assert folder.info["run_id"] == opened.info.run_id
    assert folder.path == home() / "runs" / "a-b"
    assert run_of(folder).info.status == "FINISHED"
    assert run_of(folder).info.experiment_id == "0"
    assert run_of(folder).data.tags["project"] == "zoo"


def test_epochs_are_logged_once_over_kills_and_resumes() -> None:
    with contextlib.suppress(Killed), tracking.new_run("zoo", "demo", {}) as folder:
        tracking.log_epochs(folder, [])
        for told in (1, 2):
            tracking.log_epochs(folder, ROWS[:told])
        raise Killed
    assert (run_of(folder).info.status, folder.info["status"]) == ("FAILED", "failed")
    (folder.path / f".report.html.{1}.part").write_text("half")
    with tracking.resumed_run(folder) as same:
        assert run_of(folder).info.status == "RUNNING"
        tracking.log_epochs(same, ROWS[:2])
        tracking.log_epochs(same, ROWS)
        tracking.log_epochs(same, ROWS, "fold1")
    assert (run_of(folder).info.status, folder.info["status"]) == ("FINISHED", "finished")
    for metric in ("epoch/loss", "epoch/val_loss", "fold1/loss"):
        assert steps(folder, metric) == [1, 2, 3, 4]
    assert not list(folder.path.glob(".*"))


@pytest.mark.parametrize(
    ("error", "status"),
    [(ZeroDivisionError, "failed"), (KeyboardInterrupt, "stopped"), (SystemExit, "failed")],
)
def test_what_ends_badly_is_failed(error: type[BaseException], status: str) -> None:
    with pytest.raises(error) as caught, tracking.new_run("zoo", "demo", {}) as folder:
        raise error
    assert ("projects resume goes on" in str(caught.value)) == (status == "stopped")
    assert folder.info["status"] == status
    assert run_of(folder).info.status == "FAILED"


def test_a_run_is_failed_in_mlflow_also_when_the_disk_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with contextlib.suppress(UserError), tracking.new_run("zoo", "demo", {}) as folder:
        monkeypatch.setattr(RunFolder, "note", _full)
        _full()
    monkeypatch.undo()
    assert run_of(folder).info.status == "FAILED"


def _full(*_: Any, **__: Any) -> None:
    raise UserError("the disk is full")


def test_runs_of_one_name_get_folders_of_their_own() -> None:
    folders = []
    for _ in range(2):
        mlflow.set_experiment(experiment_id="0")
        opened = MlflowClient().create_run("0", run_name="twin")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MLFLOW_RUN_ID", opened.info.run_id)
            with tracking.new_run("zoo", "demo", {}) as folder:
                folders.append(folder.name)
    assert folders == ["twin", "twin-2"]


def test_without_a_server_training_goes_on_and_is_delivered_later(
    smoke_run: RunFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = mlflow.get_tracking_uri()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    started = time.perf_counter()
    with tracking.new_run("bar", "demo", {}) as folder:
        fill(folder, smoke_run, promotable=True)
        for told in range(len(ROWS)):
            tracking.log_epochs(folder, ROWS[:told])
        assert not tracking.deliver(folder)
    tracking.set_tag(folder, "test_looks", "1")
    tracking.log_table(folder, {"test/error": 0.5}, "report.html")
    assert tracking.champion("bar") is None
    assert time.perf_counter() - started < 30
    lines = [line for line in capsys.readouterr().out.splitlines() if "MLflow" in line]
    assert len(lines) == 1
    assert "python -m projects deliver RUN" in lines[0]
    assert folder.info["status"] == "finished"

    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    assert tracking.deliver(folder)
    mlflow.end_run()
    run = run_of(folder)
    assert run.info.run_name == folder.name
    assert run.data.tags["project"] == "bar"
    assert steps(folder, "epoch/loss") == [1, 2]
    assert tracking.champion("bar") == folder.info["run_id"]
    assert folder.info["delivered"]


def test_every_row_of_a_folds_history_has_its_own_curve(tmp_path: Path) -> None:
    for name in ("history", "history_fold1", "history_fold12"):
        pd.DataFrame(ROWS).to_csv(tmp_path / f"{name}.csv", index=False)
    found = tracking._histories(tmp_path)
    assert found == {"epoch": ROWS, "fold1": ROWS, "fold12": ROWS}


def test_processes_that_open_a_new_store_at_once_do_not_break_it(tmp_path: Path) -> None:
    code = (
        "from common import tracking\n"
        "with tracking.new_run('zoo', 'demo', {}) as folder:\n"
        "    tracking.log_epochs(folder, [{'epoch': 1, 'loss': 0.5}])\n"
        "    assert folder.info['tracked']\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "MLFLOW_DISABLE_TELEMETRY": "true"}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ends = [(process.communicate()[1], process.returncode) for process in started]
    assert all(code == 0 for _, code in ends), ends
    assert len(list((tmp_path / "runs").glob("*/run.json"))) == 2
