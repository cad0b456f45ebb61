"""The whole room in fresh processes: trained, listened with, and left to a device."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from common.files import read_json
from common.runs import RunFolder
from projects.trigger_word_detection.data import clip_audio
from projects.trigger_word_detection.detector import fired, smoothed, times
from projects.trigger_word_detection.evaluate import Calibration
from projects.trigger_word_detection.serve import wav
from projects.trigger_word_detection.settings import Settings

ROOM = "trigger_word_detection"
Command = Callable[..., subprocess.CompletedProcess[str]]
LITTLE = (
    *("--data.clips.train", "32", "--data.clips.scored", "24", "--fit.epochs", "1"),
    *("--detector.false-accepts-per-hour", "2000"),  # or what learned so little never fires
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, command: Command) -> RunFolder:
    home = tmp_path_factory.mktemp("home")
    done = command("-m", f"projects.{ROOM}", "train", "smoke", *LITTLE, cwd=home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "dev misses" in done.stdout
    assert "an energy detector" in done.stdout
    (folder,) = (home / "runs").iterdir()
    return RunFolder(folder)


class Clip(NamedTuple):
    file: Path
    detections: list[float]
    """In seconds, by the detector in numpy from the scores that the run kept."""


@pytest.fixture(scope="module")
def clip(run: RunFolder) -> Clip:
    """The dev clip of the run in which the word was heard most often."""
    units = pd.read_parquet(run.path / "reference_units.parquet")
    scores = pd.read_parquet(run.path / "reference.parquet").drop(columns="example_id")
    fitted = Calibration(**read_json(run.path / "calibration.json"))
    smooth = smoothed(scores.to_numpy(dtype=np.float64), fitted.smoothing)
    detected = fired(smooth, fitted.threshold, fitted.refractory)
    most = int(detected.sum(axis=1).argmax())
    settings = Settings(**read_json(run.path / "settings.json"))
    file = run.path.parents[1] / "clip.wav"
    file.write_bytes(wav(clip_audio(units.iloc[most].to_dict(), settings)))
    return Clip(file, times(detected.shape[1])[detected[most]].round(2).tolist())


def test_every_export_was_loaded_and_scored_alike(run: RunFolder) -> None:
    figures = read_json(run.path / "export" / "recheck.json")
    assert set(figures) == {"model.keras", "saved_model", "model.tflite", "mlflow_model"}
    assert all(one["difference"] <= 1e-4 for one in figures.values())


def test_the_report_can_be_listened_to(run: RunFolder) -> None:
    page = (run.path / "report.html").read_text(encoding="utf-8")
    assert 1 <= page.count("<audio") <= 10
    assert "Misses against false accepts" in page
    assert len(page) < 5_000_000


def test_listen_and_a_device_detect_what_the_run_did(
    run: RunFolder, clip: Clip, command: Command, tmp_path: Path
) -> None:
    """The example is run where nothing of ours is, not even the folder it lay in."""
    assert clip.detections
    chime = tmp_path / "chime.wav"
    listen = ("-m", f"projects.{ROOM}", "listen", str(clip.file), "--chime", str(chime))
    heard = command(*listen, cwd=run.path.parents[1])
    assert heard.returncode == 0, heard.stderr
    assert heard.stdout.startswith(f"model {run.name}")
    assert chime.stat().st_size > clip.file.stat().st_size
    for name in ("model.tflite", "stream_example.py"):
        shutil.copy(run.path / "export" / name, tmp_path)
    example = [sys.executable, "-I", "stream_example.py", "model.tflite", str(clip.file)]
    found = subprocess.run(example, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [float(line.removesuffix(" s")) for line in found.stdout.splitlines()] == clip.detections
    minutes = re.findall(r"^(\d\d):(\d\d\.\d\d)  score", heard.stdout, flags=re.MULTILINE)
    by_listen = [60 * int(m) + float(s) for m, s in minutes]
    # it hears a second of silence besides
    assert [one for one in by_listen if one <= 10.0] == clip.detections
