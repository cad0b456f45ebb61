"""What the report shows: plain, frozen records filled by the flow and by a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.strategy.results import ConstraintResult, Diagnosis, Estimate

if TYPE_CHECKING:
    import pandas as pd
    from markupsafe import Markup


@dataclass(frozen=True, kw_only=True)
class Card:
    """One unit in the report, such as a misread picture beside what it is.

    `media` is safe HTML; the other fields are plain text and are escaped. `example_id` goes into
    the copied tags, so that they find the example again.
    """

    media: Markup
    """A picture, an audio element, an attention map."""
    answer: str
    """What the model says: "cat 91 %"."""
    truth: str
    """What it is: "is dog"."""
    detail: str = ""
    """One more line, where there is something to say."""
    example_id: str = ""
    error: float = 1.0
    """The unit's own error: what a ceiling counts it as."""


@dataclass(frozen=True)
class Part:
    """A titled section of a project's own; `html` is safe HTML."""

    title: str
    html: Markup
    leads: bool = False
    """It is what the project is for, and stands before the gaps."""


@dataclass(frozen=True, kw_only=True)
class ReportContent:
    """Everything on the page. Errors and shares are in [0, 1]; all text is escaped."""

    project: str
    run_name: str
    run_id: str
    preset: str
    date: str
    summary: str
    headline: Estimate
    headline_name: str
    """What the headline is: "dev error"."""
    error: Estimate
    """The headline as an error, of which less is better."""
    diagnosis: Diagnosis
    baseline: Estimate | None
    baseline_name: str
    """The trivial answer: "copy the input"."""
    notes: tuple[str, ...]
    """What a reader must know of the numbers: "early stopping watched dev"."""
    constraints: tuple[ConstraintResult, ...]
    measures: Mapping[str, Mapping[str, Estimate]]
    """Split -> name of the measure -> estimate."""
    plain_measures: frozenset[str] = frozenset()
    """Names of measures that are no shares: shown as numbers, not as percent."""
    history: pd.DataFrame
    """A row per epoch: `epoch`, and columns in pairs such as `loss` and `val_loss`."""
    confusion: pd.DataFrame | None
    """Counts on dev, a row per truth and a column per prediction, both in the same order."""
    errors: tuple[Card, ...]
    """A random sample of the dev errors, in the order of the error sheet."""
    error_count: int | None = None
    """How many dev errors there are, of which `errors` is a sample."""
    confident_errors: tuple[Card, ...] = ()
    """The errors the model is surest of, surest first."""
    right_doubtful: tuple[Card, ...] = ()
    """Right answers the model is least sure of, least sure first."""
    has_truth: bool = True
    """Whether there are right answers, which may be wrong themselves: labels, not distances."""
    graded: bool = False
    """Whether errors are graded, so that nearly every unit has some."""
    slices: pd.DataFrame
    """Columns `slice`, `n`, `error`, `elsewhere`, `gain`, best gain first; may be empty."""
    slices_tested: int = 0
    """How many slices were tested, named or not."""
    slices_untested: str = ""
    """A sentence on those for which there is too little; empty where there are none."""
    parts: tuple[Part, ...]
    exports: pd.DataFrame
    """Columns `format`, `size_bytes`, `difference`, `takes`."""
    audit_lines: tuple[str, ...]
    audit_counts: pd.DataFrame
    """Examples, a row per split and a column per class."""
    broken: pd.DataFrame
    """Columns `content`, `reason`: what could not be read."""
    provenance: Mapping[str, str]
    """Command, commit, data fingerprint, versions, machine, seconds by part, ..."""
