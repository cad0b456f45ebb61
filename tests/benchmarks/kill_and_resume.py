"""Kills a run with SIGKILL at random moments and resumes it, until it finishes.

    python tests/benchmarks/kill_and_resume.py [KILLS] [PRESET] [SEED]

Works in a temporary folder. Prints, per kill, what was going on and how many epochs had to be
trained again, and at the end: runs in MLflow, holes in the curves, epochs logged twice.
"""

import collections
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mlflow import MlflowClient

ROOT = Path(__file__).parents[2]
TRAIN = [sys.executable, "-m", "projects.cat_classifier", "train"]
RESUME = [sys.executable, "-m", "projects", "resume"]
LONGEST = 45.0
"""Seconds: a kill comes at a uniformly random moment within this time, after the start."""


def main(kills: int, preset: str, seed: int) -> None:
    """Kill `kills` times, then let the run finish, and print what MLflow knows of it."""
    rng = random.Random(seed)
    place = Path(tempfile.mkdtemp(prefix="kills-"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("MLFLOW_TRACKING_URI", None)
    lost_most, command = 0, [*TRAIN, preset]
    for number in range(1, kills + 1):
        process = _start(command, place, environment)
        while not _folders(place) and process.poll() is None:
            time.sleep(0.1)  # before there is a run there is nothing to resume
        time.sleep(rng.uniform(0, LONGEST))
        if process.poll() is not None:
            print(f"the run had finished before kill {number}")
            break
        before, last = _epochs(place), _last_line(place)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shown, kept = _shown(last), _epochs(place)
        lost = max(0, max(before, shown) - kept)
        lost_most = max(lost_most, lost)
        print(f"kill {number}: {kept} epochs kept, {lost} finished ones lost; last line: {last!r}")
        command = RESUME
    print(
        "to the end:", "finished" if _start(command, place, environment).wait() == 0 else "failed"
    )
    _report(place, lost_most)


def _report(place: Path, lost_most: int) -> None:
    client = MlflowClient(f"sqlite:///{place / 'mlflow.db'}")
    runs = client.search_runs([e.experiment_id for e in client.search_experiments()])
    print(f"runs in MLflow: {len(runs)}, status {', '.join(run.info.status for run in runs)}")
    for run in runs:
        steps = sorted(m.step for m in client.get_metric_history(run.info.run_id, "epoch/loss"))
        holes = sorted(set(range(1, max(steps, default=0) + 1)) - set(steps))
        print(f"epochs logged: {steps}; holes {holes}; twice {len(steps) - len(set(steps))}")
    lines = (place / "log.txt").read_text(errors="replace").splitlines()
    shown = collections.Counter(_shown(line) for line in lines if _shown(line))
    again = sorted(epoch for epoch, times in shown.items() if times > 1)
    print(
        f"finished epochs lost by a kill, at most: {lost_most}; trained to their end twice: {again}"
    )


def _start(
    command: list[str], place: Path, environment: dict[str, str]
) -> "subprocess.Popen[bytes]":
    with (place / "log.txt").open("ab") as log:
        return subprocess.Popen(
            command, cwd=place, env=environment, stdout=log, stderr=log, start_new_session=True
        )


def _folders(place: Path) -> list[Path]:
    return list(place.glob("runs/*/settings.json"))


def _epochs(place: Path) -> int:
    """Return how many epochs the backup or the finished history holds."""
    for history in place.glob("runs/*/history.csv"):
        return len(history.read_text().splitlines()) - 1
    return 0


def _last_line(place: Path) -> str:
    lines = (place / "log.txt").read_text(errors="replace").splitlines()
    return lines[-1].strip() if lines else ""


def _shown(line: str) -> int:
    """Return the epoch that a progress line says is done, or 0."""
    parts = line.split()
    return int(parts[1].split("/")[0]) if line.startswith("training") and "/" in parts[1] else 0


if __name__ == "__main__":
    words = sys.argv[1:]
    main(
        int(words[0]) if words else 10,
        words[1] if len(words) > 1 else "demo",
        int(words[2]) if len(words) > 2 else 0,
    )
