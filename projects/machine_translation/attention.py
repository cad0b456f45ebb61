"""Decoders that attend to the source: aligned by the state before a step, or the one after it."""

from typing import Any

import tensorflow as tf

from projects.machine_translation.parts import Maker
from projects.machine_translation.recurrent import Decoder, Tensors

NEVER = -1e9
"""The energy of padding; unlike -inf it keeps a row of nothing but padding finite."""


def weights_of(energies: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """Return the softmax over the last axis; what is not in `mask`, of a like shape, gets 0."""
    return tf.nn.softmax(tf.where(mask, energies, tf.constant(NEVER, energies.dtype)))


class Bahdanau(Decoder):
    """Additive attention, aligned by the previous state (Bahdanau et al. 2015; course 5, 3.8).

    The alignment network has half the width. It needs a loop over steps, as the state is known
    only then; what depends on the source alone is computed once, before it.
    """

    def __init__(self, make: Maker) -> None:
        super().__init__(make)
        units = self.width // 2
        self.key = make.dense(self.before, units)
        self.query = make.dense(self.width, units, use_bias=False)
        self.energy = make.dense(units, 1, use_bias=False)

    def remembered(self, memory: Tensors) -> Tensors:
        """Return the encoder's outputs and their keys."""
        return {**memory, "keys": self.key(memory["values"])}

    def attended(self, hidden: tf.Tensor, memory: Tensors) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the context (b, width) and weights (b, T) that a state asks for."""
        asked = tf.tanh(memory["keys"] + self.query(hidden)[:, None])
        weights = weights_of(self.energy(asked)[..., 0], memory["mask"])
        return tf.matmul(weights[:, None], memory["values"])[:, 0], weights

    def through(
        self, embedded: tf.Tensor, hidden: tf.Tensor, memory: Tensors
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return states and contexts, step by step."""
        steps = tf.shape(embedded)[1]
        inputs = tf.TensorArray(embedded.dtype, steps).unstack(tf.transpose(embedded, (1, 0, 2)))
        # Two, as in eager mode one would be written twice.
        empty = [tf.TensorArray(embedded.dtype, steps) for _ in range(2)]

        def step(t: tf.Tensor, hidden: tf.Tensor, hiddens: Any, contexts: Any) -> Any:
            context, _ = self.attended(hidden, memory)
            hidden = self.moved(hidden, inputs.read(t), context)
            return t + 1, hidden, hiddens.write(t, hidden), contexts.write(t, context)

        start = (tf.constant(0), hidden, *empty)
        _, _, *found = tf.while_loop(lambda t, *_: t < steps, step, start)
        hiddens, contexts = (tf.transpose(one.stack(), (1, 0, 2)) for one in found)
        return hiddens, contexts

    def step(
        self, tokens: tf.Tensor, state: Tensors, memory: Tensors
    ) -> tuple[tf.Tensor, Tensors, tf.Tensor]:
        """Return readout, next state and weights."""
        context, weights = self.attended(state["hidden"], memory)
        hidden = self.moved(state["hidden"], self.embedding(tokens), context)
        return self.read(hidden, context), {"hidden": hidden}, weights


class Luong(Decoder):
    """Attention after the decoder's step, with the score "general" (Luong et al. 2015).

    Without their input feeding: the GRU reads pieces alone, so all steps are computed at once.
    """

    reads_context = False

    def __init__(self, make: Maker) -> None:
        super().__init__(make)
        self.key = make.dense(self.before, self.width, use_bias=False)

    def remembered(self, memory: Tensors) -> Tensors:
        """Return the encoder's outputs and their keys."""
        return {**memory, "keys": self.key(memory["values"])}

    def attended(self, hidden: tf.Tensor, memory: Tensors) -> tuple[tf.Tensor, tf.Tensor]:
        """Return contexts (b, U, width) and weights (b, U, T) that states (b, U, width) ask for."""
        energies = tf.matmul(hidden, memory["keys"], transpose_b=True)
        weights = weights_of(energies, memory["mask"][:, None])
        return tf.matmul(weights, memory["values"]), weights

    def through(
        self, embedded: tf.Tensor, hidden: tf.Tensor, memory: Tensors
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return states, then contexts."""
        hiddens = self.gru(embedded, initial_state=[hidden])
        return hiddens, self.attended(hiddens, memory)[0]

    def step(
        self, tokens: tf.Tensor, state: Tensors, memory: Tensors
    ) -> tuple[tf.Tensor, Tensors, tf.Tensor]:
        """Return readout, next state and weights."""
        hidden = self.moved(state["hidden"], self.embedding(tokens))
        context, weights = self.attended(hidden[:, None], memory)
        return self.read(hidden, context[:, 0]), {"hidden": hidden}, weights[:, 0]
