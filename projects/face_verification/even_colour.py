"""Whether a picture shows anything: one even colour is no face, and any two of them are alike."""

import tensorflow as tf

from common.data.picture_store import FLAT

SAID = "shows one even colour"


def is_even(pictures: tf.Tensor) -> tf.Tensor:
    """Return for each picture (b, h, w, 3), 0..255, whether no channel varies over its pixels."""
    deviations = tf.math.reduce_std(tf.cast(pictures, tf.float32), axis=(1, 2))
    return tf.reduce_max(deviations, axis=1) < FLAT
