"""Networks whose features `transfer` uses: SqueezeNet's file, a .keras file, Keras applications.

Each takes float pictures (batch, size, size, 3) in 0..255 and gives features (batch, h, w, c).
"""

from pathlib import Path

import keras
from keras import layers

from common.errors import UserError
from common.networks.squeezenet import load_squeezenet, squeezenet


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


def _squeezenet(path: Path, size: int) -> keras.Model:
    if size < 48:
        raise UserError(f"data.size is {size}: SqueezeNet needs pictures of at least 48 pixels")
    network = squeezenet(size)
    load_squeezenet(network, path)
    return network


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
