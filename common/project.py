"""The record of what a project supplies: a set of functions, not a class to inherit from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from common.settings import Group, Settings

if TYPE_CHECKING:
    import keras
    import pandas as pd
    import tensorflow as tf

    from common.export.formats import Format
    from common.report.content import Card, Part
    from common.strategy.metrics import Metric
    from common.training.fit import FitJob

    Table = pd.DataFrame

S = TypeVar("S", bound=Settings)
A = TypeVar("A", bound=Group)
C = TypeVar("C", bound=Group)


class Found(NamedTuple):
    """What a source holds: the examples, and what could not be read (`content`, `reason`)."""

    examples: Table
    problems: Table


class NoCalibration(Group):
    """Nothing is fitted on dev."""


@dataclass(frozen=True, kw_only=True)
class Project(Generic[S, A, C]):
    """What makes a project; what has a default is the same in most of them.

    `A` are the assets: what was learned from train rows besides the weights (class names,
    tokenizers); `C` the calibration: what was fitted on dev (threshold, temperature). Both are
    settings groups, so they travel as JSON.
    """

    name: str
    summary: str
    settings: type[S]
    assets: type[A]
    calibration: type[C]

    examples: Callable[[S, Path], Found]
    """Source -> examples table; the path is a folder for what is decoded once."""
    split: Callable[[Table, S], Table]
    """Adds the column `split`."""
    prepare: Callable[[Table, S], A]
    """Assets, from train rows only."""
    compose: Callable[[Table, str, S], Table] = lambda rows, split, settings: rows
    """A split's examples (and its name) -> the rows that are trained on and scored, where these
    are made of several examples: clips of recordings."""
    units: Callable[[Table, A, S], Table] = lambda rows, assets, settings: rows
    """Composed rows -> what is scored: the examples themselves, pairs, events, stretches."""
    dataset: Callable[[Table, A, S, int | None], tf.data.Dataset]
    """Batches: an endless training stream from an epoch on, or (None) every row once, in order."""
    build: Callable[[A, S], keras.Model]
    """The compiled model."""
    initial_loss: Callable[[A, S], float]
    """The loss an untrained model should have."""
    fit: Callable[[keras.Model, FitJob[S, A]], pd.DataFrame] | None = None
    """Trains the model in place and returns a row per epoch; None is `common.training.fit`."""
    score: Callable[[Any, Table, A, S], Table]
    """Raw scores, a row per unit, in float columns; the model is anything with `predict`."""
    calibrate: Callable[[Table, Table, A, S], C]
    """Dev scores, dev units -> what ships with the model."""
    decide: Callable[[Table, Table, A, C], Table]
    """Scores, units -> predictions table; no TensorFlow."""
    baseline: Callable[[Mapping[str, Table], A, S], Table]
    """The trivial answer on dev, as a predictions table (units by split are given)."""
    baseline_name: str
    metrics: Callable[[A, S], tuple[Metric, ...]]
    """The optimizing metric, an error, first; the others are shown beside it."""
    human_level: Callable[[S], float | None] = lambda settings: None
    """Human-level error that the source itself knows."""
    human_level_note: Callable[[S], str] = lambda settings: ""
    """What that level is; where the source knows none, what would give one. Ends a sentence."""
    card: Callable[[Mapping[str, Any], S], Card]
    """One predicted unit (a row of units and predictions) in the report."""
    report_parts: Callable[[Table, Table, A, S], tuple[Part, ...]] = (
        lambda units, predictions, assets, settings: ()
    )
    """The project's own sections of the report, from dev units and predictions."""
    formats: tuple[Format[S, A, C], ...]
    """What is exported; each is written, loaded in a fresh process and compared."""
