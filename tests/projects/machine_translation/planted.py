"""Predictions of which everything is known: dates and sentences with planted answers."""

import json
from typing import Any

import numpy as np
import pandas as pd

from common.project import NoCalibration
from common.strategy.predictions import checked
from projects.machine_translation import alignment
from projects.machine_translation.blame import MODEL, NORMALISATION, UNWRITABLE
from projects.machine_translation.blame import SEARCH as MISSED
from projects.machine_translation.data import Assets
from projects.machine_translation.evaluate import SEARCH, decide
from projects.machine_translation.tokens import characters, subwords

MONTHS = ("janvier", "Feb.", "März", "aprile", "mayo", "June", "juillet", "août", "Sept", "okt")
PAIRS = (
    ("Ein Mann schläft in einem grünen Raum auf einem Sofa.", "A man sleeps on a couch."),
    ("Zwei Hunde rennen über die nasse Wiese.", "Two dogs are running across wet grass."),
    ("Eine Frau liest im Park ein Buch.", "A woman is reading a book in the park."),
    ("Der Junge springt mit seinem Fahrrad über eine Rampe.", "The boy jumps a ramp on his bike."),
)  # fmt: skip

BLAMED = (MODEL, MISSED, MODEL, NORMALISATION, MODEL, UNWRITABLE, MODEL)
"""What each answer is to be laid on, in turns, if it is wrong."""


def dates(rows: int, errors: float = 0.2, seed: int = 0) -> tuple[pd.DataFrame, Assets]:
    """Return predictions of dates, noisy, clean and held out, on dev; and their assets."""
    rand = np.random.default_rng(seed)
    table = []
    for number in range(rows):
        year, month, day = (int(rand.integers(*ends)) for ends in ((1900, 2100), (1, 11), (1, 29)))
        short = rand.random() < 0.2
        written = year % 100 if short else year
        name = MONTHS[month - 1] if rand.random() < 0.7 else f"{month:02d}"
        part = ("noisy", "noisy", "clean", "held_out")[number % 4]
        table.append(
            {
                "example_id": f"{(number * 7919) % 10007:05d}",
                "label": f"{year}-{month:02d}-{day:02d}",
                "source": f"{day}. {name}  {written:02d}",
                "content": f"date:{number}",
                "group": f"g{number // 2}",
                "split": "dev",
                "part": part,
                "unit": "example" if part == "noisy" else part,
                "best": 0.6 if short else 1.0,
                "attr.locale": "fr_FR",
                "attr.format": "d. MMMM y",
                "attr.ambiguous": "century" if short else "no",
                "attr.truncated": "no",
            }
        )
    units = pd.DataFrame(table)
    units["attr.length"] = units["source"].str.len() + 1.0
    assets = _assets(units, characters(units["source"], False), characters(units["label"], False))
    answers = [
        _misread(truth, rand) if rand.random() < errors else truth for truth in units["label"]
    ]
    return _decided(units, answers, assets, rand), assets


def sentences(rows: int, seed: int = 0) -> tuple[pd.DataFrame, Assets]:
    """Return predictions of German sentences on dev, with words left out; and their assets."""
    rand = np.random.default_rng(seed)
    chosen = [[PAIRS[k] for k in rand.integers(0, len(PAIRS), 1 + n % 3)] for n in range(rows)]
    units = pd.DataFrame(
        {
            "example_id": [f"{(n * 7919) % 10007:05d}" for n in range(rows)],
            "source": [" ".join(german for german, _ in some) for some in chosen],
            "label": [" ".join(english for _, english in some) for some in chosen],
            "split": "dev",
            "part": "pair",
            "unit": "example",
            "best": np.nan,
            "attr.truncated": "no",
        }
    )
    tokens = [subwords([side for pair in PAIRS for side in pair] * 2, 120, False) for _ in range(2)]
    assets = _assets(units, *tokens)
    units["attr.length"] = [float(len(assets.source.ids(one)) + 1) for one in units["source"]]
    answers = [
        " ".join(w for w in truth.split() if rand.random() > 0.15 * (n % 3))
        for n, truth in enumerate(units["label"])
    ]
    return _decided(units, answers, assets, rand), assets


def _assets(units: pd.DataFrame, source: Any, target: Any) -> Assets:
    return Assets(
        source=source,
        target=target,
        source_length=64,
        target_length=64,
        frequent=(),
        common_target=str(units["label"].mode()[0]),
    )


def _misread(truth: str, rand: np.random.Generator) -> str:
    at = int(rand.choice([2, 3, 6, 8, 9]))
    return truth[:at] + str((int(truth[at]) + 1) % 10) + truth[at + 1 :]


def _decided(
    units: pd.DataFrame, answers: list[str], assets: Assets, rand: np.random.Generator
) -> pd.DataFrame:
    n_best = [
        [(answer, -0.1), (truth if k % 3 else answer[::-1], -0.9), ("", -2.5)]
        for k, (answer, truth) in enumerate(zip(answers, units["label"], strict=True))
    ]
    blame = np.resize(BLAMED, len(units))
    score = -rand.gamma(1, 0.3, len(units))
    scores = pd.DataFrame(
        {
            "example_id": units["example_id"],
            "score": score,
            "prediction": answers,
            f"{SEARCH}n_best": [json.dumps(one) for one in n_best],
            f"{SEARCH}attention": [
                _diagonal(source, answer, assets, rand)
                for source, answer in zip(units["source"], answers, strict=True)
            ],
            f"{SEARCH}truncated": [number % 50 == 0 for number in range(len(units))],
            f"{SEARCH}log_probability": -2.0,
            f"{SEARCH}truth_score": score + np.where(blame == MISSED, 0.1, -0.1),
            f"{SEARCH}truth_log_probability": np.where(blame == MODEL, -3.0, -1.0),
            f"{SEARCH}truth_is_writable": blame != UNWRITABLE,
        }
    )
    return checked(decide(scores, units, assets, NoCalibration()))


def _diagonal(source: str, answer: str, assets: Assets, rand: np.random.Generator) -> str:
    read = alignment.shown(assets.source, [*assets.source.ids(source), 3])
    said = alignment.shown(assets.target, [*assets.target.ids(answer), 3])
    at = np.linspace(0, len(read) - 1, len(said)) + rand.normal(0, 0.4, len(said))
    weights = np.exp(-((np.arange(len(read)) - at[:, None]) ** 2))
    weights /= weights.sum(axis=1, keepdims=True)
    return alignment.packed(alignment.Alignment(read, said, weights.astype(np.float32)))
