"""Which of two runs translates better: their BLEU on the same dev sentences, also by length.

    python tests/benchmarks/paired_bleu.py RUN_FOLDER RUN_FOLDER

Both are drawn with the same sentences each time (Koehn 2004), from the statistics that the runs
kept: nothing is tokenised again. Length is counted in words of the source.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from common.errors import UserError
from common.strategy import intervals
from common.strategy.bootstrap import bootstrap, of_sums
from common.strategy.clusters import Array, clusters
from common.strategy.results import Estimate
from projects.machine_translation.bleu import BLEU_COLUMNS, BLEU_METRIC, bleu, signatures
from projects.machine_translation.lengths import bands, span


def main(folders: list[str]) -> None:
    """Print BLEU of both runs and the second's lead, in all and by length of the source."""
    names = [Path(folder).name for folder in folders]
    first, second = paired(*(predictions(Path(folder)) for folder in folders))
    print(f"{len(first)} dev sentences; {signatures()[BLEU_METRIC.name]}")
    print(f"{'words':>9} {'n':>6}   {names[0]:<24} {names[1]:<24} second minus first")
    words = first["source"].map(lambda text: float(len(text.split())))
    of_length = [(span(band), band.index) for band in bands(words)]
    for name, rows in [("all", first.index), *of_length]:
        one, other = first.loc[rows], second.loc[rows]
        measured = [points(BLEU_METRIC.measure(table)) for table in (one, other)]
        lead = points(difference(one, other), sign="+")
        print(f"{name:>9} {len(rows):>6}   {measured[0]:<24} {measured[1]:<24} {lead}")


def predictions(folder: Path) -> pd.DataFrame:
    """Return a run's dev predictions by example_id; UserError where it has no statistics."""
    file = folder / "predictions.parquet"
    if not file.exists():
        raise UserError(f"{file} does not exist: name the folder of a finished run")
    table = pd.read_parquet(file)
    if BLEU_COLUMNS[0] not in table:
        raise UserError(f"{file} has no {BLEU_COLUMNS[0]}: name a run on pairs of sentences")
    return table[table["split"] == "dev"].set_index("example_id")


def paired(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables in one order; UserError where the two dev sets differ."""
    apart = first.index.symmetric_difference(second.index)
    if len(apart):
        raise UserError(
            f"{len(apart)} dev sentences are in only one of the runs ({len(first)} and"
            f" {len(second)} in all): compare runs on the same data and seed"
        )
    return first, second.loc[first.index]


def difference(first: pd.DataFrame, second: pd.DataFrame) -> Estimate:
    """Return BLEU of the second minus BLEU of the first, in [-1, 1], with its BCa interval."""
    columns, count = list(BLEU_COLUMNS), len(BLEU_COLUMNS)
    both = np.concatenate([table[columns].to_numpy(dtype=float) for table in (first, second)], 1)

    def lead(sums: Array) -> Array:
        """Scaled to [0, 1], for which the bootstrap is made; BCa does not mind the scale."""
        return (1 + bleu(sums[:, count:]) - bleu(sums[:, :count])) / 2

    found = bootstrap(of_sums(both, lead), clusters(first))
    if not found.method.startswith("bootstrap"):  # no draw differs: both may be perfect
        return intervals.difference(*(BLEU_METRIC.measure(table) for table in (second, first)))
    low, value, high = (2 * end - 1 for end in (found.low, found.value, found.high))
    return Estimate(value=value, low=low, high=high, n=found.n, method="paired bootstrap, BCa")


def points(found: Estimate, sign: str = "") -> str:
    """Return value and interval in points of BLEU."""
    value, low, high = (f"{100 * end:{sign}.1f}" for end in (found.value, found.low, found.high))
    return f"{value} ({low} to {high})"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        main(sys.argv[1:])
    except UserError as problem:
        sys.exit(f"error: {problem}")
