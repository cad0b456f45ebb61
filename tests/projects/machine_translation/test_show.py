"""The report's cards and parts: small, escaped, and true to planted predictions."""

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from common.report import wording
from common.strategy.intervals import wilson
from projects.machine_translation import alignment, show
from projects.machine_translation.blame import BLAMES
from projects.machine_translation.considered import considered
from projects.machine_translation.data import Assets
from projects.machine_translation.lengths import FEWEST, MOST_BANDS, bands
from projects.machine_translation.search_or_model import search_or_model
from projects.machine_translation.settings import PRESETS, Data, Settings
from projects.machine_translation.summary import dates as summary_of_dates
from projects.machine_translation.summary import truncated
from tests.projects.machine_translation.planted import dates, sentences

DATES, PAIRS = PRESETS["demo"][1], Settings(data=Data(source="tsv:pairs.tsv"))
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def of_dates() -> tuple[pd.DataFrame, Assets]:
    return dates(400)


@pytest.fixture(scope="module")
def of_pairs() -> tuple[pd.DataFrame, Assets]:
    return sentences(90)


def _rows(predictions: pd.DataFrame) -> list[Any]:
    return predictions.to_dict("records")


def _without_attention(row: Any) -> str:
    seen = alignment.unpacked(row)
    return alignment.packed(seen._replace(weights=np.zeros_like(seen.weights)))


def test_a_card_says_what_was_read_answered_and_meant(of_dates: tuple[Any, Any]) -> None:
    row = _rows(of_dates[0][of_dates[0]["error"] > 0])[0]
    found = show.card(row, DATES)
    assert row["source"] in found.media
    assert found.answer == row["prediction"]
    assert found.truth == f"is {row['truth']}"
    assert "fr_FR, d. MMMM y" in found.detail
    assert found.media.count("font-weight:700") == 1
    assert len(found.media) < 5_000


def test_a_card_of_a_sentence_is_glossed(of_pairs: tuple[Any, Any]) -> None:
    row = _rows(of_pairs[0])[0]
    found = show.card(row, PAIRS)
    assert found.media.count("<ruby") >= len(row["prediction"].split())
    assert "chrF" in found.detail


def test_a_card_without_attention_has_the_source_alone(of_dates: tuple[Any, Any]) -> None:
    row = _rows(of_dates[0])[0]
    found = show.card({**row, "attention": _without_attention(row["attention"])}, DATES)
    assert row["source"] in found.media
    assert "<svg" not in found.media


def test_an_empty_answer_is_said() -> None:
    row = _rows(dates(4)[0])[0]
    assert show.card({**row, "prediction": ""}, DATES).answer == "nothing"


def test_the_parts_of_dates(of_dates: tuple[Any, Any]) -> None:
    predictions, assets = of_dates
    made = show.parts(predictions, predictions, assets, DATES)
    assert [part.title for part in made] == [
        "Noisy, clean, held out",
        "By length",
        "Where it looks",
        "Search or model?",
        "What else it considered",
    ]
    text = "".join(part.html for part in made)
    assert not re.search(r"\bnan\b", text)
    assert len(text) < 150_000
    assert made[2].html.count("<figure") == 2 * show.MOST_MAPS


def test_the_parts_of_pairs(of_pairs: tuple[Any, Any]) -> None:
    predictions, assets = of_pairs
    made = show.parts(predictions, predictions, assets, PAIRS)
    assert made[0].title == "BLEU and chrF"
    assert "tok:13a" in made[0].html
    assert "exact match" in made[0].html
    assert "The worse quarter" in made[2].html
    assert not re.search(r"\bnan\b", "".join(part.html for part in made))


def test_hostile_text_is_escaped(of_dates: tuple[Any, Any]) -> None:
    predictions, assets = of_dates
    n_best = f'[["{HOSTILE}", -0.5]]'
    columns = ("source", "truth", "prediction", "attr.locale", "attr.format")
    hostile = predictions.assign(**dict.fromkeys(columns, HOSTILE), n_best=n_best, error=1.0)
    made = show.parts(hostile, hostile, assets, DATES)
    card = show.card(_rows(hostile)[0], DATES)
    text = "".join(part.html for part in made) + card.media
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_without_attention_there_are_no_maps(of_dates: tuple[Any, Any]) -> None:
    predictions, assets = of_dates
    blind = predictions.assign(attention=predictions["attention"].map(_without_attention))
    titles = [part.title for part in show.parts(blind, blind, assets, DATES)]
    assert "Where it looks" not in titles


def test_a_run_without_errors_shows_right_ones_alone(of_dates: tuple[Any, Any]) -> None:
    predictions, assets = of_dates
    right = predictions[predictions["error"] == 0].reset_index(drop=True)
    made = show.parts(right, right, assets, DATES)
    assert [part.title for part in made][2:] == ["Where it looks"]
    assert "<h3>Wrong</h3>" not in made[2].html


def test_doubt_is_counted_apart(of_dates: tuple[Any, Any]) -> None:
    predictions, _ = of_dates
    found = summary_of_dates(predictions)
    doubtful = predictions[(predictions["part"] == "noisy") & (predictions["best"] < 1)]
    assert "century in doubt" in found
    assert "day or month in doubt" not in found
    assert f">{len(doubtful)}<" in found
    assert "40.0\u00a0%" in found


def test_cut_sentences_are_counted_and_none_is_said(of_dates: tuple[Any, Any]) -> None:
    predictions, assets = of_dates
    assert "8 of 400 sources were cut after 63 pieces" in truncated(predictions, assets)
    whole = predictions.assign(truncated=False)
    assert "None of 400 sources was cut" in truncated(whole, assets)
    short = assets.model_copy(update={"target_length": 5})
    assert "400 truths are longer than an answer can be, 4" in truncated(whole, short)


@pytest.mark.parametrize("rows", [1, 20, 59, 100, 700])
def test_bands_of_length_hold_every_sentence_once(rows: int) -> None:
    predictions, _ = dates(rows)
    found = bands(predictions["attr.length"])
    assert sum(map(len, found)) == rows
    assert 1 <= len(found) <= MOST_BANDS
    assert all(len(band) >= FEWEST for band in found) or len(found) == 1
    assert all(one.max() < other.min() for one, other in pairwise(found))


def test_blame_is_counted_and_adds_up_to_the_error(of_dates: tuple[Any, Any]) -> None:
    predictions, _ = of_dates
    noisy = predictions[predictions["unit"] == "example"].reset_index(drop=True)
    noisy["group"] = noisy["example_id"]  # without dependence the interval is plain Wilson
    wrong = noisy[noisy["error"] > 0]
    found = search_or_model(noisy, DATES.search)
    assert f"{len(wrong)} of {len(noisy)} answers are not the truth" in found
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in found.split("<tr>")[2:]]
    assert [name for name, *_ in cells] == list(BLAMES)
    for name, n, share, _ in cells:
        mine = int((wrong["blame"] == name).sum())
        assert int(n) == mine
        expected = wilson(mine, len(wrong))
        assert share.startswith(wording.percent(expected.value))
        assert wording.interval(expected) in share
    ceilings = [float(ceiling.split()[0]) for *_, ceiling in cells]
    assert sum(ceilings) == pytest.approx(100 * noisy["error"].mean(), abs=0.2)


@pytest.mark.parametrize(
    ("blame", "advice"),
    [
        ("search", "a wider beam (search.beam, now 4)"),
        ("length normalisation", "search.alpha, now 0.7, lower"),
        ("model", "do what the diagnosis says"),
        ("cannot be written", "raise data.target_length"),
    ],
)
def test_the_commonest_blame_is_what_to_work_on(
    of_dates: tuple[Any, Any], blame: str, advice: str
) -> None:
    predictions, _ = of_dates
    laid = predictions.assign(blame=np.where(predictions["exact"], "", blame))
    n = int((~predictions["exact"]).sum())
    found = search_or_model(laid, DATES.search)
    assert f"In {n} of {n} wrong answers" in found
    assert advice in found
    assert not re.search(r"\bnan\b", found)


def test_a_reference_is_one_of_many_right_answers(of_pairs: tuple[Any, Any]) -> None:
    predictions, _ = of_pairs
    found = search_or_model(predictions, PAIRS.search)
    assert "one of many right answers" in found
    assert "ceiling" not in found
    assert f"{(~predictions['exact']).sum()} of 90 answers" in found


def test_what_else_was_considered_is_counted(of_dates: tuple[Any, Any]) -> None:
    predictions, _ = of_dates
    found = considered(predictions)
    wrong = predictions[predictions["error"] > 0]
    later = sum(row["truth"] in row["n_best"] for row in _rows(wrong))
    assert f"Of {len(wrong)} answers" in found
    assert f"{later} have it among their best 3" in found
    assert found.count("<tr>") == 11


def test_a_greedy_search_says_that_nothing_else_was_kept(of_dates: tuple[Any, Any]) -> None:
    predictions, _ = of_dates
    alone = predictions.assign(n_best='[["x", -1.0]]')
    assert "Only the best hypothesis" in considered(alone)
