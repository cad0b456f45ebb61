"""The recurrent encoder, and a decoder that sees it through one vector only.

All recurrent decoders are a GRU, started from the encoder's last states, and a readout of its state
and a context; they differ in where the context comes from (attention.py).
"""

from typing import TypeAlias

import tensorflow as tf
from keras import layers

from projects.machine_translation.parts import Maker
from projects.machine_translation.tokens import PAD

Tensors: TypeAlias = dict[str, tf.Tensor]


class Encoder(layers.Layer):
    """A bidirectional GRU over the source; both directions together have `width` units."""

    def __init__(self, make: Maker) -> None:
        super().__init__(name="encoder")
        model = make.recipe.model
        self.embedding = make.embedding(make.recipe.source_pieces, model.embedding)
        self.dropout = make.dropout()
        half = model.width // 2
        self.forth = make.gru(model.embedding, half, return_state=True)
        self.back = make.gru(model.embedding, half, return_state=True, go_backwards=True)
        self.built = True

    def call(self, source: tf.Tensor, training: bool | None = None) -> Tensors:
        """Return mask (b, T) bool, values (b, T, width) and summary (b, width), both last states.

        Masked steps carry the state along, so neither direction reads padding.
        """
        mask = tf.not_equal(source, PAD)
        embedded = self.dropout(self.embedding(source), training=training)
        forth, last = self.forth(embedded, mask=mask)
        back, first = self.back(embedded, mask=mask)
        values = tf.concat([forth, tf.reverse(back, [1])], -1)
        return {"mask": mask, "values": values, "summary": tf.concat([last, first], -1)}


class Decoder(layers.Layer):
    """What the three decoders share; each says what its GRU reads and where the context is from."""

    reads_context = True
    """Whether the GRU reads the context beside the piece before."""

    def __init__(self, make: Maker) -> None:
        super().__init__(name="decoder")
        model = make.recipe.model
        self.width, self.before = model.width, 2 * (model.width // 2)
        self.embedding = make.embedding(make.recipe.target_pieces, model.embedding)
        self.dropout = make.dropout()
        self.first = make.dense(self.before, self.width, activation="tanh")
        context = self.context_size
        reads = model.embedding + (context if self.reads_context else 0)
        self.gru = make.gru(reads, self.width)
        self.readout = make.dense(self.width + context, self.width, activation="tanh")
        self.last_dropout = make.dropout()
        self.built = True

    @property
    def context_size(self) -> int:
        """Size of the context: by default that of the encoder's values."""
        return self.before

    def remembered(self, memory: Tensors) -> Tensors:
        """Return what the decoder keeps of the encoder's outputs, computed once a sentence."""
        raise NotImplementedError

    def start(self, memory: Tensors) -> Tensors:
        """Return the first state, (b, width), from the encoder's last ones."""
        return {"hidden": self.first(memory["summary"])}

    def call(self, given: tf.Tensor, memory: Tensors, training: bool | None = None) -> tf.Tensor:
        """Return readouts (b, U, width) where the pieces before are given (teacher forcing)."""
        embedded = self.dropout(self.embedding(given), training=training)
        hidden, context = self.through(embedded, self.start(memory)["hidden"], memory)
        return self.read(hidden, context, training)

    def through(
        self, embedded: tf.Tensor, hidden: tf.Tensor, memory: Tensors
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return states (b, U, width) and contexts (b, U, width) over all steps."""
        raise NotImplementedError

    def step(
        self, tokens: tf.Tensor, state: Tensors, memory: Tensors
    ) -> tuple[tf.Tensor, Tensors, tf.Tensor]:
        """Return the readout (b, width) after `tokens` (b,), the next state, attention (b, T)."""
        raise NotImplementedError

    def read(
        self, hidden: tf.Tensor, context: tf.Tensor, training: bool | None = None
    ) -> tf.Tensor:
        """Return what the logits are computed from."""
        both = tf.concat([hidden, context], -1)
        return self.last_dropout(self.readout(both), training=training)

    def moved(self, hidden: tf.Tensor, *inputs: tf.Tensor) -> tf.Tensor:
        """Return the GRU's next state, (b, width)."""
        return self.gru.cell(tf.concat(inputs, -1), [hidden])[0]


class NoAttention(Decoder):
    """The context is one vector for the whole sentence (Cho et al. 2014), whatever its length."""

    def __init__(self, make: Maker) -> None:
        super().__init__(make)
        # As many parameters as an alignment of half the width has.
        self.summary = make.dense(self.before, self.context_size, activation="tanh")

    def remembered(self, memory: Tensors) -> Tensors:
        """Return the sentence's one vector; the mask only says how long the source is."""
        context = self.summary(memory["summary"])
        return {"mask": memory["mask"], "summary": memory["summary"], "context": context}

    def through(
        self, embedded: tf.Tensor, hidden: tf.Tensor, memory: Tensors
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return states and the repeated context."""
        contexts = tf.repeat(memory["context"][:, None], tf.shape(embedded)[1], axis=1)
        inputs = tf.concat([embedded, contexts], -1)
        return self.gru(inputs, initial_state=[hidden]), contexts

    def step(
        self, tokens: tf.Tensor, state: Tensors, memory: Tensors
    ) -> tuple[tf.Tensor, Tensors, tf.Tensor]:
        """Return readout, next state, and zeros: nothing is attended to."""
        context = memory["context"]
        hidden = self.moved(state["hidden"], self.embedding(tokens), context)
        nothing = tf.zeros(tf.shape(memory["mask"]), tf.float32)
        return self.read(hidden, context), {"hidden": hidden}, nothing
