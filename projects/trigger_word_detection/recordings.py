"""A recording's rows in the table: what is known of it, and long ones in pieces."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from common.errors import UserError
from projects.trigger_word_detection.grid import RATE
from projects.trigger_word_detection.sound import level_dbfs

LONGEST = 3 * RATE
"""Samples of a word: what is longer does not fit into a clip among others."""
_PIECE = re.compile(r"#(\d+)-(\d+)$")


def rows(
    samples: np.ndarray, known: dict[str, str], word: str, speaker: str, kind: str
) -> Iterator[dict[str, Any]]:
    """Yield a recording's row, or those of its pieces.

    `known` are its `example_id`, `label`, `group`, `content` and `split`; a speaker may be "".
    Negatives are cut into equal pieces of at most 3 s, backgrounds are left as they are. Raises
    UserError for a longer activate: nobody knows where in it the word is.
    """
    spoken = known["label"] != "background"
    for cut in _cuts(known["label"], len(samples)):
        part = piece(samples, cut)
        yield {
            **known,
            "example_id": known["example_id"] + cut,
            "content": known["content"] + cut,
            "attr.word": word if spoken else "",
            "attr.speaker": (speaker or "unknown") if spoken else "",
            "attr.near_miss": False,
            "attr.seconds": len(part) / RATE,
            "attr.kind": "spoken" if spoken else kind,
            "attr.level": level_dbfs(part),
        }


def whole(content: str) -> str:
    """Return the content of the recording that a row's content is a piece of."""
    return _PIECE.sub("", content)


def piece(samples: np.ndarray, content: str) -> np.ndarray:
    """Return the part of a recording that a row's content names: all, or as in "...#0-48000"."""
    found = _PIECE.search(content)
    return samples[int(found[1]) : int(found[2])] if found else samples


def _cuts(label: str, samples: int) -> list[str]:
    if label == "background" or samples <= LONGEST:
        return [""]
    if label == "activate":
        raise UserError(f"is {samples / RATE:.1f} s long, longer than 3 s: cut it to the word")
    edges = np.linspace(0, samples, -(-samples // LONGEST) + 1).astype(int)
    return [f"#{first}-{last}" for first, last in pairwise(edges)]
