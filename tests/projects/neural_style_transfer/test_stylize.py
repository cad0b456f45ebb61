"""`stylize`: pictures in, painted pictures out; stopped, resumed, in all kinds of trouble."""

import os
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from common.errors import UserError
from projects.neural_style_transfer.colour import LUMINANCE, transferred
from projects.neural_style_transfer.pictures import read
from projects.neural_style_transfer.scores import sliced_wasserstein
from projects.neural_style_transfer.stylize import stylized
from tests.projects.neural_style_transfer.stylizing import ASKED, run


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
        ("content.png", "waves", "out.tiff", "out.tiff ends in none of"),
        ("content.png", "waves", "content.png", "content.png is read, and would be overwritten"),
        ("content.png", "style.jpg", "style.jpg", "style.jpg is read, and would be overwritten"),
        ("content.png", "waves", "text.jpg/out.png", "text.jpg is a file, and no folder"),
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
    with pytest.raises(UserError, match=r"^2 of 3 painted, 1 was not$"):
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


@pytest.mark.parametrize("output", ["out.png", "out.jpg"])
@pytest.mark.usefixtures("here")
def test_only_what_was_painted_as_asked_is_finished(
    output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy("style.jpg", output)
    for how, said in (
        ({}, f"{output} was painted otherwise, or not by stylize: begins anew"),
        ({}, f"{output} is finished: left as it is"),
        ({"strength": 0.5}, f"{output} was painted otherwise, or not by stylize: begins anew"),
        ({"strength": 0.5, "steps": 3}, f"{output} was painted otherwise, or not by stylize"),
        ({"strength": 0.5, "steps": 3}, f"{output} is finished: left as it is"),
    ):
        run("content.png", "waves", output, resume=True, **how)
        printed = capsys.readouterr().out
        assert said in printed
        assert ("step 1/" in printed) == ("begins anew" in printed)
    run("grey.png", "waves", output, resume=True, strength=0.5, steps=3)
    assert "begins anew" in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_of_a_flat_picture_no_edges_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (40, 30), (200, 30, 90)).save("flat.png")
    Image.new("RGBA", (40, 30), (200, 30, 90, 0)).save("glass.png")
    for content in ("flat.png", "glass.png"):
        run(content, "waves", "out.png")
        assert "edges" not in capsys.readouterr().out
