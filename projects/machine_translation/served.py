"""The translator as one graph: strings in, strings out. Serves models of characters.

What `tokens` does to a text in Python is done here with TensorFlow's operations, to the same end.
"""

from typing import TYPE_CHECKING, Any

import tensorflow as tf

from projects.machine_translation.settings import Search
from projects.machine_translation.tokens import END, PAD, REPLACEMENT, RULES, SPECIAL, UNKNOWN
from projects.machine_translation.translating import searched

if TYPE_CHECKING:
    from projects.machine_translation.data import Assets

Answer = dict[str, tf.Tensor]


class Pieces(tf.Module):
    """A network with its search: ids of pieces in, ids of pieces out."""

    def __init__(self, model: Any, assets: "Assets", search: Search) -> None:
        super().__init__()
        self.model, self.assets, self.search = model, assets, search

    def best(self, source: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return ids (b, U) and score (b,) of what source pieces (b, T) int32 mean best.

        Nothing means nothing.
        """
        found = searched(self.model, source, self.search, self.assets.target_length)
        return tf.where(source[:, :1] == END, PAD, found.tokens[:, 0]), found.scores[:, 0]

    def pieces(self, pieces: tf.Tensor) -> Answer:
        """Answer ids (b, T) int32, END after each sentence and 0 after that.

        The answers: `translation`, ids (b, U) alike, and `score` (b,).
        """
        translation, score = self.best(pieces)
        return {"translation": translation, "score": score}


class Sentences(Pieces):
    """The same with its tokens of characters: strings in, strings out."""

    def __init__(self, model: Any, assets: "Assets", search: Search) -> None:
        super().__init__(model, assets, search)
        codes = assets.source.codes
        known = tf.lookup.KeyValueTensorInitializer(
            list(codes), list(codes.values()), tf.int32, tf.int32
        )
        self.codes = tf.lookup.StaticHashTable(known, UNKNOWN)
        said = [""] * len(SPECIAL)
        said[UNKNOWN] = REPLACEMENT
        self.said = [*said, *assets.target.pieces]

    def sentence(self, sentence: tf.Tensor) -> Answer:
        """Answer sentences (b,) in UTF-8.

        The answers, (b,) each: `translation`, `score`, `truncated`, whether
        the source was longer than the model reads, and cut, and `unseen`, how many of its
        characters train did not have.
        """
        source, truncated = self.encoded(sentence)
        translation, score = self.best(source)
        return {
            "translation": self.text(translation),
            "score": score,
            "truncated": truncated,
            "unseen": tf.reduce_sum(tf.cast(source == UNKNOWN, tf.int32), axis=1),
        }

    def encoded(self, sentence: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return ids (b, longest) as `data.encoded` does, and which sentences (b,) were cut."""
        text = tf.strings.unicode_transcode(sentence, "UTF-8", "UTF-8")
        for pattern, replacement in RULES:
            text = tf.strings.regex_replace(text, pattern, replacement)
        codes = tf.strings.unicode_decode(text, "UTF-8")
        longest = self.assets.source_length - 1
        kept = self.codes.lookup(codes[:, :longest])
        ends = tf.fill([tf.shape(sentence)[0], 1], END)
        return tf.concat([kept, ends], 1).to_tensor(PAD), codes.row_lengths() > longest

    def text(self, ids: tf.Tensor) -> tf.Tensor:
        """Return what ids (b, U) say, (b,) strings."""
        return tf.strings.reduce_join(tf.gather(tf.constant(self.said), ids), axis=1)
