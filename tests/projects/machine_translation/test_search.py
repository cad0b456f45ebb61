"""Beam search finds what an exhaustive search finds, and does not depend on its batch."""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from projects.machine_translation.search import Hypotheses, beam_search
from projects.machine_translation.tokens import BEGIN, END, PAD, UNKNOWN

Table = NDArray[np.float32]


class Found(NamedTuple):
    tokens: tuple[int, ...]
    score: float


def tables(sentences: int, length: int, pieces: int, seed: int, sharp: float = 1.0) -> Table:
    """(sentences, length, last piece, next piece) log-probabilities."""
    rng = np.random.default_rng(seed)
    logits = sharp * rng.standard_normal((sentences, length, pieces, pieces))
    shifted = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return shifted.astype(np.float32)


def step(tokens: tf.Tensor, state: Any, memory: Any) -> Any:
    """What the table says at this time; the attention is on the piece before and on the time."""
    time = state["time"]
    logs = tf.gather(tf.gather(memory["table"], time, batch_dims=1), tokens, batch_dims=1)
    attention = tf.cast(tf.stack([tokens, time], 1), tf.float32)
    past = tf.concat([state["past"], tokens[:, None, None]], axis=1)
    return logs, {"time": time + 1, "past": past}, attention


@cache
def searching(beam: int, kept: int, length: int, alpha: float) -> Any:
    """One graph for all tables."""

    def search(table: tf.Tensor) -> Hypotheses:
        batch = tf.shape(table)[0]
        zero = tf.zeros([batch], tf.int32)
        return beam_search(
            step,
            {"time": zero, "past": tf.zeros((batch, 0, 1), tf.int32)},
            {"table": table},
            batch=batch,
            beam=beam,
            kept=kept,
            length=length,
            alpha=alpha,
        )

    return tf.function(search, input_signature=[tf.TensorSpec([None] * 4, tf.float32)])


def searched(
    table: Table, beam: int, kept: int, length: int, alpha: float = 0.7
) -> list[list[Found]]:
    found = Hypotheses(*(one.numpy() for one in searching(beam, kept, length, alpha)(table)))
    return [
        [
            Found(tuple(tokens[:number].tolist()), float(score))
            for tokens, score, number in zip(*rows, strict=True)
            if np.isfinite(score)
        ]
        for rows in zip(found.tokens, found.scores, found.lengths, strict=True)
    ]


def exhaustive(table: Table, length: int, alpha: float) -> list[Found]:
    """All hypotheses of one sentence, best first."""
    pieces = range(END + 1, table.shape[-1])

    def every() -> Iterator[tuple[int, ...]]:
        for number in range(length):
            yield from ((*words, END) for words in product(pieces, repeat=number))
        yield from product(pieces, repeat=length)

    def score(tokens: tuple[int, ...]) -> float:
        before = (BEGIN, *tokens)
        logs = [table[t, before[t], one] for t, one in enumerate(tokens)]
        return float(sum(logs)) / len(tokens) ** alpha

    return sorted((Found(one, score(one)) for one in every()), key=lambda one: -one.score)


def plain_beam(table: Table, beam: int, length: int, alpha: float) -> list[Found]:
    """The same search of one sentence in plain Python, without stopping early."""
    live: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    ended = []
    for t in range(length):
        grown = [
            ((*tokens, one), log + float(table[t, (BEGIN, *tokens)[-1], one]))
            for tokens, log in live
            for one in range(END, table.shape[-1])
        ]
        best = sorted(grown, key=lambda one: -one[1])[: beam - len(ended)]
        ended += [one for one in best if one[0][-1] == END]
        live = [one for one in best if one[0][-1] != END]
    found = [Found(tokens, log / len(tokens) ** alpha) for tokens, log in ended + live]
    return sorted(found, key=lambda one: -one.score)


def same(found: list[Found], expected: list[Found]) -> None:
    assert [one.tokens for one in found] == [one.tokens for one in expected]
    np.testing.assert_allclose(
        [one.score for one in found], [one.score for one in expected], atol=1e-5
    )


class Case(NamedTuple):
    """Each is a graph, which takes half a second to make; so there are few."""

    length: int
    pieces: int
    alpha: float
    beam: int = 0
    kept: int = 0


WIDE = [Case(1, 1, 0.7), Case(3, 1, 0.0), Case(2, 3, 1.5), Case(4, 2, 0.7), Case(4, 3, 0.7)]
NARROW = [Case(4, 3, 0.7, 2, 1), Case(4, 3, 0.0, 3, 3), Case(6, 5, 1.5, 5, 2), Case(3, 1, 1, 9, 9)]
seeds = st.integers(0, 2**31)
sharpness = st.sampled_from([0.5, 3.0])


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(WIDE), seeds, sharpness)
def test_a_beam_that_is_wide_enough_finds_what_an_exhaustive_search_finds(
    case: Case, seed: int, sharp: float
) -> None:
    table = tables(3, case.length, END + 1 + case.pieces, seed, sharp)
    everything = len(exhaustive(table[0], case.length, case.alpha))
    found = searched(table, everything, everything, case.length, case.alpha)
    for one, own in zip(found, table, strict=True):
        same(one, exhaustive(own, case.length, case.alpha))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(NARROW), seeds, sharpness)
def test_a_narrow_beam_finds_what_a_plain_one_finds_and_stopping_early_loses_nothing(
    case: Case, seed: int, sharp: float
) -> None:
    table = tables(4, case.length, END + 1 + case.pieces, seed, sharp)
    found = searched(table, case.beam, case.kept, case.length, case.alpha)
    for one, own in zip(found, table, strict=True):
        same(one, plain_beam(own, case.beam, case.length, case.alpha)[: case.kept])


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_a_beam_of_one_takes_the_likeliest_piece_each_time(seed: int) -> None:
    table = tables(2, 6, 8, seed)
    for (one,), own in zip(searched(table, 1, 1, 6), table, strict=True):
        greedy, last = [], BEGIN
        while len(greedy) < 6 and last != END:
            last = END + int(own[len(greedy), last, END:].argmax())
            greedy.append(last)
        assert one.tokens == tuple(greedy)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_a_sentence_is_translated_alike_in_any_company(seed: int) -> None:
    table = tables(5, 6, 8, seed, 2.0)
    together = searched(table, 4, 3, 6)
    turned = searched(table[::-1], 4, 3, 6)
    for number, found in enumerate(together):
        same(turned[-1 - number], found)
        same(searched(table[number : number + 1], 4, 3, 6)[0], found)


def test_padding_begin_and_unknown_are_never_produced() -> None:
    table = tables(2, 5, 7, 0)
    table[..., [PAD, UNKNOWN, BEGIN]] = -0.01
    for found in searched(table, 6, 6, 5):
        assert len(found) == 6
        assert not {one for tokens, _ in found for one in tokens} & {PAD, UNKNOWN, BEGIN}


def test_the_attention_is_that_of_each_hypothesis_own_steps() -> None:
    table = tables(3, 5, 8, 1)
    found = Hypotheses(*(one.numpy() for one in searching(5, 5, 5, 0.7)(table)))
    assert found.attention.shape == (*found.tokens.shape, 2)
    for tokens, length, attention in zip(
        found.tokens.reshape(15, -1),
        found.lengths.ravel(),
        found.attention.reshape(15, -1, 2),
        strict=True,
    ):
        before = [BEGIN, *tokens[: length - 1]]
        np.testing.assert_array_equal(attention[:length, 0], before)
        np.testing.assert_array_equal(attention[:length, 1], range(length))
        assert (tokens[length:] == PAD).all()


def test_the_search_stops_when_nothing_can_win() -> None:
    """The end is nearly sure, so a single step is taken although a thousand are allowed."""
    sure = np.full((2, 1000, 6, 6), -20, np.float32)
    sure[..., END] = -1e-6
    found = searching(4, 1, 1000, 0.7)(sure)
    assert found.tokens.shape == (2, 1, 1)
    assert (found.tokens.numpy() == END).all()


def test_without_an_end_a_hypothesis_is_as_long_as_allowed() -> None:
    endless = tables(1, 7, 6, 0)
    endless[..., END] = -np.inf
    (found,) = searched(endless, 2, 2, 7)
    assert [len(one.tokens) for one in found] == [7, 7]
    assert found[0].score >= found[1].score


@pytest.mark.parametrize("kept", [3, 9])
def test_no_more_are_kept_than_asked_for_or_than_the_beam_is_wide(kept: int) -> None:
    (found,) = searched(tables(1, 4, 8, 0), 5, kept, 4)
    assert len(found) == min(kept, 5)


def test_no_sentences_have_no_hypotheses() -> None:
    found = searching(3, 2, 4, 0.7)(np.zeros((0, 4, 6, 6), np.float32))
    assert found.tokens.shape[:2] == (0, 2)
    assert found.scores.shape == (0, 2)
