"""Files written for keeps: beside, flushed, then renamed."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common.errors import UserError


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write a file or folder to; it takes the name when done.

    Whatever is found under the name `path` is therefore whole. Raises UserError when the disk is
    full; nothing is left behind then.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield beside
        _flush(beside)
        if path.is_dir():
            shutil.rmtree(path)
        beside.rename(path)
    except Exception as error:
        if _is_full(error):
            raise UserError(
                f"the disk is full: {path.name} could not be written to {path.parent}; free some"
                " space and resume the run"
            ) from error
        raise
    finally:
        if beside.is_dir():
            shutil.rmtree(beside, ignore_errors=True)
        else:
            beside.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all."""
    with written(path) as beside:
        beside.write_text(json.dumps(value, indent=2, default=str) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def sweep(folder: Path) -> None:
    """Remove what a killed process has left half-written in `folder`."""
    for left in folder.glob(".*.part"):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()


def _is_full(error: Exception) -> bool:
    """Return whether there was no space; TensorFlow and shutil raise errors of their own for it."""
    numbers = (errno.ENOSPC, errno.EDQUOT)
    number = getattr(error, "errno", None)
    return number in numbers or any(os.strerror(one) in str(error) for one in numbers)


def _flush(path: Path) -> None:
    for file in [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]:
        handle = os.open(file, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
