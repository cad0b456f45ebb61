"""Pairs of sentences: from a source to an examples table, to batches of pieces.

Batches hold sentences of similar length, so that little is padded. Which sentences come together
when depends on seed and epoch alone, so a resumed training sees what the straight one would have.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray

from common.data.examples import GENERAL, TARGET
from common.data.splits import divided
from common.errors import UserError
from common.project import Found
from common.settings import Group
from projects.machine_translation import embedded
from projects.machine_translation.settings import Settings
from projects.machine_translation.sources import source
from projects.machine_translation.tokens import BEGIN, END, PAD, Tokens, characters, subwords

if TYPE_CHECKING:
    Table = pd.DataFrame

Ids = NDArray[np.int32]
Batch = tuple[dict[str, Ids], Ids]

SCORING_BATCH = 64
FREQUENT = 2_000
"""Source words that are not called rare."""
UNITS = {"noisy": "example", "pair": "example", "clean": "clean", "held_out": "held_out"}
"""What each part of the examples is scored as."""


class Assets(Group):
    """What was learned from train rows besides the weights."""

    source: Tokens
    target: Tokens
    source_length: int
    """Most pieces of a source sentence, its END included; what is longer is cut."""
    target_length: int
    """Most pieces of a target sentence, its END included."""
    frequent: tuple[str, ...]
    """The most frequent words of the source."""
    common_target: str
    """The most frequent target sentence."""


def examples(settings: Settings, cache: Path) -> Found:
    """Return the pairs of `data.source`, and of `data.target` as the target distribution.

    The label is the target sentence as pieces can say it: normalised, lower-cased where wanted.
    `attr.copied` is the share of its words that stand in the source. Raises UserError for dates
    beside other pairs.
    """
    plain = Tokens(kind="characters", lowercase=settings.data.lowercase)
    parts = []
    for distribution, spec in ((GENERAL, settings.data.source), (TARGET, settings.data.target)):
        if spec:
            found = source(spec, settings)
            parts.append(found._replace(examples=found.examples.assign(distribution=distribution)))
    table, problems = (pd.concat(both, ignore_index=True) for both in zip(*parts, strict=True))
    if (table["part"] == "pair").nunique() > 1:
        raise UserError(
            f"data.source is {settings.data.source!r} and data.target {settings.data.target!r}:"
            " dates are judged by exact answers, other pairs by BLEU; name two sources of one kind"
        )
    table = table.assign(kind=table["part"], label=[plain.clean(text) for text in table["label"]])
    table["attr.copied"] = list(map(_copied, table["source"], table["label"]))
    return Found(table, problems)


def split(table: "Table", settings: Settings) -> "Table":
    """Return the examples with their split; a day, or a target sentence, is in one only."""
    return divided(table, settings.data)


def compose(rows: "Table", split: str, settings: Settings) -> "Table":
    """Return a split's rows; of locales and formats held out, train has none."""
    is_train = split in ("train", "train_dev")
    return rows[rows["part"] != "held_out"].reset_index(drop=True) if is_train else rows


def prepare(train: "Table", settings: Settings) -> Assets:
    """Return the tokens of both sides, and what is frequent, learned from train only.

    Tells how many sentences are cut. Raises UserError where that is most of the targets: no answer
    could be right.
    """
    data = settings.data

    def tokens(texts: "pd.Series[str]") -> Tokens:
        if data.pieces == "characters":
            return characters(texts, data.lowercase)
        return subwords(texts, data.vocabulary, data.lowercase)

    words = Counter(word for text in train["source"] for word in _words(text))
    source, target = tokens(train["source"]), tokens(train["label"])
    _tell_cut("source", train["source"], source, data.source_length)
    _tell_cut("target", train["label"], target, data.target_length)
    return Assets(
        source=source,
        target=target,
        source_length=data.source_length,
        target_length=data.target_length,
        frequent=tuple(word for word, _ in words.most_common(FREQUENT)),
        common_target=str(train["label"].mode()[0]),
    )


def _tell_cut(side: str, texts: "pd.Series[str]", tokens: Tokens, length: int) -> None:
    lengths = [len(tokens.ids(text)) + 1 for text in texts]
    cut = sum(one > length for one in lengths)
    if not cut:
        return
    found = (
        f"{cut} of {len(lengths)} {side} sentences of train are longer than data.{side}_length,"
        f" {length} {tokens.kind} with the end"
    )
    if side == "target" and 2 * cut > len(lengths):
        raise UserError(f"{found}: set it to {max(lengths)}, which cuts none")
    print(f"data: {found}, and are cut; {max(lengths)} would cut none")


def units(rows: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return the rows with their kind of unit, and what their sources tell.

    `attr.length`: pieces, END included. `attr.rare`: words that are not among train's 2,000 most
    frequent, where a word is what stands between blanks, lower-cased.
    """
    frequent = set(assets.frequent)
    said = [_words(text) for text in rows["source"]]
    lengths = [len(assets.source.ids(text)) + 1 for text in rows["source"]]
    found = rows.assign(unit=rows["part"].map(UNITS))
    found["attr.length"] = np.array(lengths, dtype=float)
    found["attr.rare"] = [float(sum(word not in frequent for word in words)) for words in said]
    found["attr.truncated"] = ["yes" if n > assets.source_length else "no" for n in lengths]
    return found


def encoded(texts: Sequence[str], tokens: Tokens, length: int) -> Ids:
    """Return (texts, longest) ids, END after each, PAD after that; longer than `length` is cut."""
    found = [[*tokens.ids(text)[: length - 1], END] for text in texts]
    ids = np.full((len(found), max(map(len, found), default=0)), PAD, np.int32)
    for row, own in zip(ids, found, strict=True):
        row[: len(own)] = own
    return ids


def dataset(
    rows: "Table", assets: Assets, settings: Settings, start: int | None
) -> tf.data.Dataset:
    """Return batches of ({"source": (b, T), "given": (b, U)}, labels (b, U)), all int32.

    `given` is BEGIN and the target, `labels` the target and END. From pass `start` on: the endless
    stream of training. With None: every row once, in order.
    """
    read = encoded(rows["source"].tolist(), assets.source, assets.source_length)
    said = encoded(rows["label"].tolist(), assets.target, assets.target_length)

    def batches() -> Iterator[Batch]:
        if start is None:
            order: Iterator[NDArray[np.int64]] = iter(_in_order(len(rows)))
        else:
            size, seed = settings.fit.batch_size, settings.runtime.seed
            lengths = (read != PAD).sum(axis=1) + (said != PAD).sum(axis=1)
            order = (b for epoch in count(start) for b in _by_length(lengths, size, seed, epoch))
        for index in order:
            labels = _trimmed(said[index])
            given = np.concatenate([np.full((len(index), 1), BEGIN, np.int32), labels], axis=1)
            given = np.where(given == END, PAD, given)[:, :-1]
            yield {"source": _trimmed(read[index]), "given": given}, labels

    ids = tf.TensorSpec([None, None], tf.int32)
    signature = ({"source": ids, "given": ids}, ids)
    number = tf.data.INFINITE_CARDINALITY if start is not None else -(-len(rows) // SCORING_BATCH)
    found = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return found.apply(tf.data.experimental.assert_cardinality(number)).prefetch(4)


def human_level(settings: Settings) -> float | None:
    """Return how often the best reader of generated dates must err; of other pairs None."""
    if (settings.data.target or settings.data.source) != "embedded":
        return None
    return embedded.human_error(settings.data, settings.data.seed)


def human_level_note(settings: Settings) -> str:
    """Return what the human level is, where it is known."""
    if (settings.data.target or settings.data.source) != "embedded":
        return ""
    return "generated dates that can be read in two ways, of which the best reader takes the other"


def _in_order(number: int) -> list[NDArray[np.int64]]:
    return np.array_split(np.arange(number), range(SCORING_BATCH, number, SCORING_BATCH))


def _by_length(
    lengths: NDArray[np.int64], size: int, seed: int, epoch: int
) -> list[NDArray[np.int64]]:
    """Return an epoch's batches of row numbers: those of like length together, then shuffled."""
    rng = np.random.default_rng([seed % 2**64, epoch])
    shuffled = rng.permutation(len(lengths))
    order = shuffled[np.argsort(lengths[shuffled], kind="stable")]
    batches = np.array_split(order, range(size, len(order), size))
    return [batches[i] for i in rng.permutation(len(batches))]


def _trimmed(ids: Ids) -> Ids:
    """Return the columns in which some row has a piece."""
    return ids[:, : int((ids != PAD).sum(axis=1).max())]


def _copied(source: str, target: str) -> float:
    words = _words(target)
    return sum(word in _words(source) for word in words) / max(len(words), 1)


def _words(text: str) -> list[str]:
    return text.lower().split()
