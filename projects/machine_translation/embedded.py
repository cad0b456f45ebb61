"""Generated pairs: dates as people of many countries write them, and the same in ISO 8601."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import NamedTuple

import pandas as pd

from projects.machine_translation.ambiguity import Reading, Readings
from projects.machine_translation.date_formats import Writing, pieces, text, writings
from projects.machine_translation.date_noise import Spoilt, spoilt
from projects.machine_translation.days import FIRST, chances, drawn
from projects.machine_translation.month_names import MonthNames
from projects.machine_translation.settings import Data

NOISY = 2
"""Noisy texts of every day."""
HELD_OUT = 0.25
"""Share of the days that are also written in a way that is held out."""


class Ways(NamedTuple):
    """The ways to write a date, divided by what they are for."""

    noisy: tuple[Writing, ...]
    clean: tuple[Writing, ...]
    held_out: tuple[Writing, ...]


def examples(data: Data, seed: int) -> pd.DataFrame:
    """The table of `data.dates.days` days: two noisy texts of each, a clean one, some held out.

    `label` is the ISO date, `group` the day, `part` what a row is for: "noisy" is trained on and
    scored; "clean" has no noise and no ambiguity; "held_out" is noisy as well, but of locales and
    formats that no other part has. `best` is the chance that the most probable reading of the
    text is right (`ambiguity`). The same in every process. A `UserError` for an unknown locale or
    more days than there are.
    """
    names = MonthNames([way.locale for way in writings(data.dates.locales)])
    rows = []
    for row in _rows(data, seed):
        day, writing, random = row.day, row.writing, Random(f"noise:{seed}:{row.content}")
        found = (
            Spoilt(text(pieces(writing, day)), "none")
            if row.part == "clean"
            else spoilt(writing, day, data.dates.noise, names, random)
        )
        digest = hashlib.sha256(f"{row.content}\x1f{found.text}".encode()).hexdigest()
        rows.append(
            {
                "example_id": f"date-{digest[:16]}",
                "label": day.isoformat(),
                "content": row.content,
                "group": f"day:{day.isoformat()}",
                "split": "",
                "source": found.text,
                "part": row.part,
                "best": row.reading.best,
                "attr.locale": writing.locale,
                "attr.format": writing.format,
                "attr.noise": found.kind,
                "attr.ambiguous": row.reading.ambiguous,
            }
        )
    return pd.DataFrame(rows)


def human_error(data: Data, seed: int) -> float:
    """The error that nobody can avoid: the mean of 1 - `best` over the noisy examples."""
    lost = [1 - row.reading.best for row in _rows(data, seed) if row.part == "noisy"]
    return sum(lost) / len(lost)


def ways(data: Data, seed: int) -> Ways:
    """Which ways to write dates are trained on, which of them are clear, and which held out.

    A way is held out in all countries of a language, as it looks the same there; every locale
    keeps one that is clear.
    """
    known = writings(data.dates.locales)
    order = list(known)
    Random(f"held out:{seed}").shuffle(order)
    clear = Counter(way.locale for way in known if way.clear)
    held: set[Writing] = set()
    for way in order:
        same = {o for o in known if (o.language, o.pattern) == (way.language, way.pattern)}
        fits = len(held | same) <= round(data.dates.held_out * len(known))
        if fits and all(clear[one.locale] - one.clear > 0 for one in same):
            held |= same
            for one in same:
                clear[one.locale] -= one.clear
    seen = tuple(way for way in known if way not in held)
    return Ways(
        seen,
        tuple(way for way in seen if way.clear),
        tuple(way for way in known if way in held),
    )


class _Row(NamedTuple):
    day: date
    part: str
    content: str
    writing: Writing
    reading: Reading


def _rows(data: Data, seed: int) -> Iterator[_Row]:
    """Who writes which day how, before any noise."""
    chance = chances(data.dates.days)
    by_part = ways(data, seed)

    def drawn_with(day: date) -> float:
        place = (day - FIRST).days
        return float(chance[place]) if 0 <= place < len(chance) else 0.0

    readings = {
        "noisy": Readings(by_part.noisy, drawn_with),
        "held_out": Readings(by_part.held_out, drawn_with),
    }
    for day in drawn(data.dates.days, seed):
        random = Random(f"ways:{seed}:{day}")
        held_out = bool(by_part.held_out) and random.random() < HELD_OUT
        chosen = {
            "noisy": random.sample(by_part.noisy, NOISY),
            "clean": random.sample(by_part.clean, 1),
            "held_out": random.sample(by_part.held_out, int(held_out)),
        }
        for part, written in chosen.items():
            for number, writing in enumerate(written):
                reading = Reading(1.0, "no") if part == "clean" else readings[part](writing, day)
                yield _Row(day, part, f"date:{day}:{part}:{number}", writing, reading)
