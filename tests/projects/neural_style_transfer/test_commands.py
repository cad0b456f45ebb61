"""The verbs on the command line: flags, what is refused before TensorFlow loads, and Ctrl-C."""

from pathlib import Path
from typing import Any

import pytest

from common import cli
from common.errors import UserError
from projects.neural_style_transfer import commands, stylize
from projects.neural_style_transfer.settings import Optimising


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """What `stylized` was called with."""
    calls: list[Any] = []
    monkeypatch.setattr(stylize, "stylized", lambda *words: calls.append(words))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return calls


def call(words: str) -> None:
    cli._call("python -m projects.neural_style_transfer", commands.VERBS, words.split())


def test_flags_come_as_they_are_written(asked: list[Any]) -> None:
    call(
        "stylize a.png starry -o b.png --size 64 --strength 0.2 --smooth 0.1 --preserve-colour"
        " --steps 7 --scales 3 --method lbfgs --features vgg19 --resume"
    )
    how = Optimising(
        method="lbfgs", steps=7, strength=0.2, smooth=0.1, scales=3, preserve_colour=True
    )
    wanted = stylize.Asked(size=64, features="vgg19", how=how)
    assert asked == [(Path("a.png"), "starry", Path("b.png"), wanted, True)]


def test_without_flags_pictures_are_optimised_as_in_the_settings(asked: list[Any]) -> None:
    call("stylize a.png starry --output b.png")
    wanted = stylize.Asked(size=512, features="random", how=Optimising())
    assert asked == [(Path("a.png"), "starry", Path("b.png"), wanted, False)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("stylize a.png starry -o b.png --strength 1.5", r"strength is 1.5: .* equal to 1"),
        ("stylize a.png starry -o b.png --smooth -1", "smooth is -1"),
        ("stylize a.png starry -o b.png --steps 0", "steps is 0"),
        ("stylize a.png starry -o b.png --scales 9", "scales is 9"),
        ("stylize a.png starry -o b.png --size 8", "--size 8: between 32 and 2048"),
        ("stylize a.png starry -o b.png --size 9000", "--size 9000: between 32 and 2048"),
        ("stylize a.png starry -o b.png --method sgd", "'sgd'"),
        ("stylize a.png starry", "output"),
        ("paint -o b.png", "no picture was given"),
        ("paint a.png -o b.png --size 8", "--size 8: at least 32"),
        ("paint a.png -o b.png", "no finished run of neural_style_transfer .* train one first"),
        ("paint a.png -o b.png --model no", "0 runs are called 'no'"),
    ],
)
def test_wrong_words_are_refused_in_one_line(asked: list[Any], words: str, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        call(words)
    assert "\n" not in str(caught.value)
    assert asked == []


@pytest.mark.parametrize(
    ("words", "said"),
    [((), "nothing is left to go on with"), ((stylize.GO_ON,), ".* with --resume goes on")],
)
def test_control_c_says_how_to_go_on_where_something_is_left(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    def stopped(*called_with: Any) -> None:
        raise KeyboardInterrupt(*words)

    monkeypatch.setattr(stylize, "stylized", stopped)
    with pytest.raises(KeyboardInterrupt, match=f"^{said}$"):
        call("stylize a.png starry -o b.png")
