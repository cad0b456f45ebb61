"""The order of training examples: a pure function of seed, epoch and position.

A run resumed at an epoch therefore sees exactly the examples that the straight run would have
seen, and no state of the data pipeline needs to be kept.
"""

from typing import TypeAlias

import tensorflow as tf

Indexed: TypeAlias = tuple[tf.Tensor, tf.Tensor]


def stream(number: int, batch_size: int, seed: int, start_epoch: int) -> tf.data.Dataset:
    """Return endless batches of (index, position), both (batch,) int64, from `start_epoch` on.

    Every epoch is another permutation of 0 .. number - 1, in ceil(number / batch_size) batches,
    the last of which may be smaller. `position` counts examples from the start of epoch 0, so
    augmentation that depends on it is resumed as well.
    """
    if number < 1 or batch_size < 1:
        raise ValueError(f"number is {number}, batch_size {batch_size}: both must be at least 1")
    steps = -(-number // batch_size)

    def batch(step: tf.Tensor) -> Indexed:
        epoch, first = step // steps, step % steps * batch_size
        place = tf.range(first, tf.minimum(first + batch_size, number))
        return _shuffled(place, number, seed, epoch), epoch * number + place

    first_step = start_epoch * steps
    return tf.data.Dataset.range(first_step, tf.int64.max).map(batch)


def epochs(number: int, seed: int, start_epoch: int) -> tf.data.Dataset:
    """Return the same endless stream one (index, position) at a time, int64 scalars."""
    return stream(number, 1024, seed, start_epoch).unbatch()


def _shuffled(place: tf.Tensor, number: int, seed: int, epoch: tf.Tensor) -> tf.Tensor:
    """Return where `place` (int64) goes in the epoch's permutation of 0 .. number - 1."""
    # Used as they are, neighbouring seeds and epochs give permutations that resemble each other:
    # over 4,000 epochs of 209 examples some never came at some places.
    both = tf.stack([tf.constant(seed, tf.int64), epoch])
    key = tf.random.stateless_uniform([2], both, minval=None, maxval=None, dtype=tf.int64)
    return tf.random.experimental.index_shuffle(place, key, tf.constant(number - 1, tf.int64))
