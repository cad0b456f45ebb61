"""Feature networks: their layers, any size of picture, and networks that cannot be had."""

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from common.errors import UserError
from common.networks.squeezenet import squeezenet
from projects.neural_style_transfer import features
from projects.neural_style_transfer.features import feature_network


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights in the published file's format: a group per layer, names with slashes."""
    path = tmp_path_factory.mktemp("weights") / "squeezenet.h5"
    with h5py.File(path, "w") as file:
        for layer in squeezenet(64).layers:
            if layer.weights:
                group = file.create_group(layer.name.replace("_", "/", 1))
                group.attrs["weight_names"] = np.array(["kernel", "bias"], "S")
                group["kernel"], group["bias"] = layer.get_weights()
    return path


@pytest.mark.parametrize("size", [(8, 8), (9, 31), (64, 48)])
def test_every_layer_is_read_at_any_size(size: tuple[int, int], weights: Path) -> None:
    pictures = np.random.default_rng(0).random((2, *size, 3), np.float32)
    for spec in ("random", f"file:{weights}"):
        network = feature_network(spec)
        found = network.model(pictures)
        assert set(found) == {*network.style, network.content}
        for layer in found.values():
            assert layer.shape[0] == 2
            assert np.isfinite(layer).all()
        assert network.model.trainable_variables == []


def test_squeezenet_takes_pictures_from_0_to_1(weights: Path) -> None:
    picture = np.random.default_rng(0).random((1, 64, 64, 3), np.float32)
    whole = squeezenet(None, even=True)
    features.load_squeezenet(whole, weights)
    wanted = keras.Model(whole.input, whole.get_layer("fire4").output)(255 * picture)
    found = feature_network(f"file:{weights}").model(picture)["fire4"]
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3 * float(np.abs(wanted).max()))


def test_vgg19_has_the_layers_of_keras_applications() -> None:
    published = keras.applications.VGG19(include_top=False, weights=None)
    own = {layer.name: layer for layer in features.vgg19().layers if layer.weights}
    assert list(own) == [layer.name for layer in published.layers if layer.weights]
    for name, layer in own.items():
        shapes = [[w.shape for w in one.weights] for one in (layer, published.get_layer(name))]
        assert shapes[0] == shapes[1]


def refused(spec: str) -> str:
    with pytest.raises(UserError) as caught:
        feature_network(spec)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_networks_that_cannot_be_had_are_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(**_: object) -> None:
        raise Exception("URL fetch failure on https://...: None -- [Errno -2]\nName or service")

    monkeypatch.setattr(features.keras.applications, "VGG19", unreachable)
    assert "connect to the internet once" in refused("vgg19")
    assert "vgg19, file:PATH" in refused("resnet")
    assert "which is no file" in refused(f"file:{tmp_path / 'missing.h5'}")
    (tmp_path / "text.h5").write_text("no weights")
    assert "does not hold SqueezeNet" in refused(f"file:{tmp_path / 'text.h5'}")
