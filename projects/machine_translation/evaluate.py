"""From translations to errors: scores, decisions, baseline and metrics.

TensorFlow is needed by `score` alone.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from common.project import NoCalibration
from common.strategy.clusters import clusters
from common.strategy.intervals import mean
from common.strategy.metrics import Metric, error
from common.strategy.predictions import checked
from common.strategy.results import Estimate
from projects.machine_translation import alignment
from projects.machine_translation.bleu import BLEU_METRIC, CHRF_METRIC, sentence_chrf, statistics
from projects.machine_translation.settings import Settings
from projects.machine_translation.tokens import END

if TYPE_CHECKING:
    from projects.machine_translation.data import Assets
    from projects.machine_translation.translating import Translation

    Table = pd.DataFrame

SEARCH = "search."
"""Prefix of what the search tells of a translation besides its text and score."""


def score(model: Any, units: "Table", assets: "Assets", settings: Settings) -> "Table":
    """Return example_id, the score of the best translation and its text (`prediction`).

    And of the search, as text: `search.n_best` ([text, score], the best first), `search.attention`
    (`alignment.packed`), `search.truncated` (a piece was cut off).
    """
    from projects.machine_translation.translating import translations

    sources = units["source"].tolist()
    found = translations(model, sources, assets, settings.search)
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
    """
    predictions = units.reset_index(drop=True).rename(columns={"label": "truth"})
    told = scores.reset_index(drop=True).drop(columns="example_id")
    predictions = predictions.assign(
        **told.rename(columns=lambda name: str(name).removeprefix(SEARCH))
    )
    said, meant = predictions["prediction"].tolist(), predictions["truth"].tolist()
    exact = np.array([one == other for one, other in zip(said, meant, strict=True)], dtype=bool)
    predictions = predictions.assign(exact=exact, error=(~exact).astype(float))
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
