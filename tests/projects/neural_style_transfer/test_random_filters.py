"""Random filters: what they see, and what they must not."""

import keras
import numpy as np
import pytest

from projects.neural_style_transfer.random_filters import (
    CONTENT,
    FILTERS,
    STYLE,
    Mirrored,
    random_filters,
)


@pytest.fixture(scope="module")
def network() -> keras.Model:
    return random_filters()


def test_they_are_the_same_every_time(network: keras.Model) -> None:
    for one, other in zip(network.get_weights(), random_filters().get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_texture_and_content_do_not_see_the_mean_colour(network: keras.Model) -> None:
    rand = np.random.default_rng(0)
    picture = rand.uniform(0.2, 0.6, (1, 64, 64, 3)).astype(np.float32)
    found, lighter = network(picture), network(picture + 0.2)
    for name in (*STYLE[1:], CONTENT):
        assert np.max(found[name]) > 0.1
        np.testing.assert_allclose(found[name], lighter[name], atol=1e-4)
    assert np.abs(found["palette"] - lighter["palette"]).max() > 0.1


def test_a_flat_picture_has_no_texture_and_no_frame(network: keras.Model) -> None:
    flat = np.broadcast_to(np.float32([0.9, 0.1, 0.4]), (1, 40, 56, 3))
    for name, features in network(flat).items():
        if name != "palette":
            np.testing.assert_allclose(features, 0, atol=1e-4)


def test_each_scale_is_read_beside_the_finer_one(network: keras.Model) -> None:
    picture = np.random.default_rng(0).random((1, 48, 32, 3), np.float32)
    found = network(picture)
    for finer, coarser in (("scale1", "scale2"), ("scale2", "scale4"), ("scale4", "scale8")):
        own = np.asarray(found[finer])[..., -FILTERS:]
        _, height, width, _ = own.shape
        means = own.reshape(1, height // 2, 2, width // 2, 2, FILTERS).mean((2, 4))
        np.testing.assert_allclose(found[coarser][..., :FILTERS], means, atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 3), (9, 4)])
def test_borders_are_mirrored_also_where_they_are_wider_than_the_map(size: tuple[int, int]) -> None:
    maps = np.random.default_rng(0).random((2, *size, 3), np.float32)
    wanted = np.pad(maps, ((0, 0), (3, 3), (3, 3), (0, 0)), mode="symmetric")
    np.testing.assert_array_equal(Mirrored(3)(maps), wanted)
