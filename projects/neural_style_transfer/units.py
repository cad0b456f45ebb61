"""What is scored: contents to be painted by the network, and in dev the optimised pictures."""

from pathlib import Path

import numpy as np
import pandas as pd

from common.data.examples import Table
from common.data.picture_store import pixels
from projects.neural_style_transfer.colour import transferred
from projects.neural_style_transfer.data import PAINTED, Assets, style_of
from projects.neural_style_transfer.grid import optimised
from projects.neural_style_transfer.scores import between, patch_quantiles
from projects.neural_style_transfer.settings import Settings


def units(rows: Table, assets: Assets, settings: Settings) -> Table:
    """Return the contents to be painted, each with `untouched`.

    That is the distance to the style that the colour-transferred content has, by which an error is
    measured. Besides, in dev: the optimised pictures of the grid and the contact sheet.
    """
    wanted = style_of(assets)
    quantiles = patch_quantiles(wanted)
    untouched = [
        between(patch_quantiles(transferred((one / 255).astype(np.float32), wanted)), quantiles)
        for one in pixels(rows)
    ]
    found = rows.reset_index(drop=True).assign(unit=PAINTED, untouched=untouched)
    if set(rows["split"]) != {"dev"}:
        return found
    cache = Path(rows["store"].iloc[0]).parents[1]
    return pd.concat([found, optimised(settings, cache)], ignore_index=True)
