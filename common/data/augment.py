"""Augmentation of training pictures: a pure function of seed and position in the stream."""

import tensorflow as tf

SHIFT = 0.1
"""Largest shift, as a share of the picture, and largest zoom."""
LIGHT = 0.2
"""Largest change of brightness (share of full scale) and of contrast."""


def augmented(pictures: tf.Tensor, positions: tf.Tensor, seed: int) -> tf.Tensor:
    """Return (batch, h, w, 3) float32 pictures in 0..255, each varied by its own position.

    Mirrored, cropped and zoomed by at most SHIFT, brightness and contrast changed by at most
    LIGHT. Position p gives the same variation in every run with the same seed, so a resumed
    training equals the straight one.
    """
    height, width = pictures.shape[1], pictures.shape[2]
    draws = tf.map_fn(
        lambda position: tf.random.stateless_uniform(
            [7], tf.stack([tf.constant(seed, tf.int64), position]), -1.0, 1.0
        ),
        positions,
        fn_output_signature=tf.TensorSpec([7], tf.float32),
    )
    mirror, zoom_y, zoom_x, shift_y, shift_x, bright, contrast = tf.unstack(draws, axis=1)
    half_y, half_x = 0.5 * (1 + SHIFT * zoom_y), 0.5 * (1 + SHIFT * zoom_x)
    middle_y, middle_x = 0.5 + SHIFT * shift_y, 0.5 + SHIFT * shift_x
    left, right = middle_x - half_x, middle_x + half_x
    flip = mirror > 0
    boxes = tf.stack(
        [
            middle_y - half_y,
            tf.where(flip, right, left),
            middle_y + half_y,
            tf.where(flip, left, right),
        ],
        axis=1,
    )
    mean = tf.reduce_mean(tf.cast(pictures, tf.float32), axis=[1, 2, 3], keepdims=True)
    varied = tf.image.crop_and_resize(
        pictures, boxes, tf.range(tf.shape(pictures)[0]), [height, width], extrapolation_value=0
    )
    # What lies outside the picture gets its mean colour: black borders would be a pattern.
    inside = tf.image.crop_and_resize(
        tf.ones_like(pictures[..., :1]),
        boxes,
        tf.range(tf.shape(pictures)[0]),
        [height, width],
        extrapolation_value=0,
    )
    varied = varied + (1 - inside) * mean
    factor = _per_picture(1 + LIGHT * contrast)
    varied = (varied - mean) * factor + mean + 255 * LIGHT / 2 * _per_picture(bright)
    return tf.clip_by_value(varied, 0, 255)


def _per_picture(values: tf.Tensor) -> tf.Tensor:
    return values[:, None, None, None]
