"""A step of the room's optimisation against one written the tutorial's way: seconds and losses.

    python tests/benchmarks/style_steps.py SQUEEZENET.h5 [SIZE ...]

The tutorial's way is a tf.Variable, a GradientTape, a keras.Model of the layers, Gram matrices by
einsum and Keras's Adam, all in a tf.function; with the room's layers and its relative terms, so
that the losses can be compared. Of a step everything counts: forward, gradient, Adam, clipping.
Both take turns, a step each, on squares of SIZE (256 384 512) pixels, float32 and mixed bfloat16;
the seconds are the median of the last 10 steps. At the first size both go on to 30 steps from the
same start: the difference of the losses is relative, the largest along the curve.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from common import runtime
from common.errors import UserError

runtime.quiet()
runtime.load_tensorflow()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from common.networks.squeezenet import load_squeezenet, squeezenet  # noqa: E402
from projects.neural_style_transfer.colour import transferred  # noqa: E402
from projects.neural_style_transfer.embedded import picture  # noqa: E402
from projects.neural_style_transfer.features import SQUEEZENET_CONTENT as CONTENT  # noqa: E402
from projects.neural_style_transfer.features import SQUEEZENET_STYLE as STYLE  # noqa: E402
from projects.neural_style_transfer.features import feature_network  # noqa: E402
from projects.neural_style_transfer.optimise import painted  # noqa: E402
from projects.neural_style_transfer.painted_styles import style  # noqa: E402
from projects.neural_style_transfer.settings import Optimising  # noqa: E402

TIMED, WARM, CURVE = 10, 3, 30


def main(weights: str, sizes: list[int]) -> None:
    """Print the seconds of both and their ratio, and how far the losses differ."""
    for policy in ("float32", "mixed_bfloat16"):
        keras.config.set_dtype_policy(policy)
        for size in sizes:
            steps = CURVE if size == sizes[0] else WARM + TIMED
            room, tutorial, losses = raced(weights, size, steps)
            apart = np.max(np.abs(losses[0] - losses[1]) / losses[1])
            print(
                f"{policy:>14} {size:>4} px: room {room:.3f} s, tutorial {tutorial:.3f} s, ratio"
                f" {room / tutorial:.3f}; losses of {steps} steps differ by {apart:.1e}, from"
                f" {losses[1][0]:.4f} to {losses[0][-1]:.4f} and {losses[1][-1]:.4f}",
                flush=True,
            )


class Turns:
    """Takes a step of the tutorial's way after every step of the room's."""

    def __init__(self, other: Callable[[], Any]) -> None:
        self.other, self.ended = other, 0.0
        self.room: list[float] = []
        self.tutorial: list[float] = []
        self.losses: list[float] = []

    def __call__(self, state: Any) -> None:
        """Note the seconds of the room's step: from the end of the last turn until now."""
        begun = time.perf_counter()
        self.room.append(begun - self.ended)
        self.losses.append(float(self.other()))
        self.ended = time.perf_counter()
        self.tutorial.append(self.ended - begun)


def raced(weights: str, size: int, steps: int) -> tuple[float, float, np.ndarray]:
    """Return seconds per step of the room and of the tutorial, and the losses (2, steps)."""
    content = (picture("drawn:0:0", size) / 255).astype(np.float32)
    wanted = (style("starry", size) / 255).astype(np.float32)
    how = Optimising(method="adam", steps=steps, scales=1)
    turns = Turns(tutorial_step(weights, content, wanted, how))
    network = feature_network(f"file:{weights}")
    result = painted(content, wanted, network=network, how=how, tell=turns)
    if result.stopped:
        raise UserError(f"the room's way was stopped ({result.stopped}): run it again")
    room, tutorial = (statistics.median(each[-TIMED:]) for each in (turns.room, turns.tutorial))
    return room, tutorial, np.array([result.history["total"], turns.losses])


def tutorial_step(
    weights: str, content: np.ndarray, wanted: np.ndarray, how: Optimising
) -> Callable[[], tf.Tensor]:
    """Return a function that takes a step and returns the loss before it."""
    whole = squeezenet(None, even=True)
    load_squeezenet(whole, Path(weights))
    names = dict.fromkeys((*STYLE, CONTENT))
    extractor = keras.Model(whole.input, {name: whole.get_layer(name).output for name in names})
    extractor.trainable = False

    def features(pictures: tf.Tensor) -> dict[str, tf.Tensor]:
        return {k: tf.cast(v, tf.float32) for k, v in extractor(pictures * 255.0).items()}

    def gram(maps: tf.Tensor) -> tf.Tensor:
        places = tf.cast(tf.shape(maps)[1] * tf.shape(maps)[2], tf.float32)
        return tf.linalg.einsum("bijc,bijd->bcd", maps, maps) / places

    def far(one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(tf.square(one - other))

    def rough(pictures: tf.Tensor) -> tf.Tensor:
        down, across = pictures[:, 1:] - pictures[:, :-1], pictures[:, :, 1:] - pictures[:, :, :-1]
        return tf.reduce_mean(tf.square(down)) + tf.reduce_mean(tf.square(across))

    original, start, styled = (
        tf.constant(one[None]) for one in (content, transferred(content, wanted), wanted)
    )
    structure = features(start)[CONTENT]
    spread = far(structure, tf.reduce_mean(structure, axis=(1, 2), keepdims=True))
    before, after = features(original), features(styled)
    grams = {name: gram(after[name]) for name in STYLE}
    gaps = {name: far(gram(before[name]), grams[name]) for name in STYLE}
    usual = rough(original) + rough(styled)
    image, adam = tf.Variable(start), keras.optimizers.Adam(how.learning_rate)

    @tf.function
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            now = features(image)
            lost = far(now[CONTENT], structure) / spread
            away = [far(gram(now[name]), grams[name]) / gaps[name] for name in STYLE]
            loss = (1 - how.strength) * lost + how.strength * tf.add_n(away) / len(away)
            loss += how.smooth * rough(image) / usual
        gradient = tape.gradient(loss, image)
        adam.apply_gradients([(gradient, image)])
        image.assign(tf.clip_by_value(image, 0.0, 1.0))
        return loss

    return step


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        main(sys.argv[1], [int(word) for word in sys.argv[2:]] or [256, 384, 512])
    except UserError as problem:
        sys.exit(f"error: {problem}")
