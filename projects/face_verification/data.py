"""Pictures of people: from a source to an examples table, to batches; and to pairs of them.

A training batch is P people with K pictures each (Hermans et al. 2017), so that every picture has
others of the same person beside it. Which ones is a function of seed and step alone.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray

from common.data.augment import augmented
from common.data.duplicates import identified
from common.data.examples import GENERAL, TARGET
from common.data.picture_store import Reader, pixels, stored
from common.data.splits import divided
from common.errors import UserError
from common.project import Found
from common.settings import Group
from projects.face_verification.attributes import pair_attributes, pictures_of_people
from projects.face_verification.even_colour import SAID, is_even
from projects.face_verification.lfw import protocol
from projects.face_verification.pairs import SAME, pairs
from projects.face_verification.settings import Settings
from projects.face_verification.sources import pairs_file, source

if TYPE_CHECKING:
    Table = pd.DataFrame

SCORING_BATCH = 256
ALIKE = 4
"""Bits between the hashes of near-duplicates: LFW's aligned faces have 23 such sets, and at 6 bits
104, most of which are of people who merely look alike."""
GENUINE, IMPOSTOR = "genuine", "impostor"
"""Units: two pictures of one person, of two people."""
OF_A_PICTURE = ("example_id", "label", "content", "source", "store", "row", "digest", "phash")
"""What units know of both pictures, as `first.COLUMN` and `second.COLUMN`."""


class Assets(Group):
    """Who was trained on: everybody in train with two pictures or more."""

    people: tuple[str, ...]


def examples(settings: Settings, cache: Path) -> Found:
    """Return the pictures of `data.source`, and of `data.target` as the target distribution."""
    parts = []
    for distribution, spec in ((GENERAL, settings.data.source), (TARGET, settings.data.target)):
        if spec:
            table, read = source(spec, settings.data, distribution)
            drawn = settings.data.embedded.model_dump_json() if spec == "embedded" else ""
            key = f"{spec} {settings.data.seed} {distribution} {drawn}"
            good, problems = stored(table, read, settings.data.size, cache, key)
            good = good.assign(distribution=distribution, source=spec)
            parts.append(_without_even_ones(good, problems))
    found, problems = (pd.concat(both, ignore_index=True) for both in zip(*parts, strict=True))
    found = identified(found, ALIKE)
    if not found["source"].str.contains(":").any():
        found = found.drop(columns="alike")  # drawn faces look alike; copies there are none
    return Found(found, problems)


def _without_even_ones(good: "Table", problems: "Table") -> Found:
    """Return the pictures that show something; the others are told beside the unreadable ones."""
    blocks = (good[start : start + SCORING_BATCH] for start in range(0, len(good), SCORING_BATCH))
    even = np.concatenate([is_even(tf.constant(pixels(block))) for block in blocks])
    left_out = good.loc[even, ["content"]].assign(reason=SAID)
    if even.all():
        raise UserError(
            f"none of {len(good)} pictures shows anything ({good['content'].iloc[0]} {SAID}):"
            " give photos of faces"
        )
    return Found(good[~even], pd.concat([problems, left_out]))


def split(examples: "Table", settings: Settings) -> "Table":
    """Return the pictures with `split`, and `kind` for the audit: nobody is in two splits.

    With `data.test_folds`, test is the people of these folds of LFW's pairs.txt. Raises UserError
    where the source itself puts somebody into two splits.
    """
    folds = settings.data.test_folds
    if folds:
        listed = _of_folds(examples, settings)
        tested = set(listed["group"]) | set(listed["group_2"])
        others = examples[~examples["label"].isin(tested)].reset_index(drop=True)
        data = settings.data.model_copy(update={"test_share": 0.0})
        rest = divided(others, data)
        test = examples[examples["label"].isin(tested)].assign(split="test")
        found = pd.concat([rest, test], ignore_index=True)
    else:
        found = divided(examples, settings.data)
    places = found.groupby("group")["split"].agg(lambda one: sorted(set(one)))
    crossing = places[places.map(len) > 1]
    if len(crossing):
        raise UserError(
            f"{len(crossing)} people are in two splits ({crossing.index[0]!r} in"
            f" {' and '.join(crossing.iloc[0])}): move all pictures of a person into one of them"
        )
    return found.assign(kind=pictures_of_people(found))


def prepare(train: "Table", settings: Settings) -> Assets:
    """Return the people to train on; UserError where fewer than two have two pictures."""
    counts = train["label"].value_counts()
    people = sorted(counts.index[counts >= 2])
    if len(people) < 2:
        raise UserError(
            f"{len(people)} of {len(counts)} people in train have two pictures or more: at least"
            " two such people are needed, and hundreds are better; add pictures"
        )
    if len(people) < len(counts):
        print(f"data: {len(counts) - len(people)} people of train have one picture: not trained on")
    return Assets(people=tuple(people))


def units(rows: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return the pairs of one split's pictures that it is judged by, with what is known of both.

    At most `data.pairs.same` and `data.pairs.different`; of test with `data.test_folds`, the pairs
    of these folds, with `fold`.
    """
    if settings.data.test_folds and set(rows["split"]) == {"test"}:
        table = _of_folds(rows, settings)
    else:
        wanted = settings.data.pairs
        table = pairs(rows, same=wanted.same, different=wanted.different, seed=settings.data.seed)
    known = rows.set_index("example_id", drop=False)
    first, second = (
        known.loc[table.pop(side)].reset_index(drop=True) for side in ("first", "second")
    )
    for side, of_side in (("first", first), ("second", second)):
        for column in OF_A_PICTURE:
            table[f"{side}.{column}"] = of_side[column]
    table["unit"] = np.where(table["label"] == SAME, GENUINE, IMPOSTOR)
    table["split"], table["distribution"] = first["split"], first["distribution"]
    attributes = pair_attributes(first, second, rows["label"].value_counts())
    return pd.concat([table, attributes], axis=1)


def pictures(units: "Table") -> tuple["Table", NDArray[np.int64]]:
    """Return the distinct pictures of pairs as a table, and (pairs, 2) rows of it."""
    sides = [
        units[[f"{side}.{column}" for column in OF_A_PICTURE]].set_axis(OF_A_PICTURE, axis=1)
        for side in ("first", "second")
    ]
    both = pd.concat(sides, ignore_index=True)
    codes, ids = pd.factorize(both["example_id"], sort=True)
    table = both.drop_duplicates("example_id").set_index("example_id", drop=False).loc[ids]
    return table.reset_index(drop=True), codes.reshape(2, -1).T


def originals(table: "Table", settings: Settings) -> Iterator[Any]:
    """Yield each picture as it was given: encoded bytes, or (h, w, 3) uint8 pixels."""
    readers: dict[str, Reader] = {
        spec: source(spec, settings.data, GENERAL)[1] for spec in table["source"].unique()
    }
    records: list[Any] = table.to_dict("records")
    return (readers[row["source"]](row) for row in records)


def embeddings(
    model: Any, table: "Table", assets: Assets, settings: Settings
) -> NDArray[np.float32]:
    """Return a unit vector for each picture of a table, (n, d)."""
    found = model.predict(dataset(table, assets, settings, None), verbose=0)
    return np.asarray(found, dtype=np.float32)


def dataset(
    rows: "Table", assets: Assets, settings: Settings, start: int | None
) -> tf.data.Dataset:
    """Return batches of (pictures (b, size, size, 3) float32 in 0..255, people (b,) int32).

    A person is the place in `assets.people`; who is not there gets a number above. From pass
    `start` on: the endless, augmented stream of training, P people with K pictures each to a batch.
    With None: every row once, in order.
    """
    images, truth = pixels(rows), _numbers(rows, assets)

    def gather(index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return images[index], truth[index]

    def batch(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        found, people = tf.numpy_function(gather, [index], [tf.uint8, tf.int32], stateful=False)
        found.set_shape([None, *images.shape[1:]])
        people.set_shape([None])
        return found, people

    def scored(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        found, people = batch(index)
        return tf.cast(found, tf.float32), people

    if start is None:
        return tf.data.Dataset.range(len(rows)).batch(SCORING_BATCH).map(scored).prefetch(2)
    drawn = _draws(truth, len(assets.people), settings)

    def varied(step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        index = tf.numpy_function(drawn, [step], tf.int64, stateful=False)
        index.set_shape([None])
        found, people = batch(index)
        if settings.model.augment:
            place = step * settings.fit.batch_size + tf.range(tf.size(index, tf.int64))
            return augmented(found, place, settings.runtime.seed), people
        return tf.cast(found, tf.float32), people

    steps = -(-len(rows) // settings.fit.batch_size)
    parallel = 2 if settings.runtime.deterministic else tf.data.AUTOTUNE
    order = tf.data.Dataset.range(start * steps, tf.int64.max)
    return order.map(varied, num_parallel_calls=parallel, deterministic=True).prefetch(2)


def _draws(truth: NDArray[np.int32], people: int, settings: Settings) -> Any:
    """Return what gives a step's rows: everybody comes once before anybody comes again."""
    rows_of = [np.flatnonzero(truth == person) for person in range(people)]
    each = settings.fit.per_person
    number = min(people, max(2, settings.fit.batch_size // each))
    seed = settings.runtime.seed

    @lru_cache(maxsize=4)
    def order(turn: int) -> NDArray[np.int64]:
        return np.random.default_rng([seed, turn]).permutation(people)

    def drawn(step: int) -> NDArray[np.int64]:
        places = int(step) * number + np.arange(number)
        chosen = []
        for place in places:
            rows = rows_of[order(int(place) // people)[place % people]]
            rng = np.random.default_rng([seed, 1, int(place)])
            chosen.append(np.resize(rng.permutation(rows), each))
        return np.concatenate(chosen)

    return drawn


def _numbers(rows: "Table", assets: Assets) -> NDArray[np.int32]:
    known = {name: number for number, name in enumerate(assets.people)}
    for name in sorted(set(rows["label"]) - set(known)):
        known[name] = len(known)
    return np.array([known[name] for name in rows["label"]], np.int32)


def _of_folds(table: "Table", settings: Settings) -> "Table":
    listed = protocol(pairs_file(settings.data.source), table, settings.data.test_folds)
    return listed.reset_index(drop=True)
