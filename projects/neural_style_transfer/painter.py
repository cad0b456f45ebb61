"""The network that paints: float pictures (batch, h, w, 3) in 0..255 -> the same shape and range.

Johnson et al. (2016), https://arxiv.org/abs/1603.08155, with instance normalisation (Ulyanov et al.
2017), enlarging before convolution (Odena et al. 2016), and the colour transfer built in: what
is learned is the difference to it, so training starts at the baseline. Height and width are
multiples of 4, and at least 8.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from common.settings import Fit
from common.training.learning import initializer as started
from common.training.learning import penalty

ENDS = 9
"""Side of the first and last kernel."""
SMALL = 1e-2
"""Deviation of the last kernel at the start, which leaves the recoloured picture almost as it is:
not zero, or no other layer would have a gradient to check."""
CHANGE = 0.2
"""How much the last layer counts."""
MARGIN = 0.02
"""Black and white are so far from where logits end."""
GAIN = 8.0
"""The most that a grey picture's hint of a colour is blown up."""
ITERATIONS = 16
NOISE = 1e-5
GRAINS, GRAIN_SIDE = 3, 97
"""Channels of noise, and after how many pixels it is repeated: no multiple of what halves."""


def painter(style: np.ndarray, width: int, blocks: int, fit: Fit, seed: int) -> keras.Model:
    """Return the untrained network for a style picture (h, w, 3) in 0..1.

    `width` channels at full size, twice and four times as many at half and a quarter of it, where
    `blocks` residual blocks are.
    """
    number = 1000 * seed

    def convolved(x: Any, channels: int, side: int = 3, stride: int = 1) -> Any:
        nonlocal number
        number += 1
        x = Reflected(side // 2)(x)
        x = layers.Conv2D(
            channels,
            side,
            stride,
            use_bias=False,  # instance normalisation has one
            kernel_initializer=started(fit, number),
            kernel_regularizer=penalty(fit),
        )(x)
        return InstanceNormalization()(x)

    precise = keras.config.dtype_policy().variable_dtype  # also where layers compute in bfloat16
    pictures = keras.Input((None, None, 3), name="pictures")
    recoloured = recolour(style)(layers.Rescaling(1 / 255, dtype=precise)(pictures))
    x = Grain()(layers.Rescaling(4.0, offset=-2.0)(recoloured))
    for channels, side, stride in ((width, ENDS, 1), (2 * width, 3, 2), (4 * width, 3, 2)):
        x = layers.ReLU()(convolved(x, channels, side, stride))
    for _ in range(blocks):
        y = layers.ReLU()(convolved(x, 4 * width))
        x = layers.Add()([x, convolved(y, 4 * width)])
    for channels in (2 * width, width):
        x = layers.ReLU()(convolved(Enlarged()(x), channels))
    last = keras.initializers.RandomNormal(stddev=SMALL, seed=seed)
    change = layers.Conv2D(3, ENDS, kernel_initializer=last, dtype=precise, name="change")
    painted = Painted(dtype=precise)([recoloured, change(Reflected(ENDS // 2)(x))])
    return keras.Model(pictures, painted, name="painter")


def recolour(style: np.ndarray) -> "Recolour":
    """Return the layer that gives pictures the colours of a style (h, w, 3) in 0..1."""
    pixels = style.reshape(-1, 3).astype(np.float64)
    return Recolour(pixels.mean(0).tolist(), np.cov(pixels.T, bias=True).tolist())


@keras.saving.register_keras_serializable("style")
class Recolour(layers.Layer):
    """Pictures (batch, h, w, 3) in 0..1 with a style's mean and covariance of colours.

    As `colour.transferred`, but with roots by iteration (Newton and Schulz): a device has no
    eigenvalues.
    """

    def __init__(
        self, mean: Sequence[float], covariance: Sequence[Sequence[float]], **kwargs: Any
    ) -> None:
        """Take the style's mean (3,) and covariance (3, 3)."""
        super().__init__(**{"dtype": keras.config.dtype_policy().variable_dtype, **kwargs})
        self.mean, self.covariance = mean, covariance

    def call(self, pictures: keras.KerasTensor) -> keras.KerasTensor:
        """Return the recoloured pictures."""
        centred = pictures - ops.mean(pictures, axis=(1, 2), keepdims=True)
        flat = ops.reshape(centred, (ops.shape(pictures)[0], -1, 3))
        found = ops.matmul(ops.transpose(flat, (0, 2, 1)), flat)
        found = found / ops.cast(ops.shape(flat)[1], found.dtype)
        wanted = np.asarray(self.covariance) + NOISE * np.eye(3)
        least = max(float(np.linalg.eigvalsh(wanted).max()) / GAIN**2, NOISE)
        root, inverse = _roots(found + ops.cast(least * np.eye(3), found.dtype))
        both = ops.matmul(ops.matmul(root, ops.cast(wanted, root.dtype)), root)
        linear = ops.matmul(ops.matmul(inverse, _roots(both)[0]), inverse)
        # in four dimensions: behind a reshape LiteRT would not know the number of channels
        moved = ops.matmul(centred, linear[:, None])
        return ops.clip(moved + ops.cast(np.asarray(self.mean), moved.dtype), 0, 1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().get_config(), "mean": self.mean, "covariance": self.covariance}


@keras.saving.register_keras_serializable("style")
class Grain(layers.Layer):
    """Pictures (batch, h, w, channels) with GRAINS more channels: noise, always the same.

    Where a content is flat, as a sky, strokes need something to begin with (Ulyanov et al. 2016).
    """

    def call(self, pictures: keras.KerasTensor) -> keras.KerasTensor:
        """Return (batch, h, w, channels + GRAINS)."""
        shape = ops.shape(pictures)
        noise = np.random.default_rng(0).standard_normal((GRAIN_SIDE, GRAIN_SIDE, GRAINS))
        rows, columns = (ops.arange(shape[axis]) % GRAIN_SIDE for axis in (1, 2))
        grain = ops.take(ops.take(ops.cast(noise, pictures.dtype), rows, axis=0), columns, axis=1)
        everywhere = ops.broadcast_to(grain[None], (*shape[:3], GRAINS))
        return ops.concatenate([pictures, everywhere], axis=-1)


@keras.saving.register_keras_serializable("style")
class Painted(layers.Layer):
    """Recoloured pictures (batch, h, w, 3) in 0..1 and a change -> paintings in 0..255.

    The change is added to the logits: nothing leaves the range, and no pixel loses its gradient, as
    all that are clipped do. It counts little: Adam moves all weights of a large kernel at once.
    """

    def call(self, both: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """Return the paintings."""
        recoloured, change = both
        inside = MARGIN + (1 - 2 * MARGIN) * recoloured
        logits = ops.log(inside) - ops.log(1 - inside)
        return 255 * ops.sigmoid(logits + CHANGE * change)


@keras.saving.register_keras_serializable("style")
class Reflected(layers.Layer):
    """Maps (batch, h, w, channels) with borders of so many pixels, mirrored at the edge."""

    def __init__(self, border: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.border = border

    def call(self, maps: keras.KerasTensor) -> keras.KerasTensor:
        """Return the larger maps."""
        both = (self.border, self.border)
        return ops.pad(maps, ((0, 0), both, both, (0, 0)), mode="reflect")

    def get_config(self) -> dict[str, Any]:
        """Return the argument."""
        return {**super().get_config(), "border": self.border}


@keras.saving.register_keras_serializable("style")
class Enlarged(layers.Layer):
    """Maps (batch, h, w, channels), every pixel four times: (batch, 2 h, 2 w, channels).

    Keras's own makes operations of it that LiteRT does not have, or takes no map of any size.
    """

    def call(self, maps: tf.Tensor) -> tf.Tensor:
        """Return the larger maps."""
        height, width = (maps.shape[axis] or tf.shape(maps)[axis] for axis in (1, 2))
        larger = tf.image.resize(maps, (2 * height, 2 * width), "nearest")
        return tf.ensure_shape(larger, (None, None, None, maps.shape[-1]))


@keras.saving.register_keras_serializable("style")
class InstanceNormalization(layers.Layer):
    """Every channel of every picture with a learned mean and deviation."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the two (channels,) weights."""
        self.deviation = self.add_weight((shape[-1],), "ones", name="deviation")
        self.mean = self.add_weight((shape[-1],), "zeros", name="mean")

    def call(self, maps: keras.KerasTensor) -> keras.KerasTensor:
        """Return the normalised maps (batch, h, w, channels)."""
        mean, variance = ops.moments(maps, axes=(1, 2), keepdims=True)
        scale = self.deviation * ops.rsqrt(variance + 1e-5)
        return maps * scale + (self.mean - mean * scale)


def _roots(matrices: keras.KerasTensor) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Return the root, and its inverse, of symmetric positive matrices (batch, 3, 3)."""
    same = ops.cast(np.eye(3)[None], matrices.dtype)
    size = ops.sum(matrices * same, axis=(1, 2), keepdims=True)  # the trace: their eigenvalues' sum
    root, inverse = matrices / size, same
    for _ in range(ITERATIONS):
        step = 1.5 * same - 0.5 * ops.matmul(inverse, root)
        root, inverse = ops.matmul(root, step), ops.matmul(step, inverse)
    return root * ops.sqrt(size), inverse / ops.sqrt(size)
