"""The pictures a user gives and gets: read from files of any kind and size, written whole."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from common import files
from common.data.folders import is_hidden
from common.data.picture_store import READ
from common.data.pictures import LARGEST, decode
from common.errors import UserError

Picture = NDArray[np.float32]
"""RGB, (height, width, 3), 0 to 1."""

LONGEST = 8
"""Times that a picture may be as long as it is wide: of a strip, no feature network sees much."""
TINY = 64
"""A longer side below this many pixels is enlarged: marks of paint would have no room."""
HUGE = 25_000_000
"""Pixels from which a word is said, and at most of what is transparent: putting it on white takes
56 bytes a pixel, everything else 7."""
SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
"""Suffix -> the format that is written."""
_READ_SUFFIXES = (*SUFFIXES, ".gif", ".bmp", ".webp")


def read(path: Path, size: int, tell: Callable[[str], None] = print) -> Picture:
    """Return the picture in a file, its longer side at most `size` pixels, as a person sees it.

    JPEG (turned as its Exif data say), PNG (gray, palette, 16 bit), GIF, BMP and WebP; what is
    transparent lies on white. Smaller pictures stay as they are, but for tiny ones, which are
    enlarged; `tell` hears of that, and of huge ones. Raises UserError, before anything is decoded,
    for a missing file, no picture, more than 100 megapixels (25 with transparency) and
    extreme aspects; and for a damaged picture.
    """
    encoded = _content(path)
    width, height = _size(path, encoded)
    try:
        decoded = decode(tf.constant(encoded))
    except (tf.errors.OpError, UnicodeDecodeError):  # the latter from bytes in a message
        raise UserError(f"{path} is truncated or damaged: name a picture that opens") from None
    height, width = decoded.shape[:2]  # as turned
    longer = max(width, height)
    wanted = min(size, 4 * TINY) if longer < TINY else min(size, longer)
    shape = [max(1, round(side * wanted / longer)) for side in (height, width)]
    if wanted > longer or width * height > HUGE:
        change = "enlarged" if wanted > longer else "scaled"
        tell(f"{path} has {width} x {height} pixels: {change} to {shape[1]} x {shape[0]}")
    # Only shrinking wants antialiasing; with it, bicubic enlarging is the same.
    resized = tf.image.resize(decoded, shape, method="bicubic", antialias=True)
    return np.clip(resized.numpy() / np.float32(255), 0, 1)


def written(picture: Picture, path: Path, comment: str = "") -> Path:
    """Write the picture as PNG or JPEG, as the suffix says, whole or not at all; return `path`.

    A `comment` goes into the file, where `comment_of` finds it. Raises UserError for another
    suffix, and where nothing can be written.
    """
    kind = checked_suffix(path)
    rounded = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    options: dict[str, Any] = {"quality": 95, "subsampling": 0, "comment": comment}
    if kind == "PNG":
        options = {"pnginfo": PngInfo()}
        if comment:
            options["pnginfo"].add_text("Comment", comment)
    try:
        with files.written(path) as beside:
            Image.fromarray(rounded).save(beside, kind, **options)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror or error})") from None
    return path


def comment_of(path: Path) -> str:
    """Return the comment in a PNG or JPEG file; empty where there is none, or no such file."""
    try:
        with Image.open(path) as image:
            found = image.info.get("Comment") or image.info.get("comment") or ""
    except Exception:  # Pillow raises many kinds for damaged files
        return ""
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)


def checked_suffix(path: Path) -> str:
    """Return the format that will be written to `path`: to be asked before the painting.

    Raises UserError when the suffix is of none.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise UserError(f"{path} ends in none of {', '.join(SUFFIXES)}: name a PNG or JPEG file")
    return kind


def pictures_of(path: Path, tell: Callable[[str], None] = print) -> list[Path]:
    """Return the file itself, or the pictures in a folder and those below it, by name.

    `tell` hears of files in it that are not called as pictures are. Raises UserError when there is
    nothing.
    """
    if not path.is_dir():
        if not path.exists():
            raise UserError(f"{path} does not exist: name a picture, or a folder of them")
        return [path]
    there = [
        one for one in path.rglob("*") if one.is_file() and not is_hidden(one.relative_to(path))
    ]
    found = sorted(file for file in there if file.suffix.lower() in _READ_SUFFIXES)
    if not found:
        raise UserError(f"{path} holds no picture: {', '.join(_READ_SUFFIXES)} are looked for")
    if others := len(there) - len(found):
        one, more = ("1 file is", "its name ends"), (f"{others} files are", "their names end")
        were, names = one if others == 1 else more
        tell(f"{path}: {were} left out: {names} in none of {', '.join(_READ_SUFFIXES)}")
    return found


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{path} cannot be opened ({error.strerror or error}): name a picture file"
        ) from None


def _size(path: Path, encoded: bytes) -> tuple[int, int]:
    """Return width and height as the header says; raises UserError for what need not be decoded."""
    try:
        with Image.open(io.BytesIO(encoded)) as image:
            (width, height), kind = image.size, image.format
            transparent = image.has_transparency_data
    except Exception:  # Pillow raises many kinds for damaged files
        what = "is empty" if not encoded else "is no picture, or its header is damaged"
        raise UserError(f"{path} {what}: JPEG, PNG, GIF, BMP and WebP are read") from None
    if kind not in READ:
        raise UserError(f"{path} is a {kind} file: JPEG, PNG, GIF, BMP and WebP are read")
    most, those = (HUGE, "with transparency ") if transparent else (LARGEST, "")
    if width * height > most:
        raise UserError(
            f"{path} has {width * height / 1e6:.0f} megapixels: {those}at most {most // 10**6} are"
            " read, which takes up to 1.5 GB of memory; scale it down before"
        )
    if max(width, height) > LONGEST * min(width, height):
        raise UserError(
            f"{path} has {width} x {height} pixels: at most {LONGEST} times as long as wide is"
            " painted; crop it"
        )
    return width, height
