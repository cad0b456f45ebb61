"""MLflow: opens runs and delivers run folders. Whoever else may import it: docs/architecture.md.

Everything is first written into the run folder; `deliver` brings MLflow up to date with it and can
be called again at any time. So training never stops because tracking does.

| what | names in MLflow |
| --- | --- |
| tags | `project`, `kind`, `preset`, `diagnosis`, `data_fingerprint`, `label_version`, ... |
| parameters | `settings/<field>`: the resolved settings |
| per epoch | `epoch/loss`, `epoch/val_loss`, ... with the epoch as step; `fold<k>/...` with folds |
| metrics | `train/error`, `dev/error`, ..., `gap/<name>`, `objective/<name>`, `constraint/<name>` |
| artifacts | everything in the run folder but backups |
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from filelock import FileLock
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunStatus, RunTag
from mlflow.exceptions import MlflowException

from common import runtime
from common.errors import UserError
from common.export.mlflow_model import log_model
from common.files import read_json, sweep, write_json
from common.runs import RunFolder, home

PASSING = (MlflowException, OSError)


@contextlib.contextmanager
def new_run(project: str, preset: str, settings: dict[str, Any]) -> Iterator[RunFolder]:
    """Open a run, joining the one that `mlflow run` opened, and yield its new folder.

    A folder with a run.json has the settings too, so whatever is found can be resumed.
    """
    run_id, name = _opened(project, preset)
    folder = RunFolder(_free(home() / "runs" / name.replace("/", "-")))
    folder.path.mkdir(parents=True)
    write_json(folder.path / "settings.json", settings)
    folder.note(
        command=runtime.command(),
        run_id=run_id,
        project=project,
        preset=preset,
        status="running",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        tracked=run_id != name,
    )
    with folder.locked(), _ended(folder):
        yield folder


@contextlib.contextmanager
def resumed_run(folder: RunFolder) -> Iterator[RunFolder]:
    """Open an unfinished run again and yield its folder."""
    with folder.locked():
        sweep(folder.path)
        if folder.info["tracked"]:
            _tolerant(lambda: _start(run_id=folder.info["run_id"]))
        folder.note(status="running")
        with _ended(folder):
            yield folder


def log_epochs(folder: RunFolder, rows: list[dict[str, float]], prefix: str = "epoch") -> None:
    """Bring MLflow's curves up to `rows`; epochs it knows already are not logged again."""
    _tolerant(lambda: _log_missing(folder, rows, prefix))


def deliver(folder: RunFolder) -> bool:
    """Bring MLflow up to date with a finished run folder; return whether that worked."""
    return _tolerant(lambda: _deliver(folder))


def set_tag(folder: RunFolder, name: str, value: str) -> None:
    """Set a tag of the run."""
    _connect()
    _tolerant(lambda: MlflowClient().set_tag(folder.info["run_id"], name, value))


def log_table(folder: RunFolder, metrics: dict[str, float], *files: str) -> None:
    """Add metrics and files of the folder to the run, as actions on finished runs do."""
    _connect()
    client, run_id = MlflowClient(), folder.info["run_id"]

    def send() -> None:
        _log_metrics(run_id, metrics)
        for file in files:
            client.log_artifact(run_id, str(folder.path / file))

    _tolerant(send)


def champion(project: str) -> str | None:
    """Return the run id of the registered champion of a project, or None."""
    _connect()
    try:
        return str(MlflowClient().get_model_version_by_alias(project, "champion").run_id)
    except MlflowException:
        return None


def page_command() -> str:
    """Return the command that opens MLflow's page on these runs."""
    _connect()
    return f"mlflow ui --backend-store-uri {mlflow.get_tracking_uri()}"


def _connect() -> None:
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    if "MLFLOW_TRACKING_URI" not in os.environ:
        mlflow.set_tracking_uri(f"sqlite:///{home() / 'mlflow.db'}")


def _opened(project: str, preset: str) -> tuple[str, str]:
    opened: list[Any] = []

    def start() -> None:
        if "MLFLOW_RUN_ID" not in os.environ:
            _choose_experiment(project)
        opened.append(_start(tags=_tags(project, preset)))

    if _tolerant(start):
        return opened[0].info.run_id, opened[0].info.run_name
    name = f"untracked-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    return name, name


def _start(**known: Any) -> Any:
    _connect()
    # Four processes that open a new database at once break it: one after the other.
    with FileLock(home() / ".mlflow.lock"):
        return mlflow.start_run(**known)


def _tags(project: str, preset: str) -> dict[str, str]:
    return {"project": project, "kind": "train", "preset": preset}


def _choose_experiment(project: str) -> None:
    _connect()
    with FileLock(home() / ".mlflow.lock"):
        if mlflow.get_experiment_by_name(project) is None:
            local = mlflow.get_tracking_uri().startswith("sqlite:")
            place = (home() / "mlruns" / project).as_uri() if local else None
            mlflow.create_experiment(project, artifact_location=place)
        mlflow.set_experiment(project)


@contextlib.contextmanager
def _ended(folder: RunFolder) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        # MLflow first: on a full disk the note fails too.
        _tolerant(lambda: mlflow.end_run(RunStatus.to_string(RunStatus.FAILED)))
        folder.note(status="stopped" if isinstance(error, KeyboardInterrupt) else "failed")
        if isinstance(error, UserError) and not (folder.path / "examples.parquet").exists():
            shutil.rmtree(folder.path, ignore_errors=True)  # nothing was read: nothing to keep
        if isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt("python -m projects resume goes on with the run") from None
        raise
    folder.note(status="finished")
    _tolerant(mlflow.end_run)


def _deliver(folder: RunFolder) -> None:
    _connect()
    if not folder.info["tracked"]:
        _choose_experiment(folder.info["project"])
        tags = _tags(folder.info["project"], folder.info["preset"])
        run = _start(run_name=folder.name, tags=tags)
        folder.note(run_id=run.info.run_id, tracked=True)
    info, path = folder.info, folder.path
    run_id, client = info["run_id"], MlflowClient()
    results, settings = (read_json(path / f"{one}.json") for one in ("measurements", "settings"))
    client.log_batch(
        run_id,
        params=[Param(f"settings/{name}", str(value)) for name, value in _flat(settings)],
        tags=[RunTag(name, str(value)) for name, value in results["tags"].items()],
    )
    for prefix, rows in _histories(path).items():
        _log_missing(folder, rows, prefix)
    _log_metrics(run_id, results["metrics"])
    if "model_uri" not in info:
        with _active(run_id):
            _log_data(folder, results["tags"]["data_fingerprint"])
            model = log_model(path / "export" / "mlflow_model", info["project"])
        folder.note(model_uri=model.uri, model_version=model.version)
    print(_standing(info["project"], run_id, folder.info["model_version"], results["promotable"]))
    for file in sorted(path.iterdir()):
        if file.is_dir():
            client.log_artifacts(run_id, str(file), file.name)
        elif file.name not in ("lock", "run.json") and not file.name.startswith("backup"):
            client.log_artifact(run_id, str(file))
    folder.note(delivered=True)


def _standing(project: str, run_id: str, version: str, good: bool) -> str:
    """Make the version champion where it is the first good one, and return how it stands."""
    known = champion(project)
    if known is None and good:
        MlflowClient().set_registered_model_alias(project, "champion", version)
        known = run_id
    if known == run_id:
        return f"registered as {project}@champion: the first good run"
    none = "no champion yet, as it is not surely better than the baseline, or fails a constraint"
    stays = "the champion stays, set its alias in MLflow to change that"
    return f"registered as {project}/{version}: {stays if known else none}"


def _log_data(folder: RunFolder, digest: str) -> None:
    examples = pd.read_parquet(folder.path / "examples.parquet")
    source = read_json(folder.path / "settings.json")["data"]["source"]
    shown = examples[["example_id", "label", "split", "distribution"]]
    data = mlflow.data.from_pandas(shown, name=source[:500], targets="label", digest=digest)
    mlflow.log_input(data, context="training")


def _active(run_id: str) -> contextlib.AbstractContextManager[Any]:
    """Return the run as the active one, which it is already while it trains."""
    return contextlib.nullcontext() if mlflow.active_run() else mlflow.start_run(run_id=run_id)


def _log_missing(folder: RunFolder, rows: list[dict[str, float]], prefix: str) -> None:
    if not rows or not folder.info["tracked"]:
        return
    _connect()
    client, run_id = MlflowClient(), folder.info["run_id"]
    known = {m.step for m in client.get_metric_history(run_id, f"{prefix}/loss")}
    now = int(datetime.now(UTC).timestamp() * 1000)
    missing = [
        Metric(f"{prefix}/{name}", float(value), now, int(row["epoch"]))
        for row in rows
        if row["epoch"] not in known
        for name, value in row.items()
        if name != "epoch"
    ]
    for start in range(0, len(missing), 1000):
        client.log_batch(run_id, metrics=missing[start : start + 1000])


def _log_metrics(run_id: str, metrics: dict[str, float]) -> None:
    client, now = MlflowClient(), int(datetime.now(UTC).timestamp() * 1000)
    known = client.get_run(run_id).data.metrics
    entities = [Metric(n, float(v), now, 0) for n, v in metrics.items() if known.get(n) != v]
    client.log_batch(run_id, metrics=entities)


def _histories(path: Path) -> dict[str, list[Any]]:
    """Return rows by prefix: history.csv -> epoch, history_fold1.csv -> fold1."""
    files = {file.stem.partition("_")[2] or "epoch": file for file in path.glob("history*.csv")}
    return {prefix: pd.read_csv(file).to_dict("records") for prefix, file in files.items()}


def _flat(settings: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _free(path: Path) -> Path:
    number, free = 2, path
    while free.exists():
        free, number = path.with_name(f"{path.name}-{number}"), number + 1
    return free


_told: list[str] = []


def _tolerant(call: Callable[[], Any]) -> bool:
    """Call, and return whether it worked; what MLflow cannot take now is delivered later."""
    try:
        call()
    except PASSING as error:
        if not _told:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            print(
                f"MLflow does not answer ({reason}); training goes on, results are kept in"
                " the run folder: python -m projects deliver RUN brings them to MLflow later"
            )
            _told.append(reason)
        return False
    return True
