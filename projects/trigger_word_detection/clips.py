"""Tables of clips and of what is scored in them: sayings of the word, and stretches without it."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
import pandas as pd

from common.data.examples import GENERAL, TARGET
from common.files import written
from projects.trigger_word_detection.grid import CLIP_SECONDS, RATE
from projects.trigger_word_detection.mixing import Plan, Pool, Word, alone, drawn, pool
from projects.trigger_word_detection.settings import Settings

if TYPE_CHECKING:
    Table = pd.DataFrame

TRAINING = crc32(b"training")
KEPT = ["example_id", "label", "group", "store", "first", "length", "peak", "recorded"]
KEPT += ["attr.word", "attr.speaker", "attr.near_miss", "attr.kind"]


def compose(rows: "Table", split: str, settings: Settings) -> "Table":
    """Return the clips made of a split's recordings, a row each.

    In the scored splits, besides, each real word alone: once, as it was recorded. `label` says
    whether the word is in it.
    """
    clips = settings.data.clips
    is_train = split == "train"
    path = _pool_file(rows)
    as_recorded = bool(rows["recorded"].any()) and not is_train
    found = pool(path, as_recorded)
    name = Path(path).stem[-6:]
    mixed = [("mixed", number) for number in range(clips.train if is_train else clips.scored)]
    words = np.flatnonzero(found.is_real & (found.label != "background"))
    heard_alone = [("alone", int(number)) for number in words] if not is_train else []
    table = pd.DataFrame(mixed + heard_alone, columns=["kind", "number"]).assign(
        example_id=[f"{split}-{name}-{k}-{n:05d}" for k, n in mixed + heard_alone],
        split=split,
        distribution=TARGET if (rows["distribution"] == TARGET).all() else GENERAL,
        salt=crc32(split.encode()),
        pool=path,
        as_recorded=as_recorded,
    )
    records: list[Any] = table.to_dict("records")
    has_word = [
        any(found.label[w.recording] == "activate" for w in plan(row, settings).words)
        for row in records
    ]
    table["label"] = np.where(has_word, "activate", "nothing")
    return table.assign(group=table["example_id"], clip=table["example_id"])


def plan(row: Mapping[str, Any], settings: Settings, position: int | None = None) -> Plan:
    """Return what the clip of this row holds; with a position, another one of its pool."""
    found = pool(row["pool"], row["as_recorded"])
    if row["kind"] == "alone":
        return alone(found, row["number"])
    seed = settings.data.seed
    key = [seed, row["salt"], row["number"]] if position is None else [seed, TRAINING, position]
    return drawn(found, settings.data.clips, np.random.default_rng(key))


def units(clips: "Table", settings: Settings) -> "Table":
    """Return a row per saying of the word and one per clip, with what is known of each.

    `unit` is "event" or "stretch"; of real recordings heard alone, "recorded" for the word and
    "recorded_stretch" for anything else.
    """
    rows: list[dict[str, Any]] = []
    records: list[Any] = clips.to_dict("records")
    for row in records:
        found = pool(row["pool"], row["as_recorded"])
        rows += _units_of(row, found, plan(row, settings))
    return pd.DataFrame(rows)


def _units_of(row: dict[str, Any], found: Pool, made: Plan) -> list[dict[str, Any]]:
    said = sorted(made.words, key=lambda word: word.at)
    ours = [word for word in said if found.label[word.recording] == "activate"]
    others = [word for word in said if word not in ours]
    shared = {
        **row,
        "windows": json.dumps([_span(word) for word in ours]),
        "said": json.dumps(
            [
                [*_span(word), str(found.word[word.recording]), bool(found.near[word.recording])]
                for word in others
            ]
        ),
        "attr.background": "babble"
        if made.kind == "babble"
        else str(found.table["attr.kind"].iloc[made.background]),
    }
    is_alone = made.kind == "alone"
    units = []
    for number, word in enumerate(ours):
        before = max([other.end for other in said if other.end <= word.at], default=0)
        units.append(
            {
                **shared,
                "example_id": f"{row['clip']}/{number}",
                "unit": "recorded" if is_alone else "event",
                "label": "activate",
                "group": str(found.table["group"].iloc[word.recording]),
                "start": word.at / RATE,
                "end": word.end / RATE,
                "seconds": word.length / RATE if is_alone else float(CLIP_SECONDS),
                "exposure": 0.0,
                **_known(found, word),
                "attr.gap": (word.at - before) / RATE,
                "attr.near_miss": False,
            }
        )
    if is_alone and ours:
        return units
    seconds = said[0].length / RATE if is_alone else float(CLIP_SECONDS)
    known = _known(found, others[0]) if is_alone else {}
    place = others[0].recording if is_alone else made.background
    stretch = {
        **shared,
        "example_id": row["clip"],
        "unit": "recorded_stretch" if is_alone else "stretch",
        "label": "nothing",
        "group": str(found.table["group"].iloc[place]),
        "start": np.nan,
        "end": np.nan,
        "seconds": seconds,
        "exposure": seconds / 3600,
        **known,
        "attr.near_miss": any(bool(found.near[word.recording]) for word in others),
    }
    return [*units, stretch]


def _known(found: Pool, word: Word) -> dict[str, Any]:
    return {
        "attr.snr": word.snr,
        "attr.speaker": str(found.speaker[word.recording]),
        "attr.speed": word.speed,
        "attr.room": word.room,
        "attr.said": str(found.word[word.recording]),
    }


def _span(word: Word) -> list[float]:
    return [round(word.at / RATE, 4), round(word.end / RATE, 4)]


def _pool_file(rows: "Table") -> str:
    """Write the recordings of a split beside the store, once, and return the path."""
    kept = rows[KEPT].sort_values("example_id").reset_index(drop=True)
    named = kept.drop(columns=["store", "first"])  # clips are called the same on any machine
    digest = hashlib.sha256(named.to_csv().encode()).hexdigest()[:16]
    path = Path(kept["store"].iloc[0]) / f"pool-{digest}.parquet"
    if not path.exists():
        with written(path) as beside:
            kept.to_parquet(beside)
    return str(path)
