"""What a run is judged by, for an error and for a metric of which more is better."""

from dataclasses import replace
from pathlib import Path

import keras
import pytest

from common.data.splits import by_group
from common.evaluation import results
from common.evaluation.results import Results, measured
from common.evaluation.trained import Trained, held_out
from common.settings import Fit, Settings, Strategy
from common.strategy.intervals import complement, wilson
from common.strategy.metrics import Metric, error
from common.strategy.results import Estimate
from tests.common import tiny

SETTINGS = Settings(fit=Fit(epochs=12, learning_rate=0.05), strategy=Strategy(human_level="0.05"))
ACCURACY = Metric("accuracy", "example", True, lambda rows: complement(error.measure(rows)))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    rows = by_group(tiny.PROJECT.examples(SETTINGS, Path()).examples, SETTINGS.data)
    folder = tmp_path_factory.mktemp("run")
    return held_out(tiny.PROJECT, SETTINGS, rows, folder, lambda rows, prefix: None)


def judged(trained: Trained, metric: Metric) -> Results:
    project = replace(tiny.PROJECT, metrics=lambda assets, settings: (metric,))
    return measured(project, SETTINGS, trained, {}, "fedc", "0123")


def test_the_better_way_up_changes_nothing_but_what_is_read(trained: Trained) -> None:
    by_error, by_accuracy = judged(trained, error), judged(trained, ACCURACY)
    assert by_error.optimized.value == by_error.error.value == by_accuracy.error.value
    assert by_accuracy.optimized.value == pytest.approx(1 - by_error.error.value)
    assert f"dev accuracy {100 * by_accuracy.optimized.value:.1f} %" in by_accuracy.headline
    assert by_accuracy.is_good == by_error.is_good
    assert by_accuracy.diagnosis.verdict == by_error.diagnosis.verdict
    known, other = (one.record({})["metrics"] for one in (by_error, by_accuracy))
    for name in ("dev/error", "dev/error_low", "train/error", "baseline/error", "objective/error"):
        assert other[name] == pytest.approx(known[name])
    assert other["dev/accuracy"] == pytest.approx(1 - known["dev/error"])


@pytest.mark.parametrize("metric", [error, ACCURACY])
def test_a_run_is_good_where_it_is_surely_better_than_the_trivial_answer(
    trained: Trained, metric: Metric
) -> None:
    found = judged(trained, metric)
    worse, better = (replace(found, baseline=_of(metric, value)) for value in (0.99, 0.01))
    assert worse.is_good
    assert not better.is_good


def _of(metric: Metric, wrong: float) -> Estimate:
    """Return the metric of an answer with this share of errors."""
    return metric.as_error(wilson(round(100 * wrong), 100))


def test_batch_norm_is_on_where_the_network_has_it(trained: Trained) -> None:
    """The setting alone says nothing: some networks have no such layer."""
    plain = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    assert SETTINGS.fit.batch_norm
    assert "batch norm" in results._evidence(trained, SETTINGS).regularisation
    without = replace(trained, model=plain)
    assert "batch norm" not in results._evidence(without, SETTINGS).regularisation


def test_a_decayed_rate_and_the_held_out_loss_are_evidence(trained: Trained) -> None:
    found = results._evidence(trained, SETTINGS)
    assert found.rate_left == pytest.approx(1)
    losses = [0.4, 0.3, 0.28, 0.26]
    history = trained.history.tail(4).assign(
        loss=losses, val_loss=losses[::-1], learning_rate=[1e-2, 5e-3, 1e-3, 1e-4]
    )
    found = results._evidence(replace(trained, history=history), SETTINGS)
    assert found.rate_left == pytest.approx(0.01)
    assert found.loss_fall == pytest.approx(0.35)
    assert found.held_out_fall == 0
    assert not found.still_learns
    alone = replace(trained, history=history.drop(columns=["val_loss", "learning_rate"]))
    assert results._evidence(alone, SETTINGS).held_out_fall is None
    assert results._evidence(alone, SETTINGS).still_learns


def test_what_the_human_level_is_comes_with_the_level(trained: Trained) -> None:
    project = replace(
        tiny.PROJECT,
        human_level=lambda settings: 0.01,
        human_level_note=lambda settings: "what noise covers",
    )
    asked = SETTINGS.model_copy(update={"strategy": Strategy()})
    found = measured(project, asked, trained, {}, "fedc", "0123").diagnosis.levels[0]
    assert (found.name, found.note) == ("human", "what noise covers")
    stated = measured(project, SETTINGS, trained, {}, "fedc", "0123").diagnosis.levels[0]
    assert stated.note == ""
