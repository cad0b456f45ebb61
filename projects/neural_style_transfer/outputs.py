"""Where pictures are written: checked before anything is painted."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from common.errors import UserError
from projects.neural_style_transfer.pictures import SUFFIXES, checked_suffix


def output_files(
    names: Sequence[str],
    output: Path,
    *,
    made_of: Sequence[str],
    many: bool,
    sources: Iterable[Path],
) -> list[Path]:
    """Return the file for each name: `output` itself, or NAME.png in it when it is a folder.

    It is one when `many` pictures are asked for, when it is there already, and when its name has no
    suffix. `made_of` says in words what each is made of. Raises UserError for a suffix that is not
    written, a folder called as a picture, a place that cannot be written to, two pictures under one
    name, and when one of the `sources` would be overwritten.
    """
    folder = many or output.is_dir() or not output.suffix
    named = output.suffix.lower() in SUFFIXES
    if named and output.is_dir():
        raise UserError(
            f"{output} is a folder, though its name ends as a picture's: name a file in it, or a"
            " folder that is called otherwise"
        )
    if many and (named or output.is_file()):
        raise UserError(f"{output} names one file for several pictures: name a folder")
    if not folder:
        checked_suffix(output)
    _check_writable(output if folder else output.parent)
    files = [output / f"{name}.png" for name in names] if folder else [output]
    first: dict[Path, str] = {}
    for file, this in zip(files, made_of, strict=True):
        if file in first:
            raise UserError(
                f"{first[file]} and {this} would both be written to {file}: rename one, or do one"
                " alone"
            )
        first[file] = this
    taken = {source.resolve() for source in sources}
    lost = next((file for file in files if file.resolve() in taken), None)
    if lost:
        raise UserError(f"{lost} is read, and would be overwritten: choose another --output")
    return files


def counted(asked: int, failed: int) -> str:
    """Return the last line after several pictures: "16 of 21 painted, 5 were not"."""
    return f"{asked - failed} of {asked} painted, {failed} {'was' if failed == 1 else 'were'} not"


def _check_writable(folder: Path) -> None:
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not there.is_dir():
        raise UserError(
            f"{there} is a file, and no folder to write to: name a .png or .jpg file, or a folder"
        )
    if not os.access(there, os.W_OK):
        raise UserError(f"you may not write to {there}: name another --output")
