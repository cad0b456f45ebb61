"""Every content in every style, optimised in SqueezeNet's features and in random ones.

    python tests/benchmarks/style_grid.py FOLDER SQUEEZENET.h5 SHEET_PREFIX [SIZE] [STEPS]

FOLDER holds content_*.jpg and style_*.jpg; SIZE (256) is their longer side, STEPS (150) are those
of every scale. A picture's ratio is its distance to the style as a share of colour transfer's, not
cut at 1: below 1 is nearer to the style than colours alone. Its seconds are those of everything,
tracing too. SHEET_PREFIX_NETWORK.png is for looking at: contents down, styles across, the originals
first.
"""

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from common import runtime
from common.errors import UserError

runtime.quiet()
runtime.load_tensorflow()

from projects.neural_style_transfer import pictures  # noqa: E402
from projects.neural_style_transfer.colour import transferred  # noqa: E402
from projects.neural_style_transfer.features import feature_network  # noqa: E402
from projects.neural_style_transfer.optimise import painted  # noqa: E402
from projects.neural_style_transfer.scores import (  # noqa: E402
    edge_correlation,
    sliced_wasserstein,
)
from projects.neural_style_transfer.settings import Optimising  # noqa: E402

Pictures = dict[str, pictures.Picture]
GAP = 4
"""Pixels between the pictures of a sheet."""


def main(folder: str, squeezenet: str, prefix: str, size: int = 256, steps: int = 150) -> None:
    """Print the scores of every picture, then each network's medians; write the sheets."""
    contents, styles = (originals(Path(folder), kind, size) for kind in ("content", "style"))
    how = Optimising(steps=steps)
    print(f"{len(contents)} contents x {len(styles)} styles, {size} px: {how}")
    found = []
    for spec in (f"file:{squeezenet}", "random"):
        network, sheet = feature_network(spec), {}
        for content, style in ((one, other) for one in contents for other in styles):
            begun = time.perf_counter()
            given = contents[content], styles[style]
            result = painted(*given, network=network, how=how)
            seconds = time.perf_counter() - begun
            sheet[content, style] = result.picture
            who = {"network": network.name, "content": content, "style": style}
            found.append(who | scores(result.picture, *given) | {"seconds": seconds})
            print(shown(pd.DataFrame(found[-1:]), header=len(found) == 1), flush=True)
            if result.stopped:
                print(f"stopped: {result.stopped}")
                if result.stopped == "by hand":
                    raise KeyboardInterrupt
        file = pictures.written(
            together(contents, styles, sheet), Path(f"{prefix}_{network.name}.png")
        )
        print(f"{file} is written")
    numbers = ["ratio", "edges", "seconds"]
    print("medians:")
    print(shown(pd.DataFrame(found).groupby("network", sort=False)[numbers].median().reset_index()))


def originals(folder: Path, kind: str, size: int) -> Pictures:
    """Return the pictures KIND_*.jpg by what stands for *; UserError where there are none."""
    files = sorted(folder.glob(f"{kind}_*.jpg"))
    if not files:
        raise UserError(f"{folder} holds no {kind}_*.jpg: name a folder of contents and styles")
    return {file.stem.removeprefix(f"{kind}_"): pictures.read(file, size) for file in files}


def scores(
    picture: pictures.Picture, content: pictures.Picture, style: pictures.Picture
) -> dict[str, float]:
    """Return `ratio`, 1 where no nearer to the style than colours alone; and `edges` kept."""
    untouched = sliced_wasserstein(transferred(content, style), style)
    ratio = sliced_wasserstein(picture, style) / untouched
    return {"ratio": ratio, "edges": edge_correlation(picture, content)}


def together(
    contents: Pictures, styles: Pictures, sheet: dict[tuple[str, str], pictures.Picture]
) -> pictures.Picture:
    """Return all in one picture, each in the middle of a cell on white."""
    side = GAP + max(max(one.shape) for one in (*contents.values(), *styles.values()))
    whole = np.ones(((1 + len(contents)) * side, (1 + len(styles)) * side, 3), np.float32)
    cells = {(0, across): one for across, one in enumerate(styles.values(), start=1)}
    for down, (content, original) in enumerate(contents.items(), start=1):
        cells[down, 0] = original
        cells |= {(down, across): sheet[content, one] for across, one in enumerate(styles, start=1)}
    for (down, across), picture in cells.items():
        height, width, _ = picture.shape
        top, left = down * side + (side - height) // 2, across * side + (side - width) // 2
        whole[top : top + height, left : left + width] = picture
    return whole


def shown(table: pd.DataFrame, header: bool = True) -> str:
    """Return rows in columns that stay in line when they are printed one by one."""
    wide = {name: (lambda text: f"{text:<24}") for name in table.select_dtypes(exclude="number")}
    return table.to_string(
        index=False, header=header, formatters=wide, float_format="{:8.3f}".format, justify="left"
    )


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5, 6):
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:4], *(int(word) for word in sys.argv[4:]))
    except UserError as problem:
        sys.exit(f"error: {problem}")
