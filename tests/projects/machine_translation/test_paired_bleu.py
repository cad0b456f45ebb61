"""The paired comparison of two runs: sharper than two intervals, and careful with its input."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from projects.machine_translation.bleu import BLEU_METRIC, statistics
from tests.benchmarks.paired_bleu import difference, main, paired, predictions
from tests.projects.machine_translation.planted import dates, sentences


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return two run folders: the second's answers are the first's, some of them put right."""
    worse, _ = sentences(240)
    right = np.random.default_rng(1).random(len(worse)) < 0.2
    answers = np.where(right, worse["truth"], worse["prediction"])
    counted = statistics(answers.tolist(), worse["truth"].tolist())
    better = worse.assign(prediction=answers, **{name: counted[name] for name in counted})
    folders = []
    for name, table in (("worse", worse), ("better", better.sample(frac=1, random_state=0))):
        folders.append(tmp_path_factory.mktemp(name))
        table.to_parquet(folders[-1] / "predictions.parquet")
    return folders


def test_a_paired_difference_is_sharper_than_two_intervals(runs: list[Path]) -> None:
    tables = paired(*(predictions(folder) for folder in runs))
    found = difference(*tables)
    worse, better = (BLEU_METRIC.measure(table) for table in tables)
    assert found.value == pytest.approx(better.value - worse.value)
    assert 0 < found.low < found.value < found.high
    assert found.high - found.low < np.hypot(worse.high - worse.low, better.high - better.low)


def test_equal_runs_do_not_differ(runs: list[Path]) -> None:
    table = predictions(runs[0])
    found = difference(table, table)
    assert found.low == pytest.approx(found.high, abs=1e-6) == pytest.approx(0, abs=1e-6)


def test_two_perfect_runs_may_differ_a_little(runs: list[Path]) -> None:
    table = predictions(runs[0])
    perfect = table[table["exact"]]
    found = difference(perfect, perfect)
    assert -0.1 < found.low < 0 == found.value < found.high < 0.1


def test_all_and_each_band_of_length_are_printed(
    runs: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(folder) for folder in runs])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("240 dev sentences; nrefs:1")
    assert lines[2].split()[:2] == ["all", "240"]
    assert sum(int(line[9:17]) for line in lines[3:]) == 240


def test_other_sentences_are_refused(runs: list[Path], tmp_path: Path) -> None:
    table = predictions(runs[0])
    with pytest.raises(UserError, match="1 dev sentences are in only one"):
        paired(table, table.iloc[1:])
    with pytest.raises(UserError, match="does not exist"):
        predictions(tmp_path)
    pd.DataFrame(dates(4)[0]).to_parquet(tmp_path / "predictions.parquet")
    with pytest.raises(UserError, match=r"has no stat\.bleu"):
        predictions(tmp_path)
