"""Pictures from TensorFlow Datasets: any set with one image and one class label."""

import difflib
import urllib.error
import urllib.request
from typing import Any

import pandas as pd

from common.data.picture_store import Reader
from common.errors import UserError

SPLITS = {"train": "train", "validation": "dev", "test": "test"}
PROBE = "https://www.tensorflow.org"
"""Asked before a download: without a network TFDS itself tries for minutes."""


def tfds_pictures(name: str) -> tuple[pd.DataFrame, Reader]:
    """Return the examples and the reader of the TFDS set `name`, in its own splits.

    Downloads and prepares it where that was not done before. Raises UserError for an unknown name,
    a set without one image and one label, and without a network.
    """
    import tensorflow_datasets as tfds

    builder = _builder(tfds, name)
    image, label = _keys(tfds, builder, name)
    _prepare(builder, name)
    order = tfds.ReadConfig(interleave_cycle_length=1, add_tfds_id=True)
    rows: list[dict[str, Any]] = []
    files: dict[str, bytes] = {}
    # Others are variants, or without labels: corrupted, unlabelled, ...
    splits = [name for name in builder.info.splits if name in SPLITS] or list(builder.info.splits)
    for split in splits:
        read = builder.as_dataset(
            split=split, decoders={image: tfds.decode.SkipDecoding()}, read_config=order
        )
        for number, example in enumerate(tfds.as_numpy(read)):
            content = f"tfds:{name}#{split}/{number}"
            files[content] = example[image]
            rows.append(
                {
                    "example_id": example["tfds_id"].decode(),
                    "label": builder.info.features[label].int2str(int(example[label])),
                    "content": content,
                    "split": SPLITS.get(split, "") if len(splits) > 1 else "",
                }
            )
    return pd.DataFrame(rows), lambda row: files[row["content"]]


def _builder(tfds: Any, name: str) -> Any:
    try:
        return tfds.builder(name)
    except Exception as error:  # TFDS raises several kinds, some of them its own
        close = difflib.get_close_matches(name.split("/")[0], tfds.list_builders(), 3)
        hint = f"perhaps you meant {' or '.join(close)}" if close else "see tfds.list_builders()"
        reason = (str(error).splitlines() or [type(error).__name__])[0][:80]
        raise UserError(f"TFDS has no data set {name!r} ({reason}): {hint}") from None


def _keys(tfds: Any, builder: Any, name: str) -> tuple[str, str]:
    features = builder.info.features
    images = [key for key, kind in features.items() if isinstance(kind, tfds.features.Image)]
    labels = [key for key, kind in features.items() if isinstance(kind, tfds.features.ClassLabel)]
    if len(images) != 1 or not labels:
        raise UserError(
            f"tfds:{name} has {len(images)} images and {len(labels)} class labels an example:"
            " one image and a label are needed; choose a set for classification"
        )
    return images[0], "label" if "label" in labels else labels[0]


def _prepare(builder: Any, name: str) -> None:
    if builder.is_prepared():
        return
    try:
        urllib.request.urlopen(PROBE, timeout=5).close()
    except urllib.error.HTTPError:
        pass  # somebody answered: there is a network
    except OSError:
        raise UserError(
            f"tfds:{name} is not in {builder.data_dir} and there is no network to download it:"
            " connect once, or use data.source=folder:PATH"
        ) from None
    builder.download_and_prepare()
