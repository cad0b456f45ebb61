"""`paint`: an exported network on pictures of any size, a line for each."""

import re
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from common.errors import UserError
from common.runs import RunFolder
from projects.neural_style_transfer import commands
from projects.neural_style_transfer.paint import painted


class Negative(tf.Module):
    """Stands for a painter: dark becomes light."""

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.uint8, "pixels")])
    def pixels(self, pixels: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"painted": 255.0 - tf.cast(pixels, tf.float32)}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = RunFolder(tmp_path_factory.mktemp("home") / "runs" / "negative")
    folder.note(run_id="abcdef123", project=commands.NAME, status="finished", started="2026-01-01")
    model = Negative()
    place = folder.path / "export" / "saved_model"
    tf.saved_model.save(model, str(place), signatures={"pixels": model.pixels})
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: RunFolder) -> Path:
    """A folder with pictures good and bad; the run is found from it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{run.home}/mlflow.db")
    noise = np.random.default_rng(0).integers(0, 255, (37, 51, 3), np.uint8)
    for folder, suffix in (("in", ".png"), ("other", ".jpg")):
        Path(folder).mkdir()
        Image.fromarray(noise).resize((102, 74)).save(Path(folder, "large").with_suffix(suffix))
    Image.fromarray(noise).resize((71, 64)).convert("L").save("in/grey.png")
    Path("in/broken.png").write_bytes(b"text")
    return tmp_path


@pytest.mark.usefixtures("here")
def test_a_picture_is_painted_at_its_own_size(run: RunFolder) -> None:
    said = list(painted([Path("in/large.png")], Path("out.png"), run, 2048))
    assert said[0] == "model negative"
    assert re.fullmatch(r"in/large.png: out.png, 102 x 74 pixels in \d+ ms", said[1])
    before, after = (np.asarray(Image.open(file)) for file in ("in/large.png", "out.png"))
    np.testing.assert_array_equal(after, 255 - before)


@pytest.mark.usefixtures("here")
def test_a_larger_one_than_asked_is_scaled_with_a_word(run: RunFolder) -> None:
    said = list(painted([Path("in/large.png")], Path("out.jpg"), run, 51))
    assert said[1].startswith("in/large.png has 102 x 74 pixels: scaled to a longer side of 51")
    assert Image.open("out.jpg").size == (51, 37)


@pytest.mark.usefixtures("here")
def test_of_a_folder_the_broken_ones_are_told_and_the_others_painted(run: RunFolder) -> None:
    said = []
    with pytest.raises(UserError, match=r"^2 of 3 painted, 1 was not$"):
        said += painted([Path("in")], Path("out"), run, 2048)
    assert said[1].startswith("in/broken.png is no picture")
    assert [line.split(":")[0] for line in said[2:]] == ["in/grey.png", "in/large.png"]
    assert sorted(file.name for file in Path("out").iterdir()) == ["grey.png", "large.png"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("pictures", "output", "said"),
    [
        (["in/broken.png"], "out.png", "in/broken.png is no picture"),
        (["in/broken.png", "in/broken.png"], "out", "in/broken.png is no picture"),
        (
            ["in/large.png", "other"],
            "out",
            "in/large.png and other/large.jpg would both be written",
        ),
        (["in"], "in", "would be overwritten"),
        (["none.png"], "out.png", "none.png does not exist"),
        (["in/large.png"], "out.bmp", "out.bmp ends in none of"),
    ],
)
def test_what_cannot_be_painted_is_refused(
    run: RunFolder, pictures: list[str], output: str, said: str
) -> None:
    with pytest.raises(UserError, match=said) as caught:
        list(painted([Path(one) for one in pictures], Path(output), run, 2048))
    assert "\n" not in str(caught.value)
    assert not Path(output).is_file()


def test_what_is_given_twice_is_painted_once_and_what_is_left_out_is_told(
    here: Path, run: RunFolder
) -> None:
    Path("other/notes.txt").write_text("no picture")
    large = here / "in/large.png"
    given = [Path("in/large.png"), large, Path("in/grey.png"), large]
    said = list(painted(given, Path("out"), run, 2048))
    assert said[1] == f"given twice: {large}, painted once"
    assert [line.split(":")[0] for line in said[2:]] == ["in/large.png", "in/grey.png"]
    said = list(painted([Path("other")], Path("out"), run, 2048))
    assert said[1].startswith("other: 1 file is left out: its name ends in none of .png, .jpg")
    assert len(said) == 3


@pytest.mark.usefixtures("here")
def test_where_nothing_can_be_read_it_fails(run: RunFolder) -> None:
    Path("in/again.png").write_bytes(b"")
    for name in ("large", "grey"):
        Path(f"in/{name}.png").unlink()
    with pytest.raises(UserError, match=r"none of the files \(2\) can be read"):
        list(painted([Path("in")], Path("out"), run, 2048))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("model", ["newest", "negative", "abcd"])
def test_the_run_is_named(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands.paint((Path("other/large.jpg"),), output=Path("out.png"), model=model)
    assert capsys.readouterr().out.startswith("model negative\n")
