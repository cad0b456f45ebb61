import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from common import copying, rooms
from common.errors import UserError

Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
ROOM = rooms.names()[0]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository as it stands, without what git ignores."""
    clone = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone / name)
    return clone


@pytest.fixture(scope="module")
def copied(clone: Path, command: Command) -> Path:
    """The clone after `new zoo_keeper`."""
    done = command(*f"-m projects new zoo_keeper --from {ROOM}".split(), cwd=clone, root=clone)
    assert (done.returncode, done.stderr) == (0, "")
    assert "mlflow run . -e zoo_keeper" in done.stdout
    return clone


def test_the_copy_is_complete_and_forgets_where_it_came_from(copied: Path) -> None:
    files = {p.relative_to(ROOT / "projects" / ROOM) for p in _sources(ROOT / "projects" / ROOM)}
    fresh = copied / "projects" / "zoo_keeper"
    assert {p.relative_to(fresh) for p in _sources(fresh)} == files
    for folder in (fresh, copied / "tests" / "projects" / "zoo_keeper"):
        for file in _sources(folder):
            text = file.read_text(encoding="utf-8")
            assert ROOM not in text
            assert ROOM.replace("_", " ") not in text


def test_the_copy_has_an_entry_point_and_the_others_are_as_before(copied: Path) -> None:
    before = (ROOT / "MLproject").read_text()
    after = (copied / "MLproject").read_text()
    assert after.startswith(before.rstrip())
    added = after.removeprefix(before.rstrip())
    assert "\n  zoo_keeper:\n" in added
    assert "python -m projects.zoo_keeper train {preset}" in added
    assert ROOM not in added


def test_the_copy_is_listed_and_answers_beside_the_first(copied: Path, command: Command) -> None:
    listed = command("-m", "projects", cwd=copied, root=copied)
    assert f"\n{ROOM}:" in f"\n{listed.stdout}"
    assert "\nzoo_keeper:" in listed.stdout
    code = (
        "from common.rooms import room\n"
        f"old, new = room({ROOM!r}), room('zoo_keeper')\n"
        "assert new.name == 'zoo_keeper' and new.settings is not old.settings\n"
        "assert new.build.__module__.startswith('projects.zoo_keeper.')\n"
    )
    loaded = command("-c", code, cwd=copied, root=copied)
    assert loaded.returncode == 0, loaded.stderr


@pytest.mark.parametrize(
    ("source", "name", "said"),
    [
        ("nothing", "zoo", "no project 'nothing' to copy"),
        (ROOM, ROOM, "already"),
        (ROOM, "zoo-keeper", "cannot be a project's name"),
        (ROOM, "../zoo", "cannot be a project's name"),
        (ROOM, "1zoo", "cannot be a project's name"),
        (ROOM, "zoo\n", "cannot be a project's name"),
        (ROOM, "class", "cannot be a project's name"),
    ],
)
def test_a_copy_that_cannot_work_is_refused(
    source: str, name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing may be copied")

    monkeypatch.setattr(copying.shutil, "copytree", refuse)
    with pytest.raises(UserError, match=said):
        copying.copied_room(source, name)


def _sources(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
