"""What is scored: contents to be painted by the network, and in dev the optimised pictures."""

from pathlib import Path

import numpy as np
import pandas as pd

from common.data.examples import Table
from common.data.picture_store import pixels
from projects.neural_style_transfer.colour import transferred
from projects.neural_style_transfer.data import PAINTED, Assets, style_of
from projects.neural_style_transfer.grid import optimised
from projects.neural_style_transfer.scores import between, edge_correlation, patch_quantiles
from projects.neural_style_transfer.settings import Settings


def units(rows: Table, assets: Assets, settings: Settings) -> Table:
    """Return the contents to be painted, each with `untouched` and `untouched_edges`.

    These are the distance to the style that the colour-transferred content has, by which an error
    is measured, and the edges that it keeps: the baseline's scores. Besides, in dev: the
    optimised pictures of the grid and the contact sheet.
    """
    wanted = style_of(assets)
    quantiles = patch_quantiles(wanted)
    untouched, edges = [], []
    for one in pixels(rows):
        content = (one / 255).astype(np.float32)
        coloured = transferred(content, wanted)
        untouched.append(between(patch_quantiles(coloured), quantiles))
        edges.append(edge_correlation(coloured, content))
    found = rows.reset_index(drop=True)
    found = found.assign(unit=PAINTED, untouched=untouched, untouched_edges=edges)
    if set(rows["split"]) != {"dev"}:
        return found
    cache = Path(rows["store"].iloc[0]).parents[1]
    return pd.concat([found, optimised(settings, cache)], ignore_index=True)
