"""What a network hears: the energies of 40 mel bands, each measured against its own recent past.

Layers of the model, so that every export takes raw samples. No feature depends on how loud a
recording is: a level that differed between words and backgrounds would give the label away.
"""

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from projects.trigger_word_detection.grid import HOP, RATE, WINDOW
from projects.trigger_word_detection.streaming import Remembering

BANDS, LOWEST, HIGHEST = 40, 60.0, 7600.0
"""Mel bands, and the frequencies that they cover (Hz)."""
FFT = 512
CONTEXT = WINDOW - HOP
"""Samples before a chunk that its first spectrum still covers."""
ABSURD = 1e6
"""Samples as loud, and those that are no numbers, count as silence: a stream never forgot them."""
SILENCE = 1e-11
"""Energy of a band below which there is no sound, only zeros; noise of 16-bit rounding has 1e-9."""
BLOCK = 100
"""Spectra whose running mean is one matrix product."""


@keras.saving.register_keras_serializable("sound")
class MelEnergies(Remembering):
    """Samples (batch, n) -> energies of mel bands, (batch, n / 160, 40).

    A spectrum every 10 ms, of the 25 ms up to there under a Hann window.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with tf.init_scope():
            kind = tf.as_dtype(self.compute_dtype)
            bins = FFT // 2 + 1
            mel = tf.signal.linear_to_mel_weight_matrix(BANDS, bins, RATE, LOWEST, HIGHEST, kind)
            self.mel = mel.numpy()
            self.window = tf.signal.hann_window(WINDOW, dtype=kind).numpy()

    @property
    def memory(self) -> int:
        """The samples before."""
        return CONTEXT

    def step(self, x: tf.Tensor, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return energies and the last samples."""
        heard = tf.where(tf.abs(x) < ABSURD, x, tf.zeros_like(x))
        samples = tf.concat([state, heard], axis=1)
        spectra = tf.signal.rfft(tf.signal.frame(samples, WINDOW, HOP) * self.window, [FFT])
        power = tf.square(tf.math.real(spectra)) + tf.square(tf.math.imag(spectra))
        return tf.matmul(power, self.mel), samples[:, -CONTEXT:]

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (batch, spectra, bands)."""
        return shape[0], shape[1] and shape[1] // HOP, BANDS


class _AgainstThePast(Remembering):
    """Base of features that compare a band's energy with its running mean.

    The mean is an exponential average that counts from the first sound on: a decayed sum over the
    decayed sum of its weights, so that it is right from the first spectrum. Digital silence weighs
    nothing.
    """

    seconds: float
    """Time constant of the mean."""

    @property
    def memory(self) -> int:
        """Sum and weight of each band."""
        return 2 * BANDS

    def running_mean(
        self, x: tf.Tensor, heard: tf.Tensor, state: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the mean of `x` up to each spectrum, and the next state."""
        decay = math.exp(-HOP / RATE / self.seconds)
        weight = tf.cast(heard, x.dtype)
        sums = decayed_sums((1 - decay) * tf.concat([x * weight, weight], -1), state, decay)
        total, weights = tf.split(sums, 2, axis=-1)
        return total / tf.maximum(weights, 1e-6), sums[:, -1]


@keras.saving.register_keras_serializable("sound")
class LogMel(_AgainstThePast):
    """Logarithm of each band's energy minus its mean over about the last half second (nats).

    At least -8, also in digital silence.
    """

    # dev loss after 150 steps, at 2 s in brackets: generated words 0.036 (0.041), espeak's 0.045
    # (0.047); two seeds each
    seconds = 0.5

    def step(self, x: tf.Tensor, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return features like `x`, and the mean's state."""
        level = tf.math.log(tf.maximum(x, SILENCE))
        mean, state = self.running_mean(level, x > SILENCE, state)
        return tf.maximum(level - mean, -8.0), state


@keras.saving.register_keras_serializable("sound")
class Pcen(_AgainstThePast):
    """Per-channel energy normalisation (Wang et al. 2017): sqrt(energy / mean + 2) - sqrt(2).

    With their gain's exponent 0.98 replaced by 1, for which the level has no influence at all.
    """

    seconds = 0.4

    def step(self, x: tf.Tensor, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return features like `x`, and the mean's state."""
        mean, state = self.running_mean(x, x >= 0, state)
        return tf.sqrt(x / tf.maximum(mean, SILENCE) + 2.0) - math.sqrt(2), state


def decayed_sums(x: tf.Tensor, before: tf.Tensor, decay: float) -> tf.Tensor:
    """Return y (batch, time, bands) with y[t] = decay * y[t - 1] + x[t] and y[-1] = `before`.

    Exact for any length: blocks are summed by one matrix of powers of the decay, and what enters
    each block by another.
    """
    time = x.shape[1] if x.shape[1] is not None else tf.shape(x)[1]
    size = max(1, min(time, BLOCK)) if isinstance(time, int) else BLOCK
    number = (time + size - 1) // size
    padded = tf.pad(x, [[0, 0], [0, number * size - time], [0, 0]])
    blocks = tf.reshape(padded, (-1, number, size, x.shape[-1]))
    within = tf.matmul(_powers(tf.range(size), tf.range(size), decay, x.dtype), blocks)
    ends = tf.concat([before[:, None], within[:, :, -1]], axis=1)
    # entering block k: what was before, k blocks ago, and the sums of the blocks in between
    enters = _powers(tf.range(number), tf.range(number + 1), decay**size, x.dtype)
    starts = tf.matmul(enters, ends)[:, :, None]
    fading = tf.constant(decay ** np.arange(1, size + 1), x.dtype)[:, None]
    return tf.reshape(within + fading * starts, (-1, number * size, x.shape[-1]))[:, :time]


def _powers(rows: tf.Tensor, columns: tf.Tensor, decay: float, kind: tf.DType) -> tf.Tensor:
    """Return decay ** (row - column) where that is no negative power, else 0."""
    gap = tf.cast(rows[:, None] - columns, kind)
    powers = tf.exp(math.log(decay) * tf.maximum(gap, 0))
    return tf.where(gap >= 0, powers, tf.zeros_like(powers))
