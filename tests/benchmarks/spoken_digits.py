"""The word "seven" of the spoken digits, each of the six speakers held out in turn.

    python tests/benchmarks/spoken_digits.py RECORDINGS_ZIP [EPOCHS]

RECORDINGS_ZIP holds {digit}_{speaker}_{index}.flac. Works in a temporary folder. One run with
`fit.folds=6`: a fold is a speaker, who says 4 other digits in every 10 s (1,440 an hour).
"""

import os
import sys
import tempfile
import zipfile
from pathlib import Path

import pandas as pd

from common.files import read_json
from common.strategy.predictions import checked
from projects.trigger_word_detection.data import Assets
from projects.trigger_word_detection.evaluate import det_curve, metrics, misses_at
from projects.trigger_word_detection.settings import Settings
from tests.benchmarks.wake_word import ROOT, trained

RATE = 10.0


def main(archive: str, epochs: str) -> None:
    """Cross-validate, and print misses at 10 false accepts per hour for each speaker."""
    place = Path(tempfile.mkdtemp(prefix="digits-"))
    source = f"folder:{unpacked(Path(archive), place / 'digits')}"
    os.chdir(place)
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    choices = (
        *("--data.source", source, "--data.word", "seven", "--data.test-share", "0"),
        *("--data.clips.negatives", "4", "--data.clips.scored", "360", "--fit.folds", "6"),
        *("--detector.false-accepts-per-hour", str(RATE), "--fit.epochs", epochs),
    )
    run = place / "runs" / trained(place, choices)
    print(run.name)
    print(table(run).to_string(index=False))


def unpacked(archive: Path, place: Path) -> Path:
    """Write activates/SPEAKER and negatives/SPEAKER."""
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            if name.endswith(".flac"):
                digit, speaker, _ = Path(name).stem.split("_")
                kind = "activates" if digit == "7" else "negatives"
                target = place / kind / speaker / Path(name).name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(files.read(name))
    return place


def table(run: Path) -> pd.DataFrame:
    """Return a row per speaker held out, and their mean.

    `at 10 an hour`: the threshold is the speaker's own best within the rate. `as decided`: with
    the detector that was fitted on other speakers, which may keep the rate or not.
    """
    predictions = checked(pd.read_parquet(run / "predictions.parquet"))
    scores = pd.read_parquet(run / "scores.parquet")
    assets = Assets(**read_json(run / "assets.json"))
    smoothing = read_json(run / "calibration.json")["smoothing"]
    misses, accepts, *_ = metrics(assets, Settings(**read_json(run / "settings.json")))
    is_dev = (predictions["split"] == "dev").to_numpy()
    scores = scores[scores["split"] == "dev"].drop(columns="split")
    rows = predictions[is_dev].merge(scores, on="example_id", validate="one_to_one")
    steps = ["example_id", *(name for name in scores if str(name).startswith("step."))]
    clip_of = rows[rows["unit"] == "event"].set_index("clip")["group"].groupby(level=0).first()
    # a fold's clips share the middle of their names; so a clip without the word has its speaker
    fold = rows["clip"].str.split("-").str[1]
    speaker = fold.map(clip_of.groupby(clip_of.index.str.split("-").str[1]).first())
    found = []
    for name, own in rows.groupby(speaker):
        curve = det_curve(own[steps], own, smoothing, assets.refractory, assets.tolerance)
        best = misses_at(curve, RATE)
        decided = misses.measure(own[own["unit"] == "event"])
        falsely = accepts.measure(own[own["unit"] == "stretch"])
        found.append(
            {
                "speaker": name,
                "sayings": best.n,
                "at 10 an hour": best.value,
                "low": best.low,
                "high": best.high,
                "as decided": decided.value,
                "false accepts an hour": falsely.value,
            }
        )
    frame = pd.DataFrame(found)
    mean = frame.mean(numeric_only=True).to_dict() | {"speaker": "mean"}
    return pd.concat([frame, pd.DataFrame([mean])], ignore_index=True).round(3)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "12")
