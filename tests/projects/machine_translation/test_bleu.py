"""BLEU and chrF from sums equal sacrebleu's own corpus scores, and can be resampled."""

import numpy as np
import pandas as pd
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from common.strategy.predictions import checked
from projects.machine_translation.bleu import (
    BLEU_COLUMNS,
    BLEU_METRIC,
    CHRF_COLUMNS,
    CHRF_METRIC,
    bleu,
    chrf,
    sentence_chrf,
    signatures,
    statistics,
)

WORDS = ("a", "the", "dog,", "runs.", "Über", "don't", "3.5", "&quot;x", "犬", "A", "\u0301", "-")
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join) | st.text(max_size=12)
CORPUS = st.lists(st.tuples(SENTENCES, SENTENCES), min_size=1, max_size=6)
NEAR = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=5, max_size=9).map(
        lambda words: (" ".join(words[1:]), " ".join(words))
    ),
    min_size=1,
    max_size=6,
)


@given(CORPUS | NEAR)
def test_sums_give_the_corpus_scores(corpus: list[tuple[str, str]]) -> None:
    found, wanted = (list(side) for side in zip(*corpus, strict=True))
    sums = statistics(found, wanted).sum().to_frame().T.astype(float)
    of_bleu = bleu(sums[list(BLEU_COLUMNS)].to_numpy())[0]
    of_chrf = chrf(sums[list(CHRF_COLUMNS)].to_numpy())[0]
    assert of_bleu == pytest.approx(sacrebleu.corpus_bleu(found, [wanted]).score / 100, abs=1e-9)
    assert of_chrf == pytest.approx(sacrebleu.corpus_chrf(found, [wanted]).score / 100, abs=1e-9)
    assert 0 <= of_bleu <= 1
    assert 0 <= of_chrf <= 1


@given(CORPUS)
def test_a_sentence_has_sacrebleus_own_chrf(corpus: list[tuple[str, str]]) -> None:
    found, wanted = zip(*corpus, strict=True)
    expected = [sacrebleu.sentence_chrf(a, [b]).score / 100 for a, b in corpus]
    np.testing.assert_allclose(sentence_chrf(statistics(found, wanted)), expected, atol=1e-9)


def _predictions(rows: int) -> pd.DataFrame:
    rand = np.random.default_rng(0)
    wanted = [" ".join(rand.choice(list("abcdefgh"), 10)) for _ in range(rows)]
    found = [" ".join(w for w in one.split() if rand.random() > 0.2) for one in wanted]
    return statistics(found, wanted).assign(
        example_id=[f"e{n}" for n in range(rows)],
        split="dev",
        error=0.0,
        prediction=found,
        truth=wanted,
    )


def test_the_metrics_have_sacrebleus_values_and_intervals_around_them() -> None:
    table = checked(_predictions(300))
    found, wanted = table["prediction"].tolist(), table["truth"].tolist()
    for metric, score in (
        (BLEU_METRIC, sacrebleu.corpus_bleu(found, [wanted]).score),
        (CHRF_METRIC, sacrebleu.corpus_chrf(found, [wanted]).score),
    ):
        measured = metric.on(table, "dev")
        assert metric.higher_is_better
        assert measured.value == pytest.approx(score / 100, abs=1e-12)
        assert 0.005 < measured.high - measured.value < 0.05
        assert 0.005 < measured.value - measured.low < 0.05
        assert metric.error_on(table, "dev").value == pytest.approx(1 - score / 100)


def test_sentences_of_one_group_are_drawn_together() -> None:
    alone = _predictions(40)
    copied = pd.concat([alone] * 5).assign(example_id=[f"c{n}" for n in range(200)])
    copied["group"] = alone["example_id"].tolist() * 5
    one, five = (BLEU_METRIC.on(checked(table), "dev") for table in (alone, copied))
    assert five.value == pytest.approx(one.value)
    assert five.high - five.low == pytest.approx(one.high - one.low, rel=0.05)


def test_weights_count_like_copies() -> None:
    table = checked(_predictions(20))
    heavy = table.assign(weight=[3.0] + [1.0] * 19)
    copies = checked(
        pd.concat([table, table.head(1), table.head(1)]).assign(
            example_id=[f"c{n}" for n in range(22)]
        )
    )
    assert BLEU_METRIC.on(heavy, "dev").value == pytest.approx(
        BLEU_METRIC.on(copies, "dev").value, abs=1e-12
    )


@pytest.mark.parametrize("found", ["", "a b", "a b c d e"])
def test_nothing_and_everything_right_have_an_interval(found: str) -> None:
    table = checked(
        statistics([found] * 9, ["a b c d e"] * 9).assign(
            example_id=list("abcdefghi"), split="dev", error=0.0
        )
    )
    measured = BLEU_METRIC.on(table, "dev")
    assert measured.value == float(found == "a b c d e")
    assert measured.high - measured.low > 0.2


def test_signatures_say_how_it_was_measured() -> None:
    found = signatures()
    assert "tok:13a" in found["BLEU"]
    assert "case:mixed" in found["BLEU"]
    assert "nc:6" in found["chrF"]
    assert f"version:{sacrebleu.__version__}" in found["BLEU"]
