"""`paint`: pictures in, painted by an exported network; a line for each."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

from common.errors import UserError
from common.runs import RunFolder
from projects.neural_style_transfer.outputs import counted, output_files
from projects.neural_style_transfer.pictures import TINY, Picture, pictures_of, read, written


def painted(pictures: Sequence[Path], output: Path, run: RunFolder, size: int) -> Iterator[str]:
    """Yield a line per picture: where it was painted to, its size, how long the network took.

    Pictures that cannot be read say why. Raises UserError, before anything is painted, for what
    cannot be written; and at the end when some picture could not be read.
    """
    words: list[str] = []
    named = [file for one in pictures for file in pictures_of(one, words.append)]
    files = _once(named, words.append)
    many = len(pictures) > 1 or pictures[0].is_dir()
    names, paths = [file.stem for file in files], [str(file) for file in files]
    outputs = output_files(names, output, made_of=paths, many=many, sources=files)
    network = tf.saved_model.load(str(run.path / "export" / "saved_model"))
    yield f"model {run.name}"
    yield from words
    _of(network, np.zeros((64, 64, 3), np.float32))  # the first call takes longer
    broken = []
    for file, place in zip(files, outputs, strict=True):
        said: list[str] = []
        try:
            picture = read(file, size, said.append)
        except UserError as error:
            broken.append(str(error))
            if len(files) > 1:
                yield str(error)
            continue
        yield from said or _scaled(file, picture)
        started = time.perf_counter()
        result = _of(network, picture)
        milliseconds = 1000 * (time.perf_counter() - started)
        written(result, place)
        height, width = picture.shape[:2]
        yield f"{file}: {place}, {width} x {height} pixels in {milliseconds:.0f} ms"
    if len(broken) == len(files):
        raise UserError(
            broken[0]
            if len(files) == 1
            else f"none of the files ({len(files)}) can be read: name JPEG or PNG pictures"
        )
    if broken:
        raise UserError(counted(len(files), len(broken)))


def _once(named: Sequence[Path], tell: Callable[[str], None]) -> list[Path]:
    """Return the files in their order, each once; `tell` hears of those given twice."""
    known: dict[str, Path] = {}
    twice: dict[str, Path] = {}
    for file in named:
        place = os.path.abspath(file)  # a link is a picture of its own, it has another name
        (twice if place in known else known).setdefault(place, file)
    for file in twice.values():
        tell(f"given twice: {file}, painted once")
    return list(known.values())


def _of(network: Any, picture: Picture) -> Picture:
    """Return the painted picture (h, w, 3) of a picture (h, w, 3), both in 0..1."""
    pixels = np.rint(picture * 255).astype(np.uint8)
    found = network.signatures["pixels"](pixels=tf.constant(pixels[None]))
    shown: Picture = found["painted"].numpy()[0].astype(np.float32) / 255
    return shown


def _scaled(file: Path, picture: Picture) -> Iterator[str]:
    """Yield a word on a picture that was too large."""
    with Image.open(file) as image:
        width, height = image.size
    shown = max(picture.shape)
    if max(width, height) > max(shown, TINY):
        yield (
            f"{file} has {width} x {height} pixels: scaled to a longer side of {shown},"
            " as --size says"
        )
