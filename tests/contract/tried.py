"""A room with its smallest preset, and what comes of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf

from common import rooms
from common.evaluation.trained import by_split
from common.project import Found, Project
from common.settings import Settings


@dataclass(frozen=True)
class Tried:
    """A room's record with its smoke preset; each step of the flow is made once, when asked."""

    project: Project[Any, Any, Any]
    settings: Settings
    cache: Path

    @cached_property
    def found(self) -> Found:
        return self.project.examples(self.settings, self.cache)

    @cached_property
    def rows(self) -> Mapping[str, pd.DataFrame]:
        divided = self.project.split(self.found.examples, self.settings)
        return by_split(self.project, divided, self.settings)

    @cached_property
    def assets(self) -> Any:
        return self.project.prepare(self.rows["train"], self.settings)

    @cached_property
    def units(self) -> pd.DataFrame:
        few = self.rows["dev"][:40].reset_index(drop=True)
        return self.project.units(few, self.assets, self.settings)

    @cached_property
    def model(self) -> Any:
        return self.project.build(self.assets, self.settings)

    @cached_property
    def scores(self) -> pd.DataFrame:
        return self.project.score(self.model, self.units, self.assets, self.settings)

    @cached_property
    def calibration(self) -> Any:
        return self.project.calibrate(self.scores, self.units, self.assets, self.settings)

    @cached_property
    def decided(self) -> pd.DataFrame:
        return self.project.decide(self.scores, self.units, self.assets, self.calibration)

    def batches(self, rows: pd.DataFrame, start: int | None) -> tf.data.Dataset:
        return self.project.dataset(rows, self.assets, self.settings, start)


def tried_room(name: str, cache: Path) -> Tried:
    return Tried(rooms.room(name), rooms.room_settings(name).PRESETS["smoke"][1], cache)


def flat(batches: Any) -> list[np.ndarray]:
    """All arrays of all batches, one after the other."""
    return [np.asarray(one) for batch in batches for one in tf.nest.flatten(batch)]


def content(tried: Tried) -> str:
    """A digest of all rows with their splits, and of what the model sees of dev."""
    rows = tried.project.split(tried.found.examples, tried.settings)
    digest = hashlib.sha256(rows.drop(columns="store", errors="ignore").to_csv().encode())
    for array in flat(tried.batches(tried.rows["dev"], None)):
        digest.update(array.tobytes())
    return digest.hexdigest()
