"""The network that paints: its start, its sizes, and what its layers promise."""

from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from common.settings import Fit
from projects.neural_style_transfer.colour import transferred
from projects.neural_style_transfer.embedded import contents
from projects.neural_style_transfer.painted_styles import STYLES, style
from projects.neural_style_transfer.painter import (
    Enlarged,
    Grain,
    InstanceNormalization,
    painter,
    recolour,
)


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return painter(style("starry", 32) / 255, 4, 1, Fit(), seed=0)


def photograph(height: int = 32, width: int = 40) -> np.ndarray:
    return contents()["china"][100 : 100 + 4 * height : 4, 200 : 200 + 4 * width : 4] / 255


@pytest.mark.parametrize("name", STYLES)
def test_colours_are_those_of_colour_transfer(name: str) -> None:
    wanted = style(name, 32) / 255
    found = recolour(wanted)(photograph()[None].astype(np.float32))[0]
    expected = transferred(photograph(), wanted)
    assert np.abs(np.asarray(found) - expected).mean() < 0.03


@given(level=some.floats(0, 1), seed=some.integers(0, 99), spread=some.floats(0, 0.5))
@settings(max_examples=25, deadline=None)
def test_colours_stay_in_range_for_flat_and_grey_pictures(
    level: float, seed: int, spread: float
) -> None:
    grey = np.random.default_rng(seed).standard_normal((1, 8, 8, 1)) * spread + level
    pictures = np.repeat(np.clip(grey, 0, 1), 3, axis=-1).astype(np.float32)
    found = np.asarray(recolour(style("waves", 16) / 255)(pictures))
    assert np.isfinite(found).all()
    assert found.min() >= 0
    assert found.max() <= 1


def test_training_starts_near_colour_transfer(network: keras.Model) -> None:
    content = photograph()
    found = np.asarray(network(255 * content[None].astype(np.float32)))[0] / 255
    assert np.abs(found - transferred(content, style("starry", 32) / 255)).mean() < 0.05


@pytest.mark.parametrize("size", [(8, 8), (8, 64), (36, 20), (128, 132)])
def test_pictures_of_many_sizes_are_painted(network: keras.Model, size: tuple[int, int]) -> None:
    pictures = np.random.default_rng(0).uniform(0, 255, (2, *size, 3)).astype(np.float32)
    found = np.asarray(network(pictures))
    assert found.shape == pictures.shape
    assert found.min() >= 0
    assert found.max() <= 255
    np.testing.assert_allclose(network(pictures[1:])[0], found[1], atol=0.01)  # alone as together


def test_the_file_is_loaded_safely_and_paints_alike(network: keras.Model, tmp_path: Path) -> None:
    network.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    pictures = 255 * photograph()[None].astype(np.float32)
    np.testing.assert_array_equal(again(pictures), network(pictures))


def test_instances_are_normalised_each_by_itself() -> None:
    maps = np.random.default_rng(0).normal(3, 5, (2, 6, 7, 4)).astype(np.float32)
    maps[1] *= 10
    found = np.asarray(InstanceNormalization()(maps))
    np.testing.assert_allclose(found.mean((1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(found.std((1, 2)), 1, atol=1e-3)


def test_grain_is_the_same_for_every_picture_and_goes_on_where_it_ends() -> None:
    found = np.asarray(Grain()(np.zeros((2, 100, 8, 3), np.float32)))
    assert found.shape == (2, 100, 8, 6)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0, 97:], found[0, :3])
    assert found[..., 3:].std() == pytest.approx(1, abs=0.1)


def test_every_pixel_becomes_four() -> None:
    maps = np.arange(12, dtype=np.float32).reshape(1, 2, 3, 2)
    np.testing.assert_array_equal(Enlarged()(maps), maps.repeat(2, axis=1).repeat(2, axis=2))
