"""Scores of a painted picture that no optimiser ever saw: how near the style, how much is kept.

Pictures are float (h, w, 3) in [0, 1]. Two that are compared should be about equally large: what
is a brush stroke in one would be a speck in the other.
"""

from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import correlate1d, gaussian_filter

from projects.neural_style_transfer.colour import LUMINANCE

Picture = NDArray[np.floating]
Quantiles = NDArray[np.float32]

LEVELS = 3
_PATCH = 7
_PATCHES = 4096
"""Patches per level; fixed shares of height and width, so that equal pictures have equal ones."""
_PROJECTIONS = 64
_WINDOWS = (0.3, 1.5)
"""Deviations in places, from and to, of the windows that directions are multiplied with: seen
through a whole patch everything looks like a normal distribution, and marks like their spectrum."""
_POINTS = np.linspace(0, 1, 256)
"""Quantiles that stand for a distribution, whatever the number of patches."""
_GAINS = (4.0, 3.0, 1.0)
"""Weights of fine detail, coarse detail, and colours: without them only colours would count, as
differences of neighbours are so much smaller than differences of colours."""
_BINOMIAL = np.array((1, 4, 6, 4, 1), np.float32) / 16
_SMALLEST = _PATCH * 2 ** (LEVELS - 1)
"""A side below this many pixels is enlarged, so that the last level still holds a patch."""


def sliced_wasserstein(picture: Picture, style: Picture, seed: int = 0) -> float:
    """The sliced Wasserstein-2 distance between the patches of two pictures; 0 for equal ones.

    Patches of 7 x 7 places at three levels (two of detail, and the blurred rest, which holds the
    colours) are projected on fixed random directions, most of which see the middle of the patch,
    and their quantiles compared (Rabin et al. 2011; after Karras et al. 2018, who use the whole
    patch). Symmetric; pictures may differ in size.
    """
    return between(patch_quantiles(picture, seed), patch_quantiles(style, seed))


def between(one: Quantiles, other: Quantiles) -> float:
    """The distance of `sliced_wasserstein`, from the quantiles of both pictures."""
    by_level = np.sqrt(np.square(one - other).mean(axis=(1, 2), dtype=np.float64))
    return float((by_level * _GAINS).mean())


def patch_quantiles(picture: Picture, seed: int = 0) -> Quantiles:
    """What `between` compares, (levels, quantiles, projections): a style's is computed once."""
    places, directions = _plan(seed)
    found = []
    for level in _pyramid(_large_enough(picture)):
        height, width = (side - _PATCH + 1 for side in level.shape[:2])
        windows = np.lib.stride_tricks.sliding_window_view(level, (_PATCH, _PATCH), axis=(0, 1))
        rows, columns = (places * (height, width)).astype(int).T
        patches = windows[rows, columns].reshape(_PATCHES, -1)
        sorted_ = np.sort(patches @ directions, axis=0)
        at = np.rint(_POINTS * (_PATCHES - 1)).astype(int)
        found.append(sorted_[at])
    return np.stack(found).astype(np.float32)


def style_error(distance: float, untouched: float) -> float:
    """min(1, distance to the style / that of the colour-transferred content).

    1 is no nearer than colours alone bring a picture; 0 is the style's own patches. Where the
    content already is the style (`untouched` 0), a picture is 0 that still is, and 1 otherwise.
    """
    if untouched <= 0:
        return float(distance > 0)
    return min(1.0, distance / untouched)


def edge_correlation(picture: Picture, content: Picture) -> float:
    """Pearson's correlation between the edges of two pictures, -1 to 1; 1 where all are kept.

    Edges are gradient magnitudes of the luminance, blurred by a share of the picture's side. A
    content of another size is resized. 0 where either has no edges at all.
    """
    here = _edges(picture)
    there = _edges(_resized(content, picture.shape[0], picture.shape[1]))
    here, there = here - here.mean(), there - there.mean()
    scale = np.sqrt(np.square(here).sum() * np.square(there).sum())
    return float((here * there).sum() / scale) if scale > 1e-9 else 0.0


@lru_cache(maxsize=4)
def _plan(seed: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Where patches are taken (shares of height and width), and unit directions as columns."""
    rng = np.random.default_rng(seed)
    places = rng.random((_PATCHES, 2))
    offset = np.arange(_PATCH) - _PATCH // 2
    square = (offset[:, None] ** 2 + offset**2)[..., None, None]
    window = np.exp(-square / (2 * np.geomspace(*_WINDOWS, _PROJECTIONS) ** 2))
    directions = rng.standard_normal((_PATCH, _PATCH, 3, _PROJECTIONS)) * window
    columns = directions.reshape(-1, _PROJECTIONS).astype(np.float32)
    return places, columns / np.linalg.norm(columns, axis=0)


def _pyramid(picture: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Fine detail, coarse detail (half as large), and what is left (a quarter as large)."""
    levels = []
    for _ in range(LEVELS - 1):
        blurred = picture
        for axis in (0, 1):
            blurred = correlate1d(blurred, _BINOMIAL, axis=axis, mode="reflect")
        levels.append(picture - blurred)
        picture = blurred[::2, ::2]
    return [*levels, picture]


def _large_enough(picture: Picture) -> NDArray[np.float32]:
    height, width = (max(side, _SMALLEST) for side in picture.shape[:2])
    return _resized(picture, height, width)


def _resized(picture: Picture, height: int, width: int) -> NDArray[np.float32]:
    pixels = np.asarray(picture, np.float32)
    if pixels.shape[:2] == (height, width):
        return pixels
    channels = [
        Image.fromarray(channel).resize((width, height), Image.Resampling.BICUBIC)
        for channel in np.moveaxis(pixels, -1, 0)
    ]
    return np.stack([np.asarray(channel) for channel in channels], -1)


def _edges(picture: Picture) -> NDArray[np.float64]:
    grey = np.asarray(picture, np.float32) @ LUMINANCE
    smooth = gaussian_filter(grey.astype(np.float64), max(0.7, max(grey.shape) / 256))
    slopes = cast("list[NDArray[np.float64]]", np.gradient(smooth))
    return np.hypot(*slopes)
