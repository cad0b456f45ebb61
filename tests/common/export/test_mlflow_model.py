"""The MLflow model over SavedModels, as `mlflow models serve` calls it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.scoring_server import invocations

from common import tracking
from common.export.mlflow_model import load_model, log_model, save_model
from common.export.served_model import plain
from common.runs import RunFolder

Answered = Callable[[Any], tuple[int, Any]]


class _Halver(tf.Module):
    """Answers each number in a text with its half, as text, number and list."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "number")])
    def number(self, number: tf.Tensor) -> dict[str, tf.Tensor]:
        half = tf.strings.to_number(number) / 2
        return {"half": half, "said": tf.strings.as_string(half), "pair": tf.stack([half] * 2, 1)}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("halver")
    module = _Halver()
    tf.saved_model.save(module, str(folder / "sm"), signatures={"number": module.number})
    save_model(
        folder / "sm",
        folder / "model",
        example=pd.DataFrame({"number": ["4"]}),
        answers=pd.DataFrame({"half": [2.0], "pair": [[2.0, 2.0]], "said": ["2"]}),
        takes="a number as text",
    )
    return folder / "model"


def test_each_row_is_answered_in_order_as_plain_values(saved: Path) -> None:
    answers = load_model(saved).predict(pd.DataFrame({"number": ["3", "8"]}))
    assert answers.to_dict("records") == [
        {"half": 1.5, "pair": [1.5, 1.5], "said": "1.500000"},
        {"half": 4.0, "pair": [4.0, 4.0], "said": "4.000000"},
    ]


def test_a_model_holds_no_pickle_and_states_what_it_needs(saved: Path) -> None:
    assert not [file for file in saved.rglob("*") if file.suffix in (".pkl", ".pickle")]
    needed = (saved / "requirements.txt").read_text().splitlines()
    assert any(line.startswith("tensorflow==") for line in needed)
    loaded = load_model(saved)
    assert loaded.metadata.signature.inputs.input_names() == ["number"]
    assert loaded.input_example.to_dict("list") == {"number": ["4"]}


def test_the_row_that_cannot_be_read_is_named_without_a_stack_trace(saved: Path) -> None:
    with pytest.raises(MlflowException, match=r"row 1: number cannot be read; send") as refused:
        load_model(saved).predict(pd.DataFrame({"number": ["3", "three"]}))
    assert refused.value.get_http_status_code() == 400
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert load_model(saved).predict(pd.DataFrame({"number": ["3"]}))["half"][0] == 1.5


@pytest.mark.parametrize("value", [None, 3.0, ["3"], {"a": "3"}])
def test_what_is_neither_text_nor_bytes_cannot_be_read(saved: Path, value: Any) -> None:
    model = load_model(saved).unwrap_python_model()  # MLflow itself lets some of these through
    with pytest.raises(
        MlflowException, match="row 1: number cannot be read; send a number as text"
    ):
        model.predict(None, pd.DataFrame({"number": ["3", value]}))


def test_a_logged_model_is_registered_and_answers_alike(saved: Path) -> None:
    with tracking.new_run("halver", "demo", {}):
        logged = log_model(saved, "halver")
    assert logged.version == "1"
    again = mlflow.pyfunc.load_model("models:/halver/1")
    assert again.predict(pd.DataFrame({"number": ["5"]}))["half"][0] == 2.5
    assert mlflow.pyfunc.load_model(logged.uri).metadata.signature is not None


ADDER = """
import mlflow
import numpy as np
import pandas as pd
import tensorflow as tf
from mlflow.pyfunc import PythonModel


class Adder(PythonModel):
    def load_context(self, context):
        self.loaded = tf.saved_model.load(context.artifacts["saved_model"])
        with open(context.artifacts["more"], encoding="utf-8") as file:
            self.more = float(file.read())

    def predict(self, context, model_input, params=None):
        found = self.loaded.signatures["number"](number=tf.constant(list(model_input["number"])))
        return pd.DataFrame({"sum": found["half"].numpy() + self.more})


mlflow.models.set_model(Adder())
"""


def test_a_rooms_own_code_has_its_files_and_packages_also_where_it_is_logged(
    saved: Path, tmp_path: Path
) -> None:
    code, more = tmp_path / "adder.py", tmp_path / "more.txt"
    code.write_text(ADDER, encoding="utf-8")
    more.write_text("100", encoding="utf-8")
    save_model(
        saved.parent / "sm",
        tmp_path / "model",
        example=pd.DataFrame({"number": ["4"]}),
        answers=pd.DataFrame({"sum": [102.0]}),
        takes="a number as text",
        code=code,
        artifacts={"more": more},
        packages=["sentencepiece"],
    )
    code.unlink()
    more.unlink()
    with tracking.new_run("adder", "demo", {}):
        logged = log_model(tmp_path / "model", "adder")
    for place in (tmp_path / "model", logged.uri):
        model = mlflow.pyfunc.load_model(str(place))
        assert model.predict(pd.DataFrame({"number": ["5"]}))["sum"].tolist() == [102.5]
        requirements = Path(mlflow.pyfunc.get_model_dependencies(str(place)))
        needed = [line.partition("==")[0] for line in requirements.read_text().split()]
        assert needed == ["mlflow", "tensorflow", "pandas", "numpy", "sentencepiece"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"caf\xc3\xa9", "café"),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.array([[1, 2]]), [[1, 2]]),
    ],
)
def test_plain_values_are_what_json_knows(value: Any, expected: Any) -> None:
    assert plain(value) == expected
    json.dumps(plain(value))


@pytest.fixture(scope="module")
def served(smoke_run: RunFolder) -> Answered:
    """Status and answer of the smoke run's model for a JSON body, as the server gives them."""
    model = load_model(smoke_run.path / "export" / "mlflow_model")

    def answered(body: Any) -> tuple[int, Any]:
        text = body if isinstance(body, str) else json.dumps(body)
        try:
            found = invocations(text, "application/json", model, model.metadata.signature.inputs)
        except MlflowException as error:
            return error.get_http_status_code(), error.message
        return found.status, found.response

    return answered


def test_the_exported_model_answers_its_own_example(smoke_run: RunFolder, served: Answered) -> None:
    example = smoke_run.path / "export" / "mlflow_model" / "serving_input_example.json"
    status, answer = served(example.read_text())
    assert status == 200
    (row,) = json.loads(answer)["predictions"]
    assert row["prediction"] in json.loads((smoke_run.path / "assets.json").read_text())["classes"]
    assert sum(row["probabilities"]) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"dataframe_records": [{"image": "aGVsbG8="}]}, "row 0: image cannot be read"),
        ({"dataframe_records": [{"image": ""}]}, "row 0: image cannot be read"),
        ({"dataframe_records": [{"photo": "aGVsbG8="}]}, "image"),
        ({"dataframe_records": [{"image": 5}]}, "image"),
        ({"dataframe_records": [{"image": None}]}, "image"),
        ({"dataframe_records": []}, ""),
        ({"inputs": 3}, ""),
        ({}, ""),
        ("no json", ""),
    ],
)
def test_a_malformed_request_is_the_callers_fault_in_words(
    served: Answered, body: Any, said: str
) -> None:
    status, answer = served(body)
    assert status == 400
    assert said in answer
    assert "Traceback" not in answer
