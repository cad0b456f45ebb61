"""A finished run of this room."""

import subprocess
from collections.abc import Callable

import pytest

from common.runs import RunFolder

ROOM = "cat_classifier"


@pytest.fixture(scope="session")
def own_run(
    smoke_run: RunFolder,
    tmp_path_factory: pytest.TempPathFactory,
    command: Callable[..., subprocess.CompletedProcess[str]],
) -> RunFolder:
    """The house's smoke run where it is this room's; else (a copied room) one of its own."""
    if smoke_run.info["project"] == ROOM:
        return smoke_run
    home = tmp_path_factory.mktemp(ROOM)
    done = command("-m", f"projects.{ROOM}", "train", "smoke", cwd=home)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = (home / "runs").iterdir()
    return RunFolder(folder)
