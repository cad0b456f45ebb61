"""The exported model reads odd pictures as training does: bytes, pixels, batches, frames."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from PIL import Image

from common.data.pictures import resized
from common.export.mlflow_model import load_model
from projects.cat_classifier import serve
from projects.cat_classifier.data import examples
from projects.cat_classifier.evaluate import Calibration, score
from projects.cat_classifier.model import build
from tests.common.data.small_pictures import encoded, photograph
from tests.projects.cat_classifier.pets import BINARY, MANY, settings

SIZE = 24


def rotated(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(photograph(orientation, 50, 37), exif=exif, quality=95)


def sixteen_bits() -> bytes:
    rand = np.random.default_rng(1)
    return encoded(Image.fromarray(rand.integers(0, 2**16, (40, 31), dtype=np.uint16)), "PNG")


def animated() -> bytes:
    frames = [photograph(seed, 30, 30) for seed in (20, 21, 22)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)


def see_through() -> Image.Image:
    image = photograph(30, 44, 28).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


ODD: dict[str, Callable[[], bytes]] = {
    **{f"turned {n}.jpg": lambda n=n: rotated(n) for n in (3, 5, 6, 8)},  # type: ignore[misc]
    "cmyk.jpg": lambda: encoded(photograph(10).convert("CMYK"), quality=95),
    "gray.jpg": lambda: encoded(photograph(11).convert("L"), quality=95),
    "progressive.jpg": lambda: encoded(photograph(12), progressive=True),
    "gray.png": lambda: encoded(photograph(13).convert("L"), "PNG"),
    "16 bit.png": sixteen_bits,
    "rgba.png": lambda: encoded(see_through(), "PNG"),
    "palette.png": lambda: encoded(photograph(14).convert("P"), "PNG"),
    "one bit.png": lambda: encoded(photograph(15).convert("1"), "PNG"),
    "animated.gif": animated,
    "plain.bmp": lambda: encoded(photograph(16), "BMP"),
    "see-through.webp": lambda: encoded(see_through(), "WEBP"),
    "large.jpg": lambda: encoded(photograph(17, 900, 700)),
    "one pixel.png": lambda: encoded(photograph(18, 1, 1), "PNG"),
    "narrow.png": lambda: encoded(photograph(19, 3, 200), "PNG"),
    "jpeg named.png": lambda: encoded(photograph(31)),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Odd pictures in two folders, a network with random weights, and its SavedModel, loaded."""
    home = tmp_path_factory.mktemp("served")
    for number, (name, make) in enumerate(ODD.items()):
        place = home / "in" / ("cat" if number % 2 else "not cat")
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(make())
    chosen = settings(f"folder:{home / 'in'}", SIZE, model={"name": "logistic"})
    rows = examples(chosen, home)
    network = build(BINARY, chosen)
    fitted = Calibration(temperature=1.5, threshold=0.4)
    serve.write_saved_model(network, rows.examples, BINARY, fitted, chosen, home / "saved_model")
    return {
        "home": home,
        "settings": chosen,
        "found": rows,
        "network": network,
        "fitted": fitted,
        "loaded": tf.saved_model.load(str(home / "saved_model")),
    }


def test_every_odd_picture_is_read(served: dict[str, Any]) -> None:
    assert served["found"].problems.empty
    assert len(served["found"].examples) == len(ODD)


def test_bytes_are_scored_as_the_folder_is(served: dict[str, Any]) -> None:
    rows, chosen = served["found"].examples, served["settings"]
    trained = score(served["network"], rows, BINARY, chosen)
    exported = serve.score_saved_model(served["loaded"], rows, BINARY, chosen)
    assert trained["logit.cat"].std() > 0.1, "pictures must matter"
    assert list(exported["example_id"]) == list(trained["example_id"])
    np.testing.assert_allclose(exported["logit.cat"], trained["logit.cat"], atol=1e-4)


def test_a_batch_of_files_is_answered_as_each_alone(served: dict[str, Any]) -> None:
    answer = served["loaded"].signatures["image"]
    files = [make() for make in ODD.values()]
    together = answer(image=tf.constant(files))
    for number in (0, 4, 12):
        alone = answer(image=tf.constant([files[number]]))
        for name, value in alone.items():
            if value.dtype == tf.float32:
                np.testing.assert_allclose(together[name][number], value[0], atol=1e-5)
            else:
                assert together[name][number] == value[0]


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (24, 24), (37, 50), (500, 333)])
def test_pixels_of_any_size_are_answered(served: dict[str, Any], shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, *shape, 3), dtype=np.uint8)
    found = served["loaded"].signatures["pixels"](pixels=tf.constant(pixels))
    small = np.stack([resized(tf.constant(one), SIZE).numpy() for one in pixels])
    expected = served["network"](small.astype(np.float32), training=False)
    np.testing.assert_allclose(found["logits"], expected, atol=1e-4)


def test_what_cannot_be_read_is_an_error_and_the_next_is_answered(served: dict[str, Any]) -> None:
    answer = served["loaded"].signatures["image"]
    for broken in (b"", b"text", rotated(3)[:200], b"\xff\xd8\xff", b"\x89PNG" + b"\0" * 60):
        with pytest.raises(tf.errors.OpError):
            answer(image=tf.constant([broken]))
    assert answer(image=tf.constant([rotated(3)]))["logits"].shape == (1, 1)


def test_the_mlflow_model_answers_files(served: dict[str, Any]) -> None:
    rows, chosen = served["found"].examples[:6].reset_index(drop=True), served["settings"]
    place = served["home"] / "mlflow_model"
    serve.write_mlflow_model(served["network"], rows, BINARY, served["fitted"], chosen, place)
    loaded = load_model(place)
    found = serve.score_mlflow_model(loaded, rows, BINARY, chosen)
    trained = score(served["network"], rows, BINARY, chosen)
    np.testing.assert_allclose(found["logit.cat"], trained["logit.cat"], atol=1e-4)
    assert set(found["prediction"]) <= set(BINARY.classes)


def test_many_classes_leave_as_they_are(tmp_path: Path) -> None:
    chosen = settings(size=SIZE, model={"name": "shallow"})
    network = build(MANY, chosen)
    serve.write_saved_model(network, pd.DataFrame(), MANY, Calibration(), chosen, tmp_path / "m")
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    found = loaded.signatures["serving_default"](image=tf.constant([rotated(6), rotated(8)]))
    assert found["probabilities"].shape == (2, 3)
    assert {name.decode() for name in found["prediction"].numpy()} <= set(MANY.classes)
