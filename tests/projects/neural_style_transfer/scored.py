"""A predictions table of small pictures, as the flow makes it, without any training."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.project import NoCalibration
from projects.neural_style_transfer import embedded
from projects.neural_style_transfer.data import (
    OPTIMISED,
    PAINTED,
    SHEET,
    Assets,
    prepare,
)
from projects.neural_style_transfer.evaluate import decide
from projects.neural_style_transfer.named_pictures import style_picture
from projects.neural_style_transfer.pictures import written
from projects.neural_style_transfer.settings import Data, Settings

SIZE = 32
SETTINGS = Settings(data=Data(size=SIZE))
CONTENTS, STYLES = ("china", "flower"), ("starry", "waves")


def assets() -> Assets:
    """Return the style starry."""
    return prepare(pd.DataFrame(), SETTINGS)


@cache
def painted_style(name: str) -> NDArray[np.float32]:
    """Return a painted style at the tables' size."""
    return style_picture(name, SIZE)


def history(steps: int = 4, scales: int = 2) -> pd.DataFrame:
    """Return falling costs; the content's begins at 0, as that of a recoloured start does."""
    rows = [
        {"scale": scale, "step": step, "seconds": 0.1 * step, "total": 1 / step,
         "content": 0.1 * (step - 1), "style": 1 / step, "variation": 0.5,
         "style/first": 2 / step, "style/second": 0.1 / step}
        for scale in range(scales)
        for step in range(1, steps + 1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def predictions(folder: Path, number: int = 4) -> pd.DataFrame:
    """Return `number` paintings, four optimised pictures and a sheet of four, scored.

    Distances rise from the first row on: 0.1, 0.2, ... of an untouched 1.
    """
    painted = embedded.examples(number, seed=0)
    shown = np.stack([embedded.picture(str(one), SIZE) for one in painted["content"]])
    np.save(folder / "pixels.npy", shown)
    painted = painted.assign(
        unit=PAINTED, store=str(folder / "pixels.npy"), row=np.arange(number), split="dev"
    )
    rows = [_optimised(folder, OPTIMISED, content, style, {"strength": 0.75, "scales": 2})
            for content in CONTENTS for style in STYLES]  # fmt: skip
    rows += [_optimised(folder, SHEET, "china", "starry", {"strength": strength, "scales": scales})
             for strength in (0.5, 0.95) for scales in (1, 2)]  # fmt: skip
    units = pd.concat([painted, pd.DataFrame(rows)], ignore_index=True)
    units = units.assign(untouched=1.0, untouched_edges=0.95)
    scores = pd.DataFrame(
        {
            "example_id": units["example_id"],
            "distance": 0.1 * np.arange(1, len(units) + 1),
            "edges": 0.8,
            "milliseconds": 28,
            "painted": [png(255 - one) for one in shown] + [b""] * len(rows),
        }
    )
    return decide(scores, units, assets(), NoCalibration())


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return the bytes of a PNG."""
    import tensorflow as tf

    return bytes(tf.io.encode_png(pixels).numpy())


def _optimised(
    folder: Path, unit: str, content: str, style: str, how: Mapping[str, float]
) -> dict[str, Any]:
    name = f"{content} x {style}" + (f" {how['strength']} {how['scales']}" if unit == SHEET else "")
    shown = (embedded.contents()[content][::16, ::16] / 255).astype(np.float32)
    place = folder / name
    place.mkdir()
    for file, picture in (
        ("painted", 1 - shown),
        ("content", shown),
        ("style", painted_style(style)),
    ):
        written(picture, place / f"{file}.png")
    history().to_parquet(place / "history.parquet")
    return {
        "example_id": name, "label": style, "unit": unit, "split": "dev",
        "grid.content": content, "grid.style": style, "grid.strength": how["strength"],
        "grid.scales": how["scales"], "grid.file": str(place / "painted.png"),
        "grid.original": str(place / "content.png"), "grid.style_file": str(place / "style.png"),
        "grid.history": str(place / "history.parquet"), "grid.seconds": 12.3, "grid.stopped": "",
    }  # fmt: skip
