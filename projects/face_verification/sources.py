"""Every source of faces: from its name to the table of its pictures, and their reader."""

from pathlib import Path

from common.data.examples import TARGET, Table
from common.data.picture_sources import folder
from common.data.picture_store import Reader
from common.data.tfds_pictures import tfds_pictures
from common.errors import UserError
from projects.face_verification import embedded, lfw
from projects.face_verification.settings import Data

ANOTHER = 1_000_003
"""Added to the seed for drawn people of the target distribution, who are others."""


def source(spec: str, data: Data, distribution: str) -> tuple[Table, Reader]:
    """Return the pictures and the reader of embedded, folder:PATH, lfw:PATH or tfds:NAME.

    The columns `label` and `group` are the person. Raises UserError for another kind, and where
    there is nothing to read.
    """
    if spec == "embedded":
        return _drawn(data, distribution)
    kind, _, place = spec.partition(":")
    kinds = {"folder": folder, "lfw": _lfw, "tfds": tfds_pictures}
    if kind not in kinds or not place:
        raise UserError(
            f"{spec!r} is no source of faces: use embedded, folder:PATH, lfw:PATH or tfds:lfw"
        )
    table, read = kinds[kind](place)
    if kind == "folder":  # whoever mends a wrong name must find the file
        root = Path(place).expanduser()
        files = table["content"].str.removeprefix("file:")
        table["example_id"] = [str(Path(file).relative_to(root)) for file in files]
    return table.assign(group=table["label"]), read


def pairs_file(spec: str) -> str:
    """Return where the pairs.txt of a source lfw:PATH is; UserError where there is none."""
    kind, _, place = spec.partition(":")
    root = Path(place).expanduser()
    tried = [root / lfw.PAIRS, root.parent / lfw.PAIRS]
    found = [file for file in tried if file.is_file()]
    if kind != "lfw" or not found:
        raise UserError(
            f"data.test_folds wants LFW's {lfw.PAIRS}, and data.source is {spec!r}:"
            f" use lfw:PATH with {lfw.PAIRS} in that folder or beside it"
        )
    return str(found[0])


def _drawn(data: Data, distribution: str) -> tuple[Table, Reader]:
    seed = data.seed + (ANOTHER if distribution == TARGET else 0)
    table = embedded.examples(data.embedded.people, data.embedded.pictures, seed)
    if distribution == TARGET:
        table["label"] = table["group"] = "another " + table["label"]
    return table, lambda row: embedded.picture(str(row["content"]), data.size)


def _lfw(place: str) -> tuple[Table, Reader]:
    """Return LFW's pictures: of a folder, of a zip file, or of the only zip file in a folder."""
    archives = sorted(Path(place).expanduser().glob("*.zip"))
    return lfw.pictures(str(archives[0]) if len(archives) == 1 else place)
