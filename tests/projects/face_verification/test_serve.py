"""What is exported answers as the model does: embeddings, and whether two faces are one person."""

import base64
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.scoring_server import invocations
from PIL import Image

from common.export.formats import LiteRTModel
from common.export.timing import WARM_UP
from projects.face_verification import serve
from projects.face_verification.data import embeddings, examples, pictures, prepare, units
from projects.face_verification.evaluate import Calibration, decide, score
from projects.face_verification.model import build
from projects.face_verification.settings import Settings
from tests.common.data.small_pictures import encoded, photograph

SIZE = 24
FORMATS = {form.name: form for form in serve.FORMATS}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An untrained network, some pairs, and every format, loaded."""
    home = tmp_path_factory.mktemp("served")
    chosen = Settings(
        data={
            "size": SIZE,
            "embedded": {"people": 10, "pictures": 3},
            "pairs": {"same": 20, "different": 40},
        },
        model={"width": 2, "embedding": 8},
    )
    rows = examples(chosen, home).examples.assign(split="dev")
    assets = prepare(rows, chosen)
    pairs, network = units(rows, assets, chosen), build(assets, chosen)
    scores = score(network, pairs, assets, chosen)
    names = [name for name, one in Calibration.model_fields.items() if one.is_required()]
    fitted = Calibration(**dict.fromkeys(names, 0)).model_copy(
        update={
            "threshold": float(scores["distance"].sort_values()[19:21].mean()),
            "slope": 8.0,
            "intercept": 2.0,
            "false_match_rate": 0.01,
            "false_non_match_rate": 0.25,
        }
    )
    loaded = {}
    for name, form in FORMATS.items():
        form.write(network, pairs, assets, fitted, chosen, home / name)
        loaded[name] = form.load(home / name)
    return {
        "settings": chosen,
        "assets": assets,
        "pairs": pairs,
        "network": network,
        "scores": scores,
        "fitted": fitted,
        "loaded": loaded,
        "home": home,
    }


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_answers_as_the_model(made: dict[str, Any], name: str) -> None:
    pairs, assets = made["pairs"], made["assets"]
    found = FORMATS[name].score(made["loaded"][name], pairs, assets, made["settings"])
    assert list(found["example_id"]) == list(pairs["example_id"])
    np.testing.assert_allclose(found["distance"], made["scores"]["distance"], atol=1e-5)
    assert made["scores"]["distance"].std() > 0.01, "pictures must matter"
    if "prediction" in found:
        decided = decide(made["scores"], pairs, assets, made["fitted"])
        assert list(found["prediction"]) == list(decided["prediction"])
        assert set(found["prediction"]) == {"same", "different"}
    assert ("prediction" in found) == (name in ("saved_model", "mlflow_model"))


@pytest.mark.parametrize("name", ["saved_model", "model.tflite", "mlflow_model"])
def test_a_latency_is_that_of_one_verification(made: dict[str, Any], name: str) -> None:
    few, time = made["pairs"][:8], FORMATS[name].milliseconds
    assert time is not None
    found = time(made["loaded"][name], few, made["assets"], made["settings"])
    assert len(found) == 8 - WARM_UP
    assert all(0 < one < 10_000 for one in found)


def test_one_unit_is_scored_as_among_all(made: dict[str, Any]) -> None:
    """The re-check times some formats one unit at a time."""
    one = made["pairs"][7:8]
    for name, form in FORMATS.items():
        found = form.score(made["loaded"][name], one, made["assets"], made["settings"])
        assert found["distance"].iloc[0] == pytest.approx(made["scores"]["distance"][7], abs=1e-5)


def test_the_embedder_leaves_without_what_trained_it(made: dict[str, Any]) -> None:
    loaded = made["loaded"]["model.keras"]
    assert loaded.count_params() == made["network"].embedder.count_params()
    assert loaded.output_shape == (None, 8)
    assert isinstance(made["loaded"]["model.tflite"], LiteRTModel)


def test_files_and_pixels_become_the_same_unit_vector(made: dict[str, Any]) -> None:
    signatures = made["loaded"]["saved_model"].signatures
    image = photograph(3, 50, 40)
    file, pixels = encoded(image, "PNG"), np.asarray(image)[None]
    by_file = signatures["image"](image=tf.constant([file]))["embedding"].numpy()
    by_pixels = signatures["pixels"](pixels=tf.constant(pixels))["embedding"].numpy()
    np.testing.assert_allclose(by_file, by_pixels, atol=1e-6)
    assert np.linalg.norm(by_file, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_picture_and_its_turned_and_grey_copies_are_read_alike(made: dict[str, Any]) -> None:
    pair = made["loaded"]["saved_model"].signatures["pair"]
    image = photograph(4, 50, 40).convert("L").convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = image.transpose(Image.Transpose.ROTATE_90)
    copies = [
        encoded(image.convert("L"), "PNG"),
        encoded(image.convert("RGBA"), "PNG"),
        encoded(turned, quality=98, exif=exif),
    ]
    first = tf.constant([encoded(image, "PNG")] * len(copies))
    found = pair(first=first, second=tf.constant(copies))
    np.testing.assert_allclose(found["distance"], [0, 0, 0], atol=0.02)
    assert [one.decode() for one in found["prediction"].numpy()] == ["same"] * len(copies)


def test_the_probability_is_the_calibrated_one(made: dict[str, Any]) -> None:
    table, sides = pictures(made["pairs"])
    vectors = embeddings(made["network"], table, made["assets"], made["settings"])
    compare = made["loaded"]["saved_model"].signatures["compare"]
    found = compare(
        first=tf.constant(vectors[sides[:, 0]]), second=tf.constant(vectors[sides[:, 1]])
    )
    expected = made["fitted"].probability(made["scores"]["distance"])
    np.testing.assert_allclose(found["probability"], expected, atol=1e-5)
    assert found["threshold"].numpy()[0] == pytest.approx(made["fitted"].threshold)


def test_the_mlflow_model_answers_a_request(made: dict[str, Any]) -> None:
    model = made["loaded"]["mlflow_model"]
    example = (made["home"] / "mlflow_model" / "serving_input_example.json").read_text()
    found = invocations(example, "application/json", model, model.metadata.signature.inputs)
    assert found.status == 200
    (row,) = json.loads(found.response)["predictions"]
    assert row["prediction"] in ("same", "different")
    assert row["false_non_match_rate"] == pytest.approx(0.25)
    assert set(row) == {
        *("prediction", "distance", "probability", "threshold"),
        *("false_match_rate", "false_non_match_rate"),
    }


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("broken", "side", "row", "why"),
    [
        (b"no picture", "second", 1, "cannot be read"),
        (b"", "first", 0, "cannot be read"),
        (None, "second", 0, "is no text"),
        (5.0, "first", 1, "is no text"),
        ("no base64!", "first", 1, "is no base64"),
        ("ö", "second", 0, "is no base64"),
        (base64.b64encode(encoded(photograph(1), "TIFF")).decode(), "first", 0, "is a TIFF file"),
        (encoded(Image.new("1", (12_000, 9_000)), "PNG"), "second", 1, "has 108 megapixels"),
        (encoded(Image.new("1", (20_000, 9_000)), "PNG"), "second", 1, "has more than 100 mega"),
        (encoded(Image.new("RGB", (30, 30), "white"), "PNG"), "first", 1, "shows one even colour"),
        (encoded(Image.new("RGB", (1, 1), "red"), "PNG"), "second", 0, "shows one even colour"),
    ],
)
def test_what_cannot_be_compared_is_named_by_row_and_column(
    made: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    broken: Any,
    side: str,
    row: int,
    why: str,
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 89_478_485)  # Pillow's own, as on a server
    file = encoded(photograph(1))
    table = pd.DataFrame({"first": [file, file], "second": [file, file]}, dtype=object)
    table.loc[row, side] = broken
    model = made["loaded"]["mlflow_model"].unwrap_python_model()
    with pytest.raises(MlflowException, match=f"^row {row}: {side} {why}.*; send the") as told:
        model.predict(None, table)
    assert told.value.get_http_status_code() == 400


@pytest.mark.parametrize(
    ("sent", "why"),
    [("aGVsbG8=", "cannot be read"), (None, "is no text"), ("a", "is no base64")],
)
def test_a_broken_picture_of_a_request_is_the_callers_fault_in_one_line(
    made: dict[str, Any], sent: Any, why: str
) -> None:
    model = made["loaded"]["mlflow_model"]
    file = base64.b64encode(encoded(photograph(1))).decode()
    records = [{"first": file, "second": file}, {"first": file, "second": sent}]
    with pytest.raises(MlflowException) as told:
        invocations(
            json.dumps({"dataframe_records": records}),
            "application/json",
            model,
            model.metadata.signature.inputs,
        )
    said = json.loads(told.value.serialize_as_json())["message"]
    assert said.startswith(f"row 1: second {why}; send the content of one JPEG")
    assert told.value.get_http_status_code() == 400


def test_a_pair_with_a_picture_of_one_colour_is_not_compared(made: dict[str, Any]) -> None:
    signatures = made["loaded"]["saved_model"].signatures
    files = [encoded(photograph(1)), encoded(Image.new("RGB", (30, 30), "blue"), "PNG")]
    assert signatures["image"](image=tf.constant(files))["is_even"].numpy().tolist() == [
        False,
        True,
    ]
    with pytest.raises(tf.errors.InvalidArgumentError, match="shows one even colour"):
        signatures["pair"](first=tf.constant(files), second=tf.constant(files))
