"""The wake word "athena": trained on espeak's voices, on real recordings, and on both.

    python tests/benchmarks/wake_word.py ATHENA_ZIP [EPOCHS]

ATHENA_ZIP holds positives/, negatives/ and backgrounds/. Works in a temporary folder. All three
runs are tested on the same real recordings (those whose hash is lowest), by one `reveal_test`:
alone, as they were recorded, and mixed into streams.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pandas as pd

from common.files import read_json
from common.strategy.intervals import rate, wilson
from common.strategy.predictions import checked
from projects.trigger_word_detection.data import Assets
from projects.trigger_word_detection.evaluate import curve_scores, det_curve, metrics, misses_at
from projects.trigger_word_detection.settings import Settings

ROOT = Path(__file__).parents[2]
RATES = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0)
FOLDERS = {"positives": "activates", "negatives": "negatives", "backgrounds": "backgrounds"}

SHARES = {  # the lowest 0.3 of the real recordings' hashes are test in each of the three
    "espeak": ("--data.dev-share", "0.35", "--data.test-share", "0.15"),
    "real": ("--data.dev-share", "0.2", "--data.test-share", "0.3"),
    "both": ("--data.dev-share", "0.2", "--data.test-share", "0.3", "--data.target-trains", "True"),
}


def main(archive: str, epochs: str) -> None:
    """Train, look at test once, and print a row per training set."""
    place = Path(tempfile.mkdtemp(prefix="athena-"))
    source = f"folder:{unpacked(Path(archive), place / 'athena')}"
    os.chdir(place)
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    runs = {}
    for name, shares in SHARES.items():
        own = ("--data.source", source)
        spoken = ("--data.source", "speech", "--data.target", source)
        chosen = ("--data.word", "athena", "--fit.epochs", epochs, *shares)
        runs[name] = trained(place, (*(own if name == "real" else spoken), *chosen))
        print(name, runs[name], flush=True)
    look = [sys.executable, "-m", "projects", "reveal_test", *runs.values()]
    subprocess.run([*look, "--reason", "athena"], check=True, capture_output=True)
    for name, run in runs.items():
        print(f"\n{name}")
        for line in judged(place / "runs" / run):
            print(f"  {line}")


def unpacked(archive: Path, place: Path) -> Path:
    """Write the archive's recordings under the names that `folder:` reads."""
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            kind, _, file = name.partition("/")
            if file and kind in FOLDERS:
                target = place / FOLDERS[kind] / file.removeprefix("pv-")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(files.read(name))
    return place


def trained(place: Path, choices: tuple[str, ...]) -> str:
    """Train the preset demo with these choices and return the run's name."""
    before = set(place.glob("runs/*"))
    command = [sys.executable, "-m", "projects.trigger_word_detection", "train", "demo"]
    with (place / "log.txt").open("ab") as log:
        subprocess.run([*command, *choices], check=True, stdout=log, stderr=log)
    (fresh,) = (path for path in set(place.glob("runs/*")) - before if path.is_dir())
    return fresh.name


def judged(run: Path) -> list[str]:
    """Return what the test predictions of a run say, in lines."""
    test = checked(pd.read_parquet(run / "predictions_test.parquet"))
    settings = Settings(**read_json(run / "settings.json"))
    assets = Assets(**read_json(run / "assets.json"))
    found = [
        f"as shipped: {metric.name} {metric.in_words(metric.on(test, 'test'))}"
        for metric in metrics(assets, settings)
    ]
    scores = curve_scores(test)
    curve = det_curve(scores, test, 1, assets.refractory, assets.tolerance)
    hours = float(curve["hours"].iloc[0])
    for most in RATES:
        missed = misses_at(curve, most)
        found.append(
            f"mixed streams (synthetic, {hours:g} h), at most {most:g} false accepts per hour:"
            f" {missed.value:.1%} ({missed.low:.1%} to {missed.high:.1%}) of {missed.n} missed"
        )
    return [*found, alone(test)]


def alone(test: pd.DataFrame) -> str:
    """Return misses of the recordings heard alone where none of the others is accepted."""
    peak = test["score"].where(test["prediction"] == "activate", 1 - test["score"])
    said, others = (test["unit"] == unit for unit in ("recorded", "recorded_stretch"))
    highest = float(peak[others].max())
    missed = wilson(int((peak[said] <= highest).sum()), int(said.sum()))
    hours = float(test.loc[others, "exposure"].sum())
    return (
        f"recordings alone, no false accept in {others.sum()} others ({60 * hours:.1f} minutes, at"
        f" most {rate(0, hours).high:.1f} per hour): {missed.value:.1%} ({missed.low:.1%} to"
        f" {missed.high:.1%}) of {missed.n} missed, threshold {highest:.3f}"
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "12")
