"""What users get wrong: one line each, exit code 2, and nothing that looks finished."""

import errno
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import pandas as pd
import pytest
import tensorflow as tf
from tensorflow.python.saved_model import save as saving

from common import cli
from common.runs import RunFolder, all_runs
from projects.cat_classifier.commands import VERBS
from tests.common.data.small_pictures import encoded, photograph
from tests.projects.cat_classifier.conftest import ROOM
from tests.projects.cat_classifier.pets import course_files, folder

Command = Callable[..., subprocess.CompletedProcess[str]]
QUICK = ("--data.size", "16", "--fit.epochs", "1", "--model.name", "logistic")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home, so one MLflow store, for all these runs."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{home / 'mlflow.db'}")
        yield home


@pytest.fixture
def refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """refused("--field", "value"): train so, in this process, and return the one line."""

    def train(*words: str) -> str:
        known = {run.name for run in all_runs()}
        monkeypatch.setattr("sys.argv", [ROOM, "train", "smoke", *QUICK, *words])
        with pytest.raises(SystemExit) as stop:
            cli.project(f"projects.{ROOM}", VERBS)
        assert stop.value.code == 2
        said = capfd.readouterr().err
        assert said.startswith("error: ")
        assert said.count("\n") == 1, said
        for run in all_runs():
            if run.name not in known:
                assert run.info["status"] == "failed"
                assert not left(run) & {"export", "report.html", "measurements.json"}
        assert not list(home.rglob("*.part"))
        return said

    return train


def left(run: RunFolder) -> set[str]:
    return {file.name for file in run.path.iterdir()}


def empty(place: Path) -> str:
    place.mkdir()
    return f"folder:{place}"


def without_files(place: Path) -> str:
    for name in ("cat", "dog"):
        (place / name).mkdir(parents=True)
    return f"folder:{place}"


def one_class(place: Path) -> str:
    return f"folder:{folder(place, 5, 'cat')}"


def three_pictures(place: Path) -> str:
    folder(place, 1)
    return f"folder:{folder(place, 2, 'cat')}"


def no_pictures(place: Path) -> str:
    for name in ("cat", "dog"):
        (place / name).mkdir(parents=True)
        (place / name / "notes.txt").write_text("no picture")
    return f"folder:{place}"


def a_file(place: Path) -> str:
    place.write_bytes(encoded(photograph()))
    return f"folder:{place}"


def cut_h5(place: Path) -> str:
    (file,) = course_files(place).glob("train*")
    file.write_bytes(file.read_bytes()[:3000])
    return f"h5:{place}"


def text_h5(place: Path) -> str:
    place.mkdir()
    (place / "train_x.h5").write_text("no pictures here")
    return f"h5:{place / 'train_x.h5'}"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (empty, "has 0 files of 0 classes: one folder per class, at least two, is expected"),
        (without_files, "has 0 files of 0 classes"),
        (one_class, "has 5 files of 1 classes (cat): one folder per class, at least two"),
        (three_pictures, "would be empty"),
        (no_pictures, "none of 2 pictures can be read"),
        (a_file, "is no folder: data.source=folder:PATH wants one folder per class"),
        (cut_h5, "cannot be read as the course's format"),
        (text_h5, "cannot be read as the course's format"),
        (lambda place: f"h5:{place}", "does not exist: data.source=h5:PATH wants"),
        (lambda place: f"folder:{place}", "is no folder"),
        (lambda place: "photos", "'photos' is no source of pictures: use embedded, folder:PATH"),
        (lambda place: "tfds:minst", "perhaps you meant mnist"),
    ],
)
def test_a_source_that_cannot_be_used(
    refused: Callable[..., str], tmp_path: Path, source: Callable[[Path], str], said: str
) -> None:
    assert said in refused("--data.source", source(tmp_path / "in"))


def test_one_source_is_not_two_distributions(refused: Callable[..., str], tmp_path: Path) -> None:
    same = three_pictures(tmp_path / "in")
    said = refused("--data.source", same, "--data.target", same)
    assert f"data.target is data.source, '{same}'" in said


def test_too_few_pictures_say_what_would_help(refused: Callable[..., str], tmp_path: Path) -> None:
    said = refused("--data.source", three_pictures(tmp_path / "in"))
    assert "3 examples in 3 groups give" in said
    assert "add examples" in said


def test_tfds_without_a_network(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At once: TFDS itself would try for minutes."""

    def unreachable(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    said = refused("--data.source", "tfds:mnist")
    assert "tfds:mnist is not in" in said
    assert "there is no network to download it" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--model.wieght", "3"), "--model.wieght"),
        (("--data.size", "big"), "'big'"),
        (("--data.size", "4"), "data.size is 4: input should be greater than or equal to 8"),
        (("--model.name", "squeeze"), "'squeeze'"),
        (("--model.unsure", "0.7"), "model.unsure is 0.7"),
        (("--data.embedded.number", "0"), "embeddedsettings.number is 0"),
        (("--data.positive", "dog"), "data.positive is 'dog', the classes are cat, not cat"),
        (("--data.target", "embedded", "--fit.folds", "3"), "folds mix train and dev"),
        (("--strategy.constraints", "speed <= 3"), "speed"),
        (("--strategy.constraints", "latency_p95_ms < 3"), "latency_p95_ms"),
        (("--data.dev_share", "0.6", "--data.test_share", "0.5"), "together they must be below 1"),
    ],
)
def test_a_field_that_cannot_be_used(
    refused: Callable[..., str], words: tuple[str, ...], said: str
) -> None:
    assert said in refused(*words)


def test_weights_of_another_model(refused: Callable[..., str], tmp_path: Path) -> None:
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    other.save_weights(tmp_path / "other.weights.h5")
    other.save(tmp_path / "other.keras")
    (tmp_path / "text.keras").write_text("no model")
    transfer = ("--model.name", "transfer", "--data.size", "48", "--model.weights")
    assert "does not hold SqueezeNet" in refused(*transfer, f"file:{tmp_path}/other.weights.h5")
    assert "other.keras takes (None, 4)" in refused(*transfer, f"file:{tmp_path}/other.keras")
    assert "text.keras is no Keras model" in refused(*transfer, f"file:{tmp_path}/text.keras")
    assert "which is no file" in refused(*transfer, f"file:{tmp_path}/none.keras")


def full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def full_in_tensorflow(*_: Any, **__: Any) -> None:
    raise tf.errors.ResourceExhaustedError(None, None, f"x; {os.strerror(errno.ENOSPC)}")


@pytest.mark.parametrize(
    ("place", "name", "breaks", "lost"),
    [
        (os, "posix_fallocate", full, "pictures-"),
        (pd.DataFrame, "to_parquet", full, "examples.parquet"),
        (keras.Model, "save", full, "export"),
        # what tf.saved_model.save calls; that name itself is cached where it was used before
        (saving, "save_and_return_nodes", full_in_tensorflow, "export"),
    ],
)
def test_a_full_disk(
    refused: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    breaks: Callable[..., None],
    lost: str,
) -> None:
    few = ("--data.embedded.number", "61")
    if lost == "pictures-":
        few = ("--data.embedded.number", "62")  # not decoded yet
    else:
        refused(*few, "--data.target", "embedded", "--fit.folds", "2")
    monkeypatch.setattr(place, name, breaks)
    said = refused(*few)
    assert "the disk is full" in said
    assert lost in said


def test_broken_pictures_among_good_ones_are_left_out_and_listed(
    command: Command, tmp_path: Path
) -> None:
    photos = folder(tmp_path / "in", 40)
    broken = {
        "cat/cut off.jpg": encoded(photograph(900))[:400],
        "cat/empty.png": b"",
        "dog/letter & <b>bold.jpg": b"Dear cat",
        "dog/drawing.tiff": encoded(photograph(901), "TIFF"),
    }
    for name, content in broken.items():
        (photos / name).write_bytes(content)
    words = ["-m", f"projects.{ROOM}", "train", "smoke", *QUICK]
    done = command(*words, "--data.source", f"folder:{photos}", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "data: 4 of 84 cannot be read and are left out: " in done.stdout
    (run,) = (RunFolder(file.parent) for file in tmp_path.glob("runs/*/run.json"))
    assert run.info["status"] == "finished"
    assert len(pd.read_parquet(run.path / "examples.parquet")) == 80
    report = (run.path / "report.html").read_text(encoding="utf-8")
    for name in ("cut off.jpg", "empty.png", "letter &amp; &lt;b&gt;bold.jpg"):
        assert name in report
    assert "is a TIFF file" in report
    assert "<b>bold" not in report
