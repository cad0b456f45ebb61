"""Networks whose features `transfer` uses: SqueezeNet's file, a .keras file, Keras applications.

Each takes float pictures (batch, size, size, 3) in 0..255 and gives features (batch, h, w, c).
"""

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


def backbone(weights: str | None, size: int) -> keras.Model:
    """Return the network that `model.weights` names. Raises UserError when it cannot be had."""
    if weights == "imagenet":
        return _imagenet(size)
    if weights is None or not weights.startswith("file:"):
        raise UserError(
            f"model.weights is {weights!r}: transfer needs file:PATH (SqueezeNet's .h5 or a .keras"
            " model) or imagenet"
        )
    path = Path(weights.removeprefix("file:")).expanduser()
    if not path.is_file():
        raise UserError(f"model.weights names {path}, which is no file: give the path of one")
    return _keras_file(path, size) if path.suffix == ".keras" else _squeezenet(path, size)


@keras.saving.register_keras_serializable("pictures")
class CaffePixels(layers.Layer):
    """RGB in 0..255 -> BGR minus ImageNet's means."""

    def call(self, pictures: keras.KerasTensor) -> keras.KerasTensor:
        """Return (batch, h, w, 3) float."""
        means = keras.ops.cast(keras.ops.array(CAFFE_MEANS), pictures.dtype)
        return keras.ops.flip(pictures, axis=-1) - means


def squeezenet(size: int) -> keras.Model:
    """Return SqueezeNet 1.1 without its top (Iandola et al. 2016), with random weights."""
    pictures = keras.Input((size, size, 3))
    x = CaffePixels()(pictures)
    x = layers.Conv2D(64, 3, 2, activation="relu", name="conv1")(x)
    for number, (squeeze, expand) in FIRES.items():
        if number in (2, 4, 6):
            x = layers.MaxPooling2D(3, 2)(x)
        name = f"fire{number}"
        x = layers.Conv2D(squeeze, 1, activation="relu", name=f"{name}_squeeze1x1")(x)
        left = layers.Conv2D(expand, 1, activation="relu", name=f"{name}_expand1x1")(x)
        right = layers.Conv2D(
            expand, 3, padding="same", activation="relu", name=f"{name}_expand3x3"
        )(x)
        x = layers.Concatenate()([left, right])
    return keras.Model(pictures, x, name="squeezenet")


def _squeezenet(path: Path, size: int) -> keras.Model:
    if size < 48:
        raise UserError(f"data.size is {size}: SqueezeNet needs pictures of at least 48 pixels")
    network = squeezenet(size)
    try:
        with h5py.File(path) as file:
            for layer in network.layers:
                if layer.weights:
                    layer.set_weights(_squeezenet_weights(file, layer.name.replace("_", "/", 1)))
    except (OSError, KeyError, ValueError) as error:
        raise UserError(
            f"{path.name} does not hold SqueezeNet 1.1's weights"
            f" ({str(error).splitlines()[0][:80]}): give its .h5 without the top, or a .keras model"
        ) from None
    return network


def _squeezenet_weights(file: h5py.File, layer: str) -> list[np.ndarray]:
    """Return [kernel, bias] of a layer in Keras 1's format, in which names hold slashes."""
    group = file[layer]
    names = np.asarray(group.attrs["weight_names"]).astype(str)
    return [np.asarray(group[name]) for name in names]


def _keras_file(path: Path, size: int) -> keras.Model:
    try:
        whole = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError) as error:
        raise UserError(
            f"{path.name} is no Keras model that can be loaded"
            f" ({str(error).splitlines()[0][:80]}): save one with model.save('NAME.keras')"
        ) from None
    maps = [
        layer
        for layer in whole.layers
        if len(layer.output.shape) == 4 and not isinstance(layer, layers.InputLayer)
    ]
    if whole.input_shape != (None, size, size, 3) or not maps:
        raise UserError(
            f"{path.name} takes {whole.input_shape} and has {len(maps)} layers of feature maps:"
            f" pictures (None, {size}, {size}, 3) and one map are needed; set data.size"
        )
    try:
        return keras.Model(whole.input, maps[-1].output, name="backbone")
    except ValueError:  # the maps belong to a graph of their own
        raise UserError(
            f"{path.name} holds a model inside a model: save the inner one, whose feature maps are"
            " wanted, as a .keras file of its own"
        ) from None


def _imagenet(size: int) -> keras.Model:
    try:
        return keras.applications.MobileNetV3Small(
            input_shape=(size, size, 3), include_top=False, weights="imagenet"
        )
    except Exception as error:  # keras raises a bare Exception when a download fails
        raise UserError(
            f"ImageNet's weights could not be had ({str(error).splitlines()[0][:80]}): connect to"
            " the internet once, or give model.weights=file:PATH"
        ) from None
