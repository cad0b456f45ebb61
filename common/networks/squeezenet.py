"""SqueezeNet 1.1 without its top, and its published weights in Keras 1's format."""

from pathlib import Path

import h5py
import keras
import numpy as np
from keras import layers

from common.errors import UserError

FIRES = {2: (16, 64), 3: (16, 64), 4: (32, 128), 5: (32, 128)} | {
    6: (48, 192), 7: (48, 192), 8: (64, 256), 9: (64, 256)
}  # fmt: skip
CAFFE_MEANS = (104.0, 117.0, 123.0)
"""Blue, green, red of ImageNet, as Caffe's networks subtract them."""


@keras.saving.register_keras_serializable("pictures")
class CaffePixels(layers.Layer):
    """RGB in 0..255 -> BGR minus ImageNet's means."""

    def call(self, pictures: keras.KerasTensor) -> keras.KerasTensor:
        """Return (batch, h, w, 3) float."""
        means = keras.ops.cast(keras.ops.array(CAFFE_MEANS), pictures.dtype)
        return keras.ops.flip(pictures, axis=-1) - means


def squeezenet(size: int | None, even: bool = False) -> keras.Model:
    """Return SqueezeNet 1.1 without its top (Iandola et al. 2016), with random weights.

    Float pictures (batch, size, size, 3) in 0..255 -> (batch, h, w, 512); None is any size. `even`
    averages 2 x 2 places wherever the network takes strides, and pads: the gradient then reaches
    every pixel alike (pictures optimised without it show a lattice), at any size.
    """
    pictures = keras.Input((size, size, 3))
    x = CaffePixels()(pictures)
    if even:
        x = layers.Conv2D(64, 3, padding="same", activation="relu", name="conv1")(x)
        x = _mean_of_four()(x)
    else:
        x = layers.Conv2D(64, 3, 2, activation="relu", name="conv1")(x)
    for number, (squeeze, expand) in FIRES.items():
        if number in (2, 4, 6):
            x = (_mean_of_four() if even else layers.MaxPooling2D(3, 2))(x)
        name = f"fire{number}"
        x = layers.Conv2D(squeeze, 1, activation="relu", name=f"{name}_squeeze1x1")(x)
        left = layers.Conv2D(expand, 1, activation="relu", name=f"{name}_expand1x1")(x)
        right = layers.Conv2D(
            expand, 3, padding="same", activation="relu", name=f"{name}_expand3x3"
        )(x)
        x = layers.Concatenate(name=name)([left, right])
    return keras.Model(pictures, x, name="squeezenet")


def _mean_of_four() -> layers.Layer:
    return layers.AveragePooling2D(2, padding="same")


def load_squeezenet(network: keras.Model, path: Path) -> None:
    """Set the weights of `squeezenet`'s model from a file; UserError when it holds others."""
    try:
        with h5py.File(path) as file:
            for layer in network.layers:
                if layer.weights:
                    layer.set_weights(_weights(file, layer.name.replace("_", "/", 1)))
    except (OSError, KeyError, ValueError) as error:
        raise UserError(
            f"{path.name} does not hold SqueezeNet 1.1's weights"
            f" ({str(error).splitlines()[0][:80]}): give its .h5 without the top, or a .keras model"
        ) from None


def _weights(file: h5py.File, layer: str) -> list[np.ndarray]:
    """Return [kernel, bias] of a layer in Keras 1's format, in which names hold slashes."""
    group = file[layer]
    names = np.asarray(group.attrs["weight_names"]).astype(str)
    return [np.asarray(group[name]) for name in names]
