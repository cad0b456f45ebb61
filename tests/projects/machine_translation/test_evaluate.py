"""From translations to predictions: planted answers give known errors, metrics and baselines."""

import json

import numpy as np
import pandas as pd
import pytest
import sacrebleu

from common.project import NoCalibration
from common.strategy.predictions import checked
from projects.machine_translation import translating
from projects.machine_translation.alignment import unpacked
from projects.machine_translation.evaluate import (
    baseline,
    calibrate,
    decide,
    is_of_dates,
    metrics,
    score,
)
from projects.machine_translation.settings import PRESETS, Data, Settings
from projects.machine_translation.translating import Translation
from tests.projects.machine_translation.planted import dates, sentences

DATES, PAIRS = Settings(), Settings(data=Data(source="tsv:pairs.tsv"))


def _units(predictions: pd.DataFrame) -> pd.DataFrame:
    return predictions.rename(columns={"truth": "label"})


def _scores(units: pd.DataFrame, answers: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"example_id": units["example_id"], "score": -1.0, "prediction": answers})


def test_a_date_is_right_or_wrong() -> None:
    predictions, _ = dates(80)
    differs = predictions["prediction"] != predictions["truth"]
    assert 0 < differs.sum() < len(predictions)
    assert (predictions["error"] == differs).all()
    assert not [name for name in predictions if name.startswith(("stat.", "search."))]
    assert {"n_best", "attention", "truncated"} <= set(predictions)
    assert ((predictions["blame"] == "") == predictions["exact"]).all()


def test_a_sentence_errs_by_its_chrf() -> None:
    predictions, _ = sentences(40)
    for row in predictions.to_dict("records"):
        found = sacrebleu.sentence_chrf(row["prediction"], [row["truth"]]).score
        assert row["error"] == pytest.approx(1 - found / 100, abs=1e-9)
        assert row["exact"] == (row["prediction"] == row["truth"])
    assert predictions["exact"].any()


def test_dates_are_measured_by_part() -> None:
    predictions, assets = dates(400)
    found = metrics(assets, DATES)
    assert [(one.name, one.unit) for one in found] == [
        ("error", "example"),
        ("clean_error", "clean"),
        ("held_out_error", "held_out"),
    ]
    for metric, part in zip(found, ("noisy", "clean", "held_out"), strict=True):
        rows = predictions[predictions["part"] == part]
        assert metric.on(predictions, "dev").value == pytest.approx(rows["error"].mean())


def test_pairs_are_measured_by_sacrebleus_scores() -> None:
    predictions, assets = sentences(120)
    said, meant = predictions["prediction"].tolist(), [predictions["truth"].tolist()]
    bleu, chrf, exact = (metric.on(predictions, "dev") for metric in metrics(assets, PAIRS))
    assert bleu.value == pytest.approx(sacrebleu.corpus_bleu(said, meant).score / 100, abs=1e-9)
    assert chrf.value == pytest.approx(sacrebleu.corpus_chrf(said, meant).score / 100, abs=1e-9)
    assert exact.value == pytest.approx(predictions["exact"].mean())
    assert [metric.higher_is_better for metric in metrics(assets, PAIRS)] == [True] * 3


@pytest.mark.parametrize(
    ("source", "target", "of_dates"),
    [
        ("embedded", None, True),
        ("tsv:a.tsv", None, False),
        ("embedded", "tsv:a.tsv", False),
        ("tsv:a.tsv", "embedded", True),
    ],
)
def test_dev_says_whether_it_is_about_dates(
    source: str, target: str | None, of_dates: bool
) -> None:
    assert is_of_dates(Settings(data=Data(source=source, target=target))) == of_dates


def test_the_baseline_is_the_better_of_copying_and_the_commonest_target() -> None:
    predictions, assets = sentences(60)
    units = _units(predictions[["example_id", "truth", "source", "split", "part", "unit"]])
    copied = units.assign(source=units["label"])
    found = checked(baseline({"dev": copied}, assets, PAIRS))
    assert (found["prediction"] == found["truth"]).all()
    assert metrics(assets, PAIRS)[0].on(found, "dev").value == pytest.approx(1)
    found = checked(baseline({"dev": units}, assets, PAIRS))
    assert set(found["prediction"]) == {assets.common_target}


def test_the_same_row_is_decided_alike_in_any_company() -> None:
    """Dev is decided in fifths."""
    predictions, assets = sentences(30)
    units = _units(predictions[["example_id", "truth", "source", "split", "part"]])
    scores = _scores(units, predictions["prediction"].tolist())
    fitted = calibrate(scores, units, assets, PAIRS)
    assert fitted == NoCalibration()
    parts = [decide(scores.iloc[k::5], units.iloc[k::5], assets, fitted) for k in range(5)]
    joined = pd.concat(parts).set_index("example_id").loc[units["example_id"]]
    np.testing.assert_array_equal(joined["error"], predictions["error"])


def test_scores_keep_what_the_search_told(monkeypatch: pytest.MonkeyPatch) -> None:
    predictions, assets = dates(3)
    units = _units(predictions)
    lengths = [min(len(one) + 1, 8) for one in units["source"]]
    attention = [np.full((11, n), 1 / n, np.float32) for n in lengths]

    def translations(
        model: object, texts: list[str], assets: object, search: object
    ) -> list[Translation]:
        return [
            Translation(("1979-05-03", "«x»"), (-0.1, -0.9), (*assets_ids, 3), attention[n], n == 1)
            for n in range(len(texts))
        ]

    assets = assets.model_copy(update={"source_length": 8})
    assets_ids = assets.target.ids("1979-05-03")
    monkeypatch.setattr(translating, "translations", translations)
    monkeypatch.setattr(translating, "log_probabilities", lambda *_: np.array([-3.0, -2.0, -1.0]))
    found = score(None, units, assets, PRESETS["demo"][1])
    assert found["example_id"].tolist() == units["example_id"].tolist()
    assert found["score"].dtype == np.float64
    assert json.loads(found["search.n_best"][0]) == [["1979-05-03", -0.1], ["«x»", -0.9]]
    assert found["search.truncated"].tolist() == [False, True, False]
    seen = unpacked(found["search.attention"][2])
    assert "".join(seen.target) == "1979-05-03⏎"
    assert "".join(seen.source).replace("▁", " ") == units["source"][2][:7] + "⏎"
    np.testing.assert_allclose(seen.weights, attention[2], atol=1 / 255)
    np.testing.assert_allclose(found["search.log_probability"], -0.1 * 11**0.7)
    np.testing.assert_allclose(found["search.truth_score"] * 11**0.7, [-3, -2, -1])
    decided = checked(decide(found, units, assets, NoCalibration()))
    assert decided["truncated"].tolist() == [False, True, False]
