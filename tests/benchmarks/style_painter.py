"""The network of a finished run against optimisation, on the same contents in the same style.

    python tests/benchmarks/style_painter.py RUN_FOLDER [STEPS] [N]

The exported network (model.keras) and STEPS (300) of optimisation at every scale, with the run's
features, strength and smoothness, paint N (8) of the run's dev contents at the run's size. Ratio
and edges are as in style_grid.py. A picture of the network takes the median of 10 passes after one
to warm up; a picture that is optimised takes everything, tracing too.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from common import runtime
from common.errors import UserError
from common.files import read_json

runtime.quiet()
runtime.load_tensorflow()

import tensorflow as tf  # noqa: E402
from style_grid import scores, shown  # noqa: E402

from common.data.picture_store import pixels  # noqa: E402
from projects.neural_style_transfer.data import PAINTED, Assets, style_of  # noqa: E402
from projects.neural_style_transfer.embedded import picture  # noqa: E402
from projects.neural_style_transfer.features import feature_network  # noqa: E402
from projects.neural_style_transfer.optimise import painted  # noqa: E402
from projects.neural_style_transfer.room import PROJECT  # noqa: E402
from projects.neural_style_transfer.settings import Optimising, Settings  # noqa: E402

SIZES = (256, 512)
PASSES = 10
Network = Callable[[np.ndarray], np.ndarray]


def main(folder: Path, steps: int = 300, number: int = 8) -> None:
    """Print both ways' scores of every content, medians, differences, and milliseconds."""
    settings, assets = settings_and_assets(folder)
    network, recipe, style = exported(folder), settings.model, style_of(assets)
    features = feature_network(recipe.features)
    how = Optimising(steps=steps, strength=recipe.strength, smooth=recipe.smooth)
    rows = dev_contents(folder).head(number)
    print(f"{len(rows)} dev contents of {folder.name}, {settings.data.size} px, {assets.style}")
    print(f"{features.name} features: {how}")
    found = []
    for name, content in zip(rows["example_id"], pixels(rows), strict=True):
        original = (content / 255).astype(np.float32)
        who = {"content": name, "way": "network"}
        took = {"ms": 1000 * timed(network, content)}
        found.append(who | scores(network(content), original, style) | took)
        begun = time.perf_counter()
        result = painted(original, style, network=features, how=how)
        if result.stopped == "by hand":
            raise KeyboardInterrupt
        took = {"ms": 1000 * (time.perf_counter() - begun)}
        who["way"] = "optimised"
        found.append(who | scores(result.picture, original, style) | took)
        print(shown(pd.DataFrame(found[-2:]), header=len(found) == 2), flush=True)
    print(compared(pd.DataFrame(found)))
    for size in SIZES:
        took = 1000 * timed(network, picture("drawn:0:0", size))
        print(f"network at {size} px: {took:.1f} ms a picture (median of {PASSES})")


def compared(table: pd.DataFrame) -> str:
    """Return the medians of both ways, and of their differences on the same content."""
    medians = table.drop(columns="content").groupby("way").median().reset_index()
    lines = ["medians:", shown(medians), "network minus optimised, of each content:"]
    for name in ("ratio", "edges"):
        both = table.pivot(index="content", columns="way", values=name)
        gaps = both["network"] - both["optimised"]
        lines.append(
            f"{name}: median {gaps.median():+.3f}, {gaps.min():+.3f} to {gaps.max():+.3f};"
            f" above 0 on {(gaps > 0).sum()} of {len(gaps)}"
        )
    took = table.pivot(index="content", columns="way", values="ms")
    times = (took["optimised"] / took["network"]).median()
    return "\n".join([*lines, f"optimising takes {times:.0f} times as long (median)"])


def settings_and_assets(folder: Path) -> tuple[Settings, Assets]:
    """Return what the run was made with; UserError where there is no finished run."""
    files = [folder / "settings.json", folder / "assets.json", folder / "export" / "model.keras"]
    missing = [file for file in files if not file.exists()]
    if missing:
        raise UserError(f"{missing[0]} does not exist: name the folder of a finished run")
    return Settings(**read_json(files[0])), Assets(**read_json(files[1]))


def exported(folder: Path) -> Network:
    """Return the run's network: a picture (h, w, 3) uint8 -> the painting, float in 0..1."""
    (keras_file,) = (one for one in PROJECT.formats if one.name == "model.keras")
    model = keras_file.load(folder / "export" / keras_file.name)
    graph = tf.function(lambda pictures: model(pictures, training=False))

    def network(content: np.ndarray) -> np.ndarray:
        painting = graph(tf.constant(content[None], tf.float32))[0].numpy()
        return np.clip(painting / np.float32(255), 0, 1)

    return network


def dev_contents(folder: Path) -> pd.DataFrame:
    """Return the dev contents that the run's network painted."""
    table = pd.read_parquet(folder / "predictions.parquet")
    return table[(table["split"] == "dev") & (table["unit"] == PAINTED)]


def timed(network: Network, content: np.ndarray) -> float:
    """Return the seconds of a painting: the median of some passes, the first left out."""
    took = []
    for _ in range(1 + PASSES):
        begun = time.perf_counter()
        network(content)
        took.append(time.perf_counter() - begun)
    return statistics.median(took[1:])


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4):
        sys.exit(__doc__)
    try:
        main(Path(sys.argv[1]), *(int(word) for word in sys.argv[2:]))
    except UserError as problem:
        sys.exit(f"error: {problem}")
