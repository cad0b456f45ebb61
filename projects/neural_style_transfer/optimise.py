"""A picture painted by optimising its pixels: Adam or L-BFGS-B (scipy), coarse to fine."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from scipy.optimize import minimize

from common.errors import UserError
from projects.neural_style_transfer.colour import transferred, with_colours_of
from projects.neural_style_transfer.costs import Objective
from projects.neural_style_transfer.features import Network
from projects.neural_style_transfer.settings import Optimising
from projects.neural_style_transfer.state import State

SMALLEST = 32
"""A scale whose shorter side would be below so many pixels is left out."""
MEMORY = 10
"""Steps that L-BFGS remembers."""
Evaluate = Callable[[np.ndarray], tuple[dict[str, float], np.ndarray]]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came out."""

    picture: np.ndarray
    """The best picture, float32 (h, w, 3) in 0..1, of the content's size."""
    history: pd.DataFrame
    """A row per evaluation: scale, step, seconds, total, content, style, variation, style/LAYER."""
    state: State
    stopped: str = ""
    """Why it ended early ("by hand", "the loss is no longer a number"), else empty."""


class _Enough(Exception):
    """The steps are used up, or the loss is no longer a number."""


def painted(
    content: np.ndarray,
    style: np.ndarray,
    *,
    network: Network,
    how: Optimising,
    state: State | None = None,
    tell: Callable[[State], None] = lambda state: None,
) -> Result:
    """Return `content` in the style of `style`; float pictures (h, w, 3) in 0..1 of any two sizes.

    Starts from the colour-transferred content, or goes on from a `state` (then L-BFGS and Adam
    begin their memory anew). `tell` is called after every evaluation. Ctrl-C, and a loss that is no
    longer a number, end it with the best picture so far. Raises UserError when `state` is that of
    another size.
    """
    sizes = scale_sizes(content.shape[:2], how.scales)
    wanted = transferred(style, content) if how.preserve_colour else style
    begun = content if how.preserve_colour else transferred(content, style)
    if state is None:
        state = State(resized(begun, sizes[0]))
    elif state.scale >= len(sizes) or state.picture.shape != (*sizes[state.scale], 3):
        raise UserError(
            f"the picture to go on with has shape {state.picture.shape}, the content's sizes are"
            f" {sizes}: resume with the same content, size and scales, or start anew"
        )
    stopped = ""
    try:
        for scale in range(state.scale, len(sizes)):
            if scale > state.scale:
                enlarged = resized(state.picture, sizes[scale])
                state = replace(state, picture=enlarged, scale=scale, step=0)
            objective = _objective(network, (content, begun, wanted), sizes[scale], how)
            stopped = _optimised(state, evaluation(objective), how, tell)
            if stopped:
                break
    except KeyboardInterrupt:
        stopped = "by hand"
    picture = resized(state.picture, content.shape[:2])
    if how.preserve_colour:
        picture = with_colours_of(picture, content)
    return Result(
        picture=picture, history=pd.DataFrame(state.history), state=state, stopped=stopped
    )


def scale_sizes(size: tuple[int, ...], scales: int) -> list[tuple[int, int]]:
    """Return the sizes (h, w) from coarse to fine; the last is `size`."""
    sizes = [tuple(max(1, round(side / 2**k)) for side in size) for k in range(scales)]
    return [s for s in sizes[:0:-1] if min(s) >= SMALLEST] + [sizes[0]]


def resized(picture: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Return a picture (h, w, 3) at another size, float32 in 0..1."""
    if picture.shape[:2] == tuple(size):
        return picture.astype(np.float32)
    scaled = tf.image.resize(picture, size, "bicubic", antialias=True)
    return np.clip(scaled.numpy(), 0, 1)


def evaluation(objective: Objective) -> Evaluate:
    """Return a function: picture (h, w, 3) -> its terms, and the gradient of the total (h, w, 3).

    Not compiled by XLA, which took a quarter more time on a CPU, and seconds to begin.
    """

    @tf.function
    def both(picture: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(picture)
            terms = objective.terms(picture)
        return terms, tape.gradient(terms["total"], picture)

    def evaluate(picture: np.ndarray) -> tuple[dict[str, float], np.ndarray]:
        terms, gradient = both(tf.constant(picture[None], keras.config.floatx()))
        return {name: float(value) for name, value in terms.items()}, gradient[0].numpy()

    return evaluate


def _objective(
    network: Network,
    pictures: tuple[np.ndarray, np.ndarray, np.ndarray],
    size: tuple[int, int],
    how: Optimising,
) -> Objective:
    """Return what is minimised where the content has `size`; the style is made as much smaller.

    The pictures are the content, the same recoloured, and the style.
    """
    content, recoloured, style = pictures
    share = size[0] / content.shape[0]
    smaller = tuple(max(8, round(share * side)) for side in style.shape[:2])
    inputs = [tf.constant(resized(one, size)[None]) for one in (content, recoloured)]
    styled = tf.constant(resized(style, smaller)[None])
    return Objective(network, inputs[0], styled, how.strength, how.smooth, recoloured=inputs[1])


def _optimised(
    state: State, evaluate: Evaluate, how: Optimising, tell: Callable[[State], None]
) -> str:
    """Use up the scale's steps, keeping the best picture in `state`; return why it ended early."""
    begun = time.perf_counter() - (state.history[-1]["seconds"] if state.history else 0)
    stopped = ""

    def followed(picture: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal stopped
        if state.step >= how.steps:
            raise _Enough
        terms, gradient = evaluate(picture)
        if not (np.isfinite(terms["total"]) and np.isfinite(gradient).all()):
            stopped = f"the loss is no longer a number after {state.step} steps"
            raise _Enough
        if terms["total"] < state.best:
            state.picture = picture.astype(np.float32)
        state.step += 1
        seconds = time.perf_counter() - begun
        state.history.append({"scale": state.scale, "step": state.step, "seconds": seconds} | terms)
        tell(state)
        return terms["total"], gradient

    with contextlib.suppress(_Enough):
        (_adam if how.method == "adam" else _lbfgs)(state.picture, followed, how)
    return stopped


def _adam(
    start: np.ndarray, followed: Callable[[np.ndarray], tuple[float, Any]], how: Optimising
) -> None:
    picture = keras.Variable(start, dtype=keras.config.floatx())
    adam = keras.optimizers.Adam(how.learning_rate)
    while True:
        _, gradient = followed(picture.numpy())
        adam.apply([tf.constant(gradient, picture.dtype)], [picture])
        picture.assign(keras.ops.clip(picture, 0, 1))


def _lbfgs(
    start: np.ndarray, followed: Callable[[np.ndarray], tuple[float, Any]], how: Optimising
) -> None:
    """Run L-BFGS-B until the steps are used up.

    The loss is scaled by the number of values, else scipy's tolerances stop it after a few steps.
    When a line search fails (float32 gradients), it starts its memory anew.
    """
    shape, picture = start.shape, start.ravel().astype(np.float64)

    def scaled(values: np.ndarray) -> tuple[float, np.ndarray]:
        loss, gradient = followed(values.reshape(shape))
        return loss * values.size, gradient.ravel().astype(np.float64) * values.size

    while True:
        found = minimize(
            scaled,
            picture,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, 1)] * picture.size,
            options={
                "maxiter": how.steps,
                "maxfun": how.steps,
                "maxcor": MEMORY,
                "ftol": 0.0,
                "gtol": 0.0,
                "maxls": 40,
            },
        )
        if np.array_equal(found.x, picture):
            break  # nothing is left to gain
        picture = found.x
