"""Random filters at four scales, after Ustyuzhaninov et al. (2016): features without any training.

Palette, grain and some strokes are all the style these see.
"""

import keras
import numpy as np
from keras import layers, ops
from scipy.ndimage import gaussian_filter1d

from projects.neural_style_transfer.colour import LUMINANCE

SCALES = (1, 2, 4, 8)
STYLE = ("palette", *(f"scale{scale}" for scale in SCALES))
CONTENT = "content"
CONTENT_SCALE = 4
"""The scale at which content is seen: at 2, it leaves the style's marks no room."""
FILTERS = 64
SIDE = 7
THRESHOLD = 0.5
"""What a response may have to exceed. At 0, faint ripples everywhere are the cheapest way to a
style's grain, and paintings of flat skies look like fingerprints; a threshold asks for marks."""
BINOMIAL = np.outer((1, 3, 3, 1), (1, 3, 3, 1)) / 64


def random_filters(seed: int = 0) -> keras.Model:
    """Return the network: pictures (batch, h, w, 3) in 0..1 -> features by name, STYLE and CONTENT.

    Texture filters sum to zero, else the mean colour would drown the grain; a layer of single
    pixels sees the palette instead. Each scale is read beside the finer one, so that fine marks lie
    along coarse ones. Content is what texture filters see in the luminance: the palette may change.
    Borders are mirrored, and halves made by smooth weights: zeros beyond the edge would paint
    a frame, means of 2 x 2 pixels a lattice.
    """
    rng = np.random.default_rng(seed)
    pictures = keras.Input((None, None, 3))
    x = layers.Rescaling(4.0, offset=-2.0)(pictures)
    features, finer = {"palette": _palette(x, rng)}, None
    for scale in SCALES:
        if scale > 1:
            x = _halved(x)
        texture = _texture(x, f"texture{scale}", rng)
        both = texture if finer is None else _beside(finer, texture)
        features[f"scale{scale}"], finer = both, texture
        if scale == CONTENT_SCALE:
            luminance = layers.Conv2D(1, 1, use_bias=False, name="luminance")
            light = luminance(x)
            luminance.set_weights([LUMINANCE.reshape(1, 1, 3, 1)])
            features[CONTENT] = _texture(light, CONTENT, rng)
    return keras.Model(pictures, features, name="random")


@keras.saving.register_keras_serializable("style")
class Mirrored(layers.Layer):
    """Maps (batch, h, w, channels) with borders of so many pixels, mirrored, also if wider."""

    def __init__(self, border: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.border = border

    def call(self, maps: keras.KerasTensor) -> keras.KerasTensor:
        """Return the larger maps."""
        for axis in (1, 2):
            side = ops.shape(maps)[axis]
            places = ops.arange(-self.border, side + self.border) % (2 * side)
            maps = ops.take(maps, ops.minimum(places, 2 * side - 1 - places), axis=axis)
        return maps

    def get_config(self) -> dict[str, object]:
        """Return the argument."""
        return {**super().get_config(), "border": self.border}


def _halved(x: keras.KerasTensor) -> keras.KerasTensor:
    halving = layers.DepthwiseConv2D(4, strides=2, use_bias=False)
    half = halving(Mirrored(1)(x))
    halving.set_weights([np.repeat(BINOMIAL[..., None, None], x.shape[-1], axis=2)])
    return half


def _beside(finer: keras.KerasTensor, texture: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Concatenate()([layers.AveragePooling2D(2)(finer), texture])


def _palette(x: keras.KerasTensor, rng: np.random.Generator) -> keras.KerasTensor:
    """Return how far each pixel lies beyond random planes in the space of colours."""
    planes = layers.Conv2D(FILTERS, 1, activation="relu", name="palette")
    responses = planes(x)
    bias = rng.uniform(-1, 1, FILTERS)
    planes.set_weights([rng.standard_normal(planes.kernel.shape), bias])
    return responses


def _texture(x: keras.KerasTensor, name: str, rng: np.random.Generator) -> keras.KerasTensor:
    """Return responses to random patterns of one colour each, of unit length and sum zero.

    The patterns are smoothed, and fade towards their border: white noise paints colour speckles.
    """
    filters = layers.Conv2D(FILTERS, SIDE, activation="relu", name=name)
    responses = filters(Mirrored(SIDE // 2)(x))
    side, _, colours, number = filters.kernel.shape
    pattern = rng.standard_normal((side, side, 1, number))
    fade = np.hanning(side + 2)[1:-1]
    pattern = gaussian_filter1d(gaussian_filter1d(pattern, 0.8, axis=0), 0.8, axis=1)
    pattern *= np.outer(fade, fade)[..., None, None]
    kernel = (pattern - pattern.mean(axis=(0, 1))) * rng.standard_normal((1, 1, colours, number))
    kernel /= np.sqrt(np.square(kernel).sum(axis=(0, 1, 2)))
    filters.set_weights([kernel, -rng.uniform(0, THRESHOLD, number)])
    return responses
