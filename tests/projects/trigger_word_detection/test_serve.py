"""What is exported listens as the trained model and the numpy detector do, however it is called."""

import io
import json
import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
import pytest
import soundfile
import tensorflow as tf

from common.export.mlflow_model import load_model
from projects.trigger_word_detection import serve
from projects.trigger_word_detection.clips import compose
from projects.trigger_word_detection.clips import units as units_of
from projects.trigger_word_detection.detector import fired, smoothed, times
from projects.trigger_word_detection.evaluate import Calibration, score
from projects.trigger_word_detection.grid import CLIP, RATE, STEP, STEPS
from projects.trigger_word_detection.settings import Clips, Data, Settings
from tests.projects.trigger_word_detection.networks import KINDS, network, sound
from tests.projects.trigger_word_detection.planted import ASSETS
from tests.projects.trigger_word_detection.recordings import kept

SETTINGS = Settings(data=Data(clips=Clips(train=1, scored=4, activates=4, noise=0)))


class Exported(NamedTuple):
    network: keras.Model
    fitted: Calibration
    units: pd.DataFrame
    folder: Path
    saved_model: Any
    device: serve.Device

    def detected(self, probabilities: np.ndarray) -> np.ndarray:
        """What the numpy detector says."""
        smooth = smoothed(np.atleast_2d(probabilities), self.fitted.smoothing)
        return fired(smooth, self.fitted.threshold, self.fitted.refractory)

    def probabilities(self, samples: np.ndarray) -> np.ndarray:
        logits = self.network.predict(samples, verbose=0)[..., 0]
        return np.asarray(tf.sigmoid(logits))


@pytest.fixture(scope="module", params=[KINDS[0], KINDS[3]], ids=["tiny-logmel", "course-pcen"])
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    home = tmp_path_factory.mktemp("export")
    units = units_of(compose(kept(home / "store"), "dev", SETTINGS), SETTINGS)
    model = network(*request.param)
    middle = np.median(np.asarray(tf.sigmoid(model.predict(sound(STEPS), verbose=0))))
    fitted = Calibration(smoothing=3, threshold=float(middle), refractory=7)
    for name, write in (
        ("saved_model", serve.write_saved_model),
        ("model.tflite", serve.write_litert),
    ):
        write(model, units, ASSETS, fitted, SETTINGS, home / name)
    loaded = tf.saved_model.load(str(home / "saved_model"))
    return Exported(model, fitted, units, home, loaded, serve.Device(home / "model.tflite"))


def test_whole_clips_are_answered_as_by_the_model_and_the_numpy_detector(
    exported: Exported,
) -> None:
    samples = sound(STEPS, batch=3)
    answer = exported.saved_model.signatures["clip"](samples=tf.constant(samples))
    found = answer["probability"].numpy()
    np.testing.assert_allclose(found, exported.probabilities(samples), atol=1e-4)
    np.testing.assert_allclose(answer["smoothed"], smoothed(found, 3), atol=1e-6)
    detected = exported.detected(found)
    assert 3 < detected.sum() < found.size / 3
    np.testing.assert_array_equal(answer["detected"], detected)


@pytest.mark.parametrize("length", [0, 1, 639, 641, 5000])
def test_clips_of_any_length_are_filled_up_with_silence(exported: Exported, length: int) -> None:
    samples = sound(8)[:, :length]
    answer = exported.saved_model.signatures["clip"](samples=tf.constant(samples))
    steps = max(1, -(-length // STEP))
    full = np.pad(samples, [(0, 0), (0, steps * STEP - length)])
    assert answer["detected"].shape == (2, steps)
    np.testing.assert_allclose(answer["probability"], exported.probabilities(full), atol=1e-4)


@pytest.mark.parametrize("chunk", [1, 7, 25, 250])
def test_a_stream_carries_all_there_is_to_remember(exported: Exported, chunk: int) -> None:
    samples, stream = sound(STEPS, 1), exported.saved_model.signatures["stream"]
    shape = stream.structured_input_signature[1]["state"].shape
    state, found = tf.zeros(shape), []
    for first in range(0, CLIP, chunk * STEP):
        part = tf.constant(samples[:, first : first + chunk * STEP])
        answer = stream(samples=part, state=state)
        state = answer["state"]
        found.append(answer)
    whole = exported.saved_model.signatures["clip"](samples=tf.constant(samples))
    for name in ("probability", "smoothed"):
        joined = np.concatenate([one[name] for one in found], axis=1)
        np.testing.assert_allclose(joined, whole[name], atol=1e-4)
    detected = np.concatenate([one["detected"] for one in found], axis=1)
    expected = exported.detected(np.concatenate([one["probability"] for one in found], axis=1))
    np.testing.assert_array_equal(detected, expected)


@pytest.mark.parametrize("length", [0, 1, 639, 1000])
def test_a_chunk_that_is_no_whole_step_fails_and_the_next_is_answered(
    exported: Exported, length: int
) -> None:
    stream = exported.saved_model.signatures["stream"]
    state = tf.zeros(stream.structured_input_signature[1]["state"].shape)
    with pytest.raises(tf.errors.InvalidArgumentError, match="a multiple of 640 above 0"):
        stream(samples=tf.zeros((1, length)), state=state)
    with pytest.raises(tf.errors.InvalidArgumentError):
        stream(samples=tf.zeros((1, STEP)), state=state[:, 1:])
    assert stream(samples=tf.zeros((1, STEP)), state=state)["probability"].shape == (1, 1)


def test_a_stream_outlives_broken_samples(exported: Exported) -> None:
    stream = exported.saved_model.signatures["stream"]
    state = tf.zeros(stream.structured_input_signature[1]["state"].shape)
    for broken in (np.nan, np.inf, -1e30):
        state = stream(samples=tf.fill((1, STEP), np.float32(broken)), state=state)["state"]
    answer = stream(samples=tf.constant(sound(50, 1)), state=state)
    assert np.isfinite(answer["probability"]).all()
    assert np.isfinite(answer["state"]).all()


def test_the_device_hears_as_the_model_does_in_built_in_operations(exported: Exported) -> None:
    samples = sound(STEPS, 1)
    found = exported.device.probabilities(samples[0])
    np.testing.assert_allclose(found, exported.probabilities(samples)[0], atol=1e-4)
    operations = {one["op_name"] for one in exported.device.interpreter._get_ops_details()}
    assert not {name for name in operations if "Flex" in name or "VAR" in name or "WHILE" in name}
    assert len(exported.device.milliseconds(samples[0])) == 200


def test_every_format_scores_the_units_as_the_model_does(exported: Exported) -> None:
    expected = score(exported.network, exported.units, ASSETS, SETTINGS)
    assert len(expected) == len(exported.units) > exported.units["clip"].nunique()
    place = exported.folder / "mlflow_model"
    serve.write_mlflow_model(
        exported.network, exported.units, ASSETS, exported.fitted, SETTINGS, place
    )
    ways = {
        "saved_model": (serve.score_saved_model, exported.saved_model, 1e-4),
        "model.tflite": (serve.score_litert, exported.device, 1e-4),
        "mlflow_model": (serve.score_mlflow_model, load_model(place), 1e-4),
    }
    for name, (way, loaded, tolerance) in ways.items():
        found = way(loaded, exported.units, ASSETS, SETTINGS)
        pd.testing.assert_frame_equal(found, expected, rtol=0, atol=tolerance, obj=name)
    alone = serve.time_litert(exported.device, exported.units, ASSETS, SETTINGS)
    assert 0 < np.median(alone) < 40, "faster than the sound comes"


@pytest.mark.parametrize("steps", [1, 100, 250, 251, 620])
def test_files_of_any_length_stream_through_the_saved_model(exported: Exported, steps: int) -> None:
    samples = sound(steps, 1)[0][:-3]
    answer = exported.saved_model.signatures["audio"](audio=tf.constant([serve.wav(samples)]))
    found = np.array(json.loads(answer["probabilities"].numpy()[0]))
    full = np.pad(samples, (0, 3))[None]
    np.testing.assert_allclose(found, exported.probabilities(full)[0], atol=1e-4)
    smooth = smoothed(found[None], 3)
    assert answer["score"].numpy()[0] == pytest.approx(smooth.max(), abs=1e-5)
    detected = json.loads(answer["detections"].numpy()[0])
    assert np.abs(len(detected) - exported.detected(found).sum()) <= 1
    assert set(detected) <= set(times(steps).round(2))


def file_of(channels: int = 1, rate: int = RATE, length: int = CLIP, kind: str = "PCM_16") -> bytes:
    file = io.BytesIO()
    samples = sound(250, channels).T[:length]
    soundfile.write(file, samples, rate, format="WAV", subtype=kind)
    return file.getvalue()


def test_files_of_many_channels_and_lengths_are_answered_together(exported: Exported) -> None:
    audio = exported.saved_model.signatures["audio"]
    files = [file_of(), file_of(8), file_of(length=1), file_of(length=0), file_of(2, length=70_000)]
    answers = audio(audio=tf.constant(files))
    lengths = [len(json.loads(one)) for one in answers["probabilities"].numpy()]
    assert lengths == [250, 250, 1, 1, 110]
    for number, file in enumerate(files):
        alone = audio(audio=tf.constant([file]))
        np.testing.assert_allclose(alone["score"][0], answers["score"][number], atol=1e-5)


@pytest.mark.parametrize(
    "broken",
    [b"", b"text", file_of()[:30], file_of(rate=44_100), file_of(kind="FLOAT")],
    ids=["empty", "text", "cut", "44.1 kHz", "float"],
)
def test_what_cannot_be_heard_is_an_error_and_the_next_is_answered(
    exported: Exported, broken: bytes
) -> None:
    audio = exported.saved_model.signatures["audio"]
    with pytest.raises(tf.errors.OpError):
        audio(audio=tf.constant([broken]))
    assert audio(audio=tf.constant([file_of()]))["score"].shape == (1,)


def test_the_example_needs_the_file_beside_it_and_nothing_of_ours(
    exported: Exported, tmp_path: Path
) -> None:
    example = exported.folder / serve.EXAMPLE.name
    assert len(example.read_text(encoding="utf-8").splitlines()) <= 30
    samples = sound(STEPS, 1)
    with wave.open(str(tmp_path / "sound.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples[0, :-100] * 32768).astype("<i2").tobytes())
    words = [str(example), str(exported.folder / "model.tflite"), str(tmp_path / "sound.wav")]
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *words],
        cwd=tmp_path,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    samples[:, -100:] = 0
    found = exported.device.probabilities(samples[0])
    expected = [f"{at:.2f} s" for at in times(STEPS)[exported.detected(found)[0]]]
    assert expected
    assert done.stdout.split("\n")[:-1] == expected
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.split("\n")
    }
    assert not imported & {"tensorflow", "keras", "pandas", "scipy", "common", "projects"}
