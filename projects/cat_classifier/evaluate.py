"""From logits to answers: scores, what is fitted on dev, decisions, baseline and metrics."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from common.settings import Group
from common.strategy.metrics import Metric, auc, balanced_error, error, precision, recall
from projects.cat_classifier.data import Assets, dataset
from projects.cat_classifier.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    Table = pd.DataFrame


class Calibration(Group):
    """Fitted on dev and shipped with the model."""

    temperature: float = 1.0
    """Logits are divided by it, so that 80 % means right 8 times in 10 (Guo et al. 2017)."""
    threshold: float = 0.5
    """Two classes: the positive one is answered from this calibrated probability on."""
    unsure: float = 0.15
    """The answer is "unsure" when the probability is nearer than this to where it would flip."""


def score(model: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return example_id and a float column of logits for each output of the model."""
    logits = np.asarray(model.predict(dataset(units, assets, settings, None), verbose=0))
    return scores_table(units, logits, assets)


def scores_table(units: "Table", logits: np.ndarray, assets: Assets) -> "Table":
    """Return logits (n, outputs) as a table: example_id, `logit.<class>` ..."""
    scores = units[["example_id"]].reset_index(drop=True)
    for number, name in enumerate(assets.output_names):
        scores[f"logit.{name}"] = logits[:, number].astype(np.float64)
    return scores


def calibrate(scores: "Table", units: "Table", assets: Assets, settings: Settings) -> Calibration:
    """Return temperature (least log loss) and threshold (see `_threshold`) for dev scores."""
    logits, truth = _logits(scores, assets), units["label"].to_numpy()
    target = np.array([assets.classes.index(label) for label in truth])
    temperature = _temperature(logits, target)
    if len(assets.classes) > 2:
        return Calibration(temperature=temperature, unsure=settings.model.unsure)
    positive = assets.classes.index(assets.positive)
    chance = softmax(logits / temperature, axis=1)[:, positive]
    threshold = _threshold(chance, target == positive)
    return Calibration(temperature=temperature, threshold=threshold, unsure=settings.model.unsure)


def decide(scores: "Table", units: "Table", assets: Assets, fitted: Calibration) -> "Table":
    """Return the predictions table (docs/strategy.md, section 1) of these units.

    `score` is the calibrated probability of the prediction, `probability` of the positive class.
    """
    chances = softmax(_logits(scores, assets) / fitted.temperature, axis=1)
    predictions = units.reset_index(drop=True).rename(columns={"label": "truth"})
    names = np.array(assets.classes, dtype=object)
    if len(names) > 2:
        order = np.sort(chances, axis=1)
        chosen = chances.argmax(axis=1)
        predictions["unsure"] = order[:, -1] - order[:, -2] < 2 * fitted.unsure
    else:
        positive = assets.classes.index(assets.positive)
        predictions["probability"] = chance = chances[:, positive]
        chosen = np.where(chance >= fitted.threshold, positive, 1 - positive)
        predictions["unsure"] = np.abs(chance - fitted.threshold) < fitted.unsure
    predictions["prediction"] = names[chosen]
    predictions["score"] = chances[np.arange(len(chances)), chosen]
    wrong = predictions["prediction"].to_numpy() != predictions["truth"].to_numpy()
    predictions["error"] = wrong.astype(float)
    return predictions


def baseline(units: Mapping[str, "Table"], assets: Assets, settings: Settings) -> "Table":
    """Return what always answering train's most frequent class gives on dev."""
    dev = units["dev"].reset_index(drop=True).rename(columns={"label": "truth"})
    dev["prediction"] = answer = units["train"]["label"].mode()[0]
    dev["score"] = float((units["train"]["label"] == answer).mean())
    dev["error"] = (dev["truth"] != answer).astype(float)
    return dev


def metrics(assets: Assets, settings: Settings) -> tuple[Metric, ...]:
    """Return the error, which is optimized, and what is shown beside it."""
    if len(assets.classes) > 2:
        return (error, balanced_error)
    name = assets.positive
    return (error, balanced_error, auc(name), precision(name), recall(name))


def _logits(scores: "Table", assets: Assets) -> np.ndarray:
    """Return (n, classes) logits; two classes come as one column, the positive's."""
    columns = scores[[f"logit.{name}" for name in assets.output_names]].to_numpy()
    if columns.shape[1] > 1:
        return columns
    both = np.zeros((len(columns), 2))
    both[:, assets.classes.index(assets.positive)] = columns[:, 0]
    return both


def _temperature(logits: np.ndarray, target: np.ndarray) -> float:
    def loss(log_temperature: float) -> float:
        chances = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-chances[np.arange(len(target)), target].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 4), method="bounded").x))


def _threshold(chance: np.ndarray, positive: np.ndarray) -> float:
    """Return the threshold that errs least, or 0.5 where dev cannot tell the two apart.

    The normal approximation of McNemar's test, at 5 %. Otherwise a weak network on few examples
    would answer nothing but the more frequent class, on the strength of chance.
    """
    least = _least_error_threshold(chance, positive)
    moved = (chance >= least) != (chance >= 0.5)
    gained = int(((chance >= least) == positive)[moved].sum()) - int(
        ((chance >= 0.5) == positive)[moved].sum()
    )
    return least if gained > 1.96 * np.sqrt(moved.sum()) else 0.5


def _least_error_threshold(chance: np.ndarray, positive: np.ndarray) -> float:
    """Return the middle between two neighbouring scores that errs least; ties: nearest to 0.5."""
    order = np.argsort(chance)
    ranked, truth = chance[order], positive[order]
    errors = np.concatenate([[0], np.cumsum(truth)]) + np.concatenate(
        [np.cumsum(~truth[::-1])[::-1], [0]]
    )
    edges = np.concatenate([[0.0], ranked, [1.0]])
    middles = (edges[:-1] + edges[1:]) / 2
    usable = np.diff(edges) > 1e-9
    least = errors[usable].min(initial=len(chance) + 1)
    best = middles[usable & (errors == least)]
    return float(best[np.abs(best - 0.5).argmin()]) if len(best) else 0.5
