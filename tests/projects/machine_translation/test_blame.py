"""Search or model: planted log-probabilities are blamed as the lecture says."""

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from hypothesis import example, given
from hypothesis import strategies as st

from common.project import NoCalibration
from common.strategy.predictions import checked
from projects.machine_translation.blame import (
    BLAMES,
    MODEL,
    NOISE,
    NORMALISATION,
    SEARCH,
    UNWRITABLE,
    blamed,
)
from projects.machine_translation.data import Assets, encoded
from projects.machine_translation.evaluate import answers, decide, score, truths
from projects.machine_translation.model import NETWORKS, Translator
from projects.machine_translation.settings import Search, Settings
from projects.machine_translation.tokens import BEGIN, END, PAD, characters
from projects.machine_translation.translating import (
    Translation,
    log_probabilities,
    translations,
)
from tests.projects.machine_translation.networks import assets, network, sentences

TARGETS = ["1979", "2001-12", "", "4-6-7", "77-09-1", "3", "2001-05-03", "12?", "x"]
"""The last three cannot be written: too long, and characters that are no pieces."""


def units(texts: list[str], targets: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "example_id": [f"e{number}" for number in range(len(texts))],
            "source": texts,
            "label": targets,
            "split": "dev",
            "part": "noisy",
            "unit": "example",
        }
    )


def decided(truth: str, truth_log: float, said: str, log: float, alpha: float) -> pd.DataFrame:
    """Decide one answer where the model is known to give these log-probabilities."""
    learned, search = assets(), Search(alpha=alpha)
    ids = (*learned.target.ids(said), 3)
    nowhere = np.zeros((len(ids), 3), np.float32)
    found = Translation((said,), (log / len(ids) ** alpha,), ids, nowhere, False)
    rows = units(["le"], [truth])
    told = answers(rows, [found], learned, search)
    scores = told.join(truths([truth], np.array([truth_log]), learned, search))
    return checked(decide(scores, rows, learned, NoCalibration()))


@pytest.mark.parametrize(
    ("truth", "truth_log", "said", "log", "alpha", "blame"),
    [
        ("1979", -9.0, "1979", -9.0, 0.7, ""),
        ("1979", -2.0, "1976", -3.0, 0.7, SEARCH),
        ("1979", -3.0, "1976", -2.0, 0.7, MODEL),
        ("1979", -2.0, "1976", -2.0, 0.7, MODEL),
        ("1979", -2.0, "1976", -2.0 - NOISE / 2, 0.7, MODEL),
        # -2.0 / 2 = -1 against -3.0 / 4 = -0.75
        ("1", -2.0, "123", -3.0, 1.0, NORMALISATION),
        ("1", -2.0, "123", -3.0, 0.0, SEARCH),
        # the normalisation is for the truth, and still it was not found
        ("123", -3.0, "1", -2.0, 1.0, SEARCH),
        ("2001-05-03", -0.1, "2001", -3.0, 0.7, UNWRITABLE),
        ("19?9", -0.1, "1979", -3.0, 0.7, UNWRITABLE),
    ],
)
def test_planted_cases(
    truth: str, truth_log: float, said: str, log: float, alpha: float, blame: str
) -> None:
    row = decided(truth, truth_log, said, log, alpha).iloc[0]
    assert row["blame"] == blame
    assert row["log_probability"] == pytest.approx(log)
    assert row["truth_log_probability"] == truth_log
    assert row["truth_length"] == min(len(truth) + 1, assets().target_length)
    assert row["truth_score"] == pytest.approx(truth_log / row["truth_length"] ** alpha)


LOGS = st.floats(-50, 0)


@example(0.0, 18, -1 / 32, 18, 2.0)  # apart by more than noise, their scores by less
@given(LOGS, st.integers(1, 60), LOGS, st.integers(1, 60), st.floats(0, 2))
def test_normalisation_is_blamed_for_longer_answers_only(
    truth_log: float, truth_length: int, log: float, length: int, alpha: float
) -> None:
    """So the advice, a lower alpha, is always the right direction."""
    row = {
        "exact": False,
        "truth_is_writable": True,
        "score": log / length**alpha,
        "log_probability": log,
        "truth_score": truth_log / truth_length**alpha,
        "truth_log_probability": truth_log,
    }
    (blame,) = blamed(pd.DataFrame([row]))
    assert blame in BLAMES
    if blame == NORMALISATION:
        assert length > truth_length
        # without the normalisation the search would be to blame
        assert blamed(pd.DataFrame([{**row, "score": log, "truth_score": truth_log}])) == [SEARCH]


def by_steps(model: Translator, source: str, target: list[int], learned: Assets) -> float:
    """Return a target's log-probability as the search takes it."""
    memory = model.encode(tf.constant(encoded([source], learned.source, learned.source_length)))
    state, total = model.start(memory), 0.0
    for before, piece in zip([BEGIN, *target[:-1]], target, strict=True):
        logs, state, _ = model.step(tf.constant([before]), state, memory)
        total += float(logs[0, piece])
    return total


@pytest.mark.parametrize("name", NETWORKS)
def test_all_steps_at_once_are_the_steps_of_the_search(name: str) -> None:
    learned = assets()
    model, texts = network(learned, name), sentences(len(TARGETS))
    found = log_probabilities(model, texts, TARGETS, learned)
    ids = encoded(TARGETS, learned.target, learned.target_length)
    expected = [
        by_steps(model, text, [one for one in own if one != PAD], learned)
        for text, own in zip(texts, ids.tolist(), strict=True)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_an_answer_scored_as_a_truth_has_what_the_search_gave_it() -> None:
    learned, search = assets(), Search(beam=2, n_best=1)
    model, texts = network(learned), sentences(20)
    found = [
        (text, one)
        for text, one in zip(texts, translations(model, texts, learned, search), strict=True)
        if one.ids[-1] == END
    ]
    assert found
    again = log_probabilities(
        model, [text for text, _ in found], [one.texts[0] for _, one in found], learned
    )
    logs = [one.scores[0] * len(one.ids) ** search.alpha for _, one in found]
    np.testing.assert_allclose(again, logs, atol=1e-4)


def test_scores_know_the_truths_and_which_cannot_be_written() -> None:
    learned = assets()
    rows = units(sentences(len(TARGETS)), TARGETS)
    found = score(network(learned), rows, learned, Settings(search=Search(beam=2, n_best=1)))
    assert found["search.truth_is_writable"].tolist() == [True] * 6 + [False] * 3
    assert found["search.truth_length"].tolist() == [5, 8, 1, 6, 8, 2, 8, 4, 2]
    assert np.isfinite(found.select_dtypes("number")).all(axis=None)  # exports are compared by them
    table = checked(decide(found, rows, learned, NoCalibration()))
    assert set(table["blame"][6:]) == {UNWRITABLE}
    assert (table["blame"] == "").equals(table["exact"])


def test_a_search_through_everything_is_never_to_blame() -> None:
    learned = assets().model_copy(update={"target": characters(["01-"], False), "target_length": 3})
    model, everything = network(learned), 1 + 3 + 9 * 4
    rng = np.random.default_rng(0)
    targets = ["".join(rng.choice(list("01-"), rng.integers(0, 3))) for _ in range(200)]
    rows = units(sentences(200), targets)
    blames = {}
    for beam in (1, everything):
        chosen = Settings(search=Search(beam=beam, alpha=1.5, n_best=1))
        found = score(model, rows, learned, chosen)
        blames[beam] = set(checked(decide(found, rows, learned, NoCalibration()))["blame"])
    assert SEARCH in blames[1]
    assert blames[everything] == {"", MODEL, NORMALISATION}
