"""What every source from TensorFlow Datasets shares: the builder, its features, its examples."""

import difflib
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

from common.errors import UserError

SPLITS = {"train": "train", "validation": "dev", "test": "test"}
PROBE = "https://www.tensorflow.org"
"""Asked before a download: without a network TFDS itself tries for minutes."""


def builder(name: str) -> Any:
    """Return the builder of the set `name`. Raises UserError, with close names, for no such set."""
    import tensorflow_datasets as tfds

    try:
        return tfds.builder(name)
    except Exception as error:  # TFDS raises several kinds, some of them its own
        close = difflib.get_close_matches(name.split("/")[0], tfds.list_builders(), 3)
        hint = f"perhaps you meant {' or '.join(close)}" if close else "see tfds.list_builders()"
        reason = (str(error).splitlines() or [type(error).__name__])[0][:80]
        raise UserError(f"TFDS has no data set {name!r} ({reason}): {hint}") from None


def keys(builder: Any, name: str, content: type, what: str) -> tuple[str, str]:
    """Return the names of the one feature of type `content` and of the label: a class, or a name.

    Raises UserError for a set without a label, or with none or several of `content` (`what` in
    words).
    """
    import tensorflow_datasets as tfds

    features = builder.info.features
    contents = [key for key, kind in features.items() if isinstance(kind, content)]
    labels = [key for key, kind in features.items() if isinstance(kind, tfds.features.ClassLabel)]
    if isinstance(dict(features.items()).get("label"), tfds.features.Text):
        labels.append("label")
    if len(contents) != 1 or not labels:
        raise UserError(
            f"tfds:{name} has {len(contents)} {what}s and {len(labels)} class labels an example:"
            f" one {what} and a label are needed; choose a set for classification"
        )
    return contents[0], "label" if "label" in labels else labels[0]


def prepare(builder: Any, name: str) -> None:
    """Download and prepare the set where that was not done; UserError without a network."""
    if builder.is_prepared():
        return
    try:
        urllib.request.urlopen(PROBE, timeout=5).close()
    except urllib.error.HTTPError:
        pass  # somebody answered: there is a network
    except OSError:
        raise UserError(
            f"tfds:{name} is not in {builder.data_dir} and there is no network to download it:"
            " connect once, or name another data.source"
        ) from None
    builder.download_and_prepare()


def examples(
    builder: Any, name: str, decoders: Mapping[str, Any] | None = None
) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """Yield each example, always in the same order, with its `example_id`, `content` and `split`.

    Of a set that brings a division its train, validation and test are kept; others are variants,
    or without labels.
    """
    import tensorflow_datasets as tfds

    order = tfds.ReadConfig(interleave_cycle_length=1, add_tfds_id=True)
    splits = [one for one in builder.info.splits if one in SPLITS] or list(builder.info.splits)
    for split in splits:
        read = builder.as_dataset(split=split, decoders=decoders, read_config=order)
        for number, example in enumerate(tfds.as_numpy(read)):
            row = {
                "example_id": example["tfds_id"].decode(),
                "content": f"tfds:{name}#{split}/{number}",
                "split": SPLITS.get(split, "") if len(splits) > 1 else "",
            }
            yield row, example
