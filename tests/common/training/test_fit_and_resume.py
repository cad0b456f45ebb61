import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from common import runtime
from common.errors import UserError
from common.settings import Fit, Runtime, Settings
from common.training.callbacks import LearningRate
from common.training.fit import keras_fit
from common.training.progress import Progress
from tests.common import tiny

ROOT = Path(__file__).parents[3]
STEPS = 4
"""Steps of one epoch of DEMANDING: 64 examples in batches of 16."""


class Killed(BaseException):
    """Stands for a kill: nobody catches it."""


@dataclass
class Outcome:
    model: keras.Model
    history: pd.DataFrame

    def equals(self, other: "Outcome") -> None:
        """Assert equality to the last digit, of everything but the seconds."""
        ours, theirs = (one.history.drop(columns="seconds") for one in (self, other))
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
        pairs = zip(self.model.get_weights(), other.model.get_weights(), strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs)


def train(folder: Path, settings: Settings = tiny.DEMANDING, **other: Any) -> Outcome:
    job = tiny.job(folder, settings, **other)
    runtime.seed_everything(settings.runtime)
    model = tiny.build(job.assets, settings)
    return Outcome(model, keras_fit(model, job))


def interrupt(monkeypatch: pytest.MonkeyPatch, at_step: int, error: BaseException) -> None:
    """Raise `error` before this step of the whole training, counted from 0."""
    begin = LearningRate.on_train_batch_begin
    seen = iter(range(10_000))

    def broken(self: LearningRate, batch: int, logs: Any = None) -> None:
        if next(seen) == at_step:
            monkeypatch.setattr(LearningRate, "on_train_batch_begin", begin)
            raise error
        begin(self, batch, logs)

    monkeypatch.setattr(LearningRate, "on_train_batch_begin", broken)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The training without a kill."""
    return train(tmp_path_factory.mktemp("straight"))


def test_the_straight_run_exercises_every_state(straight: Outcome) -> None:
    rates = straight.history["learning_rate"]
    assert rates[0] < tiny.DEMANDING.fit.learning_rate
    assert rates.max() == pytest.approx(tiny.DEMANDING.fit.learning_rate)
    best = int(straight.history["val_loss"].argmin())
    assert 0 < best < len(straight.history) - 1


def test_a_straight_run_can_be_repeated(straight: Outcome, tmp_path: Path) -> None:
    train(tmp_path).equals(straight)


@pytest.mark.parametrize("seed", range(2))
def test_a_run_killed_at_any_step_and_resumed_equals_the_straight_one(
    seed: int, straight: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = STEPS * len(straight.history)
    first, second = sorted(np.random.default_rng(seed).integers(1, last, 2))
    interrupt(monkeypatch, int(first), Killed())
    with pytest.raises(Killed):
        train(tmp_path)
    done = int(first) // STEPS
    assert (tmp_path / "backup.npz").exists() == (done > 0)
    interrupt(monkeypatch, int(second) - done * STEPS, Killed())
    with pytest.raises(Killed):
        train(tmp_path)
    train(tmp_path).equals(straight)


def test_a_run_killed_after_its_last_epoch_is_not_trained_again(
    straight: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(tmp_path)
    interrupt(monkeypatch, 0, Killed())
    train(tmp_path).equals(straight)


def test_every_epoch_is_told_after_its_backup_and_all_are_told_again_on_resume(
    straight: Outcome, tmp_path: Path
) -> None:
    told: list[int] = []

    def tell(rows: list[Any]) -> None:
        assert not rows or (tmp_path / "backup.npz").exists()
        told.append(len(rows))
        if told == [0, 1, 2, 3]:
            raise Killed

    with pytest.raises(Killed):
        train(tmp_path, on_epoch=tell)
    train(tmp_path, on_epoch=tell).equals(straight)
    assert told == [0, 1, 2, 3, *range(3, len(straight.history) + 1)]


def test_a_real_kill_loses_at_most_one_epoch(straight: Outcome, tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from tests.common.training import test_fit_and_resume as test\n"
        "def tell(rows): print(len(rows), flush=True); time.sleep(0.2)\n"
        "test.train(Path(sys.argv[1]), on_epoch=tell)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    seen = []
    for line in process.stdout:
        seen += [int(line)] if line.strip().isdigit() else []
        if seen and seen[-1] == 3:
            process.kill()
    assert process.wait() == -signal.SIGKILL
    told: list[int] = []
    train(tmp_path, on_epoch=lambda rows: told.append(len(rows))).equals(straight)
    assert told[0] in (3, 4)


def test_a_backup_that_was_half_written_is_never_taken(
    straight: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, calls = np.savez, iter(range(100))

    def half(file: Any, **arrays: Any) -> None:
        if next(calls) < 2:
            whole(file, **arrays)
            return
        file.write(b"PK half an archive")
        file.flush()
        os.link(file.name, tmp_path / f".backup.npz.{os.getpid() + 1}.part")
        raise Killed

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(Killed):
        train(tmp_path)
    monkeypatch.undo()
    assert len(list(tmp_path.iterdir())) == 2
    told: list[int] = []
    train(tmp_path, on_epoch=lambda rows: told.append(len(rows))).equals(straight)
    assert told[0] == 2


def test_several_passes_without_watched_examples_resume_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = Fit(epochs=3, passes=2, batch_size=32, decay="cosine", optimizer="momentum", dropout=0.5)
    settings = Settings(fit=fit, runtime=Runtime(seed=7))
    expected = train(tmp_path / "straight", settings, watch=None)
    assert len(expected.history) == 3
    interrupt(monkeypatch, 9, Killed())
    with pytest.raises(Killed):
        train(tmp_path / "killed", settings, watch=None)
    train(tmp_path / "killed", settings, watch=None).equals(expected)


def test_early_stopping_keeps_the_weights_of_the_best_epoch(straight: Outcome) -> None:
    rows = tiny.examples()[64:].reset_index(drop=True)
    watch = tiny.dataset(rows, tiny.Assets(train_rows=64), tiny.DEMANDING, None)
    loss = straight.model.evaluate(watch, verbose=0)
    assert loss == pytest.approx(straight.history["val_loss"].min(), rel=1e-6)


def test_a_loss_that_is_no_number_stops_and_is_not_backed_up(tmp_path: Path) -> None:
    settings = Settings(fit=Fit(optimizer="sgd", learning_rate=1e30, batch_norm=False, epochs=5))
    with pytest.raises(UserError, match=r"the loss became (nan|inf) in epoch \d .*lower fit\."):
        train(tmp_path, settings)
    for backup in tmp_path.glob("backup.npz"):
        with np.load(backup) as saved:
            names = [name for name in saved.files if name.startswith("variable")]
            assert all(np.isfinite(saved[name]).all() for name in names)


@pytest.mark.parametrize("patience", [0, 3])
def test_a_stop_by_hand_keeps_the_finished_epochs_and_their_weights(
    patience: int,
    straight: Outcome,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    interrupt(monkeypatch, 3 * STEPS + 2, KeyboardInterrupt())
    stopped = train(tmp_path / "stopped", patience=patience)
    assert "stopped by hand after epoch 3" in capsys.readouterr().out
    stopped.equals(train(tmp_path / "three", epochs=3, patience=patience))


def test_a_stop_before_the_first_epoch_leaves_nothing_to_keep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, 2, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, Killed])
def test_the_bar_is_taken_down_however_training_ends(
    error: Callable[[], BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars: list[Progress] = []
    begin = Progress.on_train_begin

    def remember(self: Progress, logs: Any = None) -> None:
        begin(self, logs)
        bars.append(self)

    monkeypatch.setattr("rich.console.Console.is_terminal", True)
    monkeypatch.setattr(Progress, "on_train_begin", remember)
    interrupt(monkeypatch, 2 * STEPS, error())
    try:
        train(tmp_path)
    except Killed:
        assert error is Killed
    (bar,) = bars
    assert not bar.bar.live.is_started


def test_a_model_may_bring_callbacks_of_its_own(tmp_path: Path) -> None:
    job = tiny.job(tmp_path)
    model, seen = tiny.build(job.assets, tiny.DEMANDING), []
    tell = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    model.callbacks = lambda: [tell]
    history = keras_fit(model, job)
    assert seen == list(range(len(history)))


def test_a_line_per_epoch_says_the_numbers(
    straight: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(tmp_path, title="learning")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(straight.history)
    assert lines[0].startswith("learning 1/8  loss ")
    assert f"watched loss {straight.history['val_loss'][0]:.4f}" in lines[0]


def test_only_best_weights_travel_as_arrays(straight: Outcome, tmp_path: Path) -> None:
    train(tmp_path, patience=0)
    with np.load(tmp_path / "backup.npz") as saved:
        assert not [name for name in saved.files if name.startswith("best_")]
    train(tmp_path / "other")
    with np.load(tmp_path / "other" / "backup.npz") as saved:
        names = [name for name in saved.files if name.startswith("best_")]
        assert len(names) == len(straight.model.get_weights())
        assert all(
            np.array_equal(saved[f"best_{i}"], weights)
            for i, weights in enumerate(straight.model.get_weights())
        )
