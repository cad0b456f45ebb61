"""Pictures from TensorFlow Datasets: any set with one image and one label, a class or a name."""

import pandas as pd

from common.data import tfds_sources
from common.data.picture_store import Reader


def tfds_pictures(name: str) -> tuple[pd.DataFrame, Reader]:
    """Return the examples and the reader of the TFDS set `name`, in its own splits.

    Downloads and prepares it where that was not done before. Raises UserError for an unknown name,
    a set without one image and one label, and without a network.
    """
    import tensorflow_datasets as tfds

    builder = tfds_sources.builder(name)
    image, label = tfds_sources.keys(builder, name, tfds.features.Image, "image")
    tfds_sources.prepare(builder, name)
    names = builder.info.features[label]
    rows: list[dict[str, str]] = []
    files: dict[str, bytes] = {}
    encoded = {image: tfds.decode.SkipDecoding()}
    for row, example in tfds_sources.examples(builder, name, encoded):
        files[row["content"]] = example[image]
        value = example[label]
        name = value.decode() if isinstance(value, bytes) else names.int2str(int(value))
        rows.append({**row, "label": name})
    return pd.DataFrame(rows), lambda row: files[row["content"]]
