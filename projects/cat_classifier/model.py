"""The ladder of networks: course 1's fully connected ones, course 4's convolutions, and transfer.

All take float pictures (batch, size, size, 3) in 0..255 and give logits: (batch, 1) for two
classes (of the positive one), (batch, classes) for more.
"""

import keras
from keras import layers

from common.networks.stages import convnet, kernel, resnet
from common.training.learning import optimizer
from projects.cat_classifier.backbones import backbone
from projects.cat_classifier.data import Assets
from projects.cat_classifier.features import FEATURES
from projects.cat_classifier.settings import Settings

HIDDEN = {"logistic": (), "shallow": (7,), "deep": (20, 7, 5)}


def build(assets: Assets, settings: Settings) -> keras.Model:
    """Return the compiled network that `settings.model.name` asks for."""
    size, name, seed = settings.data.size, settings.model.name, settings.runtime.seed
    pictures = keras.Input((size, size, 3), name="pictures")
    if name == "transfer":
        features = _transfer(pictures, settings)
    else:
        scaled = layers.Rescaling(1 / 255)(pictures)
        match name:
            case "convnet" | "resnet":
                stages = convnet if name == "convnet" else resnet
                maps = stages(scaled, settings.model.width, settings.fit, seed)
                features = layers.GlobalAveragePooling2D()(maps)
            case _:
                features = _dense(scaled, HIDDEN[name], settings)
    if settings.fit.dropout:
        features = layers.Dropout(settings.fit.dropout, seed=seed)(features)
    precise = keras.config.dtype_policy().variable_dtype  # also where layers compute in bfloat16
    logits = layers.Dense(
        assets.outputs, dtype=precise, name="logits", **kernel(settings.fit, seed, 99)
    )
    model = keras.Model(pictures, logits(features), name=name)
    _compile(model, assets, settings)
    return model


def initial_loss(assets: Assets, settings: Settings) -> float:
    """Return the loss of a model that knows nothing: ln of the number of classes."""
    return float(keras.ops.log(float(len(assets.classes))))


def _compile(model: keras.Model, assets: Assets, settings: Settings) -> None:
    smoothing = settings.fit.label_smoothing
    if assets.outputs == 1:
        loss = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=smoothing)
    else:
        loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    # weighted_metrics: an error that counts pictures, also where classes are weighted in the loss
    model.compile(optimizer(settings.fit), loss=loss, metrics=[ErrorRate()])


@keras.saving.register_keras_serializable("pictures")
class ErrorRate(keras.metrics.MeanMetricWrapper):
    """Share of wrong answers at threshold 0.5 (two classes) or of the largest logit (more)."""

    def __init__(self, name: str = "error", dtype: str | None = None) -> None:
        super().__init__(_wrong, name=name, dtype=dtype)

    def get_config(self) -> dict[str, str]:
        """Return name and dtype; the function is the class's own."""
        return {"name": self.name, "dtype": self.dtype}


def _wrong(truth: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    if logits.shape[-1] == 1:
        return keras.ops.not_equal(logits > 0, truth > 0.5)
    return keras.ops.not_equal(keras.ops.argmax(logits, -1), keras.ops.argmax(truth, -1))


def _dense(x: keras.KerasTensor, hidden: tuple[int, ...], settings: Settings) -> keras.KerasTensor:
    x = layers.Flatten()(x)
    for number, units in enumerate(hidden):
        x = layers.Dense(
            units, activation="relu", **kernel(settings.fit, settings.runtime.seed, number)
        )(x)
    return x


def _transfer(x: keras.KerasTensor, settings: Settings) -> keras.KerasTensor:
    """Frozen features of another network, averaged and at their maximum (course 3, 2.7).

    The mean over a picture and its mirror image, which show the same thing.
    """
    network = backbone(settings.model.weights, settings.data.size)
    network.trainable = False
    both = []
    for view in (x, keras.ops.flip(x, axis=2)):
        maps = network(view, training=False)
        pooled = [layers.GlobalAveragePooling2D()(maps), layers.GlobalMaxPooling2D()(maps)]
        both.append(layers.Concatenate()(pooled))
    x = layers.Average(name=FEATURES)(both)
    return layers.BatchNormalization(momentum=0.9)(x) if settings.fit.batch_norm else x
