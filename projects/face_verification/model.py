"""The embedder and what its loss needs: `Verifier`, trained on identities, gives unit vectors."""

import math
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from common.training.learning import optimizer
from projects.face_verification.collapse import Spread, StopAtCollapse
from projects.face_verification.losses import (
    arcface,
    pairings,
    siamese,
    squared_distances,
    triplet,
)
from projects.face_verification.networks import embedder
from projects.face_verification.settings import Model, Settings

if TYPE_CHECKING:
    from projects.face_verification.data import Assets


CHECKED = 4
"""People, and pictures of each, in the batch that the verb check looks at."""


def build(assets: "Assets", settings: Settings) -> keras.Model:
    """Return the compiled verifier."""
    people, seed = len(assets.people), settings.runtime.seed
    model = Verifier(embedder(settings), settings.model.model_dump(), people, seed)
    model.compile(optimizer(settings.fit), metrics=[Spread(), RankError()])
    return model


def initial_loss(assets: "Assets", settings: Settings) -> float:
    """Return the loss of random directions: those of a network that knows nothing.

    Without batch norm they lie close together: cosines of 0.8.
    """
    identities = np.repeat(np.arange(CHECKED, dtype=np.int32), CHECKED)
    rng = np.random.default_rng(0)
    width = settings.model.embedding
    directions = _units(rng.standard_normal((len(identities), width)))
    if not settings.fit.batch_norm:
        directions = _units(directions + 2 * _units(rng.standard_normal((1, width))))
    model = build(assets, settings)
    loss = model.compute_loss(y=identities, y_pred=tf.cast(directions, keras.config.floatx()))
    return float(loss - tf.add_n(model.losses) if model.losses else loss)


@keras.saving.register_keras_serializable("faces")
class Verifier(keras.Model):
    """An embedder with a loss on the identities of its batch.

    Pictures (b, size, size, 3) float in 0..255 -> unit vectors (b, d) float32. Truth (b,) int32:
    the number of the identity, below `people` for those that ArcFace has centres of.
    """

    def __init__(
        self, embedder: keras.Model, recipe: dict[str, Any], people: int, seed: int, **kwargs: Any
    ) -> None:
        """Take the embedder and the settings' group `model`; make what the loss needs."""
        super().__init__(**kwargs)
        self.embedder, self.recipe, self.people, self.seed = embedder, Model(**recipe), people, seed
        width, precise = embedder.output_shape[1], keras.config.dtype_policy().variable_dtype
        if self.recipe.loss == "siamese":
            self.head = keras.layers.Dense(1, kernel_initializer="zeros", dtype=precise)
            self.head.build((None, width))
        if self.recipe.loss == "arcface":
            directions = keras.initializers.RandomNormal(stddev=width**-0.5, seed=seed)
            self.centres = self.add_weight((people, width), directions, precise, name="centres")
        self.built = True

    def call(self, pictures: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Return the unit vectors (b, d)."""
        return self.embedder(pictures, training=training)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """Return the loss of unit vectors `y_pred` (b, d) of identities `y` (b,), and penalties."""
        recipe = self.recipe
        match recipe.loss:
            case "triplet":
                loss = triplet(y_pred, y, recipe.margin, recipe.mining)
            case "siamese":
                loss = siamese(self._same(y_pred), y)
            case "arcface":
                centres = tf.convert_to_tensor(self.centres)
                loss = arcface(y_pred, y, centres, recipe.angle, recipe.scale)
        return tf.add_n([loss, *self.losses])

    def callbacks(self) -> list[keras.callbacks.Callback]:
        """Return what watches its training."""
        return [StopAtCollapse()]

    def build(self, input_shape: Any = None) -> None:
        """Do nothing: all weights are made with the model."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, the embedder as Keras writes it."""
        return {
            "embedder": keras.saving.serialize_keras_object(self.embedder),
            "recipe": self.recipe.model_dump(),
            "people": self.people,
            "seed": self.seed,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "Verifier":
        """Return the model of a config."""
        network = keras.saving.deserialize_keras_object(config["embedder"], custom_objects)
        return cls(**{**config, "embedder": network})

    def _same(self, embeddings: tf.Tensor) -> tf.Tensor:
        """Return (b, b) logits of the same person. Differences are brought to about 1."""
        apart = tf.abs(embeddings[:, None] - embeddings[None]) * embeddings.shape[1] ** 0.5
        return self.head(apart)[..., 0]


@keras.saving.register_keras_serializable("faces")
class RankError(keras.metrics.Mean):
    """Share of pictures whose nearest other picture in the batch is of somebody else.

    Pictures that are the only one of their person in the batch do not count.
    """

    def __init__(self, name: str = "rank_error", dtype: str | None = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count identities (b,) and unit vectors (b, d)."""
        same, different = pairings(y_true)
        distances = squared_distances(y_pred)
        wrong = _nearest(distances, different) < _nearest(distances, same)
        super().update_state(wrong, sample_weight=tf.reduce_any(same, axis=1))


def _nearest(distances: tf.Tensor, among: tf.Tensor) -> tf.Tensor:
    return tf.reduce_min(tf.where(among, distances, math.inf), axis=1)


def _units(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
