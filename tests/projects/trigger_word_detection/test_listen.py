"""`listen`: the exported stream on files of any length, on a microphone, and with chimes."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile
import tensorflow as tf

from common.errors import UserError
from common.runs import RunFolder
from projects.trigger_word_detection import commands, microphone, sound
from projects.trigger_word_detection.grid import RATE, STEP
from projects.trigger_word_detection.listen import Chimes, Listener, heard

ROOM = "trigger_word_detection"
Command = Callable[..., subprocess.CompletedProcess[str]]


class Loud(tf.Module):
    """A detector with the exported signature: it hears where 40 ms become loud."""

    @tf.function(
        input_signature=[
            tf.TensorSpec((1, None), tf.float32, "samples"),
            tf.TensorSpec((1, 2), tf.float32, "state"),
        ]
    )
    def stream(self, samples: tf.Tensor, state: tf.Tensor) -> dict[str, tf.Tensor]:
        """The state is the last step's score, and a 1."""
        score = tf.reduce_max(tf.abs(tf.reshape(samples, (1, -1, STEP))), axis=2)
        before = tf.concat([state[:, :1], score[:, :-1]], axis=1)
        return {
            "probability": score,
            "smoothed": score,
            "detected": (score > 0.5) & (before <= 0.5),
            "state": tf.concat([score[:, -1:], tf.ones((1, 1))], axis=1),
        }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    home = tmp_path_factory.mktemp("home")
    folder = RunFolder(home / "runs" / "loud")
    folder.note(run_id="abcdef123", project=ROOM, status="finished", started="2026-01-01")
    model = Loud()
    place = str(folder.path / "export" / "saved_model")
    tf.saved_model.save(model, place, signatures={"stream": model.stream})
    return folder


def quiet_but(seconds: float, *loud: float) -> np.ndarray:
    """Weak noise with 0.1 s of full scale from each of `loud` on."""
    samples = np.random.default_rng(0).normal(0, 0.01, round(seconds * RATE)).astype(np.float32)
    for start in loud:
        samples[round(start * RATE) : round((start + 0.1) * RATE)] = 0.9
    return samples


def test_each_detection_has_a_line_with_its_time_and_score(run: RunFolder, tmp_path: Path) -> None:
    sound.write(tmp_path / "a.wav", quiet_but(70.3, 3.81, 65.0))
    lines = list(heard(run, tmp_path / "a.wav", None))
    assert lines[:3] == ["model loud", "00:03.84  score 0.90", "01:05.04  score 0.90"]
    summary = r"2 detections in 70\.3 s of sound \(\S+ s of computing per second\)"
    assert re.fullmatch(summary, lines[3])


@pytest.mark.parametrize("rate", [8000, 44100])
def test_a_file_of_another_rate(run: RunFolder, tmp_path: Path, rate: int) -> None:
    samples = np.repeat(np.zeros((2 * rate, 1)), 2, axis=1)
    samples[rate : rate + rate // 10] = 0.9
    soundfile.write(tmp_path / "a.flac", samples, rate)
    found = list(heard(run, tmp_path / "a.flac", None))[1:-1]
    assert [line[:8] for line in found] == ["00:01.04"]


@pytest.mark.parametrize("chunk", [1, 639, 640, 641, 16_000, 10**6])
def test_detections_do_not_depend_on_the_chunks(run: RunFolder, chunk: int) -> None:
    samples = quiet_but(0.3 if chunk == 1 else 7.77, 0.1, 4.1, 5.0)
    listener = Listener(run.path / "export" / "saved_model")
    parts = np.split(samples, range(chunk, len(samples), chunk))
    ends = [one.end / RATE for part in parts for one in listener.hear(part)]
    assert ends == pytest.approx([0.12, 4.12, 5.04][: 1 if chunk == 1 else 3])
    assert listener.steps == len(samples) // STEP


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        (np.zeros(1), "0 detections in 0.0 s of sound"),
        (np.zeros(3 * RATE), "0 detections in 3.0 s of sound"),
        (np.append(np.zeros(999), 0.9), "1 detection in 0.1 s of sound"),
    ],
)
def test_short_and_silent_files(
    run: RunFolder, tmp_path: Path, samples: np.ndarray, said: str
) -> None:
    """What comes at the very end is heard too."""
    sound.write(tmp_path / "a.wav", samples)
    assert list(heard(run, tmp_path / "a.wav", None))[-1].startswith(said)


def test_chimes_are_mixed_in_where_something_was_heard(run: RunFolder, tmp_path: Path) -> None:
    samples = quiet_but(5, 0.98, 3.0)
    sound.write(tmp_path / "a.wav", samples)
    plain = list(heard(run, tmp_path / "a.wav", None))
    chimed = list(heard(run, tmp_path / "a.wav", tmp_path / "out" / "b.flac"))
    assert chimed[:-1] == plain[:-1]
    found = sound.read(tmp_path / "out" / "b.flac")
    assert len(found) == len(samples) + RATE
    added = np.abs(found - np.pad(samples, (0, RATE))) > 0.01
    rings = np.flatnonzero(added)
    assert rings.min() == pytest.approx(1.0 * RATE, abs=20)
    assert not added[round(1.5 * RATE) : round(3.03 * RATE)].any()
    assert rings.max() < 3.6 * RATE


def test_a_chime_goes_on_over_the_ends_of_chunks() -> None:
    silence = np.zeros(9600, np.float32)
    whole = Chimes().mixed(silence, [100, 700])
    parts = Chimes()
    starts = {0: [100], 600: [100]}
    joined = [parts.mixed(silence[i : i + 300], starts.get(i, [])) for i in range(0, 9600, 300)]
    np.testing.assert_allclose(np.concatenate(joined), whole, atol=1e-6)
    assert 0.1 < np.abs(whole).max() <= 1


def test_a_broken_file_writes_nothing(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("text")
    with pytest.raises(UserError, match="cannot be read as sound"):
        list(heard(run, tmp_path / "a.wav", tmp_path / "b.wav"))
    late = np.full(3 * RATE, 0.1)
    late[-5] = np.nan
    soundfile.write(tmp_path / "late.wav", late, RATE, subtype="FLOAT")
    with pytest.raises(UserError, match="NaN"):
        list(heard(run, tmp_path / "late.wav", tmp_path / "b.wav"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "late.wav"]


def test_the_file_itself_is_not_overwritten(run: RunFolder, tmp_path: Path) -> None:
    sound.write(tmp_path / "a.wav", quiet_but(1))
    before = (tmp_path / "a.wav").read_bytes()
    with pytest.raises(UserError, match="would overwrite"):
        list(heard(run, tmp_path / "a.wav", tmp_path / "." / "a.wav"))
    assert (tmp_path / "a.wav").read_bytes() == before


class Input:
    """A microphone at 48 kHz that hears something after 0.4 s; Ctrl-C is pressed after a second."""

    level = 0.9

    def __init__(self, samplerate: int, channels: int, dtype: str) -> None:
        assert (samplerate, channels, dtype) == (48_000, 1, "float32")
        self.heard = 0

    def __enter__(self) -> "Input":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, size: int) -> tuple[np.ndarray, bool]:
        time = (self.heard + np.arange(size)) / 48_000
        self.heard += size
        if self.heard > 48_000:
            os.kill(os.getpid(), signal.SIGINT)
        return self.level * ((time > 0.4) & (time < 0.5))[:, None].astype(np.float32), False


class PortAudioError(Exception):
    pass


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def query_devices(kind: str) -> dict[str, float]:
        return {"default_samplerate": 48_000.0}

    found = SimpleNamespace(
        InputStream=Input, PortAudioError=PortAudioError, query_devices=query_devices
    )
    monkeypatch.setitem(sys.modules, "sounddevice", found)
    before = signal.getsignal(signal.SIGINT)
    yield found
    assert signal.getsignal(signal.SIGINT) is before


def test_the_microphone_is_heard_until_ctrl_c(run: RunFolder, device: Any, tmp_path: Path) -> None:
    lines = list(heard(run, None, tmp_path / "heard.wav"))
    assert re.match(r"00:00.4[48]  score (0.9|1.0)", lines[1])
    assert len(lines) == 3
    assert re.match(r"1 detection in 1\.\d s of sound", lines[-1])
    assert len(sound.read(tmp_path / "heard.wav")) > 2 * RATE


def test_a_microphone_that_may_not_listen(
    run: RunFolder, device: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Input, "level", 0.0)
    with pytest.raises(UserError, match="only zeros: unmute it, and allow"):
        list(heard(run, None, None))


def test_what_the_microphone_lacks_is_one_line(
    device: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def none(kind: str) -> None:
        raise PortAudioError("Error querying device -1")

    monkeypatch.setattr(device, "query_devices", none)
    with pytest.raises(UserError, match=r"no microphone can be opened \(Error querying device -1"):
        microphone.sounddevice()
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(UserError, match=r"pip install -e '.\[speech\]'"):
        microphone.sounddevice()
    monkeypatch.delitem(sys.modules, "sounddevice")
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=r"PortAudio library not found\): install PortAudio"):
        microphone.sounddevice()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "neither was given: name one sound file, or --microphone"),
        ({"file": Path("a.wav"), "microphone": 1}, "both a file and --microphone were given"),
        ({"file": Path("a.wav"), "model": "none"}, "0 runs are called 'none'"),
    ],
)
def test_what_cannot_be_listened_to(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        commands.listen(**given)


def test_without_a_run_it_answers_at_once_how_to_train_one(
    command: Command, tmp_path: Path
) -> None:
    code = (
        "import sys; from projects.trigger_word_detection import commands\n"
        "try: commands.listen(microphone=1)\n"
        "finally: assert 'tensorflow' not in sys.modules"
    )
    done = command("-c", code, cwd=tmp_path)
    assert f"train one first: python -m projects.{ROOM} train demo" in done.stderr
    assert "AssertionError" not in done.stderr


def test_listen_on_the_command_line(run: RunFolder, command: Command, tmp_path: Path) -> None:
    sound.write(tmp_path / "a.ogg", quiet_but(2, 1.0))
    words = ["-m", f"projects.{ROOM}", "listen"]
    done = command(*words, str(tmp_path / "a.ogg"), cwd=run.home)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line[:8] for line in done.stdout.splitlines()] == ["model lo", "00:01.04", "1 detect"]
    broken = command(*words, "a.wav", "--microphone", cwd=run.home)
    assert broken.returncode == 2
    assert broken.stderr.startswith("error: both a file and --microphone were given")
