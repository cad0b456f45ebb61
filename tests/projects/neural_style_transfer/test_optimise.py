"""Painting by optimisation: better with steps, ended early, broken off and resumed."""

from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from projects.neural_style_transfer import optimise
from projects.neural_style_transfer.colour import LUMINANCE
from projects.neural_style_transfer.features import Network, feature_network
from projects.neural_style_transfer.optimise import Result, painted, scale_sizes
from projects.neural_style_transfer.settings import Optimising
from projects.neural_style_transfer.state import State


@pytest.fixture(scope="module")
def network() -> Network:
    return feature_network("random")


def picture(seed: int, height: int = 36, width: int = 40) -> np.ndarray:
    small = np.random.default_rng(seed).random((4, 5, 3), np.float32)
    return optimise.resized(small, (height, width))


def result(network: Network, *, state: State | None = None, **how: object) -> Result:
    chosen = Optimising(**{"steps": 6, "scales": 1, **how})
    return painted(picture(1), picture(2, 50, 32), network=network, how=chosen, state=state)


@pytest.mark.parametrize("method", ["lbfgs", "adam"])
def test_the_best_picture_is_better_than_the_start(method: str, network: Network) -> None:
    found = result(network, method=method, steps=12)
    totals = found.history["total"]
    assert len(totals) == 12
    assert totals.min() < 0.9 * totals[0]
    assert found.picture.shape == (36, 40, 3)
    assert found.picture.dtype == np.float32
    assert found.picture.min() >= 0
    assert found.picture.max() <= 1
    assert not found.stopped
    assert found.history["seconds"].is_monotonic_increasing
    # the picture that is returned is the one that cost least
    again = result(network, method=method, steps=1, state=State(found.picture))
    assert again.history["total"][0] == pytest.approx(totals.min(), rel=1e-4)


def test_scales_go_from_coarse_to_fine_and_leave_out_what_is_too_small() -> None:
    assert scale_sizes((200, 300), 3) == [(50, 75), (100, 150), (200, 300)]
    assert scale_sizes((70, 100), 3) == [(35, 50), (70, 100)]
    assert scale_sizes((8, 9), 5) == [(8, 9)]


def test_every_scale_gets_its_steps(network: Network) -> None:
    found = painted(
        picture(1, 66, 64), picture(2), network=network, how=Optimising(steps=3, scales=2)
    )
    assert found.history["scale"].tolist() == [0, 0, 0, 1, 1, 1]
    assert found.picture.shape == (66, 64, 3)


def test_ctrl_c_keeps_the_best_picture_and_resuming_uses_up_the_steps(
    network: Network, tmp_path: Path
) -> None:
    def interrupt(state: State) -> None:
        if state.step == 4:
            raise KeyboardInterrupt

    how = Optimising(steps=10, scales=1, method="lbfgs")
    broken = painted(picture(1), picture(2), network=network, how=how, tell=interrupt)
    assert broken.stopped == "by hand"
    assert len(broken.history) == 4
    broken.state.write(tmp_path / "state.npz")
    state = State.read(tmp_path / "state.npz")
    resumed = painted(picture(1), picture(2), network=network, how=how, state=state)
    assert len(resumed.history) == 10
    assert resumed.history["total"].min() <= broken.history["total"].min()
    assert resumed.history["seconds"].is_monotonic_increasing
    assert not resumed.stopped


def test_a_loss_that_is_no_number_ends_with_the_last_good_picture(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = optimise.evaluation

    def breaking(objective: object) -> optimise.Evaluate:
        evaluate, calls = real(objective), []

        def poisoned(values: np.ndarray) -> tuple[dict[str, float], np.ndarray]:
            calls.append(1)
            terms, gradient = evaluate(values)
            return (terms | {"total": float("nan")} if len(calls) == 4 else terms), gradient

        return poisoned

    monkeypatch.setattr(optimise, "evaluation", breaking)
    found = result(network)
    assert "no longer a number after 3 steps" in found.stopped
    assert len(found.history) == 3
    assert np.isfinite(found.picture).all()


def test_colours_are_kept_where_that_is_asked_for(network: Network) -> None:
    found = result(network, preserve_colour=True).picture
    content = picture(1)
    colour = [one - (one @ LUMINANCE)[..., None] for one in (found, content)]
    assert np.abs(colour[0] - colour[1]).mean() < 0.02


def test_content_that_is_the_style_stays_as_it_is(network: Network) -> None:
    same = picture(1)
    how = Optimising(steps=4, scales=1, smooth=0)
    found = painted(same, same, network=network, how=how)
    np.testing.assert_allclose(found.picture, same, atol=1e-2)


def test_tiny_and_flat_pictures_are_painted(network: Network) -> None:
    for content in (picture(1, 8, 9), np.zeros((8, 16, 3), np.float32)):
        found = painted(
            content, picture(2, 8, 8), network=network, how=Optimising(steps=2, scales=3)
        )
        assert found.picture.shape == content.shape
        assert np.isfinite(found.picture).all()


def test_another_picture_s_state_is_refused(network: Network) -> None:
    with pytest.raises(UserError, match="resume with the same content"):
        result(network, state=State(picture(1, 20, 20)))
    with pytest.raises(UserError, match="resume with the same content"):
        result(network, state=State(picture(1), scale=1))
