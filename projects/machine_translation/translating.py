"""From sentences to translations, in batches of like length."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from projects.machine_translation.data import encoded
from projects.machine_translation.search import Hypotheses, beam_search
from projects.machine_translation.settings import Search
from projects.machine_translation.tokens import BEGIN, END, PAD, Tokens

if TYPE_CHECKING:
    from projects.machine_translation.data import Assets

BATCH = 64
"""Sentences that are translated together."""
MOST, LOGITS = 256, 2**25
"""Targets that are scored together: as many, but not more than give so many logits (128 MB)."""


class Translation(NamedTuple):
    """What a sentence may mean, best first."""

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    """Log-probability / length ** alpha of each."""
    ids: tuple[int, ...]
    """The best one's pieces; the last is END unless it reached the maximal length before."""
    attention: NDArray[np.float32]
    """(target pieces, source pieces) of the best one, both with END; zeros without attention."""
    truncated: bool
    """Whether the source was longer than the model reads, and cut."""


def translations(
    model: Any,
    sentences: Sequence[str],
    assets: "Assets",
    search: Search,
    tell: Callable[[int], None] | None = None,
) -> list[Translation]:
    """Return a translation of each sentence, in their order.

    Which sentences come together depends on the sentences alone, not on their order. `tell` hears
    after each batch how many are done.
    """
    find = _finder(model, search, assets.target_length)
    found: dict[int, Translation] = {}
    for batch in in_batches(sentences, assets.source):
        source = encoded([sentences[i] for i in batch], assets.source, assets.source_length)
        hypotheses = Hypotheses(*(one.numpy() for one in find(tf.constant(source))))
        for row, i in enumerate(batch):
            mine = Hypotheses(*(one[row] for one in hypotheses))
            found[i] = _translation(mine, sentences[i], assets)
        if tell:
            tell(len(found))
    return [found[i] for i in range(len(sentences))]


def searched(model: Any, source: tf.Tensor, search: Search, length: int) -> Hypotheses:
    """Return the hypotheses of source pieces (b, T), for use inside a graph."""
    no_column = tf.cast(tf.shape(source)[1] == 0, tf.int32)  # a batch of no sentences
    memory = model.encode(tf.pad(source, [[0, 0], [0, no_column]]))
    return beam_search(
        model.step,
        model.start(memory),
        memory,
        batch=tf.shape(source)[0],
        beam=search.beam,
        kept=search.n_best,
        length=length,
        alpha=search.alpha,
    )


def log_probabilities(
    model: Any, sentences: Sequence[str], targets: Sequence[str], assets: "Assets"
) -> NDArray[np.float64]:
    """Return the log-probability of each target, END included, given its sentence.

    It is what the search would give these pieces, step by step, but all steps are taken at once
    (teacher forcing). A target that is too long is cut, and one with UNKNOWN is scored with it.
    """
    told = _teller(model)
    found = np.zeros(len(sentences))
    size = min(MOST, max(1, LOGITS // (assets.target.size * assets.target_length)))
    for batch in in_batches(sentences, assets.source, size):
        source = encoded([sentences[i] for i in batch], assets.source, assets.source_length)
        target = encoded([targets[i] for i in batch], assets.target, assets.target_length)
        found[batch] = told(tf.constant(source), tf.constant(target)).numpy()
    return found


def in_batches(sentences: Sequence[str], tokens: Tokens, size: int = BATCH) -> list[list[int]]:
    """Return which sentences are looked at together: those of like length."""
    lengths = [len(tokens.ids(sentence)) for sentence in sentences]
    order = sorted(range(len(sentences)), key=lambda i: (lengths[i], sentences[i]))
    return [order[i : i + size] for i in range(0, len(order), size)]


@lru_cache(maxsize=4)
def _finder(model: Any, search: Search, length: int) -> Any:
    """Return the search as one graph for batches of any shape; kept, as making it takes seconds."""

    def find(source: tf.Tensor) -> Hypotheses:
        return searched(model, source, search, length)

    return tf.function(find, input_signature=[tf.TensorSpec([None, None], tf.int32)])


@lru_cache(maxsize=4)
def _teller(model: Any) -> Any:
    """Return the pass that gives targets their log-probabilities, as one graph."""

    def told(source: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        given = tf.pad(target[:, :-1], [[0, 0], [1, 0]], constant_values=BEGIN)
        logits = model({"source": source, "given": given}, training=False)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(target, tf.cast(logits, tf.float32))
        return -tf.reduce_sum(tf.where(target == PAD, 0.0, losses), axis=1)

    pieces = tf.TensorSpec([None, None], tf.int32)
    return tf.function(told, input_signature=[pieces, pieces])


def _translation(found: Hypotheses, sentence: str, assets: "Assets") -> Translation:
    """Return the translation of one row; nothing means nothing, whatever is found."""
    number = int(np.isfinite(found.scores).sum())
    length = int(found.lengths[0])
    pieces = len(assets.source.ids(sentence)) + 1
    if pieces == 1:
        score, attention = float(found.scores[0]), found.attention[0, :1, :1]
        return Translation(("",), (score,), (END,), attention, truncated=False)
    return Translation(
        texts=tuple(assets.target.text(ids) for ids in found.tokens[:number]),
        scores=tuple(map(float, found.scores[:number])),
        ids=tuple(map(int, found.tokens[0, :length])),
        attention=found.attention[0, :length, :pieces],
        truncated=pieces > assets.source_length,
    )
