"""`transfer` without augmentation: the frozen network sees each picture once, not once an epoch."""

from dataclasses import replace

import keras
import pandas as pd
import tensorflow as tf

from common.data.order import stream
from common.training.fit import FitJob, keras_fit
from common.training.learning import class_weights
from projects.cat_classifier.data import Assets, dataset, targets
from projects.cat_classifier.settings import Settings

FEATURES = "features"
"""The layer whose output never changes while the head is trained."""


def fit(model: keras.Model, job: FitJob[Settings, Assets]) -> pd.DataFrame:
    """Train as `common.training.fit` does; a frozen network's features are computed beforehand.

    Model.fit on the whole network is the wrong tool there: it would repeat the same forward pass
    of every picture in every epoch.
    """
    settings = job.settings
    if settings.model.name != "transfer" or settings.model.augment:
        return keras_fit(model, job)
    features = model.get_layer(FEATURES).output
    frozen = keras.Model(model.input, features)
    head = _head(model, features)
    head.compile(model.optimizer, loss=model.loss, metrics=model.metrics[1:])

    def batches(
        rows: pd.DataFrame, assets: Assets, settings: Settings, start: int | None
    ) -> tf.data.Dataset:
        inputs = frozen.predict(dataset(rows, assets, settings, None), verbose=0)
        truth = targets(rows, assets)
        if start is None:
            return tf.data.Dataset.from_tensor_slices((inputs, truth)).batch(len(rows))
        parts = [inputs, truth]
        parts += [class_weights(rows["label"])] if settings.fit.class_weights else []
        tensors = [tf.constant(part) for part in parts]
        order = stream(len(rows), settings.fit.batch_size, settings.runtime.seed, start)
        return order.map(lambda index, _: tuple(tf.gather(one, index) for one in tensors))

    return keras_fit(head, replace(job, project=replace(job.project, dataset=batches)))


def _head(model: keras.Model, features: keras.KerasTensor) -> keras.Model:
    """Return the layers after the features as a model of its own; the weights are shared."""
    inputs = x = keras.Input(features.shape[1:])
    names = [layer.name for layer in model.layers]
    for layer in model.layers[names.index(FEATURES) + 1 :]:
        x = layer(x)
    return keras.Model(inputs, x, name="head")
