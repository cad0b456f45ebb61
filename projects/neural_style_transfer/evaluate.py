"""From paintings to numbers: how near the style they came, and what is left of the content."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import NDArray

from common.data.picture_store import pixels
from common.export.timing import milliseconds
from common.project import NoCalibration
from common.strategy.clusters import clusters
from common.strategy.intervals import mean
from common.strategy.metrics import Metric, error
from common.strategy.results import Estimate
from projects.neural_style_transfer.colour import transferred
from projects.neural_style_transfer.data import (
    OPTIMISED,
    PAINTED,
    Assets,
    dataset,
    style_of,
)
from projects.neural_style_transfer.embedded import picture
from projects.neural_style_transfer.painted_styles import STYLES, style
from projects.neural_style_transfer.scores import (
    between,
    edge_correlation,
    patch_quantiles,
    style_error,
)
from projects.neural_style_transfer.settings import Settings

if TYPE_CHECKING:
    Table = pd.DataFrame

NO_TRUTH = ""
"""An error is a distance: there is no right picture that could be told."""
NEARER, NO_NEARER = "in the style", "colours only"
"""Whether a picture is nearer to the style than its colours alone bring it."""
TIMED = 11
"""Pictures that are painted one by one for their time; the first ones warm up."""


def paintings(
    model: Any, units: "Table", assets: Assets, settings: Settings
) -> NDArray[np.float32]:
    """Return the network's pictures of the painted units, (n, size, size, 3) float32 in 0..255."""
    rows = units[units["unit"] == PAINTED]
    if rows.empty:
        return np.zeros((0, settings.data.size, settings.data.size, 3), np.float32)
    found = model.predict(dataset(rows, assets, settings, None), verbose=0)
    return np.clip(np.asarray(found, dtype=np.float32), 0, 255)


def score(model: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return example_id, `distance` to the style and `edges` kept, for every unit.

    Optimised pictures bring theirs; the model has no part in them.
    """
    return scores_table(units, paintings(model, units, assets, settings), assets)


def score_and_paintings(model: Any, units: "Table", assets: Assets, settings: Settings) -> "Table":
    """Return what `score` does, and for the report each painting as a PNG, and `milliseconds`."""
    pictures = paintings(model, units, assets, settings)
    shown = iter(np.rint(pictures).astype(np.uint8))
    pngs = [
        tf.io.encode_png(next(shown)).numpy() if unit == PAINTED else b"" for unit in units["unit"]
    ]
    return scores_table(units, pictures, assets).assign(
        painted=pngs, milliseconds=usual_time(model, units)
    )


def usual_time(model: Any, units: "Table") -> int:
    """Return the median milliseconds in which the network paints one picture; 0 where none is."""
    rows = units[units["unit"] == PAINTED][:TIMED]
    batches = (one[None].astype(np.float32) for one in (pixels(rows) if len(rows) else ()))
    taken = milliseconds(model.predict_on_batch, batches)
    return round(float(np.median(taken))) if taken else 0


def scores_table(units: "Table", pictures: NDArray[np.float32], assets: Assets) -> "Table":
    """Return the scores of units from the paintings (n, h, w, 3), 0..255, of the painted ones."""
    quantiles = patch_quantiles(style_of(assets))
    is_painted = (units["unit"] == PAINTED).to_numpy()
    distance, edges = np.zeros(len(units)), np.zeros(len(units))
    originals = pixels(units[is_painted]) if is_painted.any() else pictures
    for place, painted, content in zip(
        np.flatnonzero(is_painted), pictures, originals, strict=True
    ):
        distance[place] = between(patch_quantiles(painted / 255), quantiles)
        edges[place] = edge_correlation(painted / 255, content / 255)
    for name, values in (("distance", distance), ("edges", edges)):
        if name in units:
            values[~is_painted] = units.loc[~is_painted, name]
    return pd.DataFrame(
        {"example_id": units["example_id"].to_numpy(), "distance": distance, "edges": edges}
    )


def decide(scores: "Table", units: "Table", assets: Assets, calibration: NoCalibration) -> "Table":
    """Return the predictions table (docs/strategy.md, section 1) of these units.

    `error` is min(1, distance / that of the colour-transferred content): 1 is no nearer to the
    style than colours alone, 0 its own patches. `score` is what is left of 1.
    """
    predictions = units.reset_index(drop=True).drop(columns=["distance", "edges"], errors="ignore")
    for name in [column for column in scores if column != "example_id"]:
        predictions[name] = scores[name].to_numpy()
    both = zip(predictions["distance"], predictions["untouched"], strict=True)
    errors = np.array([style_error(*one) for one in both])
    return predictions.assign(
        truth=NO_TRUTH,
        prediction=np.where(errors < 1, NEARER, NO_NEARER),
        error=errors,
        score=1 - errors,
    )


def baseline(units: Mapping[str, "Table"], assets: Assets, settings: Settings) -> "Table":
    """Return what transferring the style's colours alone gives on dev: an error of 1."""
    dev = units["dev"].reset_index(drop=True)
    rows, wanted = dev[dev["unit"] == PAINTED], style_of(assets)
    pictures = np.stack([255 * transferred(one / 255, wanted) for one in pixels(rows)])
    scores = scores_table(dev, pictures.astype(np.float32), assets)
    optimised = (dev["unit"] != PAINTED).to_numpy()
    scores.loc[optimised, "distance"] = dev.loc[optimised, "untouched"]
    return decide(scores, dev, assets, NoCalibration())


def human_level(settings: Settings) -> float | None:
    """Return the error of another picture by the same hand; of a painter who is no more, None.

    Styles that are painted by code can be painted again from other seeds: how far these are from
    the first, as a share of what the colours alone leave of some scenes.
    """
    name, size = settings.data.style, settings.data.size
    if name not in STYLES:
        return None
    first, *others = ((style(name, size, seed) / 255).astype(np.float32) for seed in range(4))
    wanted = patch_quantiles(first)
    scenes = [(picture(f"drawn:0:{number}", size) / 255).astype(np.float32) for number in range(8)]
    alone = [between(patch_quantiles(transferred(one, first)), wanted) for one in scenes]
    again = [between(patch_quantiles(one), wanted) for one in others]
    return min(1.0, float(np.mean(again) / np.mean(alone)))


def human_level_note(settings: Settings) -> str:
    """Return what the human level is, or where there is none, what would give one."""
    if settings.data.style in STYLES:
        return (
            "another picture by the same hand, which is the style painted from other seeds: its"
            " distance, as a share of what colours alone leave"
        )
    return (
        "score another picture by the painter of the style as the network's are, and give its"
        " error as strategy.human_level; where there is none, it stays unknown"
    )


def metrics(assets: Assets, settings: Settings) -> tuple[Metric, ...]:
    """Return the distance that is left to the style, and what is kept; also of optimised ones."""
    return (
        replace(error, name="style_error", unit=PAINTED),
        Metric("edges_kept", PAINTED, True, _edges),
        Metric("edges_kept_by_colours_alone", PAINTED, True, _edges_of_colours),
        replace(error, name="optimised_style_error", unit=OPTIMISED),
        Metric("optimised_edges_kept", OPTIMISED, True, _edges),
    )


def _edges(rows: "Table") -> Estimate:
    """Return the mean correlation of edges, those below 0 counting as 0."""
    return mean(rows["edges"].clip(0, 1), rows["weight"], clusters(rows))


def _edges_of_colours(rows: "Table") -> Estimate:
    """Return the same of the baseline, the content in the style's colours."""
    return _edges(rows.assign(edges=rows["untouched_edges"]))
