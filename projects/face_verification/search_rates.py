"""Who is it, or nobody? Searches of dev's pictures in a gallery of some of dev's people."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup

from common.report import wording
from common.report.parts import table
from common.strategy.results import Estimate
from projects.face_verification.identification import (
    detection_and_identification_rate,
    rank_1,
)
from projects.face_verification.nearest import Embeddings, mean_face
from projects.face_verification.trade import with_interval

PHOTOS = (1, 3)
"""How many photos of a person are enrolled."""
ALARMS = (0.1, 0.01)
"""Shares of the searches for strangers that may name somebody."""
STRANGERS = 1 / 3
"""Share of the people who are not enrolled."""
FEWEST = 5
"""People that a gallery needs to be worth searching."""


class Searched(NamedTuple):
    """What searching a gallery came to."""

    photos: int
    people: int
    probes: int
    strangers: int
    """Probes of people who are not enrolled."""
    rank_1: Estimate
    found: tuple[Estimate, ...]
    """Enrolled people found under their name, at each of `ALARMS`."""


def searches(people: list[str], embeddings: Embeddings, seed: int) -> list[Searched]:
    """Return what galleries of 1 and of 3 photos per person give, on the same probes.

    `people`: of each picture (n, d). A third of those who have enough pictures and all others are
    not enrolled. Probes are the pictures that no gallery holds. Empty with too few people.
    """
    rng = np.random.default_rng(seed)
    of = pd.Series(people).groupby(people).indices
    most = max(PHOTOS)
    able = rng.permutation(sorted(str(name) for name, rows in of.items() if len(rows) > most))
    enrolled = sorted(able[round(STRANGERS * len(able)) :])
    if len(enrolled) < FEWEST:
        return []
    shuffled = {name: rng.permutation(of[name]) for name in enrolled}
    probes = np.concatenate([rows[most:] for rows in shuffled.values()])
    strange = [rows for name, rows in sorted(of.items()) if name not in shuffled]
    probes = np.concatenate([probes, *strange]).astype(np.int64)
    sought = [people[row] for row in probes]
    made = []
    for photos in PHOTOS:
        templates = np.stack([mean_face(embeddings[r[:photos]]) for r in shuffled.values()])
        alike = (embeddings[probes] @ templates.T).astype(np.float32)
        found = tuple(
            detection_and_identification_rate(alike, sought, enrolled, limit=limit)
            for limit in ALARMS
        )
        strangers = sum(map(len, strange))
        first = rank_1(alike, sought, enrolled)
        made.append(Searched(photos, len(enrolled), len(probes), strangers, first, found))
    return made


def search_table(found: list[Searched]) -> Markup:
    """Return a row for each number of photos enrolled, and how the searches were made."""
    at = [f"found at {100 * alarms:g}\u00a0%" for alarms in ALARMS]
    rows = [
        {"photos each": one.photos, "nearest is right": with_interval(one.rank_1)}
        | {name: with_interval(rate) for name, rate in zip(at, one.found, strict=True)}
        for one in found
    ]
    rates = ["nearest is right", *at]
    shown = table(pd.DataFrame(rows), right=rates, html=rates)
    first = found[0]
    note = Markup(
        '<p class="note">A gallery of {} people, searched with {} other pictures of them and {} of'
        " people who are not in it. Guessing would be right in {}. Found: the nearest template is"
        " the right one and near enough, where 10\u00a0% or 1\u00a0% of the strangers are given a"
        " name, too. In a larger gallery all of it falls.</p>"
    ).format(
        wording.whole(first.people),
        wording.whole(first.probes - first.strangers),
        wording.whole(first.strangers),
        wording.percent(1 / first.people),
    )
    unknown = [rate.method for one in found for rate in one.found if np.isnan(rate.value)]
    if not unknown:
        return shown + note
    return shown + note + Markup('<p class="note">Of the rest: {}.</p>').format(unknown[0])
