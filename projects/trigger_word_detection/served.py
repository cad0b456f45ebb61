"""The whole detector as one graph: features, network, smoothing, threshold, refractory time.

What every export runs. After the network it does what `detector.py` does in numpy. A stream's state
is one vector of floats, zeros at the start: the network's, then the detector's.
"""

import keras
import tensorflow as tf

from projects.trigger_word_detection.evaluate import Calibration
from projects.trigger_word_detection.grid import RATE, STEP, STEPS_PER_SECOND
from projects.trigger_word_detection.streaming import state_size, stream_step

Answer = dict[str, tf.Tensor]

PIECE = 250 * STEP
"""Samples of a file that are heard at once, so that no more than their spectra is in memory."""


class Served(tf.Module):
    """The network and the detector after it, over streams, clips and files.

    Answers of each step: `probability`, `smoothed` (its mean over the last steps), `detected`.
    """

    def __init__(self, model: keras.Model, fitted: Calibration) -> None:
        super().__init__()
        self.model, self.fitted = model, fitted
        self.parts = [state_size(model), fitted.smoothing - 1, 1]
        """Numbers in the state: the network's, the last probabilities, steps still to wait."""

    def zeros(self, batch: tf.Tensor | int) -> tf.Tensor:
        """Return the state of streams that have heard nothing."""
        return tf.zeros((batch, sum(self.parts)))

    def stream(self, samples: tf.Tensor, state: tf.Tensor) -> Answer:
        """Answer the next samples (batch, n), n a multiple of 640 above 0; also the next `state`.

        Other lengths fail with InvalidArgumentError.
        """
        if samples.shape[1] is None:
            length = tf.shape(samples)[1]
            is_whole = tf.logical_and(length > 0, length % STEP == 0)
            wanted = f"samples: a multiple of {STEP} above 0, not"
            with tf.control_dependencies([tf.debugging.Assert(is_whole, [wanted, length])]):
                samples = tf.identity(samples)
        heard, past, wait = tf.split(state, self.parts, axis=1)
        logits, heard = stream_step(self.model, samples, heard)
        probability = tf.sigmoid(logits[..., 0])
        seen = tf.concat([past, probability], axis=1)
        smoothed = _moving_average(seen, self.fitted.smoothing)
        detected, wait = _fired(smoothed >= self.fitted.threshold, wait, self.fitted.refractory)
        past = seen[:, tf.shape(probability)[1] :]
        return {
            "probability": probability,
            "smoothed": smoothed,
            "detected": detected,
            "state": tf.concat([heard, past, wait], axis=1),
        }

    def clip(self, samples: tf.Tensor) -> Answer:
        """Answer whole clips (batch, n); silence fills up the last step."""
        batch, length = tf.unstack(tf.shape(samples))
        answer = self.stream(_filled(samples, length, STEP), self.zeros(batch))
        return {name: found for name, found in answer.items() if name != "state"}

    def audio(self, audio: tf.Tensor) -> Answer:
        """Answer WAV files, (batch,) strings: 16-bit PCM at 16 kHz of any length and channels.

        `detections` (JSON, seconds), `score` (the highest smoothed probability) and
        `probabilities` (JSON, one for every 40 ms).
        """
        kinds = {"detections": tf.string, "score": tf.float32, "probabilities": tf.string}
        specs = {name: tf.TensorSpec([], kind) for name, kind in kinds.items()}
        return tf.map_fn(self._file, audio, fn_output_signature=specs)

    def _file(self, file: tf.Tensor) -> Answer:
        sound, rate = tf.audio.decode_wav(file)
        tf.debugging.Assert(
            tf.equal(rate, RATE), [f"{RATE} samples per second are heard, not", rate]
        )
        length = tf.shape(sound)[0]
        pieces = _filled(tf.reduce_mean(sound, axis=1)[None], length, PIECE)
        nothing = tf.zeros((1, PIECE // STEP))
        found = tf.scan(
            lambda before, piece: self.stream(piece, before["state"]),
            tf.reshape(pieces, (-1, 1, PIECE)),
            {
                "probability": nothing,
                "smoothed": nothing,
                "detected": tf.cast(nothing, tf.bool),
                "state": self.zeros(1),
            },
        )
        steps = tf.maximum(1, -(-length // STEP))
        whole = {name: tf.reshape(found[name], [-1])[:steps] for name in found if name != "state"}
        times = tf.cast(tf.where(whole["detected"])[:, 0] + 1, tf.float32) / STEPS_PER_SECOND
        return {
            "detections": _json(times, 2),
            "score": tf.reduce_max(whole["smoothed"]),
            "probabilities": _json(whole["probability"], 6),
        }


def _moving_average(seen: tf.Tensor, number: int) -> tf.Tensor:
    """Return the mean of the last `number` columns at each but the first `number` - 1."""
    length = tf.shape(seen)[1] - (number - 1)
    total = tf.add_n([seen[:, first:][:, :length] for first in range(number)])
    return tf.minimum(total / number, 1.0)


def _fired(above: tf.Tensor, wait: tf.Tensor, refractory: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Return where the detector fires, (batch, steps), and the steps still to wait, (batch, 1)."""

    def one(before: tuple[tf.Tensor, tf.Tensor], now: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        _, wait = before
        fires = tf.logical_and(now, wait < 0.5)
        return fires, tf.where(fires, refractory - 1.0, tf.maximum(wait - 1.0, 0.0))

    if above.shape[1] == 1:
        return one((above, wait), above)
    columns = tf.transpose(above)[..., None]
    fires, waits = tf.scan(one, columns, (tf.zeros_like(wait, tf.bool), wait))
    return tf.transpose(fires[..., 0]), waits[-1]


def _filled(samples: tf.Tensor, length: tf.Tensor, size: int) -> tf.Tensor:
    """Return samples (batch, length) with zeros up to the next multiple of `size` above 0."""
    full = tf.maximum(1, -(-length // size)) * size
    return tf.pad(samples, [[0, 0], [0, full - length]])


def _json(numbers: tf.Tensor, digits: int) -> tf.Tensor:
    words = tf.strings.as_string(numbers, precision=digits)
    return tf.strings.join(["[", tf.strings.reduce_join(words, separator=", "), "]"])
