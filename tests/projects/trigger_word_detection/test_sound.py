"""Sound files of every kind in, 16 kHz out; words found in the silence around them."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import assume, given
from hypothesis import strategies as st

from common.errors import UserError
from projects.trigger_word_detection import sound
from projects.trigger_word_detection.grid import RATE

RATES = (8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192000)


def tone(seconds: float, rate: int = RATE, hertz: float = 440.0, level: float = 0.5) -> np.ndarray:
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def noise(seconds: float, level: float, seed: int = 0) -> np.ndarray:
    found = np.random.default_rng(seed).normal(0, level, round(seconds * RATE))
    return found.astype(np.float32)


def spoken(seconds: float = 0.6, level: float = 0.3) -> np.ndarray:
    """Syllables of a voice: no two frames of one level, the last sound ends at once."""
    time = np.arange(round(seconds * RATE)) / RATE
    voice = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 12))
    return (level * voice * (0.15 + np.sin(2 * np.pi * 2.6 * time) ** 2)).astype(np.float32)


@given(
    rate=st.sampled_from(RATES),
    channels=st.sampled_from([1, 2, 8]),
    seconds=st.floats(0.1, 0.8),
    hertz=st.floats(200, 3000),
)
def test_any_rate_and_channels_keep_duration_and_pitch(
    tmp_path_factory: pytest.TempPathFactory,
    rate: int,
    channels: int,
    seconds: float,
    hertz: float,
) -> None:
    path = tmp_path_factory.getbasetemp() / "tone.wav"
    samples = tone(seconds, rate, hertz)
    soundfile.write(path, np.repeat(samples[:, None], channels, axis=1), rate)
    found = sound.read(path)
    assert found.dtype == np.float32
    assert abs(len(found) - len(samples) * RATE / rate) <= 1
    spectrum = np.abs(np.fft.rfft(found * np.hanning(len(found)), 8 * RATE))
    assert spectrum.argmax() / 8 == pytest.approx(hertz, abs=4)
    assert np.abs(found[200:-200]).max() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_what_is_written_is_read_again(tmp_path: Path, ending: str) -> None:
    samples = tone(3.3).astype(np.float32)
    sound.write(tmp_path / f"tone.{ending}", samples)
    found = sound.read(tmp_path / f"tone.{ending}")
    assert abs(len(found) - len(samples)) < (2400 if ending == "mp3" else 1)
    parts = [sound.level_dbfs(part) for part in np.array_split(found[2400:-2400], 20)]
    np.testing.assert_allclose(parts, sound.level_dbfs(samples), atol=0.3)  # no holes
    assert [path.name for path in tmp_path.iterdir()] == [f"tone.{ending}"]


def test_channels_are_averaged(tmp_path: Path) -> None:
    left, right = tone(0.2), np.full(3200, 0.25)
    soundfile.write(tmp_path / "stereo.flac", np.stack([left, right], axis=1), RATE)
    expected = (left + right) / 2
    np.testing.assert_allclose(sound.read(tmp_path / "stereo.flac"), expected, atol=1e-4)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("seconds", [0.05, 0.37, 1.0, 60.0])
def test_blocks_are_the_whole_in_parts(tmp_path: Path, rate: int, seconds: float) -> None:
    random = np.random.default_rng(1).normal(0, 0.1, 2 * rate + 7)
    soundfile.write(tmp_path / "a.wav", random, rate)
    joined = np.concatenate(list(sound.blocks(tmp_path / "a.wav", seconds)))
    np.testing.assert_allclose(joined, sound.read(tmp_path / "a.wav"), atol=1e-4)


def test_a_long_file_is_never_in_memory(tmp_path: Path) -> None:
    """Ten minutes at 48 kHz would be 115 MB; its chunks are a second each."""
    minute = np.random.default_rng(0).normal(0, 0.1, 48_000 * 60).astype(np.float32)
    with soundfile.SoundFile(tmp_path / "long.flac", "w", 48_000, 1) as file:
        for _ in range(10):
            file.write(minute)
    del minute
    tracemalloc.start()
    total = sum(len(chunk) for chunk in sound.blocks(tmp_path / "long.flac"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 600 * RATE
    assert peak < 3e6


@pytest.mark.parametrize("rate", [8000, 16000, 48000, 192000])
@pytest.mark.parametrize("samples", [1, 2, 7])
def test_a_sample_or_two_are_sound(tmp_path: Path, rate: int, samples: int) -> None:
    soundfile.write(tmp_path / "short.wav", np.full(samples, 0.5), rate)
    found = sound.read(tmp_path / "short.wav")
    assert 1 <= len(found) <= max(1, round(samples * RATE / rate))


def test_clipped_and_silent_files_are_sound(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "clipped.wav", 20 * tone(1, 44100), 44100, subtype="FLOAT")
    found = sound.read(tmp_path / "clipped.wav")
    assert np.abs(found).max() == 1
    soundfile.write(tmp_path / "silent.wav", np.zeros(44100), 44100)
    found = sound.read(tmp_path / "silent.wav")
    assert (len(found), np.abs(found).max()) == (RATE, 0)


def text(path: Path) -> None:
    path.write_text("Dear all, this is no sound. " * 99)


def of_values(value: float) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        samples = tone(1.5)
        samples[20_000] = value
        soundfile.write(path, samples, RATE, subtype="FLOAT")

    return write


def damaged(path: Path) -> None:
    sound.write(path, noise(4, 0.1))
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = b""
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("text.wav", text, "cannot be read as sound"),
        ("text.mp3", text, "cannot be read as sound"),
        ("text.raw", text, "cannot be read as sound"),
        ("text.au", text, "cannot be read as sound"),
        ("empty.wav", Path.touch, "cannot be read as sound"),
        ("none.wav", lambda path: soundfile.write(path, np.zeros(0), RATE), "holds 0 samples"),
        ("nan.wav", of_values(np.nan), "NaN or infinite"),
        ("inf.wav", of_values(-np.inf), "NaN or infinite"),
        ("cut.flac", damaged, "is damaged or cut off"),
        ("missing.wav", lambda path: None, "does not exist"),
        ("folder.wav", Path.mkdir, "is a folder"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    tmp_path: Path, name: str, make: Callable[[Path], None], said: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(UserError, match=said) as caught:
        sound.read(tmp_path / name)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["sound.txt", "sound", "folder.wav", "file/sound.wav"])
def test_what_cannot_be_written_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        sound.write(tmp_path / name, np.zeros(10))
    assert (tmp_path / "folder.wav").is_dir()


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    def broken() -> None:
        with sound.opened_to_write(tmp_path / "a.wav") as file:
            file.write(np.zeros(10))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert list(tmp_path.iterdir()) == []


def test_the_level_of_a_square_wave_at_full_scale_is_0() -> None:
    assert sound.level_dbfs(np.array([1.0, -1.0] * 50)) == 0
    assert sound.level_dbfs(tone(1, level=1)) == pytest.approx(-3.01, abs=0.01)
    assert sound.level_dbfs(np.zeros(9)) == sound.level_dbfs(np.zeros(0)) == -120


@given(
    before=st.floats(0.1, 1.5),
    after=st.floats(0.1, 1.5),
    gain=st.sampled_from([1.0, 0.1, 0.001]),
    floor=st.sampled_from([None, -60.0, -45.0]),
)
def test_a_word_is_found_whatever_its_level(
    before: float, after: float, gain: float, floor: float | None
) -> None:
    """With a noise 25 dB and more below the word, its end and start are right to 30 ms.

    Of noise, a fifth of a second is needed to know it; its frames reach 20 ms into the word.
    """
    assume(floor is None or before + after >= 0.3)
    word, first = spoken(), round(before * RATE)
    whole = np.concatenate([np.zeros(first), word, np.zeros(round(after * RATE))])
    if floor is not None:
        level = 10 ** ((sound.level_dbfs(word) + floor + 20) / 20)
        whole += noise(len(whole) / RATE, level)[: len(whole)]
    whole = (gain * whole).astype(np.float32)
    start, end = bounds(whole)
    kept = 0.02
    assert (start + kept) == pytest.approx(before, abs=0.03)
    assert (end - kept) == pytest.approx(before + 0.6, abs=0.03)


def bounds(samples: np.ndarray) -> tuple[float, float]:
    """First and last of the trimmed samples, in seconds."""
    kept = sound.trimmed(samples)
    first = (kept.ctypes.data - samples.ctypes.data) // samples.itemsize
    return first / RATE, (first + len(kept)) / RATE


def test_hum_and_offset_are_no_sound() -> None:
    word = np.pad(spoken(), RATE)
    hum = 0.05 * np.sin(2 * np.pi * 30 * np.arange(len(word)) / RATE) + 0.1
    assert bounds((word + hum).astype(np.float32)) == pytest.approx(bounds(word), abs=0.03)


def test_what_is_weak_and_apart_is_left_out_and_a_pause_is_not() -> None:
    def silent(seconds: float) -> np.ndarray:
        return np.zeros(round(seconds * RATE), np.float32)

    word, click = spoken(0.3), noise(0.01, 0.02)
    said = np.concatenate(
        [silent(0.5), click, silent(0.5), word, silent(0.15), word, silent(0.6), click, silent(0.2)]
    )
    start, end = bounds(said)
    assert start == pytest.approx(1.01, abs=0.05)
    assert end == pytest.approx(1.76, abs=0.05)


@pytest.mark.parametrize("samples", [0, 1, 100, 320, 4000, 50_000])
def test_silence_and_what_has_no_silence_stay_whole(samples: int) -> None:
    assert len(sound.trimmed(np.zeros(samples, np.float32))) == samples
    loud = np.full(samples, 0.4, np.float32)
    loud[::2] = -0.4
    assert len(sound.trimmed(loud)) == samples
    steady = tone(samples / RATE).astype(np.float32)
    assert len(sound.trimmed(steady)) == samples
