"""From embeddings to answers: distances of pairs, what is fitted on dev, baseline and metrics."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from common.settings import Group
from common.strategy.clusters import clusters
from common.strategy.intervals import UNDEFINED, mean
from common.strategy.metrics import Metric, error
from common.strategy.predictions import DEFAULTS
from common.strategy.results import Estimate
from projects.face_verification.baselines import pixel_distances
from projects.face_verification.data import GENUINE, IMPOSTOR, Assets, embeddings, pictures
from projects.face_verification.lfw import fold_accuracy
from projects.face_verification.own_thresholds import compared, own_thresholds
from projects.face_verification.pairs import DIFFERENT, SAME
from projects.face_verification.rates import PAIR, auc, equal_error_rate, false_non_match_rate
from projects.face_verification.settings import Settings
from projects.face_verification.template_rates import template_rates
from projects.face_verification.threshold import estimated

if TYPE_CHECKING:
    Table = pd.DataFrame

Array = NDArray[np.float64]
EMBEDDINGS = ("first.embedding", "second.embedding")


class Rates(Group):
    """A threshold set on all of dev, and dev's error rates, each fifth decided without itself."""

    threshold: float
    """Two faces match where their distance (0 to 2) is at most this."""
    false_match_rate: float
    false_match_low: float
    false_match_high: float
    false_non_match_rate: float
    false_non_match_low: float
    false_non_match_high: float
    people: int


class OfTemplates(Rates):
    """Photo against template: a threshold of its own, as averaged photos are nearer to all."""

    photos: int
    """Photos that make a template."""


class Calibration(Rates):
    """Fitted on dev and shipped with the model: photo against photo, and against templates."""

    limit: float
    """The false-match rate that the thresholds were set for."""
    pairs: int
    slope: float
    """The probability of the same person, at equal odds: sigmoid(intercept - slope * distance)."""
    intercept: float
    templates: tuple[OfTemplates, ...] = ()
    """By rising number of photos; empty where dev has too few people with several."""

    def probability(self, distances: Any) -> Any:
        """Return the chance of the same person where both kinds of pairs are equally frequent."""
        return expit(self.intercept - self.slope * np.asarray(distances, dtype=np.float64))


def score(model: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return example_id and the distance of each pair's embeddings, 0 to 2."""
    table, sides = pictures(units)
    return scores_table(units, embeddings(model, table, assets, settings), sides)


def score_and_embeddings(model: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return what `score` does, and both pictures' embeddings as bytes of float32.

    The report tries searches with them; exports are compared without.
    """
    table, sides = pictures(units)
    vectors = embeddings(model, table, assets, settings)
    scores = scores_table(units, vectors, sides)
    for side, name in enumerate(EMBEDDINGS):
        scores[name] = [vector.tobytes() for vector in vectors[sides[:, side]]]
    return scores


def scores_table(units: "Table", vectors: NDArray[np.float32], sides: Any) -> "Table":
    """Return the distances of pairs from unit vectors (m, d) and each pair's two rows of them."""
    first, second = (vectors[sides[:, side]].astype(np.float64) for side in (0, 1))
    apart = np.linalg.norm(first - second, axis=1)
    return pd.DataFrame({"example_id": units["example_id"].to_numpy(), "distance": apart})


def calibrate(scores: "Table", units: "Table", assets: Assets, settings: Settings) -> Calibration:
    """Return the thresholds at the false-match limit, their rates, and what a distance is worth.

    Templates are tried where scores hold the embeddings, which are of one network without folds.
    """
    limit, seed = settings.verification.false_match_rate, settings.data.seed
    distance = scores["distance"].to_numpy(dtype=float)
    threshold = own_thresholds(distance, units, limit, seed)
    same = (units["label"] == SAME).to_numpy()
    slope, intercept = _logistic(distance, same)
    knows_faces = EMBEDDINGS[0] in scores and not settings.fit.folds
    return Calibration(
        **_rates(
            estimated(compared(distance, units), limit),
            _rate(distance <= threshold, units, ~same),
            _rate(distance > threshold, units, same),
            len(set(units["group"]) | set(units["group_2"]) - {""}),
        ),
        limit=limit,
        pairs=len(units),
        slope=slope,
        intercept=intercept,
        templates=_of_templates(scores, units, limit, seed) if knows_faces else (),
    )


def decide(scores: "Table", units: "Table", assets: Assets, calibration: Calibration) -> "Table":
    """Return the predictions table (docs/strategy.md, section 1) of these pairs.

    `score` is the chance, at equal odds, that the answer is right; `probability` that the pair is
    of one person. The embeddings are passed on where scores have them.

    Pairs of train and train-dev are decided at the same false-match limit by thresholds of their
    own, cross-fitted as dev's are: a gap between splits is then of faces that are told apart less
    well, and not of a threshold that lets more or fewer through.
    """
    distance = scores["distance"].to_numpy(dtype=float)
    threshold = _thresholds(distance, units, calibration)
    chance, match = calibration.probability(distance), distance <= threshold
    predictions = units.reset_index(drop=True).rename(columns={"label": "truth"})
    for name in (name for name in EMBEDDINGS if name in scores):
        predictions[name] = scores[name].to_numpy()
    said = np.where(match, SAME, DIFFERENT)
    return predictions.assign(
        distance=distance,
        threshold=threshold,
        probability=chance,
        prediction=said,
        score=np.where(match, chance, 1 - chance),
        error=(said != predictions["truth"].to_numpy()).astype(float),
    )


def baseline(units: Mapping[str, "Table"], assets: Assets, settings: Settings) -> "Table":
    """Return what the distance of the pixels gives on dev.

    Its threshold is fitted on the very rows that it is judged on, which flatters the baseline.
    """
    dev = units["dev"].reset_index(drop=True)
    scores = dev[["example_id"]].assign(distance=pixel_distances(dev))
    return decide(scores, dev, assets, calibrate(scores, dev, assets, settings))


def metrics(assets: Assets, settings: Settings) -> tuple[Metric, ...]:
    """Return the share of same pairs missed as decided, and what is shown beside it.

    Dev is decided by thresholds that were set on others of dev, train and train-dev by their own,
    test by what ships; `false_match_rate` says what these cost. `fnmr_at_fmr_...` and the equal
    error rate choose their threshold on the very pairs.
    """
    limit = settings.verification.false_match_rate
    found: tuple[Metric, ...] = (
        replace(error, name=missed_name(limit), unit=GENUINE),
        replace(error, name="false_match_rate", unit=IMPOSTOR),
        *(false_non_match_rate(one) for one in dict.fromkeys((limit, limit / 10))),
        equal_error_rate,
        auc,
    )
    if settings.data.test_folds:
        found += (Metric("lfw_accuracy", PAIR, True, _fold_accuracy),)
    return found


def missed_name(limit: float) -> str:
    """Return what the optimized metric is called: a miss rate means nothing without its limit."""
    return f"same_pairs_missed_at_{100 * limit:g}_percent_false_matches"


def human_level_note(settings: Settings) -> str:
    """Return how people would be measured as the network is."""
    return (
        "let people say of dev's pairs how sure they are that both are one person, and count the"
        f" same pairs missed where {100 * settings.verification.false_match_rate:g} % of the"
        " different ones match"
    )


def embeddings_of(scores: "Table", codes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the embedding of each picture (m, d); `codes`: see `data.pictures`."""
    both = [*scores[EMBEDDINGS[0]], *scores[EMBEDDINGS[1]]]
    flat = np.frombuffer(b"".join(both), "<f4").reshape(len(both), -1)
    _, at = np.unique(codes.T.ravel(), return_index=True)
    return flat[at]


def _fold_accuracy(rows: "Table") -> Estimate:
    if "fold" not in rows or rows["fold"].isna().any() or rows["fold"].nunique() < 2:
        return replace(UNDEFINED, method="unknown: only test is divided into LFW's folds")
    return fold_accuracy(rows).accuracy


def _thresholds(distance: Array, units: "Table", calibration: Calibration) -> Array:
    found = np.full(len(units), calibration.threshold)
    if "split" in units:
        for split in ("train", "train_dev"):
            rows = (units["split"] == split).to_numpy()
            if rows.any():
                found[rows] = own_thresholds(distance[rows], units[rows], calibration.limit, seed=0)
    return found


def _of_templates(
    scores: "Table", units: "Table", limit: float, seed: int
) -> tuple[OfTemplates, ...]:
    table, codes = pictures(units)
    known = embeddings_of(scores, codes)
    return tuple(
        OfTemplates(
            **_rates(one.threshold, one.false_match, one.false_non_match, one.people),
            photos=one.photos,
        )
        for one in template_rates(table["label"].tolist(), known, limit, seed)
    )


def _rates(threshold: float, matched: Estimate, missed: Estimate, people: int) -> dict[str, Any]:
    found: dict[str, Any] = {"threshold": threshold, "people": people}
    for name, rate in (("false_match", matched), ("false_non_match", missed)):
        found[f"{name}_rate"] = rate.value
        found |= {f"{name}_low": rate.low, f"{name}_high": rate.high}
    return found


def _rate(wrong: NDArray[np.bool_], units: "Table", of: NDArray[np.bool_]) -> Estimate:
    rows = units[of].assign(**{k: v for k, v in DEFAULTS.items() if k not in units})
    if not of.any():
        return replace(UNDEFINED, value=0.0, low=0.0, high=1.0)
    return mean(wrong[of], groups=clusters(rows))


def _logistic(distance: Array, same: NDArray[np.bool_]) -> tuple[float, float]:
    """Return slope and intercept of the likeliest logistic curve, both kinds weighing alike.

    Platt's targets (Platt 1999) keep the slope finite where the two kinds do not overlap.
    """
    ones, zeros = max(int(same.sum()), 1), max(int((~same).sum()), 1)
    target = np.where(same, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    weight = np.where(same, 0.5 / ones, 0.5 / zeros)

    def loss(both: Array) -> float:
        logit = both[1] - math.exp(both[0]) * distance
        return float((weight * (np.logaddexp(0, logit) - target * logit)).sum())

    # The slope as exp(...): farther is never likelier.
    found = minimize(loss, np.array([math.log(4.0), 4.0]), method="Nelder-Mead").x
    return float(math.exp(found[0])), float(found[1])
