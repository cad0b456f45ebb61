"""`predict`: photographs in, a line for each out, in words."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from common import tracking
from common.errors import UserError
from common.runs import RunFolder
from projects.cat_classifier import answer, embedded
from projects.cat_classifier.answer import answers
from projects.cat_classifier.embedded_settings import EmbeddedSettings
from tests.common.data.small_pictures import encoded, photograph
from tests.projects.cat_classifier.conftest import ROOM

Command = Callable[..., subprocess.CompletedProcess[str]]
SURE = re.compile(r"(almost certainly|very likely|likely) (cat|not cat) \((\d+) %\)")
UNSURE = re.compile(r"unsure: (cat|not cat) (\d+) % or (cat|not cat) (\d+) %")


@pytest.fixture(autouse=True)
def _at_home(own_run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{own_run.home / 'mlflow.db'}")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 40 pictures such as the run was trained on, in files."""
    place = tmp_path_factory.mktemp("drawn")
    table = embedded.examples(EmbeddedSettings(number=40), seed=9)
    for number, row in enumerate(table.to_dict("records")):
        Image.fromarray(embedded.picture(row, 48)).save(place / f"{number:02}.png")
    return place


def test_each_picture_has_a_line_that_says_what_the_model_answered(
    own_run: RunFolder, drawn: Path
) -> None:
    said = list(answers([drawn], "newest"))
    assert said[0] == f"model {own_run.name}"
    files = sorted(drawn.iterdir())
    assert [line.partition(": ")[0] for line in said[1:]] == [str(file) for file in files]
    loaded = tf.saved_model.load(str(own_run.path / "export" / "saved_model"))
    found = loaded.signatures["image"](image=tf.constant([f.read_bytes() for f in files]))
    for i, line in enumerate(said[1:]):
        text = line.partition(": ")[2]
        name, unsure = found["prediction"][i].numpy().decode(), bool(found["unsure"][i])
        match = (UNSURE if unsure else SURE).fullmatch(text)
        assert match, text
        if unsure:
            assert {match[1], match[3]} == {"cat", "not cat"}
            assert int(match[2]) >= int(match[4])
        else:
            assert match[2] == name
            assert int(match[3]) == pytest.approx(100 * float(found["score"][i]), abs=0.51)


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0.995, "almost certainly cat (100 %)"),
        (0.95, "very likely cat (95 %)"),
        (0.7, "likely cat (70 %)"),
    ],
)
def test_a_probability_is_a_word(chance: float, words: str) -> None:
    found = {"prediction": b"cat", "score": np.float32(chance), "unsure": np.False_}
    assert answer._in_words(found, ["cat", "not cat"]) == words


def test_of_many_classes_the_unsure_names_the_first_two() -> None:
    found = {
        "prediction": b"owl",
        "score": np.float32(0.45),
        "unsure": np.True_,
        "probabilities": np.array([0.4, 0.15, 0.45]),
    }
    assert answer._in_words(found, ["cat", "dog", "owl"]) == "unsure: owl 45 % or cat 40 %"


def test_a_broken_file_is_a_line_of_its_own(drawn: Path, tmp_path: Path) -> None:
    broken = {"empty.jpg": b"", "text.png": b"text", "cut.jpg": encoded(photograph(1))[:150]}
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / ".hidden.jpg").write_bytes(b"no photograph")
    said = []
    with pytest.raises(UserError, match=r"^1 of 4 answered, 3 were not$"):
        said += answers([tmp_path, drawn / "03.png"], "newest")
    assert len(said) == 5
    for line, name in zip(said[1:4], sorted(broken), strict=True):
        assert line == f"{tmp_path / name}: cannot be read as a JPEG, PNG, GIF, BMP or WebP picture"
    assert re.search("cat", said[4].partition(": ")[2])


def test_the_run_is_named_by_name_id_or_champion(
    own_run: RunFolder, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, run_id = [drawn / "00.png"], own_run.info["run_id"]
    expected = list(answers(photo, "newest"))
    assert list(answers(photo, own_run.name)) == expected
    assert list(answers(photo, run_id[:8])) == expected
    monkeypatch.setattr(tracking, "champion", lambda name: run_id if name == ROOM else None)
    assert list(answers(photo, "champion")) == expected
    monkeypatch.setattr(tracking, "champion", lambda name: None)
    with pytest.raises(UserError, match=r"no champion in the store of .*: train one"):
        list(answers(photo, "champion"))


@pytest.mark.parametrize(
    ("photos", "model", "said"),
    [
        ([], "newest", "no photograph was given"),
        (["missing.jpg"], "newest", "missing.jpg does not exist"),
        (["text.jpg"], "newest", r"none of the files \(1\) is a picture"),
        (["empty"], "newest", "no photograph was given"),
        (["text.jpg"], "nothing", "0 runs are called 'nothing'"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    tmp_path: Path, photos: list[str], model: str, said: str
) -> None:
    (tmp_path / "text.jpg").write_bytes(b"text")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=said) as caught:
        list(answers([tmp_path / one for one in photos], model))
    assert "\n" not in str(caught.value)


def test_before_anything_was_trained_it_says_how_to(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    train = f"train one first: python -m projects.{ROOM} train demo"
    with pytest.raises(UserError, match=f"no finished run of {ROOM} in .*; {train}"):
        list(answers([drawn], "newest"))


def test_predict_on_the_command_line(own_run: RunFolder, drawn: Path, command: Command) -> None:
    photos = [str(drawn / "00.png"), str(drawn / "01.png")]
    done = command("-m", f"projects.{ROOM}", "predict", *photos, cwd=own_run.home)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 3
