import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from common.data.audit import audit
from common.data.splits import by_group
from common.evaluation.results import Results, measured
from common.evaluation.trained import Trained, held_out
from common.report import assemble
from common.report.assemble import report_page
from common.runs import RunFolder
from common.settings import Fit, Settings, Strategy
from tests.common import tiny

SETTINGS = Settings(
    fit=Fit(epochs=3, patience=1), strategy=Strategy(human_level="0.05", sheet_size=3)
)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Results, str]:
    """A tiny training, its results, and its page."""
    folder = RunFolder(tmp_path_factory.mktemp("home") / "runs" / "brave-newt")
    folder.note(run_id="0123abcd", preset="demo", project="tiny", command="python -m <projects>")
    found = tiny.PROJECT.examples(SETTINGS, Path())
    rows = by_group(found.examples, SETTINGS.data)
    trained = held_out(tiny.PROJECT, SETTINGS, rows, folder.path, lambda rows, prefix: None)
    results = measured(tiny.PROJECT, SETTINGS, trained, {}, "fedc", "0123abcd")
    page = report_page(
        tiny.PROJECT,
        SETTINGS,
        trained,
        results,
        audit(rows, found.problems),
        rows,
        folder,
        {"fit": 61},
    )
    return trained, results, page


def _words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_names_the_run_and_where_it_came_from(
    judged: tuple[Trained, Results, str],
) -> None:
    words = _words(judged[2])
    for said in ("brave-newt", "0123abcd", "tiny", "is the sum of four numbers positive?"):
        assert said in words
    assert "python -m &lt;projects&gt;" in judged[2]
    assert "fingerprint fedc" in words
    assert "1 min 1 s until this page: fit 61 s" in words


def test_the_page_says_what_the_results_say(judged: tuple[Trained, Results, str]) -> None:
    _, results, page = judged
    assert f"{100 * results.error.value:.1f}" in _words(page)
    assert results.diagnosis.verdict in _words(page).replace("&#39;", "'").replace(" :", ":")
    assert "always yes" in _words(page)


def test_every_sampled_error_has_a_card(judged: tuple[Trained, Results, str]) -> None:
    _, results, page = judged
    wrong = results.dev[results.dev["error"] > 0]
    assert len(results.sheet) == min(3, len(wrong)) > 0
    assert set(results.sheet["example_id"]) <= set(wrong["example_id"])
    for name in results.sheet["example_id"]:
        assert name in page
    row = wrong.iloc[0]
    assert f"says {row['prediction']}" in page


def test_what_is_too_small_to_be_tested_is_said_in_a_sentence() -> None:
    table = pd.DataFrame({"example_id": range(90), "split": "dev", "error": [0.0, 1.0] * 45})
    table["attr.kind"] = ["wood"] * 12 + ["town"] * 38 + ["sea"] * 40
    assert assemble._untested(table) == (
        "Not tested: 1 value of attributes with fewer than 30 units, or fewer than 3 groups of"
        " units, on one side; the largest is kind: wood, with 12 units."
    )
    one_group = table.assign(group=["a"] * 50 + [str(i) for i in range(40)])
    assert assemble._untested(one_group).endswith("kind: sea, with 40 units of 1 group.")
    assert assemble._untested(table.drop(columns="attr.kind")) == ""


def test_without_a_truth_nothing_is_said_to_be_sure_or_mislabelled(
    tmp_path: Path, judged: tuple[Trained, Results, str]
) -> None:
    trained, results, page = judged
    assert "Errors the model is surest of" in page
    folder = RunFolder(tmp_path / "runs" / "brave-newt")
    folder.note(run_id="0123abcd", preset="demo", project="tiny", command="")
    rows = tiny.PROJECT.examples(SETTINGS, Path()).examples
    bare = replace(results, predictions=results.predictions.assign(truth=""))
    audited = audit(rows, pd.DataFrame(columns=["content", "reason"]))
    left = report_page(tiny.PROJECT, SETTINGS, trained, bare, audited, rows, folder, {"fit": 1})
    assert "Error sheet" in left
    assert "Errors the model is surest of" not in left
    assert "label wrong" not in left
