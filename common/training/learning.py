"""Optimizers, learning-rate decay, initialisation, penalties and class weights of course 2."""

import math
from typing import TYPE_CHECKING

import keras
import numpy as np

from common.settings import Fit

if TYPE_CHECKING:
    import pandas as pd


def optimizer(fit: Fit) -> keras.optimizers.Optimizer:
    """Return the update rule that `fit` names, at its starting learning rate."""
    rate, clip = fit.learning_rate, fit.clip_norm
    match fit.optimizer:
        case "sgd":
            return keras.optimizers.SGD(rate, global_clipnorm=clip)
        case "momentum":
            return keras.optimizers.SGD(rate, momentum=fit.momentum, global_clipnorm=clip)
        case "rmsprop":
            return keras.optimizers.RMSprop(rate, global_clipnorm=clip)
        case "adam":
            return keras.optimizers.Adam(rate, beta_1=fit.momentum, global_clipnorm=clip)
        case "adamw":
            return keras.optimizers.AdamW(
                rate, beta_1=fit.momentum, weight_decay=fit.weight_decay, global_clipnorm=clip
            )


def decayed_rate(fit: Fit, epoch: int, epochs: int) -> float:
    """Return the learning rate of an epoch counted from 0 (course 2, 2.9); plateau is a callback's.

    inverse: rate / (1 + epoch); exponential: rate * 0.95^epoch; cosine: down to 0 over `epochs`.
    """
    match fit.decay:
        case "inverse":
            return fit.learning_rate / (1 + epoch)
        case "exponential":
            return fit.learning_rate * 0.95**epoch
        case "cosine":
            return fit.learning_rate * 0.5 * (1 + math.cos(math.pi * epoch / epochs))
        case "constant" | "plateau":
            return fit.learning_rate


def initializer(fit: Fit, seed: int) -> keras.initializers.Initializer:
    """Return how a kernel starts (course 2, 1.11); each layer wants a seed of its own."""
    match fit.initialization:
        case "zeros":
            return keras.initializers.Zeros()
        case "small":
            return keras.initializers.RandomNormal(stddev=0.01, seed=seed)
        case "glorot":
            return keras.initializers.GlorotUniform(seed=seed)
        case "he":
            return keras.initializers.HeNormal(seed=seed)


def penalty(fit: Fit) -> keras.regularizers.Regularizer | None:
    """Return the L2 penalty on a kernel, or None."""
    return keras.regularizers.L2(fit.l2) if fit.l2 else None


def class_weights(labels: "pd.Series[str]") -> np.ndarray:
    """Return (n,) float32 weights inverse to each class's frequency; their mean is 1."""
    counts = labels.map(labels.value_counts())
    return (len(labels) / (labels.nunique() * counts)).to_numpy(np.float32)
