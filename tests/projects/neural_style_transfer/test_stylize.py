"""`stylize`: pictures in, painted pictures out; stopped, resumed, in all kinds of trouble."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from common.errors import UserError
from projects.neural_style_transfer import optimise, unfinished
from projects.neural_style_transfer.colour import LUMINANCE, transferred
from projects.neural_style_transfer.following import Following
from projects.neural_style_transfer.pictures import read
from projects.neural_style_transfer.scores import sliced_wasserstein
from projects.neural_style_transfer.settings import Optimising
from projects.neural_style_transfer.state import State
from projects.neural_style_transfer.stylize import Asked, stylized

ASKED = Asked(size=32, features="random", how=Optimising(steps=4, scales=1))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a picture of each kind."""
    monkeypatch.chdir(tmp_path)
    noise = np.random.default_rng(0).integers(0, 255, (6, 8, 3), np.uint8)
    coloured = Image.fromarray(noise).resize((64, 48), Image.Resampling.BICUBIC)
    coloured.save("content.png")
    coloured.transpose(Image.Transpose.ROTATE_180).save("style.jpg")
    coloured.convert("L").save("grey.png")
    transparent = coloured.convert("RGBA")
    transparent.putalpha(90)
    transparent.save("clear.png")
    coloured.resize((8, 8)).save("tiny.png")
    coloured.resize((300, 30)).save("long.png")
    Path("text.jpg").write_text("no picture")
    Path("cut.png").write_bytes(Path("content.png").read_bytes()[:400])
    Path("huge.png").write_bytes(_png_header(20000, 20000))
    return tmp_path


def _png_header(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + body + b"\0\0\0\0IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


def run(
    content: str, style: str, output: str, *, resume: bool = False, size: int = 32, **how: object
) -> None:
    chosen = ASKED.how.model_copy(update=how)
    asked = ASKED.model_copy(update={"how": chosen, "size": size})
    stylized(Path(content), style, Path(output), asked, resume)


def stopping(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Press Ctrl-C after so many steps."""
    follow = Following.__call__

    def called(self: Following, state: State) -> None:
        follow(self, state)
        if state.step == step:
            raise KeyboardInterrupt

    monkeypatch.setattr(Following, "__call__", called)


@pytest.mark.parametrize(
    ("content", "style"),
    [
        ("content.png", "style.jpg"),
        ("content.png", "grey.png"),
        ("grey.png", "waves"),
        ("clear.png", "tiny.png"),
        ("tiny.png", "clear.png"),
    ],
)
@pytest.mark.usefixtures("here")
def test_any_picture_in_any_style_is_written_with_its_scores(
    content: str, style: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(content, style, "new/out.png")
    painted = read(Path("new/out.png"), 32, lambda word: None)
    assert painted.shape == ((32, 32, 3) if content == "tiny.png" else (24, 32, 3))
    said = capsys.readouterr().out.splitlines()
    assert ("enlarged to 32 x 32" in said[0]) == ("tiny.png" in (content, style))
    assert "edges kept" in said[-1]
    assert said[-1].startswith("new/out.png: ")
    assert [file.name for file in Path("new").iterdir()] == ["out.png"]


@pytest.mark.usefixtures("here")
def test_the_share_of_the_distance_is_that_of_what_was_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run("content.png", "style.jpg", "out.png", steps=12)
    content, style, painted = (read(Path(p), 32) for p in ("content.png", "style.jpg", "out.png"))
    start = transferred(content, style)
    share = sliced_wasserstein(painted, style) / sliced_wasserstein(start, style)
    said = capsys.readouterr().out
    assert f"distance to the style {100 * share:.0f} % of colour transfer's" in said
    assert "step 12/12  total" in said


@pytest.mark.usefixtures("here")
def test_the_contents_colours_are_kept_where_asked(capsys: pytest.CaptureFixture[str]) -> None:
    run("content.png", "woodcut", "out.png", preserve_colour=True)
    content, painted = read(Path("content.png"), 32), read(Path("out.png"), 32)
    chroma = [one - (one @ LUMINANCE)[..., None] for one in (content, painted)]
    assert np.corrcoef(*(one.ravel() for one in chroma))[0, 1] > 0.95
    assert "% of the content's, edges kept" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "style", "output", "said"),
    [
        ("text.jpg", "waves", "out.png", "text.jpg is no picture, or its header is damaged"),
        ("content.png", "text.jpg", "out.png", "text.jpg is no picture"),
        ("cut.png", "waves", "out.png", "cut.png is truncated or damaged"),
        ("huge.png", "waves", "out.png", "400 megapixels: at most 100 are read"),
        ("long.png", "waves", "out.png", "at most 8 times as long as wide"),
        ("none.png", "waves", "out.png", "none.png does not exist"),
        ("content.png", "starrry", "out.png", "starrry is neither .* painted style: starry, dot"),
        ("content.png", "waves", "out.txt", "out.txt ends in none of .png, .jpg, .jpeg"),
        ("content.png", "waves", "out", "out ends in none of"),
        ("content.png", "waves", "content.png", "content.png is read, and would be overwritten"),
        ("content.png", "style.jpg", "style.jpg", "style.jpg is read, and would be overwritten"),
        ("content.png", "waves", "text.jpg/out.png", "text.jpg is no folder that lets you"),
        (".", "waves", "out.png", "out.png names one file for several pictures"),
        ("empty", "waves", "out", "empty holds no picture"),
    ],
)
def test_what_cannot_be_painted_is_one_line_and_leaves_nothing(
    here: Path, content: str, style: str, output: str, said: str
) -> None:
    (here / "empty").mkdir()
    before = {file: file.stat().st_mtime_ns for file in here.iterdir()}
    with pytest.raises(UserError, match=said) as caught:
        run(content, style, output)
    assert "\n" not in str(caught.value)
    assert {file: file.stat().st_mtime_ns for file in here.iterdir()} == before


@pytest.mark.usefixtures("here")
def test_without_a_network_for_vgg19_one_line_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreachable(*words: object, **named: object) -> None:
        raise Exception("URL fetch failure on https://storage.googleapis.com: no route")

    monkeypatch.setattr(keras.src.applications.vgg19.file_utils, "get_file", unreachable)
    asked = ASKED.model_copy(update={"features": "vgg19"})
    with pytest.raises(UserError, match=r"VGG-19's weights could not be had .*random") as caught:
        stylized(Path("content.png"), "waves", Path("out.png"), asked, False)
    assert "\n" not in str(caught.value)
    assert not Path("out.png").exists()


@pytest.mark.usefixtures("here")
def test_a_content_that_is_the_style_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    run("content.png", "content.png", "out.png")
    said = capsys.readouterr().out
    assert "content and style are the same picture, little will change" in said
    assert Path("out.png").exists()


def test_folders_give_every_content_in_every_style(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, names in {
        "in": ("content.png", "cut.png", "tiny.png"),
        "how": ("style.jpg",),
    }.items():
        (here / folder).mkdir()
        for name in names:
            (here / folder / name).write_bytes((here / name).read_bytes())
    run("in", "how", "out")
    assert sorted(os.listdir("out")) == ["content_style.png", "tiny_style.png"]
    assert "cut in style: in/cut.png is truncated" in capsys.readouterr().out
    (here / "in/cut.png").unlink()
    (here / "out/tiny_style.png").unlink()
    run("in", "how", "out", resume=True)
    said = capsys.readouterr().out
    assert "out/content_style.png is finished: left as it is" in said
    assert "tiny in style: nothing is left to go on with, begins anew" in said
    assert sorted(os.listdir("out")) == ["content_style.png", "tiny_style.png"]


@pytest.mark.usefixtures("here")
def test_an_interrupted_painting_is_kept_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        stopping(patch, 3)
        with pytest.raises(KeyboardInterrupt):
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
    def killed(result: Any, path: Path) -> None:
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
