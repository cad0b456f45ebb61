"""Networks of pictures that several projects share: stages of convolution, and residual ones.

Both take and return (b, height, width, channels) and halve height and width from stage to stage,
down to 4 to 7 pixels, while channels double, up to eight times those of the first stage.
"""

import keras
from keras import layers

from common.settings import Fit
from common.training.learning import initializer, penalty


def convnet(x: keras.KerasTensor, width: int, fit: Fit, seed: int) -> keras.KerasTensor:
    """Return the maps after stages of convolution, batch norm, ReLU and pooling."""
    for stage in range(_stages(x)):
        x = _conv(x, _channels(width, stage), fit, seed, stage)
        x = layers.MaxPooling2D(2)(layers.ReLU()(x))
    return x


def resnet(x: keras.KerasTensor, width: int, fit: Fit, seed: int) -> keras.KerasTensor:
    """Return the maps after residual blocks of two convolutions, one to a stage.

    He et al. 2015, https://arxiv.org/abs/1512.03385 (course 4, 2.3).
    """
    stages = _stages(x)
    x = layers.ReLU()(_conv(x, width, fit, seed, 0))
    for stage in range(stages):
        channels = _channels(width, stage)
        short = layers.Conv2D(channels, 1, 2, **kernel(fit, seed, 10 * stage + 3))(x)
        y = layers.ReLU()(_conv(x, channels, fit, seed, 10 * stage + 1, stride=2))
        y = _conv(y, channels, fit, seed, 10 * stage + 2)
        x = layers.ReLU()(layers.Add()([short, y]))
    return x


def kernel(fit: Fit, seed: int, number: int) -> dict[str, object]:
    """Return how a layer's kernel starts and is penalised; each layer wants its own number."""
    return {
        "kernel_initializer": initializer(fit, 1000 * seed + number),
        "kernel_regularizer": penalty(fit),
    }


def _conv(
    x: keras.KerasTensor, channels: int, fit: Fit, seed: int, number: int, stride: int = 1
) -> keras.KerasTensor:
    """Convolution and batch norm; a bias before batch norm would only drift."""
    norm = fit.batch_norm
    x = layers.Conv2D(
        channels, 3, stride, padding="same", use_bias=not norm, **kernel(fit, seed, number)
    )(x)
    return layers.BatchNormalization(momentum=0.9)(x) if norm else x


def _stages(x: keras.KerasTensor) -> int:
    return max(1, min(5, (x.shape[1] // 4).bit_length() - 1))


def _channels(width: int, stage: int) -> int:
    return width * 2 ** min(stage, 3)
