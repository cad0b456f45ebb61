"""Every rung of the ladder on the course's cat pictures, three seeds each, test looked at once.

    python tests/benchmarks/course_ladder.py FOLDER SQUEEZENET_H5 [SEEDS]

FOLDER holds train_catvnoncat.h5 and test_catvnoncat.h5. Works in a temporary folder. Every run is
cross-validated inside the training set (`fit.folds=5`), then trained on all 209 pictures; the test
set is looked at by one `reveal_test` for all runs. Choices below were frozen before that look.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from common.runs import RunFolder
from common.strategy.metrics import auc, balanced_error, error
from common.strategy.predictions import checked

ROOT = Path(__file__).parents[2]

MODERN = (
    *("--fit.optimizer", "adam", "--fit.passes", "1", "--fit.batch-size", "32"),
    *("--fit.decay", "cosine", "--fit.batch-norm", "True", "--fit.initialization", "he"),
)
CHOICES: dict[str, tuple[str, ...]] = {
    "logistic": (),
    "shallow": ("--fit.learning-rate", "0.0075", "--fit.epochs", "25"),
    "deep": ("--fit.learning-rate", "0.0075", "--fit.epochs", "25"),
    "convnet": (*MODERN, "--fit.epochs", "60", "--fit.learning-rate", "2e-3"),
    "resnet": (*MODERN, "--fit.epochs", "60", "--fit.learning-rate", "1e-3"),
    "transfer": (*MODERN, "--fit.epochs", "30", "--fit.learning-rate", "1e-3"),
}
AUGMENTED = ("convnet", "resnet")


def main(folder: str, weights: str, seeds: int) -> None:
    """Train all runs, look at test once, and print a row per rung."""
    place = Path(tempfile.mkdtemp(prefix="ladder-"))
    os.chdir(place)
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    names: dict[str, list[str]] = {}
    for rung, choices in CHOICES.items():
        more = ("--model.augment", str(rung in AUGMENTED))
        if rung == "transfer":
            more += ("--model.weights", f"file:{weights}", "--data.size", "192")
        for seed in range(seeds):
            chosen = ("--model.name", rung, "--runtime.seed", str(seed), *choices, *more)
            names.setdefault(rung, []).append(_trained(place, folder, chosen))
            print(rung, seed, names[rung][-1], flush=True)
    every = [name for rung in names.values() for name in rung]
    look = [sys.executable, "-m", "projects", "reveal_test", *every, "--reason", "the ladder"]
    subprocess.run(look, check=True, capture_output=True)
    print(pd.DataFrame([_row(place, rung, runs) for rung, runs in names.items()]).to_string())


def _trained(place: Path, folder: str, choices: tuple[str, ...]) -> str:
    before = set(place.glob("runs/*"))
    command = ["-m", "projects.cat_classifier", "train", "course", "--data.source", f"h5:{folder}"]
    with (place / "log.txt").open("ab") as log:
        subprocess.run(
            [sys.executable, *command, "--fit.folds", "5", *choices],
            check=True,
            stdout=log,
            stderr=log,
        )
    (fresh,) = (path for path in set(place.glob("runs/*")) - before if path.is_dir())
    return fresh.name


def _row(place: Path, rung: str, names: list[str]) -> dict[str, str]:
    """Return the medians over seeds; the interval is that of the median run."""
    found = []
    for name in names:
        path = RunFolder(place / "runs" / name).path
        dev = checked(pd.read_parquet(path / "predictions.parquet"))
        test = checked(pd.read_parquet(path / "predictions_test.parquet"))
        wrong = error.on(test, "test")
        at_half = (test["probability"] >= 0.5) == (test["truth"] == "cat")
        found.append(
            {
                "cv": 1 - error.on(dev, "dev").value,
                "test": 1 - wrong.value,
                "half": float(at_half.mean()),
                "low": 1 - wrong.high,
                "high": 1 - wrong.low,
                "balanced": 1 - balanced_error.on(test, "test").value,
                "auc": auc("cat").on(test, "test").value,
            }
        )
    seeds = pd.DataFrame(found).sort_values("test", ignore_index=True)
    middle = seeds.iloc[len(seeds) // 2]
    return {
        "rung": rung,
        "CV accuracy": f"{seeds['cv'].median():.3f}",
        "test accuracy": f"{middle['test']:.2f} ({middle['low']:.2f} to {middle['high']:.2f})",
        "seeds": " ".join(f"{value:.2f}" for value in seeds["test"]),
        "test at 0.5": " ".join(f"{value:.2f}" for value in sorted(seeds["half"])),
        "balanced": f"{seeds['balanced'].median():.3f}",
        "AUC": f"{seeds['auc'].median():.3f}",
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 3)
