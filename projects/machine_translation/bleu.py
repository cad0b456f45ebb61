"""BLEU and chrF from statistics of single sentences, as sacrebleu computes them.

The statistics are counted once, by sacrebleu's tokenizer and n-gram extractors, and kept in the
predictions table. What is measured later, of any rows and with any weights, needs only their sums.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.metrics.helpers import extract_all_char_ngrams

from common.strategy.bootstrap import bootstrap, of_sums
from common.strategy.clusters import clusters
from common.strategy.metrics import Metric
from common.strategy.results import Estimate

Table = pd.DataFrame
Array = NDArray[np.float64]

ORDERS = range(1, BLEU().max_ngram_order + 1)
"""Lengths of BLEU's n-grams of words."""
CHARACTER_ORDERS = range(1, CHRF.CHAR_ORDER + 1)
"""Lengths of chrF's n-grams of characters."""

BLEU_COLUMNS = (
    "stat.bleu.length",
    "stat.bleu.reference",
    *(f"stat.bleu.correct.{n}" for n in ORDERS),
    *(f"stat.bleu.total.{n}" for n in ORDERS),
)
"""Words of the translation and of the reference; its n-grams that are right, and all of them."""
CHRF_COLUMNS = tuple(
    f"stat.chrf.{what}.{n}" for what in ("total", "reference", "correct") for n in CHARACTER_ORDERS
)
"""n-grams of the translation, of the reference, and those that both have."""


def statistics(translations: Sequence[str], references: Sequence[str]) -> Table:
    """Return BLEU_COLUMNS and CHRF_COLUMNS, whole numbers, a row per sentence."""
    pairs = list(zip(translations, references, strict=True))
    rows = [(*_words(*pair), *_characters(*pair)) for pair in pairs]
    return pd.DataFrame(rows, columns=[*BLEU_COLUMNS, *CHRF_COLUMNS], dtype=np.int64)


def bleu(sums: Array) -> Array:
    """Return BLEU in [0, 1] of each row of summed BLEU_COLUMNS (Papineni et al. 2002).

    An order without a right n-gram counts as half a one, the next such as a quarter, as in
    mteval-v13a.pl. Without n-grams of some order, or any right one, the value is 0.
    """
    length, reference = sums[:, 0], sums[:, 1]
    correct, total = np.split(sums[:, 2:], 2, axis=1)
    halved = 0.5 ** np.cumsum(correct == 0, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        precisions = np.where(correct > 0, correct, halved) / total
        brevity = np.exp(np.minimum(0, 1 - reference / length))
        found = brevity * np.exp(np.log(precisions).mean(axis=1))
    has_value = (total > 0).all(axis=1) & (correct > 0).any(axis=1)
    return np.where(has_value, np.minimum(found, 1), 0)


def chrf(sums: Array) -> Array:
    """Return chrF2 in [0, 1] of each row of summed CHRF_COLUMNS (Popović 2015).

    Precision and recall are means over the orders that both sides have; recall weighs twice.
    """
    total, reference, correct = np.split(sums, 3, axis=1)
    used = (total > 0) & (reference > 0)
    orders = np.maximum(used.sum(axis=1), 1)
    precision, recall = (
        np.divide(correct, counted, out=np.zeros_like(correct), where=used).sum(axis=1) / orders
        for counted in (total, reference)
    )
    beta = CHRF.BETA**2
    below = beta * precision + recall
    above = (1 + beta) * precision * recall
    found: Array = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return np.minimum(found, 1)


def sentence_chrf(rows: Table) -> Array:
    """Return each sentence's own chrF in [0, 1] from its statistics."""
    return chrf(rows[list(CHRF_COLUMNS)].to_numpy(dtype=float))


def corpus_metric(
    name: str, columns: Sequence[str], value: Callable[[Array], Array], unit: str = "example"
) -> Metric:
    """Return the metric whose value is a function of the rows' summed, weighted statistics."""

    def measure(rows: Table) -> Estimate:
        weight = rows["weight"].to_numpy(dtype=float)[:, None]
        counted = weight * rows[list(columns)].to_numpy(dtype=float)
        return bootstrap(of_sums(counted, value), clusters(rows))

    return Metric(name, unit, True, measure)


BLEU_METRIC = corpus_metric("BLEU", BLEU_COLUMNS, bleu)
CHRF_METRIC = corpus_metric("chrF", CHRF_COLUMNS, chrf)


def signatures() -> dict[str, str]:
    """Return sacrebleu's signatures by metric, with which others can repeat the numbers."""
    made = {}
    for metric, scorer in ((BLEU_METRIC, BLEU()), (CHRF_METRIC, CHRF())):
        scorer.corpus_score([""], [[""]])  # the number of references is known only after scoring
        made[metric.name] = str(scorer.get_signature())
    return made


def _words(translation: str, reference: str) -> list[int]:
    found = BLEU().corpus_score([translation], [[reference]])
    return [found.sys_len, found.ref_len, *found.counts, *found.totals]


def _characters(translation: str, reference: str) -> list[int]:
    ours, theirs = (
        extract_all_char_ngrams(text, CHRF.CHAR_ORDER) for text in (translation, reference)
    )
    return [
        # n-grams of an order that the reference is too short for do not count
        *(mine.total() if wanted else 0 for mine, wanted in zip(ours, theirs, strict=True)),
        *(wanted.total() for wanted in theirs),
        *((mine & wanted).total() for mine, wanted in zip(ours, theirs, strict=True)),
    ]
