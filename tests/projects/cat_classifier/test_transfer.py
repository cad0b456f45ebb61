"""Transfer: another network's features from a file, frozen; files that hold something else."""

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from common.errors import UserError
from common.networks.squeezenet import CAFFE_MEANS, FIRES
from projects.cat_classifier import backbones
from projects.cat_classifier.backbones import backbone
from projects.cat_classifier.model import build
from tests.projects.cat_classifier.pets import BINARY, settings

SIZE = 48


def layers_of_squeezenet() -> dict[str, tuple[int, int, int]]:
    """Kernel side, channels in and channels out of each convolution (Iandola et al. 2016)."""
    found, channels = {"conv1": (3, 3, 64)}, 64
    for number, (squeeze, expand) in FIRES.items():
        found[f"fire{number}/squeeze1x1"] = (1, channels, squeeze)
        found[f"fire{number}/expand1x1"] = (1, squeeze, expand)
        found[f"fire{number}/expand3x3"] = (3, squeeze, expand)
        channels = 2 * expand
    return found


def old_file(path: Path, without: str = "", narrow: str = "") -> Path:
    """Random weights in Keras 1's format: a group per layer, names that hold slashes."""
    rand = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        for number, (layer, (side, inputs, outputs)) in enumerate(layers_of_squeezenet().items()):
            if layer == without:
                continue
            outputs = outputs // 2 if layer == narrow else outputs
            group = file.create_group(layer)
            kernel = rand.normal(
                0, (2 / (side * side * inputs)) ** 0.5, (side, side, inputs, outputs)
            )
            names = [f"uniform{number + 1}", f"{layer}_b"]
            group.attrs["weight_names"] = np.array(names, "S")
            group[names[0]] = kernel.astype(np.float32)
            group[names[1]] = rand.normal(0, 0.1, outputs).astype(np.float32)
    return path


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return old_file(tmp_path_factory.mktemp("weights") / "squeezenet.h5")


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody's .keras model with one feature map of 5 channels."""
    pictures = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(5, 3, 4, activation="relu")(pictures)
    x = keras.layers.Dense(2)(keras.layers.Flatten()(x))
    path = tmp_path_factory.mktemp("small") / "small.keras"
    keras.Model(pictures, x).save(path)
    return path


def pictures(number: int = 4) -> np.ndarray:
    rand = np.random.default_rng(0)
    return rand.integers(0, 256, (number, SIZE, SIZE, 3)).astype(np.float32)


def test_the_old_file_s_weights_get_to_their_layers(weights: Path) -> None:
    network = backbone(f"file:{weights}", SIZE)
    with h5py.File(weights) as file:
        for layer in layers_of_squeezenet():
            kernel, bias = network.get_layer(layer.replace("/", "_")).get_weights()
            names = [name.decode() for name in file[layer].attrs["weight_names"]]
            np.testing.assert_array_equal(kernel, file[layer][names[0]])
            np.testing.assert_array_equal(bias, file[layer][names[1]])
    assert network.output_shape == (None, 2, 2, 512)


def test_the_first_layer_sees_blue_first_and_means_taken_off(weights: Path) -> None:
    network = backbone(f"file:{weights}", SIZE)
    first = keras.Model(network.input, network.get_layer("conv1").output)
    kernel, bias = network.get_layer("conv1").get_weights()
    prepared = pictures(1)[..., ::-1] - np.array(CAFFE_MEANS, np.float32)
    expected = np.maximum((prepared[0, :3, :3, :, None] * kernel).sum(axis=(0, 1, 2)) + bias, 0)
    np.testing.assert_allclose(first(pictures(1))[0, 0, 0], expected, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("source", ["weights", "small_model"])
def test_only_what_is_on_top_learns(
    source: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    chosen = settings(
        size=SIZE, model={"name": "transfer", "weights": f"file:{request.getfixturevalue(source)}"}
    )
    network = build(BINARY, chosen)
    (inner,) = [layer for layer in network.layers if isinstance(layer, keras.Model)]
    before = inner.get_weights()
    truth = np.array([[0], [1], [0], [1]], np.float32)
    losses = [network.train_on_batch(pictures(), truth, return_dict=True) for _ in range(10)]
    assert losses[-1]["loss"] < losses[0]["loss"]
    assert inner.trainable_variables == []
    for a, b in zip(before, inner.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    channels = inner.output_shape[-1]
    assert network.get_layer("logits").kernel.shape == (2 * channels, 1)
    network.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False, safe_mode=True)
    np.testing.assert_allclose(
        again(pictures()), network(pictures(), training=False), rtol=1e-4, atol=1e-4
    )


def refused(weights: str | None, size: int = SIZE) -> str:
    with pytest.raises(UserError) as caught:
        backbone(weights, size)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 300
    return said


def test_a_file_without_a_layer_or_with_another_shape_is_refused(tmp_path: Path) -> None:
    lacking = old_file(tmp_path / "lacking.h5", without="fire9/expand3x3")
    assert "lacking.h5 does not hold SqueezeNet 1.1's weights" in refused(f"file:{lacking}")
    narrow = old_file(tmp_path / "narrow.h5", narrow="fire2/squeeze1x1")
    assert "narrow.h5 does not hold SqueezeNet 1.1's weights" in refused(f"file:{narrow}")


def test_another_network_s_weights_are_refused(tmp_path: Path) -> None:
    other = keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)])
    other.save_weights(tmp_path / "other.weights.h5")
    assert "does not hold SqueezeNet" in refused(f"file:{tmp_path / 'other.weights.h5'}")


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.999])
def test_a_truncated_file_is_refused(
    share: float, weights: Path, small_model: Path, tmp_path: Path
) -> None:
    for whole in (weights, small_model):
        content = whole.read_bytes()
        cut = tmp_path / whole.name
        cut.write_bytes(content[: int(share * len(content))])
        assert whole.name in refused(f"file:{cut}")


def test_a_keras_file_must_take_these_pictures_and_have_a_map(
    small_model: Path, tmp_path: Path
) -> None:
    assert "set data.size" in refused(f"file:{small_model}", size=64)
    flat = keras.Sequential([keras.Input((SIZE, SIZE, 3)), keras.layers.Flatten()])
    flat.save(tmp_path / "flat.keras")
    assert "flat.keras" in refused(f"file:{tmp_path / 'flat.keras'}")


def test_a_model_of_ours_gives_its_features_and_one_within_another_is_refused(
    tmp_path: Path,
) -> None:
    own = build(BINARY, settings(size=SIZE, model={"name": "convnet", "width": 4}))
    own.save(tmp_path / "own.keras")
    chosen = {"name": "transfer", "weights": f"file:{tmp_path / 'own.keras'}"}
    assert backbone(chosen["weights"], SIZE).output_shape[-1] == 16
    build(BINARY, settings(size=SIZE, model=chosen)).save(tmp_path / "nested.keras")
    assert "a model inside a model" in refused(f"file:{tmp_path / 'nested.keras'}")


def test_names_of_weights_may_be_text_too(tmp_path: Path) -> None:
    """As h5py writes them itself; Keras 1 wrote bytes."""
    path = old_file(tmp_path / "text.h5")
    with h5py.File(path, "r+") as file:
        for layer in layers_of_squeezenet():
            names = file[layer].attrs["weight_names"].astype(str).tolist()
            file[layer].attrs["weight_names"] = names
    assert backbone(f"file:{path}", SIZE).count_params() == 722_496


def test_what_names_no_file_is_refused(tmp_path: Path) -> None:
    assert "transfer needs file:PATH" in refused(None)
    assert "transfer needs file:PATH" in refused("squeezenet.h5")
    assert "which is no file" in refused(f"file:{tmp_path / 'missing.h5'}")
    assert "which is no file" in refused(f"file:{tmp_path}")


def test_squeezenet_needs_pictures_of_a_size(weights: Path) -> None:
    assert "at least 48" in refused(f"file:{weights}", size=47)


def test_imagenet_without_a_network_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        raise Exception("URL fetch failure on https://...: None -- [Errno -2]\nName or service")

    monkeypatch.setattr(backbones.keras.applications, "MobileNetV3Small", unreachable)
    assert "connect to the internet once" in refused("imagenet", 64)
