"""Own recordings: folders `activates/`, `negatives/` and `backgrounds/` of sound files."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from common.data.examples import empty_problems
from common.data.folders import DIVISIONS, is_hidden
from common.errors import UserError
from common.project import Found
from projects.trigger_word_detection.bank import Reader
from projects.trigger_word_detection.recordings import piece, rows, whole
from projects.trigger_word_detection.sound import read, trimmed

LABELS = {"activates": "activate", "negatives": "negative", "backgrounds": "background"}
"""Folder -> label; only the last may be missing."""
WORDS = ("activates", "negatives")
NOTES = (".txt", ".md", ".csv", ".tsv", ".json")
"""What people lay beside recordings."""


def folder(place: str, word: str) -> tuple[Found, Reader]:
    """Return the recordings below a folder, and their reader; words without silence around them.

    Folders inside `activates/` and `negatives/` are speakers, inside `backgrounds/` kinds. Where
    the speaker is unknown, files of the same content are a group. `train/ dev/ test/` above keep
    the user's own division. Raises UserError where activates or negatives are missing, or none of
    them can be read.
    """
    root = Path(place).expanduser()
    found: list[dict[str, Any]] = []
    problems: list[dict[str, str]] = []
    for split, label, top in _parts(root):
        for file in _files(top):
            try:
                found += _rows(file, top, split, label, word)
            except UserError as error:
                reason = str(error).removeprefix(f"{file} ")
                problems.append({"content": f"file:{file}", "reason": reason})
    table = pd.DataFrame(found, columns=None if found else ["example_id", "label"])
    for name in WORDS:
        if not (table["label"] == LABELS[name]).any():
            raise UserError(_none_of(name, root, problems))
    copy = table.groupby("example_id").cumcount()
    table["example_id"] += copy.map(lambda number: f"-{number + 1}" if number else "")
    return Found(table, pd.DataFrame(problems) if problems else empty_problems()), _reader()


def _reader() -> Reader:
    @lru_cache(maxsize=1)  # the pieces of a long file follow one another
    def sound(file: str, label: str) -> np.ndarray:
        return _sound(Path(file), label)

    def one(row: Mapping[str, Any]) -> np.ndarray:
        content = str(row["content"])
        return piece(sound(whole(content).removeprefix("file:"), str(row["label"])), content)

    return one


def _sound(file: Path, label: str) -> np.ndarray:
    samples = read(file)
    return samples if label == "background" else trimmed(samples)


def _parts(root: Path) -> Iterator[tuple[str, str, Path]]:
    """Yield split, label and folder of every part that is there."""
    if not root.is_dir():
        raise UserError(f"{root} is no folder: data.source=folder:PATH wants your recordings' one")
    found = _folders(root)
    divided = {name: inside for name, inside in found.items() if name in DIVISIONS}
    if not set(WORDS) & set(found) and divided:
        parts = [(DIVISIONS[name], _folders(inside)) for name, inside in divided.items()]
    else:
        parts = [("", found)]
    missing = [name for name in WORDS if not any(name in inside for _, inside in parts)]
    if missing:
        names = ", ".join(f"{one.name}/" for one in found.values()) or "no folder"
        raise UserError(
            f"{root} holds {names} and no {missing[0]}/: activates/ and negatives/, and"
            " backgrounds/ where you have some, are expected; sort your recordings into them"
        )
    for split, inside in parts:
        for name, label in LABELS.items():
            if name in inside:
                yield split, label, inside[name]


def _folders(root: Path) -> dict[str, Path]:
    inside = sorted(p for p in root.iterdir() if p.is_dir() and not is_hidden(Path(p.name)))
    return {path.name.lower(): path for path in inside}


def _files(top: Path) -> list[Path]:
    """Return all files, but hidden ones and notes; what is no sound is told when it is read."""
    files = (p for p in top.rglob("*") if p.is_file() and p.suffix.lower() not in NOTES)
    return sorted(p for p in files if not is_hidden(p.relative_to(top)))


def _rows(file: Path, top: Path, split: str, label: str, word: str) -> Iterator[dict[str, Any]]:
    """Yield a file's row, or those of its pieces."""
    samples = _sound(file, label)
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()[:16]
    inside = (*file.relative_to(top).parts[:-1], "")[0]
    speaker = inside if label != "background" else ""
    known = {
        "example_id": digest,
        "label": label,
        "group": speaker or f"sound:{digest}",
        "content": f"file:{file}",
        "split": split,
    }
    said = word if label == "activate" else _word(file.name)
    return rows(samples, known, said, speaker, inside or "recorded")


def _word(name: str) -> str:
    """Return what a file's name says was spoken: "computer" of computer_2.wav and computer2.wav."""
    first = re.split(r"[_\-. ]", name)[0]
    return first.rstrip("0123456789") or first or name


def _none_of(name: str, root: Path, problems: list[dict[str, str]]) -> str:
    broken = [one for one in problems if f"/{name}/" in one["content"].lower()]
    if not broken:
        return f"{root} has no file in {name}/: put some recordings there, more than one speaker's"
    first = broken[0]
    return (
        f"none of {len(broken)} files in {name}/ of {root} can be used"
        f" ({first['content'].removeprefix('file:')} {first['reason']})"
    )
