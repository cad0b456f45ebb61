"""Recordings read once: one int16 file per set of sources, each recording at full scale."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.progress import track

from common.data.examples import empty_problems
from common.errors import UserError
from common.files import written
from projects.trigger_word_detection.grid import RATE
from projects.trigger_word_detection.sound import level_dbfs, trimmed

Reader = Callable[[Mapping[str, Any]], np.ndarray]
"""Row of an examples table -> (n,) float32 at 16 kHz."""

FORMAT = 1
"""Rises when what is stored changes, so that older stores are not taken for it."""
SHORTEST = RATE // 20
"""Samples of the shortest recording that can be a word."""
SILENT = -90.0
"""dBFS below which nothing can be heard, or only the rounding of 16 bits."""


def stored(
    table: pd.DataFrame, read: Reader, folder: Path, key: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows whose sound can be read, and a table of the others with their reasons.

    Words lose the silence around them, so that where they end is known. Good rows gain `store`,
    `first` and `length` (samples in the file), `peak` (what the samples were divided by), `digest`
    (of the content), `attr.seconds` and `attr.level` (dBFS). Raises UserError when none can be
    read, or the disk is full.
    """
    place = folder / f"sounds-{_key(table, key)}"
    if not (place / "good.parquet").exists():
        _read_all(table, read, place)
    good = pd.read_parquet(place / "good.parquet")
    problems = pd.read_parquet(place / "problems.parquet")
    if good.empty:
        first = problems.iloc[0]
        raise UserError(
            f"none of {len(problems)} recordings can be used ({first['content']}:"
            f" {first['reason']}); wav, flac, ogg and mp3 are read"
        )
    kept = table.iloc[good.pop("from").to_numpy()].reset_index(drop=True)
    kept = kept.drop(columns=[name for name in good.columns if name in kept])
    return pd.concat([kept, good], axis=1).assign(store=str(place)), problems


@lru_cache(maxsize=4)
def samples(store: str) -> np.ndarray:
    """Return the samples of a store, (n,) int16 on disk; UserError when they are gone."""
    try:
        return np.memmap(Path(store) / "samples.int16", dtype=np.int16, mode="r")
    except (FileNotFoundError, ValueError):
        raise UserError(
            f"the recordings in {store} are gone: train again on the same data, which reads them"
            " again"
        ) from None


def _key(table: pd.DataFrame, key: str) -> str:
    digest = hashlib.sha256(json.dumps([FORMAT, key]).encode())
    for content in table["content"]:
        kind, _, place = str(content).partition(":")
        file = Path(place.rpartition("#")[0] or place)
        known = file.stat() if kind == "file" and file.is_file() else None
        digest.update(f"{content} {known and (known.st_size, known.st_mtime_ns)}\n".encode())
    return digest.hexdigest()[:16]


def _read_all(table: pd.DataFrame, read: Reader, place: Path) -> None:
    rows: list[Mapping[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    good: list[dict[str, Any]] = []
    problems: list[dict[str, str]] = []
    first = 0
    with written(place) as beside:
        beside.mkdir(parents=True)
        with (beside / "samples.int16").open("wb") as file:
            for number, row in enumerate(_progress(rows)):
                try:
                    sound, facts = _prepared(row, read)
                except UserError as error:
                    problems.append({"content": row["content"], "reason": str(error)})
                    continue
                file.write(sound.tobytes())
                good.append({"from": number, "first": first, "length": len(sound), **facts})
                first += len(sound)
        table_of_good = pd.DataFrame(good) if good else pd.DataFrame({"from": []}, dtype=int)
        table_of_good.to_parquet(beside / "good.parquet")
        (pd.DataFrame(problems) if problems else empty_problems()).to_parquet(
            beside / "problems.parquet"
        )


def _prepared(row: Mapping[str, Any], read: Reader) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the samples as int16 at full scale, and what is known of them."""
    sound = read(row)
    if row["label"] != "background":
        sound = trimmed(sound)
    level = level_dbfs(sound)
    if len(sound) < SHORTEST:
        raise UserError(f"lasts {1000 * len(sound) / RATE:.0f} ms, which is no word")
    if row["label"] != "background" and level < SILENT:
        raise UserError("is silent")
    peak = max(float(np.abs(sound).max()), 1e-6)
    digest = hashlib.sha256(sound.tobytes()).hexdigest()[:16]
    return np.rint(sound / peak * 32767).astype(np.int16), {
        "peak": peak,
        "digest": digest,
        "attr.seconds": len(sound) / RATE,
        "attr.level": level,
    }


def _progress(rows: list[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    return track(rows, "reading sounds", transient=True) if len(rows) > 500 else rows
