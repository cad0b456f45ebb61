import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common import cli, rooms
from common.errors import UserError
from common.settings import Settings

Command = Callable[..., subprocess.CompletedProcess[str]]
HEAVY = {"tensorflow", "keras", "mlflow", "pandas", "scipy", "matplotlib", "pyarrow", "PIL", "h5py"}
ROOM = rooms.names()[0]
ROOT = Path(__file__).parents[2]


def test_the_list_names_every_project_and_preset(command: Command, tmp_path: Path) -> None:
    done = command("-m", "projects", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for name in rooms.names():
        module = rooms.room_settings(name)
        assert f"{name}: {module.SUMMARY}" in done.stdout
        assert all(text in done.stdout for text, _ in module.PRESETS.values())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words",
    [
        ("projects",),
        ("projects", "--help"),
        (f"projects.{ROOM}", "--help"),
        (f"projects.{ROOM}", "train", "demo", "--help"),
        (f"projects.{ROOM}", "train", "demo", "--fit.epochs", "none"),
        ("projects", "resume", "nothing"),
    ],
)
def test_what_needs_no_model_imports_nothing_heavy(
    command: Command, tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = command("-X", "importtime", "-m", *words, cwd=tmp_path)
    imported = set(re.findall(r"^import time:.*\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert "common.cli" in imported
    assert not HEAVY & {name.partition(".")[0] for name in imported}


@pytest.mark.parametrize("name", rooms.names())
def test_the_help_of_a_preset_shows_every_field_with_its_default(
    command: Command, tmp_path: Path, name: str
) -> None:
    done = command("-m", f"projects.{name}", "train", "demo", "--help", cwd=tmp_path, COLUMNS="200")
    assert (done.returncode, done.stderr) == (0, "")
    _, demo = rooms.room_settings(name).PRESETS["demo"]
    for group, fields in demo.model_dump().items():
        for field in fields:
            assert f"--{group}.{field}".replace("_", "-") in done.stdout.replace("_", "-")
    assert f"(default: {demo.fit.learning_rate})" in done.stdout
    assert "The learning rate, before any decay" in done.stdout


@pytest.mark.parametrize(
    ("words", "value", "expectation", "cure"),
    [
        ("train smoke --fit.epohcs 2", "--fit.epohcs", "nrecognized", "meant --fit.epochs"),
        ("train smoke --fit.epochs two", "'two'", "int", "--help"),
        ("train smoke --fit.epochs", "--fit.epochs", "Expected 1 value", "--help"),
        ("train smoke --fit.epochs 0", "fit.epochs is 0", "greater than or equal to", "1"),
        ("train smoke --fit.optimizer adm", "'adm'", "Expected one of", "'adam'"),
        ("train smoke --fit.class_weights yes", "'yes'", "Expected one of", "True"),
        ("train smoke more", "more", "nrecognized", "--help"),
        ("train smok", "'smok'", "preset", "choose from smoke"),
        ("train", "no preset", "smoke, demo", "as in"),
        ("train --fit.epochs 2 smoke", "no preset", "first", "train demo --fit.epochs 2"),
        ("fly", "'fly'", "verb", "choose from train, check"),
    ],
)
def test_a_wrong_word_is_one_line_with_value_expectation_and_cure(
    command: Command, tmp_path: Path, words: str, value: str, expectation: str, cure: str
) -> None:
    done = command("-m", f"projects.{ROOM}", *words.split(), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert all(word in done.stderr for word in (value, expectation, cure)), done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("fly", "there is no verb 'fly': choose from new, resume, reveal_test, deliver"),
        ("resume nothing", "0 runs are called 'nothing'"),
        ("reveal_test", "no run was named: reveal_test RUN..."),
        (f"new Zoo --from {ROOM}", "'Zoo' cannot be a project's name"),
        ("new zoo --from nothing", f"there is no project 'nothing' to copy: there are {ROOM}"),
    ],
)
def test_the_houses_verbs_refuse_in_one_line(
    command: Command, tmp_path: Path, words: str, said: str
) -> None:
    done = command("-m", "projects", *words.split(), cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """call("verb", verb=FUNCTION): `python -m projects.zoo verb` in this process."""
    light = SimpleNamespace(PRESETS={"demo": ("a line", Settings())})
    monkeypatch.setattr(cli, "room_settings", lambda name: light)

    def run(*words: str, **verbs: Callable[..., None]) -> None:
        monkeypatch.setattr("sys.argv", ["zoo", *words])
        cli.project("projects.zoo", verbs)

    before = signal.getsignal(signal.SIGINT)
    yield run
    signal.signal(signal.SIGINT, before)  # a stop by hand ends in ignoring it


def test_the_preset_and_its_fields_reach_training(
    call: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    monkeypatch.setattr(cli, "_start", lambda *given: started.extend(given))
    call("train", "demo", "--fit.epochs", "3", "--strategy.constraints", "a <= 1", "b <= 2")
    verb, name, preset, settings = started
    assert (verb, name, preset) == ("train", "zoo", "demo")
    assert settings.fit.epochs == 3
    assert settings.strategy.constraints == ("a <= 1", "b <= 2")
    assert settings.data == Settings().data


@pytest.mark.parametrize(
    ("words", "said"),
    [((), "stopped by hand\n"), (("go on so",), "stopped by hand; go on so\n")],
)
def test_a_stop_by_hand_says_what_the_verb_says_and_a_second_changes_nothing(
    call: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    said: str,
) -> None:
    def wait() -> None:
        """Wait."""
        raise KeyboardInterrupt(*words)

    with pytest.raises(SystemExit) as stop:
        call("wait", wait=wait)
    os.kill(os.getpid(), signal.SIGINT)
    assert stop.value.code == 130
    assert capsys.readouterr().err == said


def test_a_bug_is_not_hidden_and_what_a_user_can_mend_is_not_a_bug(
    call: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    def fall() -> None:
        """Fall."""
        raise ZeroDivisionError

    def miss(what: str) -> None:
        """Miss."""
        raise UserError(f"{what} is missing")

    with pytest.raises(ZeroDivisionError):
        call("fall", fall=fall, miss=miss)
    with pytest.raises(SystemExit) as stop:
        call("miss", "--what", "it", fall=fall, miss=miss)
    assert stop.value.code == 2
    assert capsys.readouterr().err == "error: it is missing\n"


def test_a_reader_that_has_enough_is_no_error() -> None:
    program = [sys.executable, "-m", "projects"]
    with subprocess.Popen(
        program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as listing:
        assert listing.stdout
        assert listing.stderr
        listing.stdout.close()
        assert listing.stderr.read() == ""


def test_a_file_in_the_way_is_one_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    done = command("-m", "projects.cat_classifier", "check", "smoke", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "cache: a file is in the way of a folder" in done.stderr
