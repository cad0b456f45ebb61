"""The state of an optimisation: whole from disk again, and files that hold none."""

from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from projects.neural_style_transfer.state import State

ROWS = [
    {"scale": 0, "step": 1, "seconds": 0.1, "total": 0.2},
    {"scale": 1, "step": 1, "seconds": 0.3, "total": 0.5},
    {"scale": 1, "step": 2, "seconds": 0.4, "total": 0.4},
]


def state() -> State:
    picture = np.random.default_rng(0).random((8, 9, 3), np.float32)
    return State(picture, scale=1, step=2, history=list(ROWS))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    state().write(tmp_path / "state.npz")
    again = State.read(tmp_path / "state.npz")
    np.testing.assert_array_equal(again.picture, state().picture)
    assert (again.scale, again.step, again.history) == (1, 2, ROWS)
    assert [file.name for file in tmp_path.iterdir()] == ["state.npz"]


def test_the_best_total_is_that_of_the_current_scale() -> None:
    assert state().best == 0.4
    assert State(state().picture).best == float("inf")


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04", None])
def test_files_that_hold_no_state_are_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "state.npz"
    if content is None:
        np.savez(path, something=np.zeros(3))
    else:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"state\.npz holds no optimisation to go on with"):
        State.read(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(share: float, tmp_path: Path) -> None:
    state().write(tmp_path / "state.npz")
    whole = (tmp_path / "state.npz").read_bytes()
    (tmp_path / "state.npz").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(UserError, match="no optimisation to go on with"):
        State.read(tmp_path / "state.npz")
