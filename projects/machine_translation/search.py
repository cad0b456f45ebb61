"""Beam search inside the graph, for a whole batch of sentences at once (course 5, 3.3 and 3.4)."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import tensorflow as tf

from projects.machine_translation.tokens import BEGIN, END, PAD

Tensors: TypeAlias = dict[str, tf.Tensor]
Step: TypeAlias = Callable[[tf.Tensor, Tensors, Tensors], tuple[tf.Tensor, Tensors, tf.Tensor]]


class Hypotheses(NamedTuple):
    """The `kept` best hypotheses of each sentence, best first; U is the longest one's length."""

    tokens: tf.Tensor
    """(b, kept, U) int32: pieces, END, PAD; without END where the maximal length was reached."""
    scores: tf.Tensor
    """(b, kept) float32: log-probability / length ** alpha, -inf where there are too few."""
    lengths: tf.Tensor
    """(b, kept) int32, END included."""
    attention: tf.Tensor
    """(b, kept, U, T) float32: where each piece was read from."""


class _Beam(NamedTuple):
    """The places of a beam, (b, k, ...). A hypothesis that has ended keeps its place."""

    tokens: tf.Tensor
    """(b, k, t) int32."""
    places: tf.Tensor
    """(b, k, t) int32: the place from which each piece was predicted; finds its attention."""
    logs: tf.Tensor
    """(b, k) float32: the sum of log-probabilities."""
    lengths: tf.Tensor
    """(b, k) int32."""
    ended: tf.Tensor
    """(b, k) bool."""

    def scores(self, alpha: float) -> tf.Tensor:
        """Return log-probabilities over length ** alpha (Wu et al. 2016, without their 5)."""
        return self.logs / tf.cast(tf.maximum(self.lengths, 1), tf.float32) ** alpha


def beam_search(
    step: Step,
    state: Tensors,
    memory: Tensors,
    *,
    batch: tf.Tensor,
    beam: int,
    kept: int,
    length: int,
    alpha: float,
) -> Hypotheses:
    """Return the `kept` best hypotheses that a beam of `beam` places finds; 1 is greedy search.

    `step` takes the pieces before (n,), state and memory, and returns log-probabilities (n, V), the
    next state, and attention (n, T). `state` and `memory` have the first axis `batch`; a state may
    grow along its second axis. Pieces number at most `length`, END included.

    A hypothesis that ends keeps its place, and the others share what is left (Bahdanau et al.
    2015), so a place is a hypothesis. A sentence is done when all have ended, or when none that has
    not can come among the `kept` best: log-probabilities only fall, so its score can become at most
    what it would be now, at the maximal length. PAD, BEGIN and UNKNOWN are never produced.
    """
    kept = min(kept, beam)
    state, memory = (
        {name: tf.repeat(one, beam, axis=0) for name, one in tensors.items()}
        for tensors in (state, memory)
    )
    alone = tf.repeat([[0.0] + [-float("inf")] * (beam - 1)], batch, axis=0)
    none = tf.zeros((batch, beam, 0), tf.int32)
    empty = _Beam(none, none, alone, tf.zeros_like(alone, tf.int32), tf.zeros_like(alone, tf.bool))
    first = tf.fill([batch * beam], BEGIN)

    def wanted(t: tf.Tensor, found: _Beam, *_: tf.Tensor) -> tf.Tensor:
        # A step is taken even for no sentences, as nothing can be gathered of none.
        return (t < length) & ((t == 0) | ~tf.reduce_all(_done(found, kept, length, alpha)))

    def grown(
        t: tf.Tensor, found: _Beam, last: tf.Tensor, state: Tensors, seen: tf.TensorArray
    ) -> tuple[tf.Tensor, _Beam, tf.Tensor, Tensors, tf.TensorArray]:
        logs, state, attention = step(last, state, memory)
        found, parents = _extended(found, tf.reshape(logs, (batch, beam, tf.shape(logs)[1])))
        flat = tf.reshape(parents + tf.range(batch)[:, None] * beam, [-1])
        state = {name: tf.gather(one, flat) for name, one in state.items()}
        last = tf.reshape(found.tokens[:, :, -1], [-1])
        return t + 1, found, last, state, seen.write(t, attention)

    seen = tf.TensorArray(tf.float32, 0, dynamic_size=True, element_shape=[None, None])
    start = (tf.constant(0), empty, first, state, seen)
    growing = tf.TensorShape([None, beam, None])
    two = alone.shape
    shapes = (
        tf.TensorShape([]),
        _Beam(growing, growing, two, two, two),
        first.shape,
        {name: _shape(one) for name, one in state.items()},
        tf.TensorShape(None),
    )
    steps, found, _, _, seen = tf.while_loop(wanted, grown, start, shapes)
    attention = seen.stack()
    by_place = tf.reshape(attention, (steps, batch, beam, tf.shape(attention)[2]))
    return _best(found, by_place, kept, alpha)


def _shape(state: tf.Tensor) -> tf.TensorShape:
    """Return what stays of a state's shape from step to step."""
    return tf.TensorShape([None, None, *state.shape[2:]] if state.shape.rank > 2 else state.shape)


def _done(found: _Beam, kept: int, length: int, alpha: float) -> tf.Tensor:
    """Return (b,) bool: whether no hypothesis can come among the `kept` best that ended."""
    nothing = tf.constant(-float("inf"))
    ended = tf.where(found.ended, found.scores(alpha), nothing)
    worst = tf.math.top_k(ended, kept).values[:, -1]
    live = tf.reduce_max(tf.where(found.ended, nothing, found.logs), axis=1)
    return worst >= live / float(length) ** alpha


def _extended(found: _Beam, logs: tf.Tensor) -> tuple[_Beam, tf.Tensor]:
    """Return the beam a piece later, and the place (b, k) that each hypothesis grew from.

    `logs`: (b, k, V) log-probabilities of each next piece.
    """
    beam = found.logs.shape[1]
    choices = tf.minimum(beam, tf.shape(logs)[2] - END)
    # PAD, UNKNOWN and BEGIN come before END, so leaving these columns out forbids them.
    best, pieces = tf.math.top_k(logs[:, :, END:], choices)
    # One that has ended goes on in one way, before all others: with padding, which costs nothing.
    stays = tf.where(tf.range(choices) == 0, float("inf"), -float("inf"))
    ranks = tf.where(found.ended[..., None], stays, found.logs[..., None] + best)
    pieces = tf.where(found.ended[..., None], PAD, pieces + END)
    ranks, index = tf.math.top_k(_flat(ranks), beam)
    tokens, parents = tf.gather(_flat(pieces), index, batch_dims=1), index // choices
    before = _Beam(*(tf.gather(one, parents, batch_dims=1) for one in found))
    stayed = ranks == float("inf")
    return _Beam(
        tokens=tf.concat([before.tokens, tokens[..., None]], axis=2),
        places=tf.concat([before.places, parents[..., None]], axis=2),
        logs=tf.where(stayed, before.logs, ranks),
        lengths=before.lengths + tf.cast(~stayed, tf.int32),
        ended=stayed | ((tokens == END) & (ranks > -float("inf"))),
    ), parents


def _flat(choices: tf.Tensor) -> tf.Tensor:
    """Return (b, k * n) for (b, k, n)."""
    batch, places, number = tf.unstack(tf.shape(choices))
    return tf.reshape(choices, (batch, places * number))


def _best(found: _Beam, attention: tf.Tensor, kept: int, alpha: float) -> Hypotheses:
    """Return the best hypotheses; `attention` is (t, b, k, T), by the place that asked for it."""
    scores, order = tf.math.top_k(found.scores(alpha), kept)
    tokens, places, lengths = (
        tf.gather(one, order, batch_dims=1) for one in (found.tokens, found.places, found.lengths)
    )
    by_step = tf.transpose(attention, (1, 0, 2, 3))
    read = tf.gather(by_step, tf.transpose(places, (0, 2, 1)), batch_dims=2)
    longest = tf.reduce_max(lengths)
    attention = tf.transpose(read, (0, 2, 1, 3))[:, :, :longest]
    return Hypotheses(tokens[:, :, :longest], scores, lengths, attention)
