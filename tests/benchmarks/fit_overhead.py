"""Training in the one flow against bare `model.fit`: same model, data and validation, one process.

    python tests/benchmarks/fit_overhead.py [EPOCHS] [PAIRS]

The two take turns, and which comes first changes; the ratio is of each pair's seconds per epoch,
the first epoch (tracing) left out. The flow writes its backup and logs to a real MLflow.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from common import runtime

runtime.quiet()
runtime.load_tensorflow()

import keras  # noqa: E402

from common import tracking  # noqa: E402
from common.evaluation.trained import by_split  # noqa: E402
from common.training.fit import FitJob, keras_fit  # noqa: E402
from projects.cat_classifier.room import PROJECT  # noqa: E402
from projects.cat_classifier.settings import PRESETS  # noqa: E402


class Seconds(keras.callbacks.Callback):
    """Seconds of every epoch, from the end of the one before."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[float] = []

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Note the time."""
        self.ends.append(time.perf_counter())

    def per_epoch(self) -> float:
        """Return the mean seconds of an epoch, the first left out."""
        return (self.ends[-1] - self.ends[0]) / (len(self.ends) - 1)


def main(epochs: int, pairs: int) -> None:
    """Print the ratio of each pair, and their median."""
    settings = PRESETS["demo"][1]
    place = Path(tempfile.mkdtemp(prefix="overhead-"))
    examples = PROJECT.split(PROJECT.examples(settings, place).examples, settings)
    rows = by_split(PROJECT, examples, settings)
    assets = PROJECT.prepare(rows["train"], settings)
    steps = -(-len(rows["train"]) // settings.fit.batch_size)

    def bare() -> float:
        model, clock = PROJECT.build(assets, settings), Seconds()
        model.fit(
            PROJECT.dataset(rows["train"], assets, settings, 0),
            epochs=epochs,
            steps_per_epoch=steps,
            validation_data=PROJECT.dataset(rows["dev"], assets, settings, None),
            callbacks=[clock],
            shuffle=False,
            verbose=0,
        )
        return clock.per_epoch()

    def flow() -> float:
        model = PROJECT.build(assets, settings)
        with tracking.new_run(PROJECT.name, "demo", {}) as folder:
            ends: list[float] = []

            def told(epochs_done: list[dict[str, float]]) -> None:
                tracking.log_epochs(folder, epochs_done)
                ends.append(time.perf_counter())

            keras_fit(
                model,
                FitJob(
                    project=PROJECT,
                    settings=settings,
                    assets=assets,
                    train=rows["train"],
                    watch=rows["dev"],
                    epochs=epochs,
                    patience=epochs,
                    backup=folder.path / "backup.npz",
                    on_epoch=told,
                ),
            )
        return (ends[-1] - ends[1]) / (len(ends) - 2)

    ratios = []
    for pair in range(pairs):
        order = (flow, bare) if pair % 2 else (bare, flow)
        seconds = {run.__name__: run() for run in order}
        ratios.append(seconds["flow"] / seconds["bare"])
        print(
            f"pair {pair + 1}: bare {seconds['bare']:.2f} s, flow {seconds['flow']:.2f} s an epoch,"
            f" ratio {ratios[-1]:.3f}"
        )
    print(f"ratio flow / bare: median {statistics.median(ratios):.3f} of {pairs} pairs")


if __name__ == "__main__":
    chosen = [int(word) for word in sys.argv[1:3]]
    main(*(chosen if len(chosen) == 2 else (6, 5)))
