"""Generated backgrounds and rooms: stable rows, reproducible sound, stated levels and decays."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.trigger_word_detection.grid import RATE
from projects.trigger_word_detection.noises import (
    KINDS,
    SECONDS,
    examples,
    impulse_response,
    waveform,
)


def test_the_table_has_every_kind_in_turn_and_a_group_to_each() -> None:
    rows = examples(25, 0)
    assert list(rows["attr.kind"].head(len(KINDS))) == list(KINDS)
    assert set(rows["label"]) == {"background"}
    assert rows["group"].is_unique
    assert rows["content"].is_unique
    both = [examples(25, seed, shifted) for seed in (0, 1) for shifted in (False, True)]
    assert len({one for table in both for one in table["content"]}) == 100
    assert examples(10, 0).equals(rows.head(10))


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_kind_has_its_level_and_is_no_other_recording(kind: str) -> None:
    rows = examples(3 * len(KINDS), 0)
    sounds = [waveform(row) for row in rows[rows["attr.kind"] == kind].to_dict("records")]
    for sound in sounds:
        assert sound.dtype == np.float32
        assert sound.shape == (SECONDS * RATE,)
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() <= 1
        assert 20 * np.log10(np.sqrt(np.mean(sound**2))) == pytest.approx(-30, abs=0.5)
        # Nowhere digitally silent.
        assert sound.reshape(-1, RATE // 100).std(axis=1).min() > 1e-5
    assert abs(np.corrcoef(sounds)[np.triu_indices(3, 1)]).max() < 0.99


def test_shifted_ones_are_two_kinds_at_once() -> None:
    rows = examples(20, 0, shifted=True)
    assert all(len(kind.split(" and ")) == 2 for kind in rows["attr.kind"])
    sound = waveform(rows.iloc[1])
    assert 20 * np.log10(np.sqrt(np.mean(sound**2))) == pytest.approx(-30, abs=0.5)


def test_kinds_sound_different() -> None:
    """Their energies in eight bands, and how these vary, tell them apart."""
    rows = examples(2 * len(KINDS), 4)
    features = []
    for row in rows.to_dict("records"):
        frames = waveform(row).reshape(-1, 1600)
        power = np.abs(np.fft.rfft(frames)) ** 2
        bands = np.log(np.add.reduceat(power, 2 ** np.arange(2, 10), axis=1) + 1e-6)
        features.append([*bands.mean(axis=0), *bands.std(axis=0)])
    far = np.linalg.norm(np.array(features)[:, None] - np.array(features), axis=2)
    np.fill_diagonal(far, np.inf)
    kinds = rows["attr.kind"].to_numpy()
    assert (kinds[far.argmin(axis=1)] == kinds).mean() >= 0.7


def test_another_process_makes_the_same() -> None:
    code = (
        "import hashlib\n"
        "from projects.trigger_word_detection.noises import examples, waveform\n"
        "rows = examples(10, 5).to_dict('records')\n"
        "print(hashlib.sha256(b''.join(waveform(r).tobytes() for r in rows)).hexdigest())\n"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rows = examples(10, 5).to_dict("records")
    here = hashlib.sha256(b"".join(waveform(row).tobytes() for row in rows))
    assert here.hexdigest() == there.stdout.strip()


@given(st.integers(0, 2**32))
@settings(max_examples=50)
def test_a_room_begins_with_the_direct_path_and_decays(seed: int) -> None:
    response, reverberation = impulse_response(np.random.default_rng(seed))
    assert response.dtype == np.float32
    assert response[0] == 1
    assert np.abs(response[1:]).max() < 1
    assert 0.1 <= reverberation <= 0.6
    assert len(response) <= RATE // 2
    assert np.isfinite(response).all()


def test_a_room_decays_in_its_reverberation_time() -> None:
    """Schroeder's backward integral falls by 60 dB in it."""
    for seed in range(20):
        response, reverberation = impulse_response(np.random.default_rng(seed))
        left = 10 * np.log10(np.cumsum(response[::-1] ** 2)[::-1])
        start = int(0.03 * RATE)
        fall = (np.arange(len(left)) >= start) & (left > left[start] - 20)
        slope = np.polyfit(np.flatnonzero(fall) / RATE, left[fall], 1)[0]
        assert -60 / slope == pytest.approx(reverberation, rel=0.2)
