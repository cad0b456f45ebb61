"""`predict`: photographs in, a line for each out."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from common.answering import answering_run
from common.data.folders import is_hidden
from common.errors import UserError
from common.files import read_json

NAME = "cat_classifier"


def answers(photos: Sequence[Path], model: str) -> Iterator[str]:
    """Yield a line per photograph: path, answer, probability in words; broken ones say why.

    Raises UserError when there is no such model or no photograph; and at the end when some could
    not be read.
    """
    files = [file for photo in photos for file in _files(photo)]
    if not files:
        raise UserError(
            "no photograph was given: name picture files, or folders of them, after predict"
        )
    folder = answering_run(model, NAME)
    loaded = tf.saved_model.load(str(folder.path / "export" / "saved_model"))
    classes = read_json(folder.path / "assets.json")["classes"]
    yield f"model {folder.name}"
    broken = 0
    for file in files:
        try:
            found = loaded.signatures["image"](image=tf.constant([file.read_bytes()]))
        except (tf.errors.OpError, OSError, ValueError):
            broken += 1
            yield f"{file}: cannot be read as a JPEG, PNG, GIF, BMP or WebP picture"
            continue
        answer = {name: value.numpy()[0] for name, value in found.items()}
        yield f"{file}: {_in_words(answer, classes)}"
    if broken == len(files):
        raise UserError(f"none of the files ({broken}) is a picture: name some that are")
    if broken:
        were = "was" if broken == 1 else "were"
        raise UserError(f"{len(files) - broken} of {len(files)} answered, {broken} {were} not")


def _files(photo: Path) -> list[Path]:
    if photo.is_dir():
        return sorted(p for p in photo.rglob("*") if p.is_file() and not is_hidden(p))
    if not photo.is_file():
        raise UserError(f"{photo} does not exist: name picture files, or folders of them")
    return [photo]


def _in_words(answer: dict[str, Any], classes: list[str]) -> str:
    name, chance = answer["prediction"].decode(), float(answer["score"])
    if bool(answer["unsure"]):
        ranked = sorted(zip(classes, answer["probabilities"], strict=True), key=lambda p: -p[1])
        between = " or ".join(f"{one} {100 * share:.0f} %" for one, share in ranked[:2])
        return f"unsure: {between}"
    return f"{_degree(chance)} {name} ({100 * chance:.0f} %)"


def _degree(chance: float) -> str:
    return "almost certainly" if chance > 0.99 else "very likely" if chance > 0.9 else "likely"
