"""Networks that were not trained but answer to sound, and sound for them."""

import keras
import numpy as np
import tensorflow as tf

from projects.trigger_word_detection.grid import STEP
from projects.trigger_word_detection.model import build
from projects.trigger_word_detection.settings import Model, Settings
from tests.projects.trigger_word_detection.planted import ASSETS

KINDS = [(name, features) for name in ("tiny", "course") for features in ("logmel", "pcen")]


def network(name: str, features: str) -> keras.Model:
    """A small network of this kind that knows the statistics of `sound`, with random weights."""
    model = build(ASSETS, Settings(model=Model(name=name, features=features, width=12)))  # type: ignore[arg-type]
    hear = tf.function(lambda samples: model(samples, training=True))
    for seed in range(20):
        hear(tf.constant(sound(40, seed=seed)))
    logits = model.get_layer("logits")
    logits.kernel.assign(np.random.default_rng(0).standard_normal(logits.kernel.shape) / 2)
    return model


def sound(steps: int, batch: int = 2, seed: int = 0) -> np.ndarray:
    """(batch, steps * 640) float32: noise that swells, with 16-bit values."""
    rng = np.random.default_rng(seed)
    time = np.arange(steps * STEP)
    swell = 0.55 + 0.45 * np.sin(time / 3000 + np.arange(batch)[:, None])
    noise = 0.1 * swell * rng.standard_normal((batch, len(time)))
    return (np.rint(noise * 32768) / 32768).astype(np.float32)
