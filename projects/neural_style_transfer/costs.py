"""What a painted picture costs: content, style and total variation, each relative.

So that a strength means the same in every feature network, every term is divided by what it is
for something known: content 1 is all structure lost, style 1 is the content as it was, variation 1
is as rough as content and style together. The course's costs (course 4, 4.8 to 4.10) differ by
constants only.
"""

from typing import NamedTuple

import keras
from keras import KerasTensor, ops

from projects.neural_style_transfer.features import Network

FLOOR = 1e-3
"""The least a term is divided by, relative to the power of what is compared: a flat content, or a
content that is the style."""
STRUCTURE = 0.1
"""The least structure of a content, relative to the style's per place: in a flat one, such as a
piece of sky, features with a threshold see nothing at all, and any stroke would lose all of it."""
TINY = 1e-12
"""And where both are nothing."""


class Style(NamedTuple):
    """What is wanted of a style: one picture's, a batch of 1."""

    grams: dict[str, KerasTensor]
    roughness: KerasTensor
    structure: KerasTensor
    """Mean square of what its content features differ from their mean over places."""


class Content(NamedTuple):
    """What is wanted of contents: of every picture in a batch."""

    features: KerasTensor
    spread: KerasTensor
    """Squared distance of the features to their mean over places."""
    gaps: dict[str, KerasTensor]
    """Squared distance of the Gram matrices to the style's, by layer."""
    roughness: KerasTensor


def gram(features: KerasTensor) -> KerasTensor:
    """Return Gram matrices (batch, c, c) of features (batch, h, w, c), per place and channel.

    In float32 at least, also where layers compute in bfloat16.
    """
    shape = ops.shape(features)
    places, channels = shape[1] * shape[2], features.shape[-1]
    flat = ops.reshape(_precise(features), (shape[0], -1, channels))
    products = ops.matmul(ops.transpose(flat, (0, 2, 1)), flat)
    return products / ops.cast(places * channels, products.dtype)


def roughness(pictures: KerasTensor) -> KerasTensor:
    """Return (batch,): the mean square of differences between neighbours, down and across."""
    down = pictures[:, 1:] - pictures[:, :-1]
    across = pictures[:, :, 1:] - pictures[:, :, :-1]
    return sum(ops.mean(ops.square(_precise(one)), axis=(1, 2, 3)) for one in (down, across))


def style_of(network: Network, picture: KerasTensor) -> Style:
    """Return what is wanted of a style picture (1, h, w, 3)."""
    features = network.model(picture, training=False)
    seen = _structure(_precise(features[network.content]))
    structure = ops.mean(ops.square(seen), axis=(1, 2, 3))
    return Style(
        {name: gram(features[name]) for name in network.style}, roughness(picture), structure
    )


def content_of(
    network: Network, pictures: KerasTensor, style: Style, recoloured: KerasTensor | None = None
) -> Content:
    """Return what is wanted of content pictures (batch, h, w, 3).

    The structure wanted is that of `recoloured`, where given: features see colours as well, and
    would bring the content's back into a sky that has none of the style's strokes.
    """
    features = network.model(pictures, training=False)
    wanted_of = features if recoloured is None else network.model(recoloured, training=False)
    shown = _precise(wanted_of[network.content])
    spread = _squares(_structure(shown))
    least = STRUCTURE * style.structure * ops.cast(ops.prod(ops.shape(shown)[1:]), shown.dtype)
    gaps = {}
    for name, wanted in style.grams.items():
        gap = _squares(gram(features[name]) - wanted)
        gaps[name] = ops.maximum(gap, FLOOR * _squares(wanted) + TINY)
    spread = ops.maximum(spread, ops.maximum(least, FLOOR * _squares(shown)) + TINY)
    return Content(shown, spread, gaps, roughness(pictures))


def terms(
    network: Network,
    pictures: KerasTensor,
    content: Content,
    style: Style,
    strength: float,
    smooth: float,
) -> dict[str, KerasTensor]:
    """Return the costs (batch,) of painted pictures (batch, h, w, 3).

    `content`, `style`, `variation`, `style/LAYER`, and their weighted sum `total`.
    """
    features = network.model(pictures, training=False)
    lost = _squares(_precise(features[network.content]) - content.features) / content.spread
    layers = {
        f"style/{name}": _squares(gram(features[name]) - wanted) / content.gaps[name]
        for name, wanted in style.grams.items()
    }
    far = sum(layers.values()) / len(layers)
    usual = content.roughness + style.roughness + TINY
    variation = roughness(pictures) / usual
    total = (1 - strength) * lost + strength * far + smooth * variation
    return {"total": total, "content": lost, "style": far, "variation": variation, **layers}


class Objective:
    """The costs of one picture: targets of one content (1, h, w, 3) and one style, kept."""

    def __init__(
        self,
        network: Network,
        content: KerasTensor,
        style: KerasTensor,
        strength: float,
        smooth: float,
        recoloured: KerasTensor | None = None,
    ) -> None:
        self.network, self.strength, self.smooth = network, strength, smooth
        self.style = style_of(network, style)
        self.content = content_of(network, content, self.style, recoloured)

    def terms(self, picture: KerasTensor) -> dict[str, KerasTensor]:
        """Return the costs of a picture (1, h, w, 3), as scalars; see `terms`."""
        found = terms(self.network, picture, self.content, self.style, self.strength, self.smooth)
        return {name: value[0] for name, value in found.items()}


def _structure(features: KerasTensor) -> KerasTensor:
    return features - ops.mean(features, axis=(1, 2), keepdims=True)


def _precise(tensor: KerasTensor) -> KerasTensor:
    return ops.cast(tensor, keras.config.dtype_policy().variable_dtype)


def _squares(tensor: KerasTensor) -> KerasTensor:
    """Return (batch,): the sum of squares of each."""
    return ops.sum(ops.square(tensor), axis=tuple(range(1, len(tensor.shape))))
