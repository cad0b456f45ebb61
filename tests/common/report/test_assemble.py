import re
from pathlib import Path

import pytest

from common.data.audit import audit
from common.data.splits import by_group
from common.evaluation.results import Results, measured
from common.evaluation.trained import Trained, held_out
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
