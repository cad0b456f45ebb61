"""The networks whose features say what content and style are: VGG-19, SqueezeNet, random filters.

Each takes float pictures (batch, h, w, 3) in 0..1 of any size from 8 pixels, in Keras's own
precision (float32, float64, mixed bfloat16).
"""

from dataclasses import dataclass
from pathlib import Path

import keras
from keras import layers

from common.errors import UserError
from common.networks.squeezenet import CaffePixels, load_squeezenet, squeezenet
from projects.neural_style_transfer import random_filters

VGG_BLOCKS = (2, 2, 4, 4, 4)
SQUEEZENET_STYLE = ("conv1", "fire2", "fire3", "fire4", "fire5")
SQUEEZENET_CONTENT = "fire4"


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
        model = random_filters.random_filters()
        model.trainable = False
        return Network(
            name=spec, model=model, content=random_filters.CONTENT, style=random_filters.STYLE
        )
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
