"""Pairs of sentences as an examples table, whichever source they come from.

| column | |
| --- | --- |
| `label`, `source` | the target and the source sentence, normalised (`tokens.normalised`) |
| `group` | the target sentence without regard to case, so that it is in one split only |
| `part`, `best` | "pair", and NaN: nobody knows how well a pair can be translated |
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from common.data.examples import empty_problems
from common.errors import UserError
from common.project import Found
from projects.machine_translation.tokens import normalised

ID_DIGITS = 16


class Pair(NamedTuple):
    """A source and a target sentence, where they stand, and the split their source puts them in."""

    content: str
    split: str
    source: str
    target: str


def found(pairs: Iterable[Pair], spec: str) -> Found:
    """Return the examples table of pairs; those with an empty side are problems instead.

    Ids come from both sentences; of a pair that comes again they get a number. Raises UserError
    where no pair is left, and where every target sentence is its source.
    """
    rows, problems = [], []
    times: Counter[str] = Counter()
    for pair in pairs:
        source, target = normalised(pair.source), normalised(pair.target)
        if not (source and target):
            side = "target" if source else "source" if target else "source and target"
            problems.append({"content": pair.content, "reason": f"{side} empty"})
            continue
        key = hashlib.sha256(f"{source}\n{target}".encode()).hexdigest()[:ID_DIGITS]
        times[key] += 1
        rows.append(
            {
                "example_id": key if times[key] == 1 else f"{key}-{times[key]}",
                "label": target,
                "content": pair.content,
                "group": target.casefold(),
                "split": pair.split,
                "source": source,
            }
        )
    if not rows:
        raise UserError(
            f"{spec} holds no pair of sentences ({len(problems)} lines are empty on a side):"
            " name a source that holds some"
        )
    if all(row["source"] == row["label"] for row in rows):
        raise UserError(
            f"every target sentence of {spec} is the same as its source ({len(rows)} pairs):"
            " nothing is to be translated; name the file of the other language"
        )
    table = pd.DataFrame(rows).assign(part="pair", best=float("nan"))
    return Found(table, pd.DataFrame(problems) if problems else empty_problems())
