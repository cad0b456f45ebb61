import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from common.errors import UserError
from common.files import read_json, sweep, write_json, written

ROOT = Path(__file__).parents[2]


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB; only root may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "table.csv"
    with written(path) as beside:
        beside.write_text("whole")
        assert not path.exists()
        assert beside.parent == path.parent
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_replaces_the_one_before(tmp_path: Path) -> None:
    for name in ("old", "new"):
        with written(tmp_path / "export") as beside:
            (beside / "model").mkdir(parents=True)
            (beside / "model" / name).touch()
    assert [p.name for p in (tmp_path / "export" / "model").iterdir()] == ["new"]


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_json(path, {"epoch": 1})

    def half() -> None:
        with written(path) as beside:
            beside.write_text("{")
            raise ValueError("half")

    with pytest.raises(ValueError, match="half"):
        half()
    assert read_json(path) == {"epoch": 1}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_line(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"disk is full: run\.json .* free some space"):
        write_json(tmp_path / "run.json", {})
    assert not list(tmp_path.iterdir())


def test_another_error_of_the_disk_is_shown_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(handle: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        write_json(tmp_path / "run.json", {})
    assert not list(tmp_path.iterdir())


def _arrays(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, noise=np.random.default_rng(0).random(100_000))


def _table(path: Path) -> None:
    pd.DataFrame({"noise": np.random.default_rng(0).random(100_000)}).to_parquet(path)


def _saved_model(path: Path) -> None:
    module = tf.Module()
    module.weights = tf.Variable(tf.random.normal([100_000]))
    tf.saved_model.save(module, str(path / "saved_model"))


def _copies(path: Path) -> None:
    shutil.copytree(ROOT / "common", path)


@pytest.mark.parametrize("write", [_arrays, _table, _saved_model, _copies])
def test_on_a_really_full_disk_every_writer_stops_with_one_line(
    write: Callable[[Path], None], full_disk: Path
) -> None:
    write_json(full_disk / "export", "the one before")

    def fill() -> None:
        with written(full_disk / "export") as beside:
            write(beside)

    with pytest.raises(UserError, match="the disk is full: export could not be written"):
        fill()
    assert read_json(full_disk / "export") == "the one before"
    assert [p.name for p in full_disk.iterdir()] == ["export"]


def test_a_kill_while_writing_leaves_the_old_file_and_a_rest_that_is_swept(tmp_path: Path) -> None:
    path = tmp_path / "backup.npz"
    path.write_text("whole")
    code = (
        "import os, signal, sys; from pathlib import Path; from common.files import written\n"
        "with written(Path(sys.argv[1])) as beside:\n"
        "    beside.write_text('ha'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == "whole"
    assert len(list(tmp_path.iterdir())) == 2
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [path]
