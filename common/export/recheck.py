"""Loads every export in a fresh process and compares it with the trained model on all dev units.

    python -m common.export.recheck RUN_FOLDER

Writes `recheck.json` beside the exports: for each format its size, the largest difference, how
many answers differ, and the 95th percentile of its latency for one unit.
"""

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from common import runtime
from common.errors import UserError
from common.export.timing import TIMED, WARM_UP, milliseconds
from common.files import read_json, write_json


def rechecked(folder: Path, tolerance: float) -> dict[str, dict[str, Any]]:
    """Run the comparison in a fresh process and return its figures by format.

    Raises UserError when an export differs from the trained model by more than `tolerance`
    (absolute up to a score of 1, relative above) or in an answer.
    """
    done = subprocess.run(
        [sys.executable, "-m", "common.export.recheck", str(folder)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"the re-check of the exports failed: {last}\n{done.stderr}")
    figures: dict[str, dict[str, Any]] = read_json(folder / "export" / "recheck.json")
    for name, found in figures.items():
        if not found["difference"] <= tolerance or found["answers_differ"]:
            raise UserError(
                f"export {name} differs from the trained model by {found['difference']:.2g} and in"
                f" {found['answers_differ']} answers on {found['units']} dev units: at most"
                f" {tolerance:g} is allowed; nothing was registered"
            )
    return figures


def compare(folder: Path) -> dict[str, dict[str, Any]]:
    """Load each export of a run folder and return its figures by format."""
    import pandas as pd

    from common.rooms import room

    project = room(read_json(folder / "run.json")["project"])
    settings = project.settings(**read_json(folder / "settings.json"))
    assets = project.assets(**read_json(folder / "assets.json"))
    calibration = project.calibration(**read_json(folder / "calibration.json"))
    reference = pd.read_parquet(folder / "reference.parquet").reset_index(drop=True)
    units = pd.read_parquet(folder / "reference_units.parquet")
    answers = project.decide(reference, units, assets, calibration).reset_index(drop=True)
    figures = {}
    for form in project.formats:
        path = folder / "export" / form.name
        loaded = form.load(path)
        scores = form.score(loaded, units, assets, settings).reset_index(drop=True)
        numbers = [c for c in scores.select_dtypes("number") if c in reference]
        texts = [
            c for c in scores if c in answers and c not in scores[numbers] and c != "example_id"
        ]
        if not numbers and not texts:
            raise ValueError(f"{form.name} has no column of {list(reference.columns)} to compare")
        figures[form.name] = {
            "bytes": _size(path),
            "units": len(units),
            "difference": _difference(scores[numbers], reference[numbers]),
            "answers_differ": int((scores[texts] != answers[texts]).any(axis=1).sum()),
            "latencies_ms": (form.milliseconds or partial(_latencies, form))(
                loaded, units, assets, settings
            ),
        }
    return figures


def _difference(found: Any, expected: Any) -> float:
    gaps = (found - expected).abs() / expected.abs().clip(lower=1)
    return float(gaps.to_numpy().max(initial=0.0)) if gaps.notna().all(axis=None) else float("nan")


def _latencies(form: Any, loaded: Any, units: Any, assets: Any, settings: Any) -> list[float]:
    """Milliseconds for one unit at a time."""
    alone = (units.iloc[i : i + 1] for i in range(min(TIMED + WARM_UP, len(units))))
    return milliseconds(lambda unit: form.score(loaded, unit, assets, settings), alone)


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(file.stat().st_size for file in files)


if __name__ == "__main__":
    runtime.quiet()
    runtime.load_tensorflow()
    run_folder = Path(sys.argv[1])
    write_json(run_folder / "export" / "recheck.json", compare(run_folder))
