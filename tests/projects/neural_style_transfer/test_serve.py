"""What is exported paints as the network does: files, pixels of any size, a device, a frame."""

import base64
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import scoring_server
from PIL import Image

from common.export.timing import WARM_UP
from common.project import NoCalibration
from common.settings import Fit
from projects.neural_style_transfer import serve
from projects.neural_style_transfer.data import PAINTED, examples, prepare
from projects.neural_style_transfer.evaluate import score
from projects.neural_style_transfer.model import build
from projects.neural_style_transfer.settings import Data, Model, Settings
from tests.projects.neural_style_transfer.stylizing import png_header

SIZE = 32


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A network that changes pictures a lot, exported in all formats and loaded again."""
    home = tmp_path_factory.mktemp("exported")
    chosen = Settings(
        data=Data(size=SIZE, number=40), model=Model(width=4, blocks=1), fit=Fit(epochs=1)
    )
    found = examples(chosen, home).examples[:5]
    units = found.assign(unit=PAINTED, untouched=1.0, split="dev")
    assets = prepare(units, chosen)
    network = build(assets, chosen)
    rand = np.random.default_rng(0)
    for weight in network.get_layer("change").weights:
        weight.assign(rand.normal(0, 0.2, weight.shape))
    loaded = {}
    for form in serve.FORMATS:
        form.write(network, units, assets, NoCalibration(), chosen, home / form.name)
        loaded[form.name] = form.load(home / form.name)
    return {
        "loaded": loaded,
        "units": units,
        "assets": assets,
        "network": network,
        "settings": chosen,
    }


def random_picture(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)


@pytest.mark.parametrize("form", serve.FORMATS, ids=lambda form: form.name)
def test_scores_are_those_of_the_network(form: Any, exported: dict[str, Any]) -> None:
    needed = exported["units"], exported["assets"], exported["settings"]
    found = form.score(exported["loaded"][form.name], *needed)
    expected = score(exported["network"], *needed)
    pd.testing.assert_frame_equal(found, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("form", serve.FORMATS, ids=lambda form: form.name)
def test_a_latency_is_that_of_one_painting_and_no_score(
    form: Any, exported: dict[str, Any]
) -> None:
    needed = exported["assets"], exported["settings"]
    found = form.milliseconds(exported["loaded"][form.name], exported["units"], *needed)
    assert len(found) == len(exported["units"]) - WARM_UP
    assert min(found) > 0
    optimised = exported["units"].assign(unit="optimised")
    assert form.milliseconds(exported["loaded"][form.name], optimised, *needed) == []


def test_optimised_pictures_keep_their_scores(exported: dict[str, Any]) -> None:
    units = exported["units"].assign(unit="optimised", distance=0.25, edges=0.5)
    for form in serve.FORMATS:
        if form.name != "model.tflite":
            found = form.score(
                exported["loaded"][form.name], units, exported["assets"], exported["settings"]
            )
            assert set(found["distance"]) == {0.25}
            assert set(found["edges"]) == {0.5}


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 200), (32, 32), (37, 50)])
def test_pixels_of_any_size_keep_it(size: tuple[int, int], exported: dict[str, Any]) -> None:
    pixels = random_picture(2, *size)
    found = exported["loaded"]["saved_model"].signatures["pixels"](pixels=tf.constant(pixels))
    painted = found["painted"].numpy()
    assert painted.shape == pixels.shape
    assert painted.dtype == np.float32
    if not any(side % 4 for side in size):
        expected = exported["network"](pixels.astype(np.float32))
        np.testing.assert_allclose(painted, expected, atol=0.05)


def test_what_is_no_multiple_of_four_is_continued_by_its_mirror_image() -> None:
    assert serve.mirrored(tf.constant(10)).numpy().tolist() == [*range(10), 8, 7]
    assert serve.mirrored(tf.constant(3)).numpy().tolist() == [0, 1, 2, 1, 0, 1, 2, 1]
    assert serve.mirrored(tf.constant(1)).numpy().tolist() == [0] * 8
    assert serve.mirrored(tf.constant(12)).numpy().tolist() == [*range(12)]


def test_files_of_different_sizes_are_painted_together(exported: dict[str, Any]) -> None:
    contents = [random_picture(20, 30), random_picture(16, 11)]
    files = [tf.io.encode_png(one).numpy() for one in contents]
    loaded = exported["loaded"]["saved_model"]
    found = loaded.signatures["image"](image=tf.constant(files))
    assert found["width"].numpy().tolist() == [30, 11]
    assert found["height"].numpy().tolist() == [20, 16]
    for content, file in zip(contents, found["painted"].numpy(), strict=True):
        exact = loaded.signatures["pixels"](pixels=tf.constant(content[None]))["painted"][0]
        assert np.abs(tf.io.decode_png(file).numpy() - exact.numpy()).max() < serve.ROUNDED


def test_what_is_no_picture_or_too_large_is_an_error(exported: dict[str, Any]) -> None:
    answer = exported["loaded"]["saved_model"].signatures["image"]
    huge = tf.io.encode_png(np.zeros((2001, 2000, 3), np.uint8)).numpy()
    for wrong in (b"", b"text", huge):
        with pytest.raises(tf.errors.OpError):
            answer(image=tf.constant([wrong]))


def test_the_mlflow_model_answers_pngs_and_names_the_row_that_is_none(
    exported: dict[str, Any],
) -> None:
    model = exported["loaded"]["mlflow_model"]
    file = tf.io.encode_png(random_picture(9, 14)).numpy()
    for sent in (file, base64.encodebytes(file).decode()):
        answer = model.predict(pd.DataFrame({"image": [sent]})).iloc[0]
        assert tf.io.decode_png(base64.b64decode(answer["image"])).shape == (9, 14, 3)
        assert (answer["width"], answer["height"]) == (14, 9)
    with pytest.raises(MlflowException, match="row 1: image cannot be read; send"):
        model.predict(pd.DataFrame({"image": [file, b"text"]}))


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (None, "image is no text"),
        (3, "image is no text"),
        (["abcd"], "image is no text"),
        ("a picture?", "image is no base64"),
        ("", "image cannot be read"),
        (base64.b64encode(b"a picture").decode(), "image cannot be read"),
        (base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"?" * 99).decode(), "image cannot be read"),
    ],
)
def test_the_server_answers_a_line_and_does_not_repeat_what_was_sent(
    image: Any, said: str, exported: dict[str, Any]
) -> None:
    model = exported["loaded"]["mlflow_model"]
    body = json.dumps({"dataframe_records": [{"image": image}]})
    schema = model.metadata.get_input_schema()
    with pytest.raises(MlflowException) as caught:
        scoring_server.invocations(body, "application/json", model, schema)
    assert caught.value.get_http_status_code() == 400
    answer = json.loads(caught.value.serialize_as_json())["message"]
    assert answer.startswith(f"row 0: {said}; send the content of one JPEG")
    assert "\n" not in answer


@pytest.mark.parametrize(
    ("width", "height", "said"),
    [
        (2000, 2001, "too large: 2000 x 2001 pixels; send .* of at most 4 megapixels"),
        (20000, 20000, "too large; send .* of at most 4 megapixels"),
    ],
)
def test_a_picture_over_the_limit_is_said_to_be_too_large_without_being_decoded(
    width: int,
    height: int,
    said: str,
    exported: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 89_000_000)  # as where nobody has changed it
    file = png_header(width, height)
    with pytest.raises(MlflowException, match=f"^row 0: the picture is {said}"):
        exported["loaded"]["mlflow_model"].predict(pd.DataFrame({"image": [file]}))


def test_the_file_for_devices_needs_no_operations_of_tensorflow(exported: dict[str, Any]) -> None:
    operations = exported["loaded"]["model.tflite"].interpreter._get_ops_details()
    assert not [one["op_name"] for one in operations if "Flex" in one["op_name"]]
