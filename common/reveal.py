"""The only way to a test score: one recorded look for all runs it names."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from common import tracking
from common.data.examples import fingerprint
from common.errors import UserError
from common.files import read_json, write_json, written
from common.rooms import room
from common.runs import RunFolder, finished_run, home
from common.strategy.parsing import percent
from common.strategy.predictions import checked
from common.strategy.predictions import units as rows_of

LOOKS = "test_looks.json"
"""In the folder of runs: test fingerprint -> looks, each with time, reason and runs."""


def revealed(names: Sequence[str], reason: str) -> list[str]:
    """Score the test set of the named runs and return lines to print; the look is counted first.

    Predictions go into each run folder (`predictions_test.parquet`), metrics `test/...` and the
    number of looks into MLflow. Raises UserError when a run has no test set or none is named.
    """
    if not names:
        raise UserError("no run was named: reveal_test RUN... looks at the test set of runs")
    folders = list({run.path: run for run in (finished_run(name) for name in names)}.values())
    tests = {folder.path: _test_rows(folder) for folder in folders}
    look = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "reason": reason,
        "runs": [folder.name for folder in folders],
    }
    counts = _recorded(look, {fingerprint(rows) for rows in tests.values()})
    lines = []
    for folder in folders:
        rows = tests[folder.path]
        lines += _scored(folder, rows, counts[fingerprint(rows)])
    return lines


def _test_rows(folder: RunFolder) -> pd.DataFrame:
    examples = pd.read_parquet(folder.path / "examples.parquet")
    rows = examples[examples["split"] == "test"].reset_index(drop=True)
    if rows.empty:
        raise UserError(f"run {folder.name} has no test set: train with data.test_share above 0")
    return rows


def _recorded(look: dict[str, Any], fingerprints: set[str]) -> dict[str, int]:
    """Add the look to the record before anything is scored; return the looks so far by test set."""
    path = home() / "runs" / LOOKS
    looks: dict[str, list[dict[str, Any]]] = read_json(path) if path.exists() else {}
    for one in fingerprints:
        looks.setdefault(one, []).append(look)
    write_json(path, looks)
    return {one: len(looks[one]) for one in fingerprints}


def _scored(folder: RunFolder, rows: pd.DataFrame, looks: int) -> list[str]:
    project = room(folder.info["project"])
    settings = project.settings(**read_json(folder.path / "settings.json"))
    assets = project.assets(**read_json(folder.path / "assets.json"))
    calibration = project.calibration(**read_json(folder.path / "calibration.json"))
    keras_file = project.formats[0]
    model = keras_file.load(folder.path / "export" / keras_file.name)
    units = project.units(project.compose(rows, "test", settings), assets, settings)
    scores = keras_file.score(model, units, assets, settings)
    predictions = checked(project.decide(scores, units, assets, calibration))
    with written(folder.path / "predictions_test.parquet") as beside:
        predictions.to_parquet(beside)
    metrics = [
        metric
        for metric in project.metrics(assets, settings)
        if len(rows_of(predictions, "test", metric.unit))
    ]
    found = {metric.name: metric.on(predictions, "test") for metric in metrics}
    tracking.log_table(
        folder,
        {f"test/{name}": one.value for name, one in found.items()},
        "predictions_test.parquet",
    )
    tracking.set_tag(folder, "test_looks", str(looks))
    short_of = f" (1 - {metrics[0].name})" if metrics[0].higher_is_better else ""
    times = "the first look" if looks == 1 else f"look number {looks}"
    return [
        f"{folder.name}: {len(predictions)} test units, {times} at this test set"
        f" (recorded in runs/{LOOKS}); dev error{short_of} was {_dev_error(folder)}",
        *(f"  test {metric.name:<16} {metric.in_words(found[metric.name])}" for metric in metrics),
    ]


def _dev_error(folder: RunFolder) -> str:
    known = read_json(folder.path / "measurements.json")["metrics"]
    low, high = percent(known["dev/error_low"]), percent(known["dev/error_high"])
    return f"{percent(known['dev/error'])} ({low} to {high})"


def test_looks(folder: Path, test_fingerprint: str) -> int:
    """Return how often a test set has been looked at."""
    path = folder / "runs" / LOOKS
    return len(read_json(path).get(test_fingerprint, [])) if path.exists() else 0
