"""What all tests share: the command line in a fresh process, and one real run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from common import runtime
from common.runs import RunFolder

runtime.quiet()
settings.register_profile("untimed", deadline=None, max_examples=50)
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session", autouse=True)
def _own_store(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give each test worker a database of its own, and keep runs out of the repository."""
    for name in [name for name in os.environ if name.startswith("MLFLOW_RUN_")]:
        del os.environ[name]
    os.environ.pop("MLFLOW_EXPERIMENT_ID", None)
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db"


@pytest.fixture(scope="session")
def command() -> Command:
    """command("-m", "projects", cwd=FOLDER, NAME=VALUE): Python in a fresh process.

    Runs are kept in `cwd`; other names are environment variables.
    """

    def run(
        *words: str, cwd: Path, root: Path = ROOT, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        # MLflow leaves its experiment in the environment of the worker: not for this process.
        left = ("MLFLOW_TRACKING", "MLFLOW_EXPERIMENT", "MLFLOW_RUN")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(left)}
        return subprocess.run(
            [sys.executable, *words],
            cwd=cwd,
            env={**kept, "PYTHONPATH": str(root), **variables},
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def smoke_run(tmp_path_factory: pytest.TempPathFactory, command: Command) -> RunFolder:
    """A finished run of the cat classifier's `smoke`, trained once for all workers; do not change.

    Its MLflow store lies in `smoke_run.home`.
    """
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "smoke"
    with FileLock(f"{place}.lock"):
        if not place.exists():
            place.mkdir()
            done = command("-m", "projects.cat_classifier", "train", "smoke", cwd=place)
            (place / "said.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    found = [RunFolder(file.parent) for file in place.glob("runs/*/run.json")]
    finished = [run for run in found if run.info["status"] == "finished"]
    assert finished, (place / "said.txt").read_text(encoding="utf-8")
    return finished[0]


@pytest.fixture
def smoke_copy(smoke_run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A copy of the smoke run that may be changed, alone in a home with a store still to make."""
    path = tmp_path / "runs" / smoke_run.name
    shutil.copytree(smoke_run.path, path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return RunFolder(path)
