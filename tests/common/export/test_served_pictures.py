"""Pictures on their way to a SavedModel: each read as the store reads it, in its order."""

import io
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from common.data.pictures import decode, resized
from common.export.served_pictures import BATCH, answered, batches, encoded, from_files, from_pixels
from tests.common.data.small_pictures import encoded as as_file
from tests.common.data.small_pictures import photograph

SIZE = 12


class Means(tf.Module):
    """Answers the mean of a picture, by file and by pixels."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "image")])
    def image(self, image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"mean": tf.reduce_mean(from_files(image, SIZE), axis=(1, 2, 3))}

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.uint8, "pixels")])
    def pixels(self, pixels: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"mean": tf.reduce_mean(from_pixels(pixels, SIZE), axis=(1, 2, 3))}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Any:
    place, module = str(tmp_path_factory.mktemp("means")), Means()
    signatures = {"image": module.image, "pixels": module.pixels}
    tf.saved_model.save(module, place, signatures=signatures)
    return tf.saved_model.load(place)


def test_files_and_pixels_are_read_as_in_training() -> None:
    file = as_file(photograph(1, 50, 31), "PNG")
    expected = resized(decode(tf.constant(file)), SIZE).numpy()[None]
    pixels = np.asarray(Image.open(io.BytesIO(file)))[None]
    for found in (from_files(tf.constant([file]), SIZE), from_pixels(tf.constant(pixels), SIZE)):
        assert found.dtype == tf.float32
        np.testing.assert_array_equal(found, expected)


def test_mixed_originals_are_answered_in_their_order(loaded: Any) -> None:
    shapes = [(20, 31), (20, 31), (9, 9)]
    drawn: list[Any] = [np.full((*shape, 3), 10 * i, np.uint8) for i, shape in enumerate(shapes)]
    files = [as_file(Image.new("RGB", (7, 5), (i, i, i)), "PNG") for i in range(BATCH + 3)]
    found = answered(loaded, [*drawn[:2], *files, drawn[2]])
    np.testing.assert_allclose(found["mean"], [0, 10, *range(BATCH + 3), 20], atol=1e-4)


def test_what_is_sent_together_is_alike_and_not_too_much() -> None:
    small, large = np.zeros((2, 2, 3), np.uint8), np.zeros((3, 2, 3), np.uint8)
    originals = [b"file"] * (BATCH + 1) + [small, small, large, b"file"]
    assert [len(one) for one in batches(originals)] == [BATCH, 1, 2, 1, 1]


def test_a_file_stays_as_it_is_and_pixels_become_png() -> None:
    drawn = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(encoded(drawn)))), drawn)
    assert encoded(b"as it is") == b"as it is"
