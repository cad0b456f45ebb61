"""Units and scores of which everything is known: a word at planted times, scores to match."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from projects.trigger_word_detection.data import Assets
from projects.trigger_word_detection.evaluate import scores_table
from projects.trigger_word_detection.grid import CLIP_SECONDS, STEPS

ASSETS = Assets(word="marvin", tolerance=0.6, refractory=20, false_accepts_per_hour=2.0)

Windows = Sequence[tuple[float, float]]
Said = Sequence[tuple[float, float, str, bool]]


def units(clips: Sequence[Windows], said: Sequence[Said] = ()) -> pd.DataFrame:
    """Return a row per saying and one per clip, as `clips.units` does."""
    rows = []
    for number, windows in enumerate(clips):
        shared = {
            "clip": f"c{number}",
            "windows": json.dumps(windows),
            "said": json.dumps(said[number] if said else []),
            "seconds": float(CLIP_SECONDS),
            "split": "dev",
            "attr.background": "rain",
        }
        for place, (start, end) in enumerate(windows):
            known = {"attr.snr": 3.2, "attr.speaker": f"v{number % 7}", "attr.gap": start}
            event = {"unit": "event", "label": "activate", "group": f"v{number % 7}"}
            name = f"c{number}/{place}"
            rows.append(
                {
                    **shared, **event, **known,
                    "example_id": name, "start": start, "end": end, "exposure": 0.0,
                }
            )  # fmt: skip
        stretch = {"unit": "stretch", "label": "nothing", "group": f"b{number % 5}"}
        rows.append(
            {
                **shared, **stretch,
                "example_id": f"c{number}", "start": np.nan, "end": np.nan,
                "exposure": CLIP_SECONDS / 3600,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def peaked(
    table: pd.DataFrame, peaks: Sequence[Sequence[tuple[float, float]]], length: int = 1
) -> pd.DataFrame:
    """Return the scores of these units: (seconds, height) peaks of each clip, 0 elsewhere."""
    probabilities = np.zeros((len(peaks), STEPS))
    for row, of_clip in zip(probabilities, peaks, strict=True):
        for second, height in of_clip:
            step = round(second * 25) - 1
            row[step : step + length] = height
    return scores_table(table, probabilities)
