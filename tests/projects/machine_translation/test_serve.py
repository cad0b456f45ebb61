"""What is exported translates as the model does: the same texts, from sentences or from pieces."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import keras
import mlflow
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.scoring_server import invocations

from common.project import NoCalibration
from projects.machine_translation import serve
from projects.machine_translation.data import Assets, encoded
from projects.machine_translation.evaluate import score
from projects.machine_translation.served import Sentences
from projects.machine_translation.served_subwords import Subwords
from projects.machine_translation.settings import Settings
from projects.machine_translation.tokens import UNKNOWN
from projects.machine_translation.translating import Translation, translations
from tests.projects.machine_translation.networks import SEARCH, assets, network, sentences

SETTINGS = Settings(search=SEARCH)
STRANGE = ["", " ", "漢字 🙂", "\x00le\x07\njeudi\u200b", "ＡＯÛT İ", "a" * 10_000, "e\u0301\ufeff"]


class Exported(NamedTuple):
    model: keras.Model
    assets: Assets
    units: pd.DataFrame
    folder: Path
    loaded: dict[str, Any]

    def expected(self, texts: list[str]) -> list[Translation]:
        return translations(self.model, texts, self.assets, SEARCH)


@pytest.fixture(scope="module", params=["characters", "subwords"])
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    learned = assets(request.param, lowercase=True)
    model, folder = network(learned), tmp_path_factory.mktemp("export")
    texts = [*sentences(70), *STRANGE]
    ids = [f"e{number}" for number in range(len(texts))]
    units = pd.DataFrame({"example_id": ids, "source": texts, "label": "1979-05-03"})
    loaded = {}
    for form in serve.FORMATS:
        form.write(model, units, learned, NoCalibration(), SETTINGS, folder / form.name)
        loaded[form.name] = form.load(folder / form.name)
    return Exported(model, learned, units, folder, loaded)


def test_every_format_scores_the_units_as_the_model_does(exported: Exported) -> None:
    columns = ["example_id", "score", "prediction"]
    expected = score(exported.model, exported.units, exported.assets, SETTINGS)[columns]
    assert expected["prediction"].nunique() > 10
    for form in serve.FORMATS:
        loaded = exported.loaded[form.name]
        found = form.score(loaded, exported.units, exported.assets, SETTINGS)[columns]
        pd.testing.assert_frame_equal(found, expected, rtol=0, atol=1e-5, obj=form.name)


def test_the_mlflow_model_answers_a_table_of_sentences(exported: Exported) -> None:
    texts = [*STRANGE, *sentences(3)]
    found = exported.loaded["mlflow_model"].predict(pd.DataFrame({"sentence": texts}))
    expected = exported.expected(texts)
    assert sorted(found) == ["score", "translation", "truncated", "unseen"]
    tokens, longest = exported.assets.source, exported.assets.source_length - 1
    unseen = [tokens.ids(text)[:longest].count(UNKNOWN) for text in texts]
    assert found["unseen"].tolist() == unseen
    assert max(unseen) > 0
    assert found["translation"][texts.index("")] == ""
    assert found["translation"].tolist() == [one.texts[0] for one in expected]
    assert found["truncated"].tolist() == [one.truncated for one in expected]
    assert found["truncated"].sum() >= 1
    np.testing.assert_allclose(found["score"], [one.scores[0] for one in expected], atol=1e-5)


def served(exported: Exported, body: Any) -> tuple[int, Any]:
    """Status and answer for a JSON body, as `mlflow models serve` gives them."""
    model = exported.loaded["mlflow_model"]
    inputs = model.metadata.signature.inputs
    try:
        found = invocations(json.dumps(body), "application/json", model, inputs)
    except MlflowException as error:
        return error.get_http_status_code(), error.message
    return found.status, found.response


def test_a_request_is_answered(exported: Exported) -> None:
    status, answer = served(exported, {"dataframe_records": [{"sentence": "le 12 mai"}]})
    assert status == 200
    (row,) = json.loads(answer)["predictions"]
    (expected,) = exported.expected(["le 12 mai"])
    assert row["translation"] == expected.texts[0]
    assert row["truncated"] is False
    example = exported.folder / "mlflow_model" / "serving_input_example.json"
    assert served(exported, json.loads(example.read_text()))[0] == 200


@pytest.mark.parametrize("sentence", [None, 5, ["le"], {"le": 1}])
def test_what_is_no_text_is_the_callers_fault_and_the_next_is_answered(
    exported: Exported, sentence: Any
) -> None:
    body = {"dataframe_records": [{"sentence": "le 12 mai"}, {"sentence": sentence}]}
    status, answer = served(exported, body)
    assert status == 400
    assert "sentence" in answer
    assert "Traceback" not in answer
    assert served(exported, {"dataframe_records": [{"sentence": "le 12 mai"}]})[0] == 200


@pytest.mark.parametrize("exported", ["subwords"], indirect=True)
def test_the_code_of_subwords_needs_nothing_of_ours_and_no_pickle(
    exported: Exported, tmp_path: Path
) -> None:
    place = exported.folder / "mlflow_model"
    assert not [file for file in place.rglob("*") if file.suffix in (".pkl", ".pickle")]
    code = (
        "import sys, mlflow, pandas as pd\n"
        f"model = mlflow.pyfunc.load_model({str(place)!r})\n"
        "print(model.predict(pd.DataFrame({'sentence': ['le 12 mai']}))['translation'][0])\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('common', 'projects')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (expected,) = exported.expected(["le 12 mai"])
    assert done.stdout.splitlines() == [expected.texts[0], "[]"]


def test_the_saved_model_answers_no_sentences_and_broken_ones(exported: Exported) -> None:
    signatures = exported.loaded["saved_model"].signatures
    if exported.assets.source.kind == "subwords":
        ids = tf.zeros((0, 0), tf.int32)
        assert signatures["pieces"](pieces=ids)["score"].shape == (0,)
        return
    answer = signatures["sentence"](sentence=tf.constant([], tf.string))
    assert answer["translation"].shape == (0,)
    broken = signatures["sentence"](sentence=tf.constant([b"\xff\xfe le", b"le"]))
    assert broken["translation"].shape == (2,)


LEARNED = {
    lower: (assets(lowercase=lower), assets("subwords", lowercase=lower)) for lower in (False, True)
}
texts = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(" leJUiûÛİ ß")))


@settings(max_examples=100, deadline=None)
@given(st.lists(texts, min_size=1, max_size=5), st.booleans())
def test_the_graph_reads_any_text_as_python_does(some: list[str], lowercase: bool) -> None:
    learned, _ = LEARNED[lowercase]
    graph = Sentences(None, learned, SEARCH)
    ids, truncated = graph.encoded(tf.constant(some))
    np.testing.assert_array_equal(ids, encoded(some, learned.source, learned.source_length))
    assert truncated.numpy().tolist() == [len(learned.source.ids(one)) > 19 for one in some]
    pieces = np.random.default_rng(0).integers(0, learned.target.size, (3, 6))
    said = [one.decode() for one in graph.text(tf.constant(pieces)).numpy()]
    assert said == [learned.target.text(one) for one in pieces]


@settings(max_examples=100, deadline=None)
@given(texts, st.booleans())
def test_the_served_code_cleans_any_text_as_the_tokens_do(text: str, lowercase: bool) -> None:
    _, learned = LEARNED[lowercase]
    model = Subwords()
    model.told = json.loads(json.dumps({"rules": serve.RULES, "lowercase": lowercase}))
    assert model.clean(text) == learned.source.clean(text)


def test_a_model_of_subwords_asks_for_their_package(exported: Exported) -> None:
    needed = Path(
        mlflow.pyfunc.get_model_dependencies(str(exported.folder / "mlflow_model"))
    ).read_text()
    assert ("sentencepiece" in needed) == (exported.assets.source.kind == "subwords")


@pytest.mark.parametrize("name", ["no_attention", "transformer"])
def test_networks_with_other_states_survive_as_a_saved_model(name: str, tmp_path: Path) -> None:
    learned, texts = assets(), sentences(5)
    model = network(learned, name)
    units = pd.DataFrame({"example_id": texts, "source": texts})
    path = tmp_path / "saved_model"
    serve.write_saved_model(model, units, learned, NoCalibration(), SETTINGS, path)
    found = serve.score_saved_model(tf.saved_model.load(str(path)), units, learned, SETTINGS)
    expected = translations(model, texts, learned, SEARCH)
    assert found["prediction"].tolist() == [one.texts[0] for one in expected]
    np.testing.assert_allclose(found["score"], [one.scores[0] for one in expected], atol=1e-5)
