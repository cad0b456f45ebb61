"""The painted styles: one picture at every size, and each unlike the others."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from common.errors import UserError
from projects.neural_style_transfer.painted_styles import STYLES, style


@pytest.mark.parametrize("name", STYLES)
def test_a_style_is_the_same_picture_at_every_size(name: str) -> None:
    small, large = style(name, 24), style(name, 96)
    assert small.shape == (24, 24, 3)
    assert small.dtype == np.uint8
    shrunk = large.reshape(24, 4, 24, 4, 3).mean((1, 3))
    assert np.corrcoef(shrunk.ravel(), small.ravel().astype(float))[0, 1] > 0.9


@pytest.mark.parametrize("name", STYLES)
def test_another_seed_paints_another_picture_of_the_same_palette(name: str) -> None:
    one, other = style(name, 48).astype(float), style(name, 48, seed=1).astype(float)
    assert np.abs(one - other).mean() > 5
    assert np.abs(one.mean((0, 1)) - other.mean((0, 1))).max() < 45


def test_styles_have_palettes_and_scales_of_their_own() -> None:
    pictures = [style(name, 48).astype(float) / 255 for name in STYLES]
    facts = [
        np.append(one.mean((0, 1)), np.abs(np.diff(one, axis=1)).mean() * 3) for one in pictures
    ]
    for index, fact in enumerate(facts):
        assert all(np.abs(fact - other).max() > 0.06 for other in facts[:index])


def test_pixels_are_the_same_in_another_process() -> None:
    code = (
        "import hashlib; from projects.neural_style_transfer.painted_styles import STYLES, style;"
        "print(hashlib.sha256(b''.join(style(n, 16).tobytes() for n in STYLES)).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = hashlib.sha256(b"".join(style(name, 16).tobytes() for name in STYLES)).hexdigest()
    assert there.stdout.strip() == here


def test_an_unknown_style_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(UserError, match="starry, dotted"):
        style("cubism", 32)
