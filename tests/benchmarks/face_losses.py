"""Which loss and which mining make the best embedding, on one identity split.

    python tests/benchmarks/face_losses.py lfw:PATH [EPOCHS] [SEEDS]

All with the same network, batches, updates and data: people outside LFW's folds 1 to 5 are trained
on, and pairs of others among them are judged (dev). Rates are those of dev at its own threshold.
"""

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from common import runtime
from common.evaluation.trained import by_split
from common.strategy import predictions
from common.training.fit import FitJob, keras_fit
from projects.face_verification import evaluate
from projects.face_verification.rates import auc, equal_error_rate, false_non_match_rate
from projects.face_verification.room import PROJECT
from projects.face_verification.settings import Data, Fit, Model, Settings

TRIED = (
    ("triplet", "random"), ("triplet", "semi_hard"), ("triplet", "batch_hard"),
    ("siamese", "batch_hard"), ("arcface", "batch_hard"),
)  # fmt: skip
METRICS = (false_non_match_rate(0.01), equal_error_rate, auc)


@dataclass(frozen=True)
class Way:
    """A loss, its mining and a seed."""

    loss: str
    mining: str
    seed: int


def main(source: str, epochs: int, seeds: int) -> None:
    """Print the rates of every loss and seed, then their means."""
    runtime.load_tensorflow()
    found = []
    for seed in range(seeds):
        for loss, mining in TRIED:
            found.append(measured(Way(loss, mining, seed), source, epochs))
            print(
                pd.DataFrame(found[-1:]).to_string(index=False, header=len(found) == 1), flush=True
            )
    table = pd.DataFrame(found)
    means = table.groupby(["loss", "mining"]).agg(["mean", "std"]).drop(columns="seed")
    print(means.round(4).to_string())


def measured(way: Way, source: str, epochs: int) -> dict[str, float | str]:
    """Return what one training comes to on dev."""
    is_lfw = source.startswith("lfw:")
    base = Settings(
        data=Data(source=source, size=64, test_folds=(1, 2, 3, 4, 5) if is_lfw else ()),
        fit=Fit(epochs=epochs, batch_size=128, learning_rate=2e-3, decay="cosine"),
        model=Model(width=16, loss=way.loss, mining=way.mining),
    )
    settings = base.model_copy(
        update={"runtime": base.runtime.model_copy(update={"seed": way.seed})}
    )
    with tempfile.TemporaryDirectory() as folder:
        cache = Path("cache")
        examples = PROJECT.split(PROJECT.examples(settings, cache).examples, settings)
        rows = by_split(PROJECT, examples, settings)
        assets = PROJECT.prepare(rows["train"], settings)
        runtime.seed_everything(settings.runtime)
        model = PROJECT.build(assets, settings)
        started = time.perf_counter()
        keras_fit(
            model,
            FitJob(
                project=PROJECT,
                settings=settings,
                assets=assets,
                train=rows["train"],
                watch=None,
                epochs=epochs,
                patience=0,
                backup=Path(folder) / "backup.npz",
                on_epoch=lambda _: None,
            ),
        )
        seconds = time.perf_counter() - started
    units = PROJECT.units(rows["dev"], assets, settings)
    scores = PROJECT.score(model, units, assets, settings)
    fitted = evaluate.calibrate(scores, units, assets, settings)
    table = predictions.checked(evaluate.decide(scores, units, assets, fitted).assign(split="dev"))
    rates = {metric.name: metric.measure(table).value for metric in METRICS}
    return {"loss": way.loss, "mining": way.mining, "seed": way.seed, **rates, "seconds": seconds}


if __name__ == "__main__":
    given = sys.argv[1:]
    main(given[0], *(int(one) for one in (given[1:] + ["10", "3"][len(given) - 1 :])))
