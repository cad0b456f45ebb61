"""Two networks that listen: the course's recurrent one, and a small one of convolutions.

Both take samples (batch, n) at 16 kHz, n a multiple of 640, and give a logit for every 640 of them,
(batch, n / 640, 1). Both are plain chains of layers that look back only, so that `streaming` can
run them chunk by chunk.
"""

import math
from typing import TYPE_CHECKING, Any

import keras
from keras import layers

from common.training.learning import initializer, optimizer, penalty
from projects.trigger_word_detection.frontend import BANDS, LogMel, MelEnergies, Pcen
from projects.trigger_word_detection.grid import FRAMES
from projects.trigger_word_detection.settings import Settings
from projects.trigger_word_detection.streaming import CausalConv, Recurrent, Residual

if TYPE_CHECKING:
    from projects.trigger_word_detection.data import Assets

KERNEL, DILATIONS = 4, (1, 2, 4, 8, 1, 2)
"""Of tiny's convolutions: 55 steps, 2.2 s, lie behind a score."""
CONV, GRU = 196, 128
"""Channels of the course's convolution and of its GRUs."""


def build(assets: "Assets", settings: Settings) -> keras.Model:
    """Return the compiled network that `settings.model.name` asks for."""
    precise = keras.config.dtype_policy().variable_dtype  # also where layers compute in bfloat16
    features = {"logmel": LogMel, "pcen": Pcen}[settings.model.features]
    small = settings.fit.model_copy(update={"initialization": "small"})
    start = settings.fit if settings.fit.initialization == "zeros" else small
    chain = [
        MelEnergies(dtype=precise, name="energies"),
        features(dtype=precise, name="features"),
        layers.Reshape((-1, FRAMES * BANDS), name="steps"),
        *(_course(settings) if settings.model.name == "course" else _tiny(settings)),
        layers.Dense(
            1,
            kernel_initializer=initializer(start, _seed(settings, 99)),
            kernel_regularizer=penalty(settings.fit),
            dtype=precise,
            name="logits",
        ),
    ]
    samples = logits = keras.Input((None,), name="samples", dtype=precise)
    for layer in chain:
        logits = layer(logits)
    model = keras.Model(samples, logits, name=settings.model.name)
    loss = keras.losses.BinaryCrossentropy(
        from_logits=True, label_smoothing=settings.fit.label_smoothing
    )
    model.compile(optimizer(settings.fit), loss=loss, metrics=[StepError()])
    return model


def initial_loss(assets: "Assets", settings: Settings) -> float:
    """Return the loss of a model that knows nothing: ln 2 for every step."""
    return math.log(2)


@keras.saving.register_keras_serializable("sound")
class StepError(keras.metrics.MeanMetricWrapper):
    """Share of steps on the wrong side of probability 0.5: 3.6 % where nothing is ever detected."""

    def __init__(self, name: str = "step_error", dtype: str | None = None) -> None:
        super().__init__(_wrong, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """Return name and dtype; the function is the class's own."""
        return {"name": self.name, "dtype": self.dtype}


def _wrong(truth: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    return keras.ops.not_equal(logits > 0, truth > 0.5)


def _tiny(settings: Settings) -> list[layers.Layer]:
    """Return causal dilated convolutions, each a residual block (Bai et al. 2018, simplified)."""
    chain = [*_conv(settings, 0, settings.model.width, 1), layers.ReLU()]
    for number, dilation in enumerate(DILATIONS, start=1):
        block = _conv(settings, number, settings.model.width, KERNEL, dilation)
        chain += [Residual(block), layers.ReLU()]
    return [*chain, *_dropout(settings, 0)]


def _course(settings: Settings) -> list[layers.Layer]:
    """Return the course's chain: a convolution, then two GRUs, dropout between all of them.

    What differs: 25 scores a second, not 137 (log-mel spectra every 10 ms, not 44.1-kHz ones); the
    convolution is 16 spectra wide, not 15, which is four whole steps; the rate of dropout is
    `fit.dropout`, not 0.8.
    """
    chain = [*_conv(settings, 0, CONV, 4), layers.ReLU(), *_dropout(settings, 0)]
    for number in (1, 2):
        chain += [
            Recurrent(GRU, seed=_seed(settings, 10 + number), **_kernel(settings, number)),
            *_dropout(settings, number),
            *_norm(settings),
        ]
    return [*chain, *_dropout(settings, 3)]


def _conv(
    settings: Settings, number: int, channels: int, kernel: int, dilation: int = 1
) -> list[layers.Layer]:
    """Return convolution and batch norm; a bias before batch norm would only drift."""
    bias = not settings.fit.batch_norm
    conv = CausalConv(channels, kernel, dilation, use_bias=bias, **_kernel(settings, number))
    return [conv, *_norm(settings)]


def _norm(settings: Settings) -> list[layers.Layer]:
    return [layers.BatchNormalization(momentum=0.9)] if settings.fit.batch_norm else []


def _dropout(settings: Settings, number: int) -> list[layers.Layer]:
    rate = settings.fit.dropout
    return [layers.Dropout(rate, seed=_seed(settings, 20 + number))] if rate else []


def _kernel(settings: Settings, number: int) -> dict[str, Any]:
    return {
        "kernel_initializer": initializer(settings.fit, _seed(settings, number)),
        "kernel_regularizer": penalty(settings.fit),
    }


def _seed(settings: Settings, number: int) -> int:
    return 1000 * settings.runtime.seed + number
