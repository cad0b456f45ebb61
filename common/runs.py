"""Run folders: everything a run makes lies in one, whether or not MLflow can be reached.

runs/NAME/   run.json  settings.json  examples.parquet  assets.json  calibration.json
             history.csv  scores.parquet  predictions.parquet  error_sheet.csv  diagnosis.json
             measurements.json  report.html  export/  (while training: backup*.npz)
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from common.errors import UserError
from common.files import read_json, write_json


@dataclass(frozen=True)
class RunFolder:
    """One run's folder; `info` is what run.json says of it."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name, as in MLflow."""
        return self.path.name

    @property
    def info(self) -> dict[str, Any]:
        """run.json: run_id, project, preset, started, status, and what was delivered."""
        return dict(read_json(self.path / "run.json"))

    def note(self, **values: Any) -> None:
        """Add values to run.json."""
        known = self.info if (self.path / "run.json").exists() else {}
        write_json(self.path / "run.json", {**known, **values})

    @property
    def home(self) -> Path:
        """The folder that holds `runs`, the embedded MLflow store and the cache."""
        return self.path.parent.parent

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for this process. Raises UserError where another one has it."""
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise UserError(
                f"run {self.name} is being trained by another process; wait for it, or stop it"
            ) from None
        try:
            yield
        finally:
            lock.release()

    def is_running(self) -> bool:
        """Return whether a living process holds the run."""
        try:
            with self.locked():
                return False
        except UserError:
            return True


def home() -> Path:
    """Return where runs are kept: beside the SQLite store MLFLOW_TRACKING_URI names, or here."""
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    if uri.startswith("sqlite:///"):
        return Path(uri.removeprefix("sqlite:///")).absolute().parent
    return Path.cwd()


def all_runs(project: str | None = None) -> list[RunFolder]:
    """Return the run folders of a project, or of all, the newest first."""
    found = []
    for file in (home() / "runs").glob("*/run.json"):
        folder = RunFolder(file.parent)
        if project in (None, folder.info["project"]):
            found.append((folder.info["started"], folder))
    return [folder for _, folder in sorted(found, key=lambda pair: pair[0], reverse=True)]


def finished_run(reference: str, project: str | None = None) -> RunFolder:
    """Return the run called `reference`: "newest", a name, or the start of a run id.

    Raises UserError when there is none or it is not finished.
    """
    runs = all_runs(project)
    done = [run for run in runs if run.info["status"] == "finished"]
    if reference == "newest":
        if not done:
            raise UserError(
                f"no finished run{f' of {project}' if project else ''} in {home() / 'runs'};"
                f" train one first: python -m projects.{project or 'NAME'} train demo"
            )
        return done[0]
    run = _named(reference, runs)
    if run not in done:
        raise UserError(
            f"run {run.name} is {run.info['status']}, a finished one is needed; go on with"
            f" it: python -m projects resume {run.name}"
        )
    return run


def unfinished_run(reference: str) -> RunFolder:
    """Return the run to resume: "newest" unfinished, a name, or the start of a run id."""
    runs = all_runs()
    if reference != "newest":
        run = _named(reference, runs)
        if run.info["status"] == "finished":
            raise UserError(f"run {run.name} is finished: there is nothing to resume")
        return run
    left = [run for run in runs if _can_go_on(run) and not run.is_running()]
    if not left:
        raise UserError(f"no unfinished run in {home() / 'runs'}: there is nothing to resume")
    return left[0]


def _can_go_on(run: RunFolder) -> bool:
    """Return whether a run was killed or stopped, or failed after it had learned something."""
    status = run.info["status"]
    return status in ("running", "stopped") or (
        status == "failed" and any(run.path.glob("backup*"))
    )


def _named(reference: str, runs: list[RunFolder]) -> RunFolder:
    by_name = [run for run in runs if run.name == reference]
    by_id = [run for run in runs if run.info["run_id"].startswith(reference)]
    matches = by_name or (by_id if len(reference) >= 4 else [])
    if len(matches) != 1:
        known = ", ".join(run.name for run in runs[:5]) or "none"
        raise UserError(
            f"{len(matches)} runs are called {reference!r} in {home() / 'runs'}; newest: {known}"
        )
    return matches[0]
