"""Pictures decoded once: one uint8 array on disk per source and size, read back as it is needed."""

import hashlib
import io
import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import imagehash
import numpy as np
import pandas as pd
import tensorflow as tf
from PIL import Image
from rich.progress import track

from common.data.examples import empty_problems
from common.data.pictures import LARGEST, decode, resized
from common.errors import UserError
from common.files import written

Reader = Callable[[Mapping[str, Any]], "bytes | np.ndarray"]
"""Row of an examples table -> the file's bytes, or (height, width, 3) uint8 pixels."""

FORMAT = 2
"""Rises when what is stored changes, so that older stores are not taken for it."""
READ = ("JPEG", "MPO", "PNG", "GIF", "BMP", "WEBP")
"""What `decode` reads, in Pillow's names; MPO is the JPEG of some phones."""
FLAT = 2.0
"""Grey levels of standard deviation below which a picture has no pattern to compare."""
WORKERS = 4


class Unreadable(Exception):
    """Why one picture cannot be read, in a few words."""


def stored(
    table: pd.DataFrame, read: Reader, size: int, folder: Path, key: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows whose picture can be read, and a table of the others with their reasons.

    All are decoded and resized once, to (n, size, size, 3) uint8 in one file of `folder`, and
    found again there as long as `key`, size and (for files) length and time are the same. Good
    rows gain `store` and `row`, `digest` (of the content), `phash` (64 bits), and `attr.*` measured
    on the pixels unless the source knows better. Raises UserError when none can be read, or the
    disk is full.
    """
    place = folder / f"pictures-{_key(table, size, key)}"
    if not (place / "good.parquet").exists():
        _decode_all(table, read, size, place)
    good = pd.read_parquet(place / "good.parquet")
    problems = pd.read_parquet(place / "problems.parquet")
    if good.empty:
        first = problems.iloc[0]
        raise UserError(
            f"none of {len(problems)} pictures can be read ({first['content']}"
            f" {first['reason']}): JPEG, PNG, GIF, BMP and WebP are"
        )
    kept = table.iloc[good.pop("from").to_numpy()].reset_index(drop=True)
    new = [name for name in good.columns if name not in kept.columns]
    kept = pd.concat([kept, good[new]], axis=1)
    return kept.assign(store=str(place / "pixels.npy"), row=np.arange(len(kept))), problems


def pixels(rows: pd.DataFrame) -> np.ndarray:
    """Return (n, size, size, 3) uint8, the decoded pictures of these rows.

    Raises UserError when they are no longer there.
    """
    stores = rows["store"].unique()
    try:
        arrays = {store: np.load(store, mmap_mode="r") for store in stores}
    except FileNotFoundError as error:
        raise UserError(
            f"the decoded pictures in {error.filename} are gone: train again on the same data,"
            " which decodes them again"
        ) from None
    if len(arrays) == 1:
        return np.asarray(arrays[stores[0]][rows["row"].to_numpy(np.int64)])
    chosen = [
        arrays[store][int(row)] for store, row in zip(rows["store"], rows["row"], strict=True)
    ]  # fmt: skip
    return np.stack(chosen)


def _key(table: pd.DataFrame, size: int, key: str) -> str:
    digest = hashlib.sha256(json.dumps([FORMAT, size, key]).encode())
    for content in table["content"]:
        kind, _, place = str(content).partition(":")
        file = Path(place if kind == "file" else place.rpartition("#")[0])
        known = file.stat() if file.is_file() else None
        digest.update(f"{content} {known and (known.st_size, known.st_mtime_ns)}\n".encode())
    return digest.hexdigest()[:16]


def _decode_all(table: pd.DataFrame, read: Reader, size: int, place: Path) -> None:
    from_file, from_pixels = _decoders(size)
    rows: list[Mapping[str, Any]] = table.to_dict("records")  # type: ignore[assignment]

    def one(number: int) -> tuple[int, np.ndarray, dict[str, Any]] | tuple[int, str]:
        try:
            return number, *_picture(rows[number], read, from_file, from_pixels)
        except Unreadable as error:
            return number, str(error)

    good: list[dict[str, Any]] = []
    problems: list[dict[str, str]] = []
    with written(place) as beside:
        beside.mkdir(parents=True)
        pictures = np.lib.format.open_memmap(
            beside / "pixels.npy", mode="w+", dtype=np.uint8, shape=(len(rows), size, size, 3)
        )
        _claim_space(beside / "pixels.npy")
        with ThreadPoolExecutor(WORKERS) as pool:
            for found in _progress(pool.map(one, range(len(rows))), len(rows)):
                if len(found) == 2:
                    problems.append({"content": rows[found[0]]["content"], "reason": found[1]})
                else:
                    pictures[len(good)] = found[1]
                    good.append({"from": found[0], **found[2]})
        pictures.flush()
        facts = pd.DataFrame(good) if good else pd.DataFrame({"from": pd.Series(dtype=int)})
        facts.to_parquet(beside / "good.parquet")
        (pd.DataFrame(problems) if problems else empty_problems()).to_parquet(
            beside / "problems.parquet"
        )


def _claim_space(file: Path) -> None:
    """Have the disk give the whole file now: a full disk is an error here, and a crash later."""
    if hasattr(os, "posix_fallocate"):
        with file.open("r+b") as handle:
            os.posix_fallocate(handle.fileno(), 0, file.stat().st_size)


def _progress(found: Iterable[Any], number: int) -> Iterable[Any]:
    return track(found, "decoding pictures", number, transient=True) if number > 500 else found


def _decoders(size: int) -> tuple[Any, Any]:
    """Return graphs from a file, and from pixels: the picture resized, and its own shape."""

    def shrunk(picture: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return resized(picture, size), tf.shape(picture)

    return (
        tf.function(
            lambda encoded: shrunk(decode(encoded)),
            input_signature=[tf.TensorSpec([], tf.string)],
            autograph=False,
        ),
        tf.function(
            shrunk, input_signature=[tf.TensorSpec([None, None, 3], tf.uint8)], autograph=False
        ),
    )


def _picture(
    row: Mapping[str, Any], read: Reader, from_file: Any, from_pixels: Any
) -> tuple[np.ndarray, dict[str, Any]]:
    try:
        content = read(row)
    except OSError as error:
        raise Unreadable(f"cannot be opened ({error.strerror or error})") from None
    if isinstance(content, bytes):
        _check_header(content)
        try:
            found, shape = from_file(tf.constant(content))
        except (tf.errors.OpError, UnicodeDecodeError):  # the latter from bytes in a message
            raise Unreadable("is truncated or damaged") from None
    else:
        found, shape = from_pixels(tf.constant(content))
        content = np.ascontiguousarray(content).tobytes()
    picture, digest = found.numpy(), hashlib.sha256(content).hexdigest()[:16]
    height, width = shape.numpy()[:2].tolist()
    phash = _phash(picture) or digest
    return picture, {"digest": digest, "phash": phash, **_facts(picture, height, width)}


def _check_header(content: bytes) -> None:
    """Raise Unreadable, with the reason, for what need not be decoded."""
    if not content:
        raise Unreadable("is empty")
    try:
        with Image.open(io.BytesIO(content)) as image:
            (width, height), kind = image.size, image.format
    except Exception:  # Pillow raises many kinds for damaged files
        raise Unreadable("is no picture, or its header is damaged") from None
    if kind not in READ:
        raise Unreadable(f"is a {kind} file; JPEG, PNG, GIF, BMP and WebP are read")
    if width * height > LARGEST:
        raise Unreadable(
            f"has {width * height // 10**6} megapixels, {LARGEST // 10**6} at most are read"
        )


def _phash(picture: np.ndarray) -> str:
    """Return 64 bits as 16 hexadecimal digits, or "" where all flat pictures would be alike.

    The discrete cosine transform's low frequencies against their median (imagehash): of four
    kinds of hash, the one that tells different photographs apart best.
    """
    grey = Image.fromarray(picture).convert("L")
    return str(imagehash.phash(grey)) if np.asarray(grey).std() > FLAT else ""


def _facts(picture: np.ndarray, height: int, width: int) -> dict[str, Any]:
    """Return what the slices read; brightness, contrast and saturation in 0 to 1."""
    values = picture.astype(np.float32) / 255
    grey = values @ np.array([0.299, 0.587, 0.114], np.float32)
    edges = (
        4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    )
    top, low = values.max(-1), values.min(-1)
    ratio = width / height
    shape = "landscape" if ratio > 1.1 else "portrait" if ratio < 1 / 1.1 else "square"
    return {
        "attr.brightness": float(grey.mean()),
        "attr.contrast": float(grey.std()),
        "attr.saturation": float(((top - low) / np.maximum(top, 1e-3)).mean()),
        "attr.sharpness": float(np.log10(edges.var() + 1e-6)) if edges.size else -6.0,
        "attr.aspect": shape,
        "attr.width": width,
        "attr.height": height,
    }


Image.MAX_IMAGE_PIXELS = None  # the limit here is LARGEST
logging.getLogger("PIL").setLevel(logging.ERROR)
