"""The order of training examples: a pure function of seed, pass and place, so nothing is saved."""

import tensorflow as tf


def stream(number: int, batch_size: int, seed: int, start: int) -> tf.data.Dataset:
    """Return endless batches of (index, position), both (batch,) int64, from pass `start` on.

    `index`: rows 0 to number - 1, in a different permutation in every pass, each exactly once; the
    last batch of a pass may be smaller. `position`: the example's place in the whole stream, for
    augmentation that is a function of it. A stream that starts at pass k equals the straight one
    from there on: a resumed run sees what it would have seen.
    """

    def one_pass(epoch: tf.Tensor) -> tf.data.Dataset:
        places = tf.data.Dataset.range(number).batch(batch_size)
        return places.map(lambda place: (_shuffled(place, epoch), epoch * number + place))

    def _shuffled(place: tf.Tensor, epoch: tf.Tensor) -> tf.Tensor:
        seeds = tf.stack([tf.constant(seed, tf.int64), epoch])
        return tf.random.experimental.index_shuffle(place, seeds, number - 1)

    endless = tf.data.Dataset.range(start, tf.int64.max)
    return endless.flat_map(one_pass)
