"""The transformer (Vaswani et al. 2017), with layer norm before each part (Xiong et al. 2020)."""

import tensorflow as tf
from keras import layers

from common.errors import UserError
from projects.machine_translation.attention import weights_of
from projects.machine_translation.parts import Maker
from projects.machine_translation.recurrent import Tensors
from projects.machine_translation.tokens import PAD

LONGEST_WAVE = 10_000.0


class Heads(layers.Layer):
    """Attention of several heads from one sequence to another, or to itself."""

    def __init__(self, make: Maker) -> None:
        super().__init__()
        width, self.heads = make.recipe.model.width, make.recipe.model.heads
        self.query = make.dense(width, width)
        self.key_and_value = make.dense(width, 2 * width)
        self.out = make.dense(width, width)
        self.built = True

    def call(
        self, asking: tf.Tensor, known: tf.Tensor, mask: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return (b, U, width) and weights (b, heads, U, T).

        `known`: keys and values side by side, (b, T, 2 width). `mask`: like (b, heads, U, T).
        """
        query = self._split(self.query(asking))
        key, value = (self._split(part) for part in tf.split(known, 2, axis=-1))
        scale = tf.cast(tf.shape(query)[-1], query.dtype) ** -0.5
        weights = weights_of(tf.matmul(query * scale, key, transpose_b=True), mask)
        found = tf.transpose(tf.matmul(weights, value), (0, 2, 1, 3))
        return self.out(tf.reshape(found, tf.shape(asking))), weights

    def _split(self, x: tf.Tensor) -> tf.Tensor:
        """Return (b, heads, T, width / heads)."""
        parts = tf.reshape(
            x, (tf.shape(x)[0], tf.shape(x)[1], self.heads, x.shape[-1] // self.heads)
        )
        return tf.transpose(parts, (0, 2, 1, 3))


class Forward(layers.Layer):
    """The two products after attention, four times as wide in between."""

    def __init__(self, make: Maker) -> None:
        super().__init__()
        width = make.recipe.model.width
        self.wide = make.dense(width, 4 * width, activation="relu")
        self.narrow = make.dense(4 * width, width)
        self.built = True

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Return (b, U, width)."""
        return self.narrow(self.wide(x))


class Embedded(layers.Layer):
    """Vectors of pieces, with sines that tell their places."""

    def __init__(self, make: Maker, pieces: int) -> None:
        super().__init__()
        self.width = make.recipe.model.width
        self.embedding = make.embedding(pieces, self.width)
        self.dropout = make.dropout()
        self.built = True

    def call(
        self, pieces: tf.Tensor, first: tf.Tensor | int = 0, training: bool | None = None
    ) -> tf.Tensor:
        """Return (b, T, width) for pieces (b, T), the first of which stands at place `first`."""
        vectors = self.embedding(pieces) * self.width**0.5
        places = tf.cast(tf.range(first, first + tf.shape(pieces)[1]), tf.float32)
        waves = tf.range(0, self.width, 2, tf.float32) / self.width
        angles = places[:, None] * LONGEST_WAVE**-waves
        sines = tf.concat([tf.sin(angles), tf.cos(angles)], -1)[:, : self.width]
        return self.dropout(vectors + tf.cast(sines, vectors.dtype), training=training)


class TransformerEncoder(layers.Layer):
    """Layers of attention to the whole source."""

    def __init__(self, make: Maker) -> None:
        super().__init__(name="encoder")
        model = make.recipe.model
        if model.width % model.heads:
            raise UserError(
                f"model.width is {model.width} and model.heads {model.heads}:"
                " the width of a transformer must be a multiple of its heads"
            )
        number = range(model.layers)
        self.embedded = Embedded(make, make.recipe.source_pieces)
        self.heads = [Heads(make) for _ in number]
        self.forward = [Forward(make) for _ in number]
        self.norms = [make.norm(model.width) for _ in range(2 * model.layers + 1)]
        self.dropouts = [make.dropout() for _ in range(2 * model.layers)]
        self.built = True

    def call(self, source: tf.Tensor, training: bool | None = None) -> Tensors:
        """Return mask (b, T) bool and values (b, T, width)."""
        mask = tf.not_equal(source, PAD)
        x = self.embedded(source, training=training)
        for i, (heads, forward) in enumerate(zip(self.heads, self.forward, strict=True)):
            asking = self.norms[2 * i](x)
            found, _ = heads(asking, heads.key_and_value(asking), mask[:, None, None])
            x += self.dropouts[2 * i](found, training=training)
            found = forward(self.norms[2 * i + 1](x))
            x += self.dropouts[2 * i + 1](found, training=training)
        return {"mask": mask, "values": self.norms[-1](x)}


class TransformerDecoder(layers.Layer):
    """Layers of attention to the pieces before, and to the source.

    Its state is `past`, (b, t, layers, 2 width): each layer's keys and values of the t pieces that
    were seen, so that a step costs one piece, not t of them.
    """

    def __init__(self, make: Maker) -> None:
        super().__init__(name="decoder")
        model = make.recipe.model
        number = range(model.layers)
        self.width = model.width
        self.embedded = Embedded(make, make.recipe.target_pieces)
        self.own = [Heads(make) for _ in number]
        self.across = [Heads(make) for _ in number]
        self.forward = [Forward(make) for _ in number]
        self.norms = [make.norm(model.width) for _ in range(3 * model.layers + 1)]
        self.dropouts = [make.dropout() for _ in range(3 * model.layers)]
        self.built = True

    def remembered(self, memory: Tensors) -> Tensors:
        """Return each layer's keys and values of the source, (b, T, layers, 2 width)."""
        known = [heads.key_and_value(memory["values"]) for heads in self.across]
        return {"mask": memory["mask"], "known": tf.stack(known, axis=2)}

    def start(self, memory: Tensors) -> Tensors:
        """Return a past of no pieces."""
        known = memory["known"]
        return {"past": tf.zeros((tf.shape(known)[0], 0, *known.shape[2:]), known.dtype)}

    def call(self, given: tf.Tensor, memory: Tensors, training: bool | None = None) -> tf.Tensor:
        """Return readouts (b, U, width) where the pieces before are given (teacher forcing)."""
        return self._through(given, self.start(memory)["past"], memory, training)[0]

    def step(
        self, tokens: tf.Tensor, state: Tensors, memory: Tensors
    ) -> tuple[tf.Tensor, Tensors, tf.Tensor]:
        """Return the readout (b, width), the next state, and the last layer's mean weights."""
        readout, past, weights = self._through(tokens[:, None], state["past"], memory, False)
        return readout[:, 0], {"past": past}, tf.reduce_mean(weights, axis=1)[:, 0]

    def _through(
        self, pieces: tf.Tensor, past: tf.Tensor, memory: Tensors, training: bool | None
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return readouts, the past with these pieces, and the last layer's weights."""
        seen, new = tf.shape(past)[1], tf.shape(pieces)[1]
        # A piece sees all that is past, and of the new ones itself and those before it.
        sees = tf.range(seen + new) <= seen + tf.range(new)[:, None]
        x = self.embedded(pieces, seen, training=training)
        known = []
        for i, (own, across, forward) in enumerate(
            zip(self.own, self.across, self.forward, strict=True)
        ):
            norms, drops = self.norms[3 * i : 3 * i + 3], self.dropouts[3 * i : 3 * i + 3]
            asking = norms[0](x)
            known.append(tf.concat([past[:, :, i], own.key_and_value(asking)], axis=1))
            found, _ = own(asking, known[-1], sees)
            x += drops[0](found, training=training)
            source = memory["known"][:, :, i]
            found, weights = across(norms[1](x), source, memory["mask"][:, None, None])
            x += drops[1](found, training=training)
            x += drops[2](forward(norms[2](x)), training=training)
        return self.norms[-1](x), tf.stack(known, axis=2), weights
