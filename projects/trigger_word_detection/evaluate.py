"""From scores to events: what is fitted on dev, hits and false accepts, baseline and metrics."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

from common.settings import Group
from common.strategy.intervals import UNDEFINED, quantile, wilson
from common.strategy.metrics import Metric, error, rate_of
from common.strategy.results import Estimate
from projects.trigger_word_detection.data import Assets, dataset
from projects.trigger_word_detection.detector import (
    Marks,
    Scores,
    Watched,
    fired,
    fitted,
    inside,
    matched,
    peaks,
    smoothed,
    swept,
    times,
)
from projects.trigger_word_detection.energy import energy_scores
from projects.trigger_word_detection.grid import LABEL_STEPS, STEPS_PER_SECOND
from projects.trigger_word_detection.settings import Settings

if TYPE_CHECKING:
    Table = pd.DataFrame


class Calibration(Group):
    """The detector after the network: fitted on dev and shipped with the model."""

    smoothing: int = 1
    """Steps over which probabilities are averaged."""
    threshold: float = 0.5
    """The averaged probability from which on the word is detected."""
    refractory: int = 20
    """Steps after a detection in which there is no other."""
    false_accepts_per_hour: float = 0.0
    """How many were allowed when it was fitted."""
    hours: float = 0.0
    """Hours of sound that it was fitted on."""
    false_accepts: int = 0
    """False accepts in these hours."""


class FrameAccuracy(NamedTuple):
    """Share of steps that are right: of the model's, and of the answer "never"."""

    model: float
    never: float


def score(model: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return the model's probability at each step of each unit's clip (see `scores_table`)."""
    clips = units.drop_duplicates("clip")
    logits = model.predict(dataset(clips, assets, settings, None), verbose=0)
    return scores_table(units, expit(np.asarray(logits, dtype=np.float32)[..., 0]))


def scores_table(units: "Table", probabilities: np.ndarray) -> "Table":
    """Return example_id and `step.000` ...: for each unit the probabilities of its clip.

    `probabilities`: (clips, steps), clips in the order in which the units first name them.
    """
    codes, _ = pd.factorize(units["clip"])
    steps = [f"step.{number:03d}" for number in range(probabilities.shape[1])]
    scores = pd.DataFrame(probabilities.astype(np.float64)[codes], columns=steps)
    scores.insert(0, "example_id", units["example_id"].to_numpy())
    return scores


def calibrate(scores: "Table", units: "Table", assets: Assets, settings: Settings) -> Calibration:
    """Return the detector that misses fewest of these events within the allowed false accepts.

    What is allowed is a whole number: the rate times the hours of these stretches, rounded down.
    """
    hours = _hours(units)
    allowed = int(np.floor(assets.false_accepts_per_hour * hours + 1e-9))
    events, stretches = _watched(_probabilities(scores), units, assets.tolerance)
    found = fitted(events, stretches, allowed, assets.refractory)
    return Calibration(
        smoothing=found.smoothing,
        threshold=found.threshold,
        refractory=assets.refractory,
        false_accepts_per_hour=assets.false_accepts_per_hour,
        hours=hours,
        false_accepts=found.false_accepts,
    )


def decide(scores: "Table", units: "Table", assets: Assets, calibration: Calibration) -> "Table":
    """Return the predictions table (docs/strategy.md, section 1) of these units.

    Sayings of the word (their `start` is a number) err when no detection lies in their window,
    other units when a detection lies outside of every window of their clip. `score` is the
    highest smoothed score where it counts, or 1 less that where nothing was detected there.
    Besides: `false_accepts`, `latency` (seconds from the word's end), `detections` (JSON,
    seconds), `curve` (the smoothed scores).
    """
    smooth = smoothed(_probabilities(scores), calibration.smoothing)
    where = _where(units, assets.tolerance, smooth.shape[1])
    detected = fired(smooth, calibration.threshold, calibration.refractory)
    number, first = matched(detected, where)
    peak, is_saying = peaks(smooth, where), units["start"].notna().to_numpy()
    at = times(smooth.shape[1])
    predictions = units.reset_index(drop=True).rename(columns={"label": "truth"})
    return predictions.assign(
        prediction=np.where(number > 0, "activate", "nothing"),
        score=np.where(number > 0, peak, 1 - peak),
        error=((number > 0) != is_saying).astype(float),
        false_accepts=np.where(is_saying, 0, number),
        latency=first - units["end"].to_numpy(dtype=float),
        detections=[json.dumps(at[row].round(2).tolist()) for row in detected],
        curve=smooth.round(4).tolist(),
    )


def baseline(units: Mapping[str, "Table"], assets: Assets, settings: Settings) -> "Table":
    """Return what an energy detector gives on dev.

    Its smoothing and threshold are fitted on the very rows that it is judged on: two numbers on
    hours of sound, and what little that flatters, flatters the baseline.
    """
    dev = units["dev"]
    batches = dataset(dev.drop_duplicates("clip"), assets, settings, None)
    levels = np.concatenate([energy_scores(np.asarray(audio)) for audio, _ in batches])
    scores = scores_table(dev, levels)
    return decide(scores, dev, assets, calibrate(scores, dev, assets, settings))


def metrics(assets: Assets, settings: Settings) -> tuple[Metric, ...]:
    """Return the share of sayings missed, which is optimized, and what is shown beside it.

    Those of real recordings have rows only where there are such.
    """
    return (
        replace(error, name="misses", unit="event"),
        rate_of("false_accepts", name="false_accepts_per_hour", unit="stretch"),
        Metric("latency_s", "event", False, _median_latency, share=False),
        # real recordings, each heard once and alone
        replace(error, name="recorded_misses", unit="recorded"),
        rate_of("false_accepts", name="recorded_false_accepts_per_hour", unit="recorded_stretch"),
    )


def curve_scores(predictions: "Table") -> "Table":
    """Return what a predictions table keeps of the scores, smoothed as they were decided on."""
    curves = np.array(predictions["curve"].tolist(), dtype=np.float64)
    return scores_table(predictions.assign(clip=range(len(predictions))), curves)


def det_curve(
    scores: "Table", units: "Table", smoothing: int, refractory: int, tolerance: float
) -> "Table":
    """Return misses against false accepts (detection error tradeoff), a row per threshold.

    Columns threshold (rising), misses, events, false_accepts, hours, false_accepts_per_hour.
    """
    smooth = smoothed(_probabilities(scores), smoothing)
    events, stretches = _watched(smooth, units, tolerance)
    thresholds, misses, false_accepts = swept(events, stretches, refractory)
    hours = _hours(units)
    return pd.DataFrame(
        {
            "threshold": thresholds,
            "misses": misses,
            "events": len(events.where),
            "false_accepts": false_accepts,
            "hours": hours,
            "false_accepts_per_hour": false_accepts / hours if hours else np.nan,
        }
    )


def misses_at(curve: "Table", rate: float) -> Estimate:
    """Return the least share of events missed with at most `rate` false accepts per hour.

    With Wilson's interval; chosen on the rows it is counted on, so the best case for this model.
    """
    within = curve[curve["false_accepts"] <= rate * curve["hours"] + 1e-9]
    events = int(curve["events"].iloc[0])
    return wilson(int(within["misses"].min()) if len(within) else events, events)


def frame_accuracy(scores: "Table", units: "Table") -> FrameAccuracy:
    """Return how many steps of the stretches are right when a step counts by itself, from 0.5 on.

    Steps are true for 0.36 s after each end of the word, as they are labelled for training.
    """
    is_stretch = (units["unit"] == "stretch").to_numpy()
    said = _probabilities(scores)[is_stretch] >= 0.5
    at = times(said.shape[1])
    truth = np.zeros(said.shape, dtype=bool)
    for row, windows in zip(truth, units.loc[is_stretch, "windows"], strict=True):
        for _, end in json.loads(windows):
            row |= (at > end) & (at <= end + LABEL_STEPS / STEPS_PER_SECOND)
    return FrameAccuracy(float((said == truth).mean()), float((~truth).mean()))


def _hours(units: "Table") -> float:
    return float(units.loc[(units["unit"] == "stretch").to_numpy(), "exposure"].sum())


def _median_latency(rows: "Table") -> Estimate:
    known = rows["latency"].dropna()
    return quantile(known, 0.5) if len(known) else replace(UNDEFINED, low=-np.inf, high=np.inf)


def _watched(probabilities: Scores, units: "Table", tolerance: float) -> tuple[Watched, Watched]:
    """Return the events and the stretches among the units, with where a detection counts."""
    where = _where(units, tolerance, probabilities.shape[1])
    of_event, of_stretch = ((units["unit"] == unit).to_numpy() for unit in ("event", "stretch"))
    return (
        Watched(probabilities[of_event], where[of_event]),
        Watched(probabilities[of_stretch], where[of_stretch]),
    )


def _where(units: "Table", tolerance: float, steps: int) -> Marks:
    """Return (units, steps): a saying's own window; for others all outside of every window."""
    is_saying = units["start"].notna().to_numpy()
    windows = [
        [(start, end)] if mine else json.loads(all_of_clip)
        for mine, start, end, all_of_clip in zip(
            is_saying, units["start"], units["end"], units["windows"], strict=True
        )
    ]
    return inside(windows, tolerance, steps) == is_saying[:, None]


def _probabilities(scores: "Table") -> Scores:
    return scores.drop(columns="example_id").to_numpy(dtype=np.float64)
