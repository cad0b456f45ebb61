"""Pairs of sentences from text files, plain or gzipped: a table of two columns, or two files."""

import gzip
import re
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from common.errors import UserError
from common.project import Found
from projects.machine_translation.pairs import Pair, found

SPLITS = {"train": "train", "val": "dev", "dev": "dev", "test": "test"}
"""How the part of a file's name that stands for the split begins -> split."""


def tsv(place: str) -> Found:
    """Return the pairs of a file with a source sentence, a tab and a target sentence a line.

    Lines with other columns are problems. Raises UserError for a file that cannot be read as
    UTF-8, and where no line has two columns.
    """
    file = Path(place).expanduser()
    rows = [(number, line.split("\t")) for number, line in enumerate(lines(file), 1)]
    odd = [(number, len(columns)) for number, columns in rows if len(columns) != 2]
    if len(odd) == len(rows):
        raise UserError(
            f"no line of {place} has two columns, its first has {odd[0][1]}: a source sentence, a"
            " tab and a target sentence a line are expected"
        )
    content = f"tsv:{place}#{{}}".format
    several = found(
        (Pair(content(number), "", *both) for number, both in rows if len(both) == 2),
        f"tsv:{place}",
    )
    problems = pd.DataFrame(
        {"content": content(number), "reason": f"columns: {columns}, expected: 2"}
        for number, columns in odd
    )
    return several._replace(problems=pd.concat([several.problems, problems], ignore_index=True))


def pairs(place: str) -> Found:
    """Return the pairs of two files, line by line; `place` is SOURCE,TARGET.

    A `*` in both names stands for the split: train*, val* or dev*, test*. Raises UserError for
    files that are missing, cannot be read as UTF-8 or differ in length, for a split of two files
    and for one whose name says nothing.
    """
    names = [name for name in place.split(",") if name.strip()]
    if len(names) != 2:
        raise UserError(
            f"pairs:{place} names {len(names)} files: two with one comma between are expected, as"
            " in pairs:train.de,train.en"
        )
    if "*" in place:
        files = _divided(*names)
    else:
        files = {"": (Path(names[0]).expanduser(), Path(names[1]).expanduser())}
    return found(
        (pair for split, both in files.items() for pair in _aligned(*both, split)),
        f"pairs:{place}",
    )


def lines(path: Path) -> list[str]:
    """Return the lines of a text file, plain or gzipped; only a line feed ends one.

    Raises UserError for a file that is missing, empty, or no UTF-8.
    """
    try:
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
    except FileNotFoundError:
        raise UserError(f"{path} does not exist: name a text file, plain or .gz") from None
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path} cannot be read ({reason}): name a text file, or .gz") from None
    text = _decoded(data.removeprefix(BOM_UTF8), path)
    if not text:
        raise UserError(f"{path} is empty: a sentence a line is expected")
    return text.removesuffix("\n").split("\n")


def _aligned(source: Path, target: Path, split: str) -> Iterator[Pair]:
    sentences, translations = lines(source), lines(target)
    if source.samefile(target):
        raise UserError(f"{source} is named for source and target: name the other language's file")
    if len(sentences) != len(translations):
        raise UserError(
            f"{source} has {len(sentences)} lines and {target} has {len(translations)}: line by"
            " line a source sentence and its translation are expected; align the files"
        )
    for number, both in enumerate(zip(sentences, translations, strict=True), 1):
        yield Pair(f"pairs:{source}#{number}", split, *both)


def _divided(source: str, target: str) -> dict[str, tuple[Path, Path]]:
    """Return the files of each split; of only one, a train file, the split is left open."""
    for pattern in (source, target):
        if pattern.count("*") != 1 or "*" not in Path(pattern).name:
            raise UserError(
                f"{pattern!r} in pairs:SOURCE,TARGET: one * is expected in the name of each file,"
                " or in neither, as in pairs:data/*.de.gz,data/*.en.gz"
            )
    sources, targets = _matches(source), _matches(target)
    for name in sorted(set(sources) ^ set(targets)):
        there, other = (sources, target) if name in sources else (targets, source)
        raise UserError(
            f"{there[name]} has no counterpart {other.replace('*', name)}: both are expected; add"
            " it, or move the other away"
        )
    listed = ", ".join(sources)
    files: dict[str, tuple[Path, Path]] = {}
    for name, path in sources.items():
        splits = [split for start, split in SPLITS.items() if name.lower().startswith(start)]
        if not splits or splits[0] in files:
            said = f"says no split in {name!r}" if not splits else f"finds several for {splits[0]}"
            raise UserError(
                f"pairs:{source} {said} ({listed}): one file each that begins with train, val or"
                " dev, and test is expected; rename the others or move them away"
            )
        files[splits[0]] = path, targets[name]
    return {"": files["train"]} if list(files) == ["train"] else files


def _matches(pattern: str) -> dict[str, Path]:
    """Return what the `*` stands for in each file found, and the file."""
    path = Path(pattern).expanduser()
    start, _, end = path.name.partition("*")
    named = re.compile(re.escape(start) + "(.+)" + re.escape(end))
    files = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    hits = [(hit[1], file) for file in files if (hit := named.fullmatch(file.name))]
    if not hits:
        raise UserError(f"no file is called {pattern}: name files that are there")
    return dict(hits)


def _decoded(data: bytes, path: Path) -> str:
    # Without its mark, UTF-16 of most languages has a zero in every second byte.
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) or data[:200].count(0) > len(data[:200]) / 4:
        raise UserError(
            f"{path} is UTF-16 (from its first line and byte on), UTF-8 is expected: convert it,"
            f" {_conversion(path, 'UTF-16')}"
        )
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, byte = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        raise UserError(
            f"{path} is not UTF-8: line {line} has {data[error.start]:#04x} as byte {byte}; if it"
            f" is Latin-1, convert it, {_conversion(path, 'LATIN1')}"
        ) from None


def _conversion(path: Path, encoding: str) -> str:
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    unpacked = f"gunzip {path}; " if path.suffix == ".gz" else ""
    return f"for example: {unpacked}iconv -f {encoding} -t UTF-8 {plain} > {plain.stem}.utf8"
