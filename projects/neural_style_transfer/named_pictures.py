"""Pictures that settings name: styles painted by code, photographs that come along, and files."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.errors import UserError
from projects.neural_style_transfer.embedded import contents
from projects.neural_style_transfer.features import feature_network
from projects.neural_style_transfer.optimise import resized
from projects.neural_style_transfer.painted_styles import STYLES, style
from projects.neural_style_transfer.pictures import TINY, read
from projects.neural_style_transfer.settings import Settings


def style_picture(spec: str, size: int) -> NDArray[np.float32]:
    """Return a style, float32 (h, w, 3) in 0..1, its longer side `size`: painted, or file:PATH."""
    if spec.startswith("file:"):
        return _file(spec, size)
    if spec not in STYLES:
        raise UserError(f"{spec!r} is no style: {', '.join(STYLES)} or file:PATH is expected")
    return (style(spec, size) / 255).astype(np.float32)


def content_picture(spec: str, size: int) -> NDArray[np.float32]:
    """Return a content, float32 (h, w, 3) in 0..1, longer side at most `size`."""
    if spec.startswith("file:"):
        return _file(spec, size)
    known = contents()
    if spec not in known:
        raise UserError(f"{spec!r} is no content: {', '.join(known)} or file:PATH is expected")
    picture = (known[spec] / 255).astype(np.float32)
    share = size / max(picture.shape)
    return resized(picture, tuple(max(8, round(share * side)) for side in picture.shape[:2]))


def asked_for(settings: Settings) -> None:
    """Raise UserError when a picture that is named, or the feature network, cannot be had."""
    for spec in (settings.data.style, *settings.grid.styles):
        style_picture(spec, TINY)
    for spec in settings.grid.contents:
        content_picture(spec, TINY)
    feature_network(settings.model.features)


def _file(spec: str, size: int) -> NDArray[np.float32]:
    return read(Path(spec.removeprefix("file:")).expanduser(), size)
