"""From a run's results to the content of its page."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from common import runtime
from common.project import A, C, NoCalibration, Project, S
from common.report import wording
from common.report.content import Card, ReportContent
from common.report.page import render
from common.strategy.predictions import has_truth
from common.strategy.slices import LEAST_GROUPS, slices, smallest, untested

if TYPE_CHECKING:
    from common.data.audit import Audit
    from common.evaluation.results import Results
    from common.evaluation.trained import Trained
    from common.runs import RunFolder

CARDS = 8
"""How many of the surest errors and of the least sure right answers are shown."""


def report_page(
    project: Project[S, A, C],
    settings: S,
    trained: "Trained[A, C]",
    results: "Results",
    audited: "Audit",
    examples: pd.DataFrame,
    folder: "RunFolder",
    seconds: Mapping[str, float],
) -> str:
    """Return the run's report as one HTML page."""
    info, dev = folder.info, results.dev
    rows = _shown(results, trained)
    measured = {unit for metric in results.metrics for unit in metric.unit.split("+")}
    rows = rows[rows["unit"].isin(measured)]
    wrong = rows[rows["error"] > 0]
    counted = wrong[wrong["unit"] == results.metrics[0].unit]
    # where errors are graded, small ones are no mistakes
    large = wrong[wrong["error"] >= wrong["error"].median()]
    sampled = counted.set_index("example_id").loc[list(results.sheet["example_id"])].reset_index()
    right = rows[rows["error"] == 0].sort_values("score")
    of_truth = has_truth(results.counted)
    tried = slices(results.counted)

    def cards(some: pd.DataFrame) -> tuple[Card, ...]:
        rows: list[Any] = some.to_dict("records")
        return tuple(
            replace(project.card(row, settings), example_id=row["example_id"], error=row["error"])
            for row in rows
        )

    return render(
        ReportContent(
            project=project.name,
            run_name=folder.name,
            run_id=info["run_id"],
            preset=info["preset"],
            date=datetime.now(UTC).strftime("%d %b %Y, %H:%M UTC"),
            summary=project.summary,
            headline=results.optimized,
            headline_name=f"dev {wording.plain(results.optimized_name)}",
            error=results.error,
            diagnosis=results.diagnosis,
            baseline=results.baseline,
            baseline_name=results.baseline_name,
            notes=_notes(project, trained, settings),
            constraints=results.constraints,
            measures=results.measures,
            plain_measures=frozenset(one.name for one in results.metrics if not one.share),
            history=trained.history,
            confusion=_confusion(dev),
            errors=cards(sampled),
            error_count=len(counted),
            confident_errors=cards(large.sort_values("score", ascending=False)[: CARDS * of_truth]),
            right_doubtful=cards(right[: CARDS * of_truth]),
            has_truth=of_truth,
            graded=not counted["error"].isin([0.0, 1.0]).all(),
            slices=tried.query("named"),
            slices_tested=len(tried),
            slices_untested=_untested(results.counted),
            parts=project.report_parts(trained.dev_units, dev, trained.assets, settings),
            exports=_exports(project, results.exports),
            audit_lines=tuple(audited.lines()),
            audit_counts=audited.counts,
            broken=audited.broken,
            provenance=_provenance(settings, results, info, seconds),
        )
    )


def _shown(results: "Results", trained: "Trained[A, C]") -> pd.DataFrame:
    """Return dev predictions with what their units hold besides."""
    units = trained.dev_units
    new = [c for c in units if c == "example_id" or c not in results.dev]
    return results.dev.merge(units[new], on="example_id", validate="one_to_one")


def _notes(project: Project[S, A, C], trained: "Trained[A, C]", settings: S) -> tuple[str, ...]:
    folds = settings.fit.folds
    notes = [
        f"Dev is out-of-fold: {folds} models, each scored on what it was not trained on; the"
        " exported model was then trained on all of it."
        if folds
        else "Train is a sample of the training set, scored as dev is.",
        f"Early stopping watched {trained.watched}."
        if trained.watched
        else "No early stopping: the last epoch is kept.",
    ]
    if project.calibration is not NoCalibration:
        lone = trained.on_themselves
        notes.append(
            "What is fitted on dev (a threshold, for example) is fitted on other dev rows than"
            " those it decides."
            if not lone
            else f"What is fitted on dev (a threshold, for example) is fitted on the very rows that"
            f" it decides: too few groups have {' or '.join(map(repr, lone))}. Dev flatters itself."
        )
    return tuple(notes)


def _untested(predictions: pd.DataFrame) -> str:
    """Return how many slices have too little to be tested, and the largest of them."""
    found = untested(predictions)
    if not found:
        return ""
    first = found[0]
    units, groups = smallest(predictions), LEAST_GROUPS
    of_groups = f" of {first.groups} group{'s' * (first.groups > 1)}"
    return (
        f"Not tested: {wording.whole(len(found))} value{'s' * (len(found) > 1)} of attributes with"
        f" fewer than {units} units, or fewer than {groups} groups of units, on one side; the"
        f" largest is {first.name}, with {wording.whole(first.units)} units"
        f"{of_groups if first.groups < groups else ''}."
    )


def _confusion(dev: pd.DataFrame) -> pd.DataFrame | None:
    if "truth" not in dev or not 1 < dev["truth"].nunique() <= 30:
        return None
    names = sorted({*dev["truth"], *dev["prediction"]})
    counts = pd.crosstab(dev["truth"], dev["prediction"])
    return counts.reindex(index=names, columns=names, fill_value=0)


def _exports(project: Project[S, A, C], figures: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    takes = {form.name: form.takes for form in project.formats}
    return pd.DataFrame(
        [
            {
                "format": name,
                "size_bytes": found["bytes"],
                "difference": found["difference"],
                "takes": takes[name],
            }
            for name, found in figures.items()
        ]
    )


def _provenance(
    settings: Any, results: "Results", info: Mapping[str, Any], seconds: Mapping[str, float]
) -> dict[str, str]:
    total = sum(seconds.values())
    parts = ", ".join(f"{name} {taken:.0f} s" for name, taken in seconds.items())
    minutes, rest = divmod(math.floor(total), 60)
    return {
        "command": info["command"],
        "commit": runtime.commit(),
        "data": f"{settings.data.source}, seed {settings.data.seed},"
        f" fingerprint {results.fingerprint}",
        "versions": ", ".join(f"{name} {version}" for name, version in runtime.versions().items()),
        "machine": runtime.machine(),
        "time": f"{minutes} min {rest} s until this page: {parts}",
    }
