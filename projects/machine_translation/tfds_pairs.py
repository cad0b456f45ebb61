"""Pairs of sentences from TensorFlow Datasets: any set whose supervised keys are two texts."""

from typing import Any

from common.data import tfds_sources
from common.errors import UserError
from common.project import Found
from projects.machine_translation.pairs import Pair, found


def tfds_pairs(name: str) -> Found:
    """Return the pairs of the TFDS set `name`, for example ted_hrlr_translate/pt_to_en.

    Its own splits are kept. Downloads and prepares the set where that was not done before. Raises
    UserError for an unknown name, a set that is no translation, and without a network.
    """
    builder = tfds_sources.builder(name)
    source, target = _languages(builder, name)
    tfds_sources.prepare(builder, name)
    return found(
        (
            Pair(row["content"], row["split"], _text(example[source]), _text(example[target]))
            for row, example in tfds_sources.examples(builder, name)
        ),
        f"tfds:{name}",
    )


def _languages(builder: Any, name: str) -> tuple[str, str]:
    """Return the names of the two features that hold a sentence and its translation."""
    import tensorflow_datasets as tfds

    features, keys = builder.info.features, builder.info.supervised_keys
    kinds = dict(features.items())
    texts = [key for key in keys or () if isinstance(kinds.get(str(key)), tfds.features.Text)]
    if len(texts) != 2:
        raise UserError(
            f"tfds:{name} has {len(texts)} texts for its supervised keys ({', '.join(kinds)}):"
            " choose a set of translations, as ted_hrlr_translate/pt_to_en"
        )
    return texts[0], texts[1]


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
