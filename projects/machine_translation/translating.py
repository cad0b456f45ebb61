"""From sentences to translations, in batches of like length."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from projects.machine_translation.data import encoded
from projects.machine_translation.search import Hypotheses, beam_search
from projects.machine_translation.settings import Search
from projects.machine_translation.tokens import PAD

if TYPE_CHECKING:
    from projects.machine_translation.data import Assets

BATCH = 64
"""Sentences that are translated together."""

T = TypeVar("T")


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
    lengths = [len(assets.source.ids(sentence)) + 1 for sentence in sentences]
    order = sorted(range(len(sentences)), key=lambda i: (lengths[i], sentences[i]))
    find = _finder(model, search, assets.target_length)
    found: dict[int, Translation] = {}
    for batch in batched(order):
        source = encoded([sentences[i] for i in batch], assets.source, assets.source_length)
        hypotheses = Hypotheses(*(one.numpy() for one in find(tf.constant(source))))
        for row, i in enumerate(batch):
            mine = Hypotheses(*(one[row] for one in hypotheses))
            read = int((source[row] != PAD).sum())
            found[i] = _translation(mine, read, lengths[i] > assets.source_length, assets)
        if tell:
            tell(len(found))
    return [found[i] for i in range(len(sentences))]


def searched(model: Any, source: tf.Tensor, search: Search, length: int) -> Hypotheses:
    """Return the hypotheses of source pieces (b, T), for use inside a graph."""
    memory = model.encode(source)
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


def batched(values: Sequence[T]) -> Iterable[Sequence[T]]:
    """Return the values in batches, in their order."""
    return (values[i : i + BATCH] for i in range(0, len(values), BATCH))


@lru_cache(maxsize=4)
def _finder(model: Any, search: Search, length: int) -> Any:
    """Return the search as one graph for batches of any shape; kept, as making it takes seconds."""

    def find(source: tf.Tensor) -> Hypotheses:
        return searched(model, source, search, length)

    return tf.function(find, input_signature=[tf.TensorSpec([None, None], tf.int32)])


def _translation(found: Hypotheses, read: int, truncated: bool, assets: "Assets") -> Translation:
    """Return the translation of one row; `read` is the source's number of pieces."""
    number = int(np.isfinite(found.scores).sum())
    length = int(found.lengths[0])
    return Translation(
        texts=tuple(assets.target.text(ids) for ids in found.tokens[:number]),
        scores=tuple(map(float, found.scores[:number])),
        ids=tuple(map(int, found.tokens[0, :length])),
        attention=found.attention[0, :length, :read],
        truncated=truncated,
    )
