"""The networks whose features say what content and style are: VGG-19, SqueezeNet, random filters.

Each takes float pictures (batch, h, w, 3) in 0..1 of any size from 8 pixels, in Keras's own
precision (float32, float64, mixed bfloat16).
"""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers
from scipy.ndimage import gaussian_filter1d

from common.errors import UserError
from common.networks.squeezenet import CaffePixels, load_squeezenet, squeezenet
from projects.neural_style_transfer.colour import LUMINANCE

VGG_BLOCKS = (2, 2, 4, 4, 4)
SQUEEZENET_STYLE = ("conv1", "fire2", "fire3", "fire4", "fire5")
SQUEEZENET_CONTENT = "fire4"
RANDOM_CONTENT = 2
"""The scale at which content is seen: at 4, thin things were lost."""
RANDOM_SCALES = (1, 2, 4, 8)
RANDOM_FILTERS = 64
RANDOM_SIDE = 7


@dataclass(frozen=True, kw_only=True)
class Network:
    """A feature network and which of its layers are read."""

    name: str
    model: keras.Model
    """Pictures (batch, h, w, 3) in 0..1 -> dict: layer -> features (batch, h', w', channels)."""
    content: str
    """The layer whose features are the content."""
    style: tuple[str, ...]
    """The layers whose Gram matrices are the style."""


def feature_network(spec: str) -> Network:
    """Return the network that `spec` names: vgg19, file:PATH (SqueezeNet's .h5) or random.

    Raises UserError when it cannot be had.
    """
    if spec == "random":
        return _random()
    if spec == "vgg19":
        return _vgg19()
    if spec.startswith("file:"):
        return _squeezenet(Path(spec.removeprefix("file:")).expanduser())
    raise UserError(
        f"model.features is {spec!r}: vgg19, file:PATH (SqueezeNet's .h5) or random is expected"
    )


def _network(
    name: str, whole: keras.Model, scale: float, content: str, style: tuple[str, ...]
) -> Network:
    """Return the layers of `whole`, which takes pictures in 0..scale."""
    wanted = dict.fromkeys((*style, content))
    read = keras.Model(whole.input, {layer: whole.get_layer(layer).output for layer in wanted})
    pictures = keras.Input((None, None, 3))
    model = keras.Model(pictures, read(layers.Rescaling(scale)(pictures)), name=name)
    model.trainable = False
    return Network(name=name, model=model, content=content, style=style)


def _squeezenet(path: Path) -> Network:
    """Return layers chosen by eye; averages for strides give smooth strokes without a lattice."""
    if not path.is_file():
        raise UserError(f"model.features names {path}, which is no file: give the path of one")
    whole = squeezenet(None, even=True)
    load_squeezenet(whole, path)
    return _network("squeezenet", whole, 255.0, SQUEEZENET_CONTENT, SQUEEZENET_STYLE)


def _vgg19() -> Network:
    """Return the course's layers, with the average pooling that Gatys et al. (2016) prefer."""
    try:
        trained = keras.applications.VGG19(include_top=False, weights="imagenet")
    except Exception as error:  # keras raises a bare Exception when a download fails
        raise UserError(
            f"VGG-19's weights could not be had ({str(error).splitlines()[0][:80]}): connect to the"
            " internet once, or set model.features to file:PATH (SqueezeNet's .h5) or random"
        ) from None
    whole = vgg19()
    for layer in whole.layers:
        if layer.weights:
            layer.set_weights(trained.get_layer(layer.name).get_weights())
    style = tuple(f"block{block}_conv1" for block in range(1, 6))
    return _network("vgg19", whole, 255.0, "block4_conv2", style)


def vgg19() -> keras.Model:
    """Return VGG-19's convolutions (Simonyan and Zisserman 2015), average pooling between them.

    Float pictures (batch, h, w, 3) in 0..255; layers are called as in Keras applications.
    """
    pictures = keras.Input((None, None, 3))
    x = CaffePixels()(pictures)
    for block, convolutions in enumerate(VGG_BLOCKS, start=1):
        if block > 1:
            x = layers.AveragePooling2D(2, padding="same")(x)
        for number in range(1, convolutions + 1):
            name = f"block{block}_conv{number}"
            filters = min(64 * 2 ** (block - 1), 512)
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
    return keras.Model(pictures, x, name="vgg19")


def _random(seed: int = 0) -> Network:
    """Return random filters on a picture and its halves, after Ustyuzhaninov et al. (2016).

    Nothing is learned: palette and grain are all the style these see. Texture filters sum to zero,
    else the mean colour would drown the grain; a layer of single pixels sees the palette instead.
    Content is what texture filters see in the luminance: the palette may change. Seeded.
    """
    rng = np.random.default_rng(seed)
    pictures = keras.Input((None, None, 3))
    x = layers.Rescaling(4.0, offset=-2.0)(pictures)
    style = {"palette": _palette(x, rng)}
    for scale in RANDOM_SCALES:
        if scale > 1:
            x = layers.AveragePooling2D(2, padding="same")(x)
        style[f"scale{scale}"] = _texture(x, f"scale{scale}", rng)
        if scale == RANDOM_CONTENT:
            luminance = layers.Conv2D(1, 1, use_bias=False, name="luminance")
            light = luminance(x)
            luminance.set_weights([LUMINANCE.reshape(1, 1, 3, 1)])
            content = _texture(light, "content", rng)
    model = keras.Model(pictures, {**style, "content": content}, name="random")
    model.trainable = False
    return Network(name="random", model=model, content="content", style=tuple(style))


def _palette(x: keras.KerasTensor, rng: np.random.Generator) -> keras.KerasTensor:
    """Return how far each pixel lies beyond random planes in the space of colours."""
    planes = layers.Conv2D(RANDOM_FILTERS, 1, activation="relu", name="palette")
    responses = planes(x)
    bias = rng.uniform(-1, 1, RANDOM_FILTERS)
    planes.set_weights([rng.standard_normal(planes.kernel.shape), bias])
    return responses


def _texture(x: keras.KerasTensor, name: str, rng: np.random.Generator) -> keras.KerasTensor:
    """Return responses to random patterns of one colour each, of unit length and sum zero.

    The patterns are smoothed, and fade towards their border: white noise paints colour speckles.
    """
    filters = layers.Conv2D(
        RANDOM_FILTERS, RANDOM_SIDE, padding="same", activation="relu", name=name
    )
    responses = filters(x)
    side, _, colours, number = filters.kernel.shape
    pattern = rng.standard_normal((side, side, 1, number))
    fade = np.hanning(side + 2)[1:-1]
    pattern = gaussian_filter1d(gaussian_filter1d(pattern, 0.8, axis=0), 0.8, axis=1)
    pattern *= np.outer(fade, fade)[..., None, None]
    kernel = (pattern - pattern.mean(axis=(0, 1))) * rng.standard_normal((1, 1, colours, number))
    kernel /= np.sqrt(np.square(kernel).sum(axis=(0, 1, 2)))
    filters.set_weights([kernel, np.zeros(number)])
    return responses
