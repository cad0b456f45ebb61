"""Features: what they are; no level and no damaged sample leaks in; any length is exact."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from projects.trigger_word_detection.frontend import LogMel, MelEnergies, Pcen, decayed_sums
from projects.trigger_word_detection.grid import HOP, RATE, WINDOW


def speech(seconds: float = 2, seed: int = 0) -> np.ndarray:
    """Sound that changes as speech does: a harmonic buzz in syllables, over faint noise."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    buzz = sum(np.sin(2 * np.pi * 120 * k * time) / k for k in range(1, 40))
    found = buzz * np.clip(np.sin(2 * np.pi * 3 * time), 0.01, 1) + 0.02 * rng.standard_normal(
        len(time)
    )
    return (0.1 * found / np.sqrt(np.mean(found**2))).astype(np.float32)[None]


def features(kind: type, samples: np.ndarray) -> np.ndarray:
    return np.asarray(kind()(MelEnergies()(tf.constant(samples))))


def test_energies_are_those_of_the_windowed_spectra() -> None:
    samples = speech(0.2)
    layer = MelEnergies()
    found = np.asarray(layer(samples))
    heard = np.pad(samples[0], (WINDOW - HOP, 0))
    starts = range(0, samples.shape[1], HOP)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    spectra = np.array([np.fft.rfft(heard[at : at + WINDOW] * window, 512) for at in starts])
    np.testing.assert_allclose(found[0], np.abs(spectra) ** 2 @ layer.mel, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("pitch", [100, 440, 1000, 3000, 7000])
def test_a_tone_is_loudest_in_its_band(pitch: int) -> None:
    tone = np.sin(2 * np.pi * pitch * np.arange(RATE) / RATE).astype(np.float32)[None]
    band = int(np.asarray(MelEnergies()(tone))[0, 50].argmax())

    def mel(hertz: float) -> float:
        return 1127 * float(np.log1p(hertz / 700))

    width = (mel(7600) - mel(60)) / 41
    assert band == pytest.approx((mel(pitch) - mel(60)) / width - 1, abs=1.1)


@pytest.mark.parametrize("kind", [LogMel, Pcen])
def test_no_level_leaks_in(kind: type) -> None:
    loud = speech()
    at = {decibels: features(kind, loud * 10 ** ((decibels + 20) / 20)) for decibels in (-20, -60)}
    assert at[-20].std() > 0.3
    np.testing.assert_allclose(at[-60], at[-20], atol=2e-3)
    faint = np.rint(loud * 10 ** (-55 / 20) * 32768).astype(np.float32) / 32768  # -75 dBFS
    close = np.corrcoef(features(kind, faint).ravel(), at[-20].ravel())[0, 1]
    assert close > 0.6, "16 bits round it, but the shape stays"


@pytest.mark.parametrize("kind", [LogMel, Pcen])
def test_steady_noise_looks_alike_from_the_start(kind: type) -> None:
    """The mean is right from the first spectra on; it need not settle from zero."""
    noise = np.random.default_rng(0).standard_normal((8, 4 * RATE)).astype(np.float32)
    found = features(kind, noise).mean(axis=(0, 2))
    early, late = found[5:50].mean(), found[-100:].mean()
    assert early == pytest.approx(late, abs=0.15)


def test_digital_silence_leaves_the_mean_alone() -> None:
    noise = 0.01 * np.random.default_rng(0).standard_normal((1, RATE)).astype(np.float32)
    zeros = np.zeros((1, RATE), np.float32)
    found = features(LogMel, np.concatenate([zeros, noise, zeros, noise], axis=1))[0]
    np.testing.assert_array_equal(found[:98], -8)
    assert np.abs(found[105:200].mean()) < 0.5
    np.testing.assert_array_equal(found[205:298], -8)
    assert np.abs(found[305:].mean() - found[105:200].mean()) < 0.2


@pytest.mark.parametrize("kind", [LogMel, Pcen])
def test_hours_of_silence_and_damaged_samples_are_forgotten(kind: type) -> None:
    energies, compared = MelEnergies(), kind()
    spoken = speech(0.8)
    broken = spoken.copy()
    broken[0, 100:120] = [np.nan, np.inf, -np.inf, 1e30] * 5
    assert np.isfinite(features(kind, broken)).all()
    state = tf.fill((1, 80), 1e-38)  # what hours of digital silence leave
    found, state = compared(energies(spoken), state)
    np.testing.assert_allclose(found, features(kind, spoken), atol=1e-3)
    assert np.isfinite(np.asarray(state)).all()


@given(
    time=st.integers(1, 420),
    cut=st.integers(0, 420),
    decay=st.floats(0.01, 0.999),
    dynamic=st.booleans(),
)
def test_decayed_sums_are_those_of_a_loop(time: int, cut: int, decay: float, dynamic: bool) -> None:
    rng = np.random.default_rng(time)
    x, before = rng.standard_normal((2, time, 3)), rng.standard_normal((2, 3))
    expected, last = np.zeros_like(x), before
    for t in range(time):
        last = expected[:, t] = decay * last + x[:, t]
    sums: Any = decayed_sums
    if dynamic:
        shapes = [tf.TensorSpec([None, None, 3], tf.float64), tf.TensorSpec([None, 3], tf.float64)]
        sums = tf.function(
            lambda values, start: decayed_sums(values, start, decay), input_signature=shapes
        )
        found = sums(x, before)
    else:
        found = sums(tf.constant(x), tf.constant(before), decay)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    if 0 < cut < time:
        again = decayed_sums(tf.constant(x[:, cut:]), tf.constant(expected[:, cut - 1]), decay)
        np.testing.assert_allclose(again, expected[:, cut:], rtol=1e-9, atol=1e-9)
