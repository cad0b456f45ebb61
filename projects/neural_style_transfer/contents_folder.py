"""A user's folder of contents: pictures of any kind, in folders or in none."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from common.data.folders import DIVISIONS, is_hidden
from common.data.picture_sources import file_bytes
from common.data.picture_store import Reader
from common.errors import UserError

LABEL = "pictures"
"""The kind of what lies in no folder of its own."""


def contents_folder(place: str) -> tuple[pd.DataFrame, Reader]:
    """Return every file below a folder, and the reader of its bytes; one kind is enough.

    `example_id` is the path below the folder, `label` that of the folder it lies in; where all
    folders are called `train/ val/ test/`, they are the source's own division. Raises UserError
    where there is no file.
    """
    root = Path(place).expanduser()
    if not root.is_dir():
        raise UserError(f"{root} is no folder: data.source=folder:PATH wants a folder of pictures")
    rows = list(_rows(root))
    if not rows:
        raise UserError(f"{root} holds no picture: data.source=folder:PATH wants some, anywhere")
    return pd.DataFrame(rows), file_bytes


def _rows(root: Path) -> Iterator[dict[str, str]]:
    folders = {one.name.lower() for one in root.iterdir() if _counts(one, root) and one.is_dir()}
    divided = len(folders) > 1 and folders <= set(DIVISIONS)
    for file in sorted(root.rglob("*")):
        if not (file.is_file() and _counts(file, root)):
            continue
        path = file.relative_to(root)
        own = divided and len(path.parts) > 1
        kind = path.parent.relative_to(path.parts[0]) if own else path.parent
        yield {
            "example_id": path.as_posix(),
            "label": LABEL if kind == Path() else kind.as_posix(),
            "content": f"file:{file}",
            "split": DIVISIONS[path.parts[0].lower()] if own else "",
        }


def _counts(file: Path, root: Path) -> bool:
    return not is_hidden(file.relative_to(root))
