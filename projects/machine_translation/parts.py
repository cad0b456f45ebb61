"""The recipe of a network, which travels with it, and the built layers that it is made of."""

import itertools
from typing import Any, Literal

import keras
from keras import layers
from pydantic import Field

from common.settings import Fit, Group
from common.training.learning import initializer, penalty
from projects.machine_translation.settings import Model


class Recipe(Group):
    """All that decides a network's shape and how it starts; lies in Keras's file as JSON."""

    source_pieces: int = Field(ge=5)
    """Pieces of the source language, the four special ones included."""
    target_pieces: int = Field(ge=5)
    """Pieces of the target language."""
    model: Model
    """The network."""
    dropout: float = 0.0
    """Share of activations dropped in training."""
    l2: float = 0.0
    """Penalty on kernels."""
    initialization: Literal["zeros", "small", "glorot", "he"] = "he"
    """How kernels start."""
    seed: int = 0
    """Seed of the run; each layer gets one of its own."""


class Maker:
    """Makes layers that are built at once, each with a seed of its own."""

    def __init__(self, recipe: Recipe) -> None:
        """Take the recipe; the order in which layers are asked for decides their seeds."""
        self.recipe = recipe
        self.seeds = itertools.count(1000 * recipe.seed)

    def dense(self, before: int, units: int, **options: Any) -> layers.Dense:
        """Return a product (..., before) -> (..., units)."""
        layer = layers.Dense(units, **{**self._kernel(), **options})
        layer.build((None, before))
        return layer

    def logits(self, before: int, pieces: int) -> layers.Dense:
        """Return the product that ends in logits: precise, and starting near equal chances."""
        calm = self.recipe.initialization if self.recipe.initialization == "zeros" else "small"
        start = initializer(Fit(initialization=calm), next(self.seeds))
        precise = keras.config.dtype_policy().variable_dtype
        return self.dense(before, pieces, kernel_initializer=start, dtype=precise, name="logits")

    def embedding(self, pieces: int, size: int) -> layers.Embedding:
        """Return the vectors of pieces, of length about 1."""
        start = keras.initializers.RandomNormal(stddev=size**-0.5, seed=next(self.seeds))
        layer = layers.Embedding(pieces, size, embeddings_initializer=start)
        layer.build()
        return layer

    def gru(self, before: int, units: int, **options: Any) -> layers.GRU:
        """Return a GRU over time (Cho et al. 2014) that returns all of its states."""
        layer = layers.GRU(
            units,
            return_sequences=True,
            recurrent_initializer=keras.initializers.Orthogonal(seed=next(self.seeds)),
            use_cudnn=False,  # an export of the GPU's own operation runs on no CPU
            **{**self._kernel(), **options},
        )
        layer.build((None, None, before))
        return layer

    def norm(self, size: int) -> layers.LayerNormalization:
        """Return a layer norm over the last axis."""
        layer = layers.LayerNormalization(epsilon=1e-6)
        layer.build((None, size))
        return layer

    def dropout(self) -> layers.Dropout:
        """Return dropout at the recipe's rate."""
        return layers.Dropout(self.recipe.dropout, seed=next(self.seeds))

    def _kernel(self) -> dict[str, Any]:
        fit = Fit(initialization=self.recipe.initialization, l2=self.recipe.l2)
        return {
            "kernel_initializer": initializer(fit, next(self.seeds)),
            "kernel_regularizer": penalty(fit),
        }
