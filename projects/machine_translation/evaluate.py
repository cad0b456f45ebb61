"""From translations to errors: scores, decisions, baseline and metrics.

TensorFlow is needed by `score` alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.project import NoCalibration
from common.strategy.clusters import clusters
from common.strategy.intervals import mean
from common.strategy.metrics import Metric, error
from common.strategy.predictions import checked
from common.strategy.results import Estimate
from projects.machine_translation import alignment
from projects.machine_translation.blame import blamed
from projects.machine_translation.bleu import BLEU_METRIC, CHRF_METRIC, sentence_chrf, statistics
from projects.machine_translation.settings import Search, Settings
from projects.machine_translation.tokens import END, UNKNOWN

if TYPE_CHECKING:
    from projects.machine_translation.data import Assets
    from projects.machine_translation.translating import Translation

    Table = pd.DataFrame

SEARCH = "search."
"""Prefix of what the search tells of a translation besides its text and score."""


def score(model: Any, units: "Table", assets: "Assets", settings: Settings) -> "Table":
    """Return example_id, the score of the best translation and its text (`prediction`).

    And `search.*`: what the search told (`answers`), and what it could have found (`truths`).
    """
    from projects.machine_translation.translating import log_probabilities, translations

    sources, meant = units["source"].tolist(), units["label"].tolist()
    found = translations(model, sources, assets, settings.search)
    known = log_probabilities(model, sources, meant, assets)
    told = answers(units, found, assets, settings.search)
    return told.join(truths(meant, known, assets, settings.search))


def answers(
    units: "Table", found: Sequence["Translation"], assets: "Assets", search: Search
) -> "Table":
    """Return example_id, score, prediction, and of the search: `search.n_best` and others.

    `search.n_best`: [text, score], the best first, as JSON; `search.attention`: where the best
    looked (`alignment.packed`); `search.truncated`: a piece of the source was cut off;
    `search.log_probability`: of the best, its END included if it has one.
    """
    sources = units["source"].tolist()
    return pd.DataFrame(
        {
            "example_id": units["example_id"].to_numpy(),
            "score": np.array([one.scores[0] for one in found], dtype=np.float64),
            "prediction": [one.texts[0] for one in found],
            f"{SEARCH}n_best": [
                json.dumps(
                    list(zip(one.texts, map(float, one.scores), strict=True)), ensure_ascii=False
                )
                for one in found
            ],
            f"{SEARCH}attention": [
                alignment.packed(aligned(source, one, assets))
                for source, one in zip(sources, found, strict=True)
            ],
            f"{SEARCH}truncated": [one.truncated for one in found],
            f"{SEARCH}log_probability": [
                one.scores[0] * len(one.ids) ** search.alpha for one in found
            ],
        }
    )


def truths(
    texts: Sequence[str], log_probabilities: NDArray[np.float64], assets: "Assets", search: Search
) -> "Table":
    """Return what the model thinks of the truths: columns `search.truth_*`, a row per truth.

    `search.truth_log_probability` and `search.truth_score`, which the search compares;
    `search.truth_length`: pieces, END included, at most as many as an answer has;
    `search.truth_is_writable`: no piece of it is unknown, and none is beyond that length.
    """
    ids = [assets.target.ids(text) for text in texts]
    lengths = np.array([len(one) + 1 for one in ids], dtype=np.int64)
    scored = np.minimum(lengths, assets.target_length)
    fits = lengths <= assets.target_length
    return pd.DataFrame(
        {
            f"{SEARCH}truth_log_probability": log_probabilities,
            f"{SEARCH}truth_score": log_probabilities / scored.astype(float) ** search.alpha,
            f"{SEARCH}truth_length": scored,
            f"{SEARCH}truth_is_writable": fits & [UNKNOWN not in one for one in ids],
        }
    )


def aligned(source: str, found: "Translation", assets: "Assets") -> alignment.Alignment:
    """Return where the best translation of a sentence looked, its pieces as they are shown."""
    read = [*assets.source.ids(source)[: assets.source_length - 1], END]
    return alignment.Alignment(
        alignment.shown(assets.source, read),
        alignment.shown(assets.target, found.ids),
        found.attention,
    )


def calibrate(
    scores: "Table", units: "Table", assets: "Assets", settings: Settings
) -> NoCalibration:
    """Return nothing: no threshold decides what a translation says."""
    return NoCalibration()


def decide(scores: "Table", units: "Table", assets: "Assets", fitted: NoCalibration) -> "Table":
    """Return the predictions table (docs/strategy.md, section 1) of these units.

    `exact`: the translation is the truth, to the last character. A date's `error` is 1 unless it is
    exact; another sentence's is 1 - chrF, and all have the statistics `stat.*` of BLEU and chrF.
    `blame`, where the truth was scored: what an inexact answer is to be laid on (blame.BLAMES).
    """
    predictions = units.reset_index(drop=True).rename(columns={"label": "truth"})
    told = scores.reset_index(drop=True).drop(columns="example_id")
    predictions = predictions.assign(
        **told.rename(columns=lambda name: str(name).removeprefix(SEARCH))
    )
    said, meant = predictions["prediction"].tolist(), predictions["truth"].tolist()
    exact = np.array([one == other for one, other in zip(said, meant, strict=True)], dtype=bool)
    predictions = predictions.assign(exact=exact, error=(~exact).astype(float))
    if "truth_score" in predictions:
        predictions = predictions.assign(blame=blamed(predictions))
    is_pair = (predictions["part"] == "pair").to_numpy()
    if is_pair.any():
        predictions = predictions.join(statistics(said, meant))
        predictions.loc[is_pair, "error"] = 1 - sentence_chrf(predictions[is_pair])
    return predictions


def baseline(units: Mapping[str, "Table"], assets: "Assets", settings: Settings) -> "Table":
    """Return dev answered by the source itself or by train's most frequent target.

    Whichever of the two is better there, which flatters the baseline.
    """
    dev, metric = units["dev"], metrics(assets, settings)[0]
    answers = (dev["source"].tolist(), [assets.common_target] * len(dev))
    tables = [
        decide(
            pd.DataFrame({"example_id": dev["example_id"], "score": 0.0, "prediction": answer}),
            dev,
            assets,
            NoCalibration(),
        )
        for answer in answers
    ]
    return min(tables, key=lambda table: metric.error_on(checked(table), "dev").value)


def metrics(assets: "Assets", settings: Settings) -> tuple[Metric, ...]:
    """Return the error of dates, or BLEU of other pairs, and what is shown beside it."""
    if is_of_dates(settings):
        return (
            error,
            replace(error, name="clean_error", unit="clean"),
            replace(error, name="held_out_error", unit="held_out"),
        )
    return BLEU_METRIC, CHRF_METRIC, EXACT


def is_of_dates(settings: Settings) -> bool:
    """Return whether dev and test are the generated dates."""
    return (settings.data.target or settings.data.source) == "embedded"


def _exact(rows: "Table") -> Estimate:
    return mean(rows["exact"].astype(float), rows["weight"], clusters(rows))


EXACT = Metric("exact_match", "example", True, _exact)
"""The share of translations that are the truth to the last character."""
