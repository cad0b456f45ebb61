"""Pictures of SavedModels: read in the graph as in training, and sent to the endpoint they fit."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from common.data.pictures import decode, resized

BATCH = 32
"""Pictures that are sent together."""


def from_files(files: tf.Tensor, size: int) -> tf.Tensor:
    """Return encoded pictures, (batch,) strings, as (batch, size, size, 3) float32 in 0..255."""
    return _each(files, size, lambda one: resized(decode(one), size))


def from_pixels(pixels: tf.Tensor, size: int) -> tf.Tensor:
    """Return pictures of any one size, (batch, height, width, 3) uint8, as `from_files` does."""
    return _each(pixels, size, lambda one: resized(one, size))


def answered(loaded: Any, originals: Iterable[Any]) -> dict[str, np.ndarray]:
    """Return what a SavedModel answers to original pictures: arrays (n, ...) by name.

    Files go to its signature `image`, pixels to `pixels`.
    """
    found = []
    for alike in batches(originals):
        if isinstance(alike[0], bytes):
            found.append(loaded.signatures["image"](image=tf.constant(alike)))
        else:
            found.append(loaded.signatures["pixels"](pixels=tf.constant(np.stack(alike))))
    return {name: np.concatenate([one[name].numpy() for one in found]) for name in found[0]}


def batches(originals: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield neighbours that fit into one call: files, or pixels of one shape, at most 32."""
    for _, alike in itertools.groupby(originals, lambda one: getattr(one, "shape", None)):
        while some := list(itertools.islice(alike, BATCH)):
            yield some


def encoded(original: bytes | np.ndarray) -> bytes:
    """Return a picture's file as it is, or its pixels as PNG."""
    if isinstance(original, bytes):
        return original
    png: bytes = tf.io.encode_png(original).numpy()
    return png


def _each(batch: tf.Tensor, size: int, read: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
    kind = tf.TensorSpec([size, size, 3], tf.uint8)
    return tf.cast(tf.map_fn(read, batch, fn_output_signature=kind), tf.float32)
