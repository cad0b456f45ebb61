"""From scores to events: planted words and scores give known misses, accepts and latencies."""

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from common.strategy.predictions import checked
from projects.trigger_word_detection import evaluate
from projects.trigger_word_detection.energy import energy_scores
from projects.trigger_word_detection.evaluate import (
    Calibration,
    baseline,
    calibrate,
    decide,
    det_curve,
    frame_accuracy,
    metrics,
    misses_at,
    score,
    scores_table,
)
from projects.trigger_word_detection.grid import CLIP, RATE, STEPS
from projects.trigger_word_detection.settings import Settings
from tests.projects.trigger_word_detection.planted import ASSETS, peaked, units

FIELDS = Settings()
PLAIN = Calibration(smoothing=1, threshold=0.5, refractory=20)

CLIPS = [[(1.0, 1.6), (4.0, 4.6)], [(2.0, 2.6)], [], []]
PEAKS = [[(1.8, 0.9), (4.2, 0.3), (8.0, 0.7)], [(2.52, 0.8)], [(5.0, 0.2)], []]


@pytest.fixture(scope="module")
def decided() -> pd.DataFrame:
    table = units(CLIPS)
    return decide(peaked(table, PEAKS), table, ASSETS, PLAIN).set_index("example_id")


def test_events_are_hit_in_their_window_only(decided: pd.DataFrame) -> None:
    events = decided[decided["unit"] == "event"]
    assert events["error"].to_dict() == {"c0/0": 0, "c0/1": 1, "c1/0": 0}
    assert events["prediction"].tolist() == ["activate", "nothing", "activate"]
    assert set(events["truth"]) == {"activate"}
    np.testing.assert_allclose(events["latency"], [0.2, np.nan, -0.08])
    np.testing.assert_allclose(events["score"], [0.9, 0.7, 0.8])
    assert (events["false_accepts"] == 0).all()


def test_stretches_count_what_is_in_no_window(decided: pd.DataFrame) -> None:
    stretches = decided[decided["unit"] == "stretch"]
    assert stretches["false_accepts"].to_dict() == {"c0": 1, "c1": 0, "c2": 0, "c3": 0}
    assert stretches["error"].tolist() == [1, 0, 0, 0]
    np.testing.assert_allclose(stretches["score"], [0.7, 1, 0.8, 1])
    assert stretches["latency"].isna().all()


def test_detections_and_curve_are_kept_for_the_report(decided: pd.DataFrame) -> None:
    assert json.loads(decided.loc["c0", "detections"]) == [1.8, 8.0]
    assert decided.loc["c0", "detections"] == decided.loc["c0/1", "detections"]
    assert [len(curve) for curve in decided["curve"]] == [STEPS] * len(decided)
    assert max(decided.loc["c1", "curve"]) == 0.8


def test_metrics_read_the_predictions(decided: pd.DataFrame) -> None:
    table = checked(decided.reset_index())
    misses, accepts, latency = (metric.on(table, "dev") for metric in metrics(ASSETS, FIELDS)[:3])
    assert misses.value == pytest.approx(1 / 3)
    assert accepts.value == pytest.approx(1 / (40 / 3600))
    assert latency.value == pytest.approx(-0.08)
    assert [metric.share for metric in metrics(ASSETS, FIELDS)[:3]] == [True, False, False]


def test_latency_is_unknown_where_nothing_is_hit() -> None:
    table = units([[(1.0, 1.5)]])
    nothing = checked(decide(peaked(table, [[]]), table, ASSETS, PLAIN))
    assert np.isnan(metrics(ASSETS, FIELDS)[2].on(nothing, "dev").value)


def test_a_recording_heard_alone_is_decided_like_what_it_is() -> None:
    table = units([[(1.0, 1.5)], []])
    table["unit"] = table["unit"].map({"event": "recorded", "stretch": "recorded_stretch"})
    found = decide(peaked(table, [[(1.7, 0.9)], [(1.7, 0.9)]]), table, ASSETS, PLAIN)
    assert found["error"].tolist() == [0, 0, 1]
    alone = metrics(ASSETS, FIELDS)[3:]
    assert [one.on(checked(found), "dev").value for one in alone] == [0, pytest.approx(180)]
    fitted = calibrate(peaked(table, [[(1.7, 0.9)], []]), table, ASSETS, FIELDS)
    assert (fitted.threshold, fitted.hours) == (1.0, 0.0)


def hour(words: float, others: float, extra: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return an hour of 360 clips with a word each, and higher false peaks in some of them."""
    table = units([[(3.0, 3.5)]] * 360)
    peaks = [[(3.6, words), (8.0, 0.85 if k < extra else others)] for k in range(360)]
    return peaked(table, peaks, length=9), table


@pytest.mark.parametrize(("extra", "misses"), [(2, 0), (3, 1)])
def test_the_threshold_keeps_to_the_allowed_rate(extra: int, misses: int) -> None:
    scores, table = hour(0.7, 0.2, extra)
    fitted = calibrate(scores, table, ASSETS, FIELDS)
    predictions = decide(scores, table, ASSETS, fitted)
    assert fitted.hours == pytest.approx(1)
    assert fitted.refractory == ASSETS.refractory
    assert fitted.false_accepts == predictions["false_accepts"].sum() <= 2
    assert predictions.loc[predictions["unit"] == "event", "error"].eq(misses).all()


@pytest.mark.parametrize("missing", ["event", "stretch", "every second row"])
def test_rows_may_be_missing_when_cross_fitted(missing: str) -> None:
    scores, table = hour(0.7, 0.2, 1)
    kept = (table["unit"] != missing).to_numpy()
    if missing == "every second row":
        kept = np.random.default_rng(0).random(len(table)) < 0.5
    fitted = calibrate(scores[kept], table[kept], ASSETS, FIELDS)
    predictions = decide(scores[~kept], table[~kept], ASSETS, fitted)
    assert len(predictions) == (~kept).sum()
    if missing == "every second row":
        assert predictions.loc[predictions["unit"] == "event", "error"].sum() == 0


class _Model:
    """Answers each clip with the mean of its samples at every step."""

    def predict(self, batches: Iterator[tuple[np.ndarray, np.ndarray]], verbose: int) -> np.ndarray:
        level = np.concatenate([audio.mean(axis=1) for audio, _ in batches])
        return np.repeat(level, STEPS).reshape(-1, STEPS, 1).astype(np.float32)


def test_every_unit_has_the_scores_of_its_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    def dataset(clips: pd.DataFrame, *_: object) -> Iterator[tuple[np.ndarray, None]]:
        for name in clips["clip"]:
            yield np.full((1, CLIP), int(name[1:]), np.float32), None

    monkeypatch.setattr(evaluate, "dataset", dataset)
    table = units(CLIPS).iloc[::-1]
    found = score(_Model(), table, ASSETS, FIELDS)
    assert found["example_id"].tolist() == table["example_id"].tolist()
    numbers = table["clip"].str[1:].astype(float)
    np.testing.assert_allclose(found["step.000"], expit(numbers), atol=1e-6)
    np.testing.assert_array_equal(found["step.000"], found["step.249"])
    assert found.shape == (len(table), 1 + STEPS)


def test_the_baseline_hears_what_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    table = units([[(2.0, 2.6)], [(5.0, 5.6)], [], []] * 5)
    rand = np.random.default_rng(0)

    def dataset(clips: pd.DataFrame, *_: object) -> Iterator[tuple[np.ndarray, None]]:
        sound = rand.normal(0, 0.001, (len(clips), CLIP)).astype(np.float32)
        for row, windows in zip(sound, clips["windows"], strict=True):
            for start, end in json.loads(windows):
                row[int(start * RATE) : int(end * RATE)] *= 100
        yield sound, None

    monkeypatch.setattr(evaluate, "dataset", dataset)
    found = checked(baseline({"dev": table}, ASSETS, FIELDS))
    assert found["error"].sum() == 0
    assert metrics(ASSETS, FIELDS)[0].on(found, "dev").value == 0


def test_energy_is_measured_above_the_noise_heard_so_far() -> None:
    rand = np.random.default_rng(0)
    steady = rand.normal(0, 0.1, (1, CLIP)).astype(np.float32)
    assert energy_scores(steady).max() < 0.2
    np.testing.assert_allclose(energy_scores(steady), energy_scores(steady / 50), atol=1e-3)
    louder = steady.copy()
    louder[:, CLIP // 2 :] *= 30
    scores = energy_scores(louder)[0]
    assert scores[: STEPS // 2].max() < 0.2 < 0.9 < scores[STEPS // 2 + 1]
    np.testing.assert_array_equal(energy_scores(louder[:, : CLIP // 2])[0], scores[: STEPS // 2])
    assert np.isfinite(energy_scores(np.zeros((2, CLIP), np.float32))).all()


def test_the_curve_trades_misses_against_false_accepts() -> None:
    scores, table = hour(0.7, 0.2, 3)
    curve = det_curve(scores, table, 1, ASSETS.refractory, ASSETS.tolerance)
    assert curve["threshold"].is_monotonic_increasing
    assert set(curve["events"]) == {360}
    assert curve["hours"].iloc[0] == pytest.approx(1)
    assert (misses_at(curve, 3).value, misses_at(curve, 2.9).value) == (0, 1)
    assert misses_at(curve, 3).high == pytest.approx(0.0106, abs=1e-3)


def test_frame_accuracy_flatters_what_never_answers() -> None:
    table = units([[(1.0, 1.6)], []])
    never = frame_accuracy(peaked(table, [[], []]), table)
    assert never.model == never.never == pytest.approx(1 - 9 / 500)
    right = frame_accuracy(peaked(table, [[(1.64, 0.9)], []], length=9), table)
    assert right.model == 1
    late = frame_accuracy(peaked(table, [[(2.04, 0.9)], []], length=9), table)
    assert late.model < late.never


def test_scores_tables_follow_the_first_naming_of_clips() -> None:
    table = units([[(1.0, 1.6)], []]).iloc[[2, 0, 1]]
    found = scores_table(table, np.array([[0.25], [0.5]]))
    assert found["step.000"].tolist() == [0.25, 0.5, 0.5]
