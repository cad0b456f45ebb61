"""What `translate` refuses: in one line, before anything heavy is imported."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from common.errors import UserError
from common.files import write_json
from common.runs import RunFolder
from projects.machine_translation import commands
from projects.machine_translation.settings import Model, Settings

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two finished runs, the newer without attention, and a file of sentences."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    for number, name in enumerate(("bahdanau", "no_attention")):
        run = RunFolder(tmp_path / "runs" / name)
        started = f"2026-01-0{number + 1}"
        run.note(run_id=name, project=commands.NAME, status="finished", started=started)
        settings = Settings(model=Model(name=name))
        write_json(run.path / "settings.json", settings.model_dump(mode="json"))
    (tmp_path / "in.txt").write_text("3 mai 1979\n", encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes("3 février\n".encode("latin1"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "neither was given: name sentences in quotes, or --file IN --output OUT"),
        ({"sentences": ("a",), "file": "in.txt"}, "both sentences and --file were given"),
        ({"file": "in.txt"}, "--output is missing"),
        ({"sentences": ("a",), "output": "out.txt"}, "--file is missing"),
        ({"sentences": ("a", " \t")}, "sentence 2 of 2 is empty"),
        ({"sentences": ("\u200f",)}, "sentence 1 of 1 is empty"),
        ({"sentences": ("a", "b"), "attention": "a.png"}, "one sentence, not 2 sentences"),
        ({"file": "in.txt", "output": "o", "attention": "a.png"}, "one sentence, not a file"),
        ({"sentences": ("a",), "attention": "a.jpg"}, r"ending in .png, .svg, .pdf is"),
        ({"sentences": ("a",), "attention": "a.png"}, r"no_attention is a model without attention"),
        ({"sentences": ("a",), "attention": "runs.png"}, "runs.png is no plain file"),
        ({"file": "in.txt", "output": "runs"}, "runs is no plain file"),
        ({"file": "in.txt", "output": "in.txt/out.txt"}, "in.txt is no folder that lets you"),
        ({"file": "runs", "output": "out.txt"}, "runs is no file"),
        ({"file": "none.txt", "output": "out.txt"}, "none.txt is no file"),
        ({"file": "in.txt", "output": "runs/../in.txt"}, "--output would overwrite in.txt"),
        ({"file": "in.txt", "output": "out.txt", "n_best": 2}, "a file gets one line for a line"),
        ({"file": "latin.txt", "output": "out.txt"}, "latin.txt is not UTF-8: line 1 has 0xe9"),
        ({"sentences": ("a",), "n_best": 5}, "--n-best 5 is more than the beam of 4: give --beam"),
        ({"sentences": ("a",), "n_best": 3, "beam": 2}, "more than the beam of 2"),
        ({"sentences": ("a",), "beam": 0}, "search.beam is 0"),
        ({"sentences": ("a",), "n_best": 0}, "search.n_best is 0"),
        ({"sentences": ("a",), "model": "none"}, "0 runs are called 'none'"),
    ],
)
def test_what_cannot_be_translated(here: Path, given: dict[str, Any], said: str) -> None:
    (here / "runs.png").mkdir()
    files = {name: Path(given[name]) for name in ("file", "output", "attention") if name in given}
    with pytest.raises(UserError, match=said) as error:
        commands.translate(**{**given, **files})
    assert "\n" not in str(error.value)
    assert not (here / "out.txt").exists()


def test_bad_calls_are_answered_before_tensorflow_loads(command: Command, here: Path) -> None:
    code = (
        "import sys; from projects.machine_translation import commands\n"
        "try: commands.translate(('a',), n_best=9)\n"
        "finally: assert not {'tensorflow', 'pandas', 'keras'} & set(sys.modules)"
    )
    done = command("-c", code, cwd=here)
    assert "--n-best 9 is more than the beam of 4" in done.stderr
    assert "AssertionError" not in done.stderr


def test_bad_calls_on_the_command_line(command: Command, here: Path) -> None:
    done = command("-m", "projects.machine_translation", "translate", cwd=here)
    assert done.returncode == 2
    assert done.stderr.startswith("error: neither was given")
    words = ["translate", "3 mai", "--beam", "2", "--n-best", "3"]
    done = command("-m", "projects.machine_translation", *words, cwd=here)
    assert done.stderr == "error: --n-best 3 is more than the beam of 2: give --beam 3 too\n"
