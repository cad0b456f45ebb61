"""Faces a second that a run's exported embedder turns into vectors.

    python tests/benchmarks/embeddings_per_second.py RUN_FOLDER

In batches of 256 through Keras's file, one at a time through LiteRT, and one encoded PNG at a time
through the SavedModel, decoding included. Median of ten rounds.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from common.export.formats import LiteRTModel, load_saved_model
from common.files import read_json

ROUNDS, BATCH, SINGLE = 10, 256, 64


def main(folder: Path) -> None:
    """Print the three rates."""
    size = read_json(folder / "settings.json")["data"]["size"]
    rng = np.random.default_rng(0)
    faces = rng.integers(0, 256, (BATCH, size, size, 3), np.uint8)
    floats = faces.astype(np.float32)
    keras_file = tf.keras.models.load_model(folder / "export" / "model.keras", compile=False)
    graph = tf.function(lambda batch: keras_file(batch, training=False))
    lite = LiteRTModel(folder / "export" / "model.tflite")
    image = load_saved_model(folder / "export" / "saved_model").signatures["image"]
    files = [tf.io.encode_png(one) for one in faces[:SINGLE]]
    print(f"{size} px")
    tell("Keras's file, batches of 256", BATCH, lambda: graph(tf.constant(floats)))
    tell("LiteRT, one at a time", SINGLE, lambda: lite.predict([floats[:SINGLE]]))
    tell("SavedModel, a PNG at a time", SINGLE, lambda: [image(image=one[None]) for one in files])


def tell(what: str, number: int, work: Callable[[], object]) -> None:
    """Print how many faces a second some work does."""
    work()
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    print(f"{what:<30} {number / statistics.median(seconds):8.0f} a second")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
