"""The compiled painter, and the loss that it is trained with: the costs of what it paints."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import KerasTensor

from common.training.learning import optimizer
from projects.neural_style_transfer import costs
from projects.neural_style_transfer.colour import transferred
from projects.neural_style_transfer.data import Assets, style_of
from projects.neural_style_transfer.embedded import picture
from projects.neural_style_transfer.features import feature_network
from projects.neural_style_transfer.painter import painter, recolour
from projects.neural_style_transfer.settings import Model, Settings

SCENES = 8
"""Of which the loss of an untrained network is made."""


def build(assets: Assets, settings: Settings) -> keras.Model:
    """Return the compiled network; the truth of a painting is its content."""
    model, seed = settings.model, settings.runtime.seed
    network = painter(style_of(assets), model.width, model.blocks, settings.fit, seed)
    loss = PerceptualLoss(assets.model_dump(), model.model_dump())
    measured = [Cost(name, loss) for name in ("content", "style")]
    network.compile(optimizer(settings.fit), loss=loss, metrics=measured)
    return network


def initial_loss(assets: Assets, settings: Settings) -> float:
    """Return what colour transfer alone costs, on drawn scenes: training starts there."""
    scenes = [f"drawn:0:{number}" for number in range(SCENES)]
    pictures = np.stack([picture(scene, settings.data.size) for scene in scenes])
    recoloured = np.stack([transferred(one / 255, style_of(assets)) for one in pictures])
    loss = PerceptualLoss(assets.model_dump(), settings.model.model_dump())
    return float(loss(pictures, 255 * recoloured))


@keras.saving.register_keras_serializable("style")
class PerceptualLoss(keras.losses.Loss):
    """What paintings cost: see `costs.terms`; contents and paintings are in 0..255.

    The structure wanted is that of the recoloured content, as where a picture is optimised. The
    feature network is made from its settings and in no file of the model.
    """

    def __init__(
        self,
        assets: dict[str, Any],
        recipe: dict[str, Any],
        name: str = "perceptual",
        **kwargs: Any,
    ) -> None:
        """Take the assets and the settings' group `model`, as dictionaries."""
        super().__init__(name=name, **kwargs)
        self.assets, self.recipe = assets, recipe
        self.network = feature_network(recipe["features"])
        style = style_of(Assets(**assets))
        self.recolour = recolour(style)
        wanted = tf.constant(style[None], keras.config.floatx())
        self.style = costs.style_of(self.network, wanted)
        self.last: tuple[Any, dict[str, KerasTensor]] = (None, {})

    def call(self, contents: KerasTensor, paintings: KerasTensor) -> KerasTensor:
        """Return (batch,): the total of each."""
        return self.terms(contents, paintings)["total"]

    def terms(self, contents: KerasTensor, paintings: KerasTensor) -> dict[str, KerasTensor]:
        """Return the costs (batch,) by name; the last ones are kept: metrics ask for them again."""
        if self.last[0] is not paintings:
            contents = contents / 255
            content = costs.content_of(self.network, contents, self.style, self.recolour(contents))
            recipe = Model(**self.recipe)
            weights = (recipe.strength, recipe.smooth)
            found = costs.terms(self.network, paintings / 255, content, self.style, *weights)
            self.last = paintings, found
        return self.last[1]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {**super().get_config(), "assets": self.assets, "recipe": self.recipe}


@keras.saving.register_keras_serializable("style")
class Cost(keras.metrics.Mean):
    """One cost of a loss, the mean over pictures: content that is lost, or distance to a style."""

    def __init__(self, term: str, loss: PerceptualLoss | dict[str, Any], **kwargs: Any) -> None:
        """Take the term's name, and the loss or its config."""
        super().__init__(**{"name": f"{term}_cost", **kwargs})
        self.term = term
        self.loss = loss if isinstance(loss, PerceptualLoss) else PerceptualLoss(**loss)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Count contents and paintings."""
        super().update_state(self.loss.terms(y_true, y_pred)[self.term])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"name": self.name, "term": self.term, "loss": self.loss.get_config()}
