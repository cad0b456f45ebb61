import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.errors import UserError
from common.files import write_json
from common.runs import RunFolder, all_runs, finished_run, home, unfinished_run

ROOT = Path(__file__).parents[2]
Make = Callable[..., RunFolder]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """make("name", status="running"): a run folder; a later one is newer."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    made: list[RunFolder] = []

    def run(name: str, status: str = "finished", project: str = "zoo") -> RunFolder:
        folder = RunFolder(tmp_path / "runs" / name)
        folder.note(
            run_id=f"id{len(made)}-{name}",
            project=project,
            status=status,
            started=f"2026-01-01T00:00:{len(made):02}",
        )
        made.append(folder)
        return folder

    return run


@pytest.fixture
def held(make: Make) -> Iterator[tuple[RunFolder, subprocess.Popen[str]]]:
    """A run that another living process holds, and that process."""
    folder = make("held", "running")
    code = (
        "import sys; from pathlib import Path; from common.runs import RunFolder\n"
        "with RunFolder(Path(sys.argv[1])).locked():\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(folder.path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout
    assert other.stdout.readline() == "held\n"
    yield folder, other
    other.kill()
    other.communicate()


def test_runs_are_kept_here_or_beside_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert home() == tmp_path
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://somewhere:5000")
    assert home() == tmp_path
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/store/mlflow.db")
    assert home() == tmp_path / "store"


def test_notes_add_up(make: Make) -> None:
    folder = make("one")
    folder.note(status="failed", seconds={"fit": 1.5})
    assert folder.info["status"] == "failed"
    assert folder.info["seconds"] == {"fit": 1.5}
    assert folder.info["project"] == "zoo"


def test_runs_come_newest_first_and_by_project(make: Make, tmp_path: Path) -> None:
    for name, project in (("old", "zoo"), ("other", "bar"), ("new", "zoo")):
        make(name, project=project)
    (tmp_path / "runs" / "killed_before_its_first_note").mkdir()
    assert [run.name for run in all_runs()] == ["new", "other", "old"]
    assert [run.name for run in all_runs("zoo")] == ["new", "old"]
    assert all_runs("zoo")[0].home == tmp_path


@pytest.mark.parametrize("reference", ["newest", "right", "id1-right", "id1-"])
def test_a_finished_run_is_found_as_newest_by_name_and_by_id(make: Make, reference: str) -> None:
    make("older")
    right = make("right")
    make("later", "failed")
    make("elsewhere", project="bar")
    assert finished_run(reference, "zoo") == right


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("nothing", "0 runs are called 'nothing'"),
        ("id1", "0 runs are called 'id1'"),
        ("", "0 runs are called ''"),
        ("later", r"run later is failed.*python -m projects resume later"),
    ],
)
def test_a_run_that_cannot_be_used_says_why(make: Make, reference: str, said: str) -> None:
    make("older")
    make("later", "failed")
    with pytest.raises(UserError, match=said):
        finished_run(reference)


def test_without_a_run_one_is_told_to_train(make: Make) -> None:
    with pytest.raises(UserError, match=r"no finished run of zoo .*projects\.zoo train"):
        finished_run("newest", "zoo")
    with pytest.raises(UserError, match="no unfinished run"):
        unfinished_run("newest")


def test_an_id_that_two_runs_share_is_refused(make: Make) -> None:
    for name in ("one", "two"):
        write_json(make(name).path / "run.json", {**make(name).info, "run_id": f"abcdef-{name}"})
    with pytest.raises(UserError, match="2 runs are called 'abcd'"):
        finished_run("abcd")


def test_the_run_to_resume_is_the_newest_that_is_not_finished(make: Make) -> None:
    make("stopped", "stopped")
    left = make("killed", "running")
    make("done")
    assert unfinished_run("newest") == left
    assert unfinished_run("stopped").name == "stopped"
    with pytest.raises(UserError, match="run done is finished: there is nothing to resume"):
        unfinished_run("done")


def test_a_run_another_process_trains_is_left_alone_until_that_is_killed(
    held: tuple[RunFolder, subprocess.Popen[str]],
) -> None:
    folder, other = held
    assert folder.is_running()
    with pytest.raises(UserError, match="no unfinished run"):
        unfinished_run("newest")
    with pytest.raises(UserError, match="run held is being trained by another process"):
        folder.locked().__enter__()
    other.kill()
    other.wait()
    assert not folder.is_running()
    assert unfinished_run("newest") == folder
    with folder.locked():
        pass
