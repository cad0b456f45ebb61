"""Which run answers; `finished_run` has its own tests."""

import sys
from pathlib import Path

import pytest

from common import tracking
from common.answering import answering_run
from common.errors import UserError
from common.runs import RunFolder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two finished runs of a project, "new" the later one."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    for second, name in enumerate(("old", "new")):
        started = f"2026-01-01T00:00:0{second}"
        folder = RunFolder(tmp_path / "runs" / name)
        folder.note(run_id=f"{name}-1234", project="zoo", status="finished", started=started)
    return tmp_path


def test_a_run_is_found_by_age_name_id_and_merit(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answering_run("newest", "zoo").name == "new"
    assert answering_run("old", "zoo").name == "old"
    assert answering_run("old-12", "zoo").name == "old"
    monkeypatch.setattr(tracking, "champion", {"zoo": "old-1234"}.get)
    assert answering_run("champion", "zoo").name == "old"


def test_without_a_champion_it_says_what_to_do(home: Path) -> None:
    with pytest.raises(UserError, match=r"zoo has no champion in the store of .*: train one, or"):
        answering_run("champion", "zoo")


def test_only_the_champion_needs_mlflow(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    monkeypatch.delitem(sys.modules, "common.tracking")
    assert answering_run("newest", "zoo").name == "new"
