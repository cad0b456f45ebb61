"""`stylize` stopped and resumed: by hand, by a loss that is no number, by a full disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.errors import UserError
from projects.neural_style_transfer import optimise, unfinished
from projects.neural_style_transfer.pictures import read
from projects.neural_style_transfer.state import State
from tests.projects.neural_style_transfer.stylizing import run, stopping


@pytest.mark.usefixtures("here")
def test_an_interrupted_painting_is_kept_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        stopping(patch, 3)
        with pytest.raises(KeyboardInterrupt, match="the same command with --resume goes on"):
            run("content.png", "waves", "out.png")
    assert "out.png: the best picture so far, at step 3" in capsys.readouterr().out
    assert read(Path("out.png"), 32).shape == (24, 32, 3)
    left = State.read(Path("out.png.unfinished/state.npz"))
    assert (left.step, left.scale) == (3, 0)
    with monkeypatch.context() as patch:
        stopping(patch, 3)
        with pytest.raises(KeyboardInterrupt):
            run("content.png", "waves", "out.png")
    assert "begins anew; --resume would go on with out.png.unfinished" in capsys.readouterr().out
    run("content.png", "waves", "out.png", resume=True, steps=5)
    said = capsys.readouterr().out
    assert "goes on at scale 1, step 3" in said
    assert "step 3/5" not in said
    assert "step 5/5" in said
    assert not Path("out.png.unfinished").exists()


@pytest.mark.usefixtures("here")
def test_with_nothing_kept_and_nothing_finished_there_is_no_word_on_going_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stopped(*words: Any) -> None:
        raise KeyboardInterrupt

    Path("in").mkdir()
    for name in ("content.png", "grey.png"):
        Path("in", name).write_bytes(Path(name).read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr("projects.neural_style_transfer.stylize.feature_network", stopped)
        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            run("in", "waves", "out")
    run("in/content.png", "waves", "out/content_waves.png")
    with monkeypatch.context() as patch:
        patch.setattr("projects.neural_style_transfer.stylize.feature_network", stopped)
        with pytest.raises(KeyboardInterrupt, match="the same command with --resume goes on"):
            run("in", "waves", "out", resume=True)


@pytest.mark.usefixtures("here")
def test_another_painting_than_was_begun_is_not_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        stopping(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            run("content.png", "waves", "out.png")
    before = Path("out.png").read_bytes()
    others: dict[str, tuple[str, str, dict[str, Any]]] = {
        "content": ("grey.png", "waves", {}),
        "style": ("content.png", "style.jpg", {}),
        "size": ("content.png", "waves", {"size": 40}),
        "strength, scales": ("content.png", "waves", {"strength": 0.1, "scales": 2}),
    }
    for said, (content, style, how) in others.items():
        with pytest.raises(UserError, match=f"out.png was begun with another {said}: ask"):
            run(content, style, "out.png", resume=True, **how)
    assert Path("out.png").read_bytes() == before
    assert State.read(Path("out.png.unfinished/state.npz")).step == 2


@pytest.mark.usefixtures("here")
def test_where_nothing_could_be_painted_it_fails(capsys: pytest.CaptureFixture[str]) -> None:
    Path("in").mkdir()
    for name in ("cut.png", "long.png"):
        Path("in", name).write_bytes(Path(name).read_bytes())
    with pytest.raises(UserError, match="none of the 2 pictures could be painted: the lines above"):
        run("in", "waves", "out")
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert not Path("out").exists()


def _broken_after(calls: int) -> Callable[..., optimise.Evaluate]:
    real = optimise.evaluation

    def evaluation(objective: Any) -> optimise.Evaluate:
        evaluate, left = real(objective), iter(range(calls))

        def called(picture: np.ndarray) -> tuple[dict[str, float], np.ndarray]:
            terms, gradient = evaluate(picture)
            return (terms if next(left, None) is not None else terms | {"total": np.nan}), gradient

        return called

    return evaluation


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("calls", [0, 2])
def test_a_loss_that_is_no_number_leaves_the_last_good_picture(
    calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optimise, "evaluation", _broken_after(calls))
    said = f"no longer a number after {calls} steps: out.png is the last good picture; try"
    with pytest.raises(UserError, match=said):
        run("content.png", "waves", "out.png")
    assert np.isfinite(read(Path("out.png"), 32)).all()
    assert not Path("out.png.unfinished").exists()


@pytest.mark.usefixtures("here")
def test_what_is_left_is_written_every_few_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def killed(*words: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    monkeypatch.setattr("projects.neural_style_transfer.stylize.written", killed)
    with pytest.raises(RuntimeError, match="killed"):
        run("content.png", "waves", "out.png")
    assert State.read(Path("out.png.unfinished/state.npz")).step == 4


@pytest.mark.usefixtures("here")
def test_a_full_disk_ends_the_keeping_but_not_the_painting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(state: State, path: Path) -> None:
        raise UserError("the disk is full")

    monkeypatch.setattr(unfinished, "EVERY", 0.0)
    monkeypatch.setattr(State, "write", full)
    run("content.png", "waves", "out.png")
    said = capsys.readouterr().out
    assert said.count("there will be nothing to resume: the disk is full") == 1
    assert Path("out.png").exists()


@pytest.mark.usefixtures("here")
def test_what_is_left_may_be_damaged() -> None:
    left = Path("out.png.unfinished")
    left.mkdir()
    (left / "state.npz").write_bytes(b"")
    (left / "asked.json").write_text("{")
    with pytest.raises(UserError, match=r"out.png.unfinished is damaged: delete it"):
        run("content.png", "waves", "out.png", resume=True)
