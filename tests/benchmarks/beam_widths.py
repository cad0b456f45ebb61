"""What a wider beam brings and costs: quality, misses of the search and time on a run's dev set.

    python tests/benchmarks/beam_widths.py RUN_FOLDER [WIDTH ...]

Scores the dev sentences of the first metric's unit with the exported Keras model, at the run's own
alpha. A miss is a wrong answer to which the model prefers the truth (course 5, 3.5); its share is
that of the wrong ones. Time is of the search alone, in batches, its graph made before.
"""

import sys
import time
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from common import runtime
from common.errors import UserError
from common.files import read_json
from common.project import NoCalibration
from common.runs import RunFolder
from common.strategy.clusters import clusters
from common.strategy.intervals import mean
from common.strategy.metrics import Metric
from common.strategy.predictions import checked
from common.strategy.results import Estimate
from projects.machine_translation.blame import SEARCH
from projects.machine_translation.evaluate import answers, decide, metrics, truths
from projects.machine_translation.settings import Settings

WIDTHS = (1, 2, 5, 10, 20)


class Measured(NamedTuple):
    """What a beam of one width comes to on all sentences."""

    beam: int
    quality: Estimate
    """By the run's first metric."""
    wrong: int
    """Answers that are not the truth to the last character."""
    missed: Estimate
    """The share of these that the search is to blame for."""
    milliseconds: float
    """Of the search, for a sentence."""


def main(folder: Path, widths: tuple[int, ...]) -> None:
    """Print a line per width."""
    run = RunFolder(folder)
    settings, units = _settings(run), _dev(run)
    metric, found = measured(run, units, settings, widths)
    print(f"{found[0].quality.n} dev sentences, alpha {settings.search.alpha:g}")
    head = f"dev {metric.name}"
    print(f"{'beam':>4}  {head:<26} {'wrong':>6}  {'missed by the search':<26} ms a sentence")
    for one in found:
        quality, missed = metric.in_words(one.quality), metric.in_words(one.missed)
        print(f"{one.beam:>4}  {quality:<26} {one.wrong:>6}  {missed:<26} {one.milliseconds:.2f}")


def measured(
    run: RunFolder, units: pd.DataFrame, settings: Settings, widths: tuple[int, ...]
) -> tuple[Metric, list[Measured]]:
    """Return the run's first metric, and what it and the search come to at each width."""
    from projects.machine_translation.translate import exported
    from projects.machine_translation.translating import log_probabilities, translations

    network, assets = exported(run)
    metric = metrics(assets, settings)[0]
    units = units[units["unit"] == metric.unit].reset_index(drop=True)
    sources, meant = units["source"].tolist(), units["label"].tolist()
    known = log_probabilities(network, sources, meant, assets)
    found = []
    for beam in widths:
        search = settings.search.model_copy(update={"beam": beam})
        translations(network, sources[:1], assets, search)
        started = time.perf_counter()
        told = translations(network, sources, assets, search)
        seconds = time.perf_counter() - started
        scores = answers(units, told, assets, search).join(truths(meant, known, assets, search))
        rows = checked(decide(scores, units, assets, NoCalibration()))
        wrong = rows[~rows["exact"].astype(bool)]
        missed = mean(wrong["blame"] == SEARCH, wrong["weight"], clusters(wrong))
        taken = 1000 * seconds / len(units)
        found.append(Measured(beam, metric.measure(rows), len(wrong), missed, taken))
    return metric, found


def _settings(run: RunFolder) -> Settings:
    file = run.path / "settings.json"
    if not file.exists():
        raise UserError(f"{file} does not exist: name the folder of a finished run")
    return Settings(**read_json(file))


def _dev(run: RunFolder) -> pd.DataFrame:
    file = run.path / "reference_units.parquet"
    if not file.exists():
        raise UserError(f"{file} does not exist: name the folder of a finished run")
    return pd.read_parquet(file)


def _widths(given: list[str]) -> tuple[int, ...]:
    wrong = [one for one in given if not one.isdecimal() or not 1 <= int(one) <= 100]
    if wrong:
        raise UserError(f"{wrong[0]!r} is no width of a beam: give whole numbers from 1 to 100")
    return tuple(map(int, given)) or WIDTHS


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        chosen = _widths(sys.argv[2:])
        runtime.quiet()
        runtime.load_tensorflow()
        main(Path(sys.argv[1]), chosen)
    except UserError as problem:
        sys.exit(f"error: {problem}")
