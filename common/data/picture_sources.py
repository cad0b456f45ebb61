"""Sources of pictures: a folder per class, the course's h5 files, TensorFlow Datasets.

Each gives an examples table (label, content, and the source's own split) and a reader.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from common.data.examples import GENERAL
from common.data.folders import DIVISIONS, is_hidden
from common.data.picture_store import Reader
from common.data.tfds_pictures import tfds_pictures
from common.errors import UserError


def source(spec: str, positive: str | None) -> tuple[pd.DataFrame, Reader]:
    """Return the examples and the reader of `folder:PATH`, `h5:PATH` or `tfds:NAME`.

    With more than two classes and `positive`, the others become one class, "not POSITIVE".
    Raises UserError for another kind, and when there is nothing to read.
    """
    kind, _, place = spec.partition(":")
    sources = {"folder": folder, "h5": h5, "tfds": tfds_pictures}
    if kind not in sources or not place:
        raise UserError(
            f"{spec!r} is no source of pictures: use embedded, folder:PATH, h5:PATH or tfds:NAME"
        )
    table, read = sources[kind](place)
    if positive in set(table["label"]) and table["label"].nunique() > 2:
        table["label"] = table["label"].where(table["label"] == positive, f"not {positive}")
    return table.assign(distribution=GENERAL), read


def folder(place: str) -> tuple[pd.DataFrame, Reader]:
    """Return the files of a folder per class; `train/ val/ test/` above the classes are kept."""
    root = Path(place).expanduser()
    if not root.is_dir():
        raise UserError(f"{root} is no folder: data.source=folder:PATH wants one folder per class")
    parts = _folders(root)
    divided = {part.name.lower() for part in parts} <= set(DIVISIONS) and len(parts) > 1
    if divided:
        classes = [(DIVISIONS[part.name.lower()], c) for part in parts for c in _folders(part)]
    else:
        classes = [("", part) for part in parts]
    rows = [
        {"label": one.name, "content": f"file:{file}", "split": split}
        for split, one in classes
        for file in sorted(one.rglob("*"))
        if file.is_file() and not is_hidden(file.relative_to(root))
    ]
    found = sorted({row["label"] for row in rows})
    if len(found) < 2:
        names = f" ({', '.join(found)})" if found else ""
        raise UserError(
            f"{root} has {len(rows)} files of {len(found)} classes{names}: one folder per class,"
            " at least two, is expected"
        )

    return pd.DataFrame(rows), file_bytes


def file_bytes(row: Mapping[str, Any]) -> bytes:
    """Return the content of the file that a row's `content` names, file:PATH."""
    return Path(str(row["content"]).removeprefix("file:")).read_bytes()


def h5(place: str) -> tuple[pd.DataFrame, Reader]:
    """Return the pictures of the course's files: train_*.h5 and test_*.h5, together in a folder.

    PATH is the folder, or either file. Keys: {train,test}_set_x (n, h, w, 3) uint8,
    {train,test}_set_y (n,) or (n, 1), and list_classes in at least one file.
    """
    path = Path(place).expanduser()
    files = sorted(path.glob("*.h5")) if path.is_dir() else _siblings(path)
    if not files:
        raise UserError(f"{path} holds no .h5 file: give the course's train_*.h5, or its folder")
    arrays: dict[str, np.ndarray] = {}
    rows: list[dict[str, object]] = []
    names: list[str] = []
    for file in files:
        part, pictures, labels, classes = _h5_part(file)
        names = classes or names
        key = f"h5:{file}#{part}"
        arrays[key] = pictures
        rows += [
            {"label": int(label), "content": f"{key}/{number}", "split": part}
            for number, label in enumerate(labels)
        ]
    table = pd.DataFrame(rows)
    table["label"] = [
        names[label] if label < len(names) else f"class {label}" for label in table["label"]
    ]
    if table["label"].nunique() < 2:
        raise UserError(f"{path} has only {table['label'].iloc[0]!r}: two classes are needed")

    def read(row: object) -> np.ndarray:
        key, _, number = str(row["content"]).rpartition("/")  # type: ignore[index]
        return arrays[key][int(number)]

    return table, read


def _h5_part(file: Path) -> tuple[str, np.ndarray, np.ndarray, list[str]]:
    try:
        with h5py.File(file) as opened:
            part = next(p for p in ("train", "test") if f"{p}_set_x" in opened)
            pictures = np.asarray(opened[f"{part}_set_x"])
            labels = np.asarray(opened[f"{part}_set_y"]).reshape(-1).astype(int)
            classes = opened["list_classes"][:] if "list_classes" in opened else []
    except (OSError, StopIteration, KeyError, ValueError):
        raise UserError(
            f"{file} cannot be read as the course's format: an HDF5 file with train_set_x and"
            " train_set_y (or test_set_x and test_set_y) is expected; download it again"
        ) from None
    if pictures.ndim != 4 or pictures.shape[3] != 3 or len(pictures) != len(labels):
        raise UserError(
            f"{file} has pictures {pictures.shape} and {len(labels)} labels: (n, height, width, 3)"
            " and as many labels are expected"
        )
    if pictures.dtype != np.uint8:
        raise UserError(
            f"{file} has pictures of {pictures.dtype}; uint8, 0 to 255, is expected: convert them"
        )
    return part, pictures, labels, [name.decode() for name in classes]


def _siblings(file: Path) -> list[Path]:
    if not file.is_file():
        raise UserError(
            f"{file} does not exist: data.source=h5:PATH wants the course's train_*.h5, or its"
            " folder"
        )
    pair = [
        file.with_name(file.name.replace(a, b)) for a, b in (("train", "test"), ("test", "train"))
    ]
    return sorted({file, *(one for one in pair if one.is_file())})


def _folders(root: Path) -> list[Path]:
    return sorted(p for p in root.iterdir() if p.is_dir() and not is_hidden(Path(p.name)))
