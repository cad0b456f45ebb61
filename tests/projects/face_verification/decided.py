"""Decided pairs to test the report on: stored pictures, planted embeddings, plausible answers."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.strategy.predictions import checked
from projects.face_verification.data import OF_A_PICTURE
from projects.face_verification.pairs import DIFFERENT, SAME, pairs

THRESHOLD = 0.9


def stored_people(folder: Path, pictures: NDArray[np.uint8], names: list[str]) -> pd.DataFrame:
    """A table of one split's pictures (n, size, size, 3), each of the person named."""
    np.save(folder / "pixels.npy", pictures)
    number = range(len(pictures))
    return pd.DataFrame(
        {
            "example_id": [f"{name}_{at:04d}" for at, name in zip(number, names, strict=True)],
            "label": names,
            "content": [f"file:{at}" for at in number],
            "source": "folder:faces",
            "store": str(folder / "pixels.npy"),
            "row": list(number),
            "digest": [f"{at:016x}" for at in number],
            "phash": [f"{at:016x}" for at in number],
            "split": "dev",
        }
    )


def noise(number: int, size: int = 32, seed: int = 0) -> NDArray[np.uint8]:
    """Pictures (number, size, size, 3) that have nothing in common."""
    return np.random.default_rng(seed).integers(0, 256, (number, size, size, 3), np.uint8)


def directions(names: list[str], spread: float, seed: int = 0) -> NDArray[np.float32]:
    """Unit vectors (n, 16): everybody has a direction, and pictures stray from it."""
    rng = np.random.default_rng(seed)
    codes = pd.factorize(np.array(names))[0]
    found = rng.normal(size=(codes.max() + 1, 16))[codes] + spread * rng.normal(
        size=(len(names), 16)
    )
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def decided(table: pd.DataFrame, embeddings: NDArray[np.float32]) -> pd.DataFrame:
    """Predictions of all pairs of the pictures, as `evaluate.decide` makes them."""
    found = pairs(table, seed=0)
    at = {one: row for row, one in enumerate(table["example_id"])}
    codes = np.stack([found.pop(side).map(at) for side in ("first", "second")], axis=1)
    for side, rows in zip(("first", "second"), codes.T, strict=True):
        for column in OF_A_PICTURE:
            found[f"{side}.{column}"] = table[column].to_numpy()[rows]
        found[f"{side}.embedding"] = [embeddings[row].tobytes() for row in rows]
    apart = embeddings[codes[:, 0]] - embeddings[codes[:, 1]]
    found["distance"] = np.linalg.norm(apart.astype(float), axis=1)
    found["threshold"] = THRESHOLD
    found["probability"] = 1 / (1 + np.exp(8 * (found["distance"] - 0.95)))
    found["prediction"] = np.where(found["distance"] <= THRESHOLD, SAME, DIFFERENT)
    found["score"] = (found["probability"] - 0.5).abs() + 0.5
    found = found.rename(columns={"label": "truth"}).assign(split="dev")
    return checked(found.assign(error=(found["prediction"] != found["truth"]).astype(float)))
