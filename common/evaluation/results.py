"""From predictions to numbers: measures, objective, constraints, diagnosis, error sheet."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from common import runtime
from common.evaluation.constraints import LATENCY, known_human_level
from common.evaluation.trained import Trained
from common.files import write_json, written
from common.project import A, C, Project, S
from common.runs import RunFolder
from common.strategy.actions import Evidence
from common.strategy.diagnosis import diagnose
from common.strategy.falling import fall, sure_fall
from common.strategy.intervals import quantile
from common.strategy.metrics import Metric
from common.strategy.objective import Objective, judge
from common.strategy.parsing import percent
from common.strategy.predictions import checked, units
from common.strategy.results import ConstraintResult, Diagnosis, Estimate
from common.strategy.sheet import error_sheet


@dataclass(frozen=True, kw_only=True)
class Results:
    """What one run is judged by."""

    project: str
    predictions: pd.DataFrame
    """Checked: defaults filled in."""
    metrics: tuple[Metric, ...]
    """What was measured; the first is optimized."""
    measures: Mapping[str, Mapping[str, Estimate]]
    """Split -> metric -> estimate; the first metric is the optimized one."""
    baseline: Estimate
    """The trivial answer's value of the optimized metric on dev."""
    baseline_name: str
    constraints: tuple[ConstraintResult, ...]
    diagnosis: Diagnosis
    exports: Mapping[str, Mapping[str, Any]]
    fingerprint: str
    latency: Estimate | None
    sheet: pd.DataFrame
    """The error sheet: a random sample of dev errors."""

    @property
    def dev(self) -> pd.DataFrame:
        """The dev rows of the predictions, of every unit."""
        return self.predictions[self.predictions["split"] == "dev"].reset_index(drop=True)

    @property
    def counted(self) -> pd.DataFrame:
        """The rows that the optimized metric is made of."""
        unit = self.metrics[0].unit
        return self.predictions[self.predictions["unit"] == unit].reset_index(drop=True)

    @property
    def optimized(self) -> Estimate:
        """The optimized metric on dev."""
        return self.measures["dev"][self.optimized_name]

    @property
    def optimized_name(self) -> str:
        """What the optimized metric is called: "error", "misses", "BLEU"."""
        return self.metrics[0].name

    @property
    def error(self) -> Estimate:
        """The optimized metric on dev as an error, of which less is better."""
        return self.metrics[0].as_error(self.optimized)

    @property
    def is_good(self) -> bool:
        """Whether no constraint fails and the error is surely below the trivial baseline's."""
        passing = all(one.status != "fail" for one in self.constraints)
        return passing and self.error.high < self.metrics[0].as_error(self.baseline).value

    @property
    def headline(self) -> str:
        """Project, the optimized metric on dev with its interval, and the baseline, in a line."""
        found = self.optimized
        return (
            f"{self.project}: dev {self.optimized_name.replace('_', ' ')} {percent(found.value)}"
            f" (95 % interval {percent(found.low)} to {percent(found.high)}, n = {found.n});"
            f" baseline ({self.baseline_name}) {percent(self.baseline.value)}"
        )

    def record(self, seconds: Mapping[str, float]) -> dict[str, Any]:
        """Return what measurements.json holds: metrics and tags under their names in MLflow.

        `error` is the optimized metric as an error, whatever it is called.
        """
        as_error = self.metrics[0].as_error
        metrics = {
            f"{split}/{name}": found.value
            for split, by_name in self.measures.items()
            for name, found in by_name.items()
        }
        metrics |= {
            f"{split}/error": as_error(by_name[self.optimized_name]).value
            for split, by_name in self.measures.items()
        }
        metrics |= {"dev/error_low": self.error.low, "dev/error_high": self.error.high}
        metrics |= {"baseline/error": as_error(self.baseline).value}
        metrics |= {"objective/error": self.error.value}
        for gap in self.diagnosis.gaps:
            if gap.error:
                metrics[f"gap/{gap.name}"] = gap.error.value
        for one in self.constraints:
            if one.measured:
                metrics[f"constraint/{one.text.split()[0]}"] = one.measured.value
        if self.latency:
            metrics[LATENCY] = self.latency.value
        metrics |= {f"seconds/{part}": taken for part, taken in seconds.items()}
        for name, found in self.exports.items():
            metrics[f"export/{name}/difference"] = found["difference"]
            metrics[f"export/{name}/bytes"] = found["bytes"]
        tags = {
            "diagnosis": self.diagnosis.status + ": " + ", ".join(self.diagnosis.problems),
            "data_fingerprint": self.fingerprint,
            "label_version": self.predictions["label_version"].iloc[0],
        }
        return {
            "metrics": {name: value for name, value in metrics.items() if value == value},
            "tags": tags,
            "promotable": self.is_good,
            "machine": runtime.machine(),
        }


def measured(
    project: Project[S, A, C],
    settings: S,
    trained: Trained[A, C],
    exports: Mapping[str, Mapping[str, Any]],
    fingerprint: str,
    run_id: str,
) -> Results:
    """Return every number of the run. Raises UserError for a constraint that names none of them."""
    predictions = checked(trained.predictions)
    metrics = project.metrics(trained.assets, settings)
    counted = predictions[predictions["unit"] == metrics[0].unit]
    splits = [name for name in ("train", "train_dev", "dev") if name in set(predictions["split"])]
    measures = {
        split: {
            metric.name: metric.on(predictions, split)
            for metric in metrics
            if len(units(predictions, split, metric.unit))
        }
        for split in splits
    }
    by_split = {name: trained.units[trained.units["split"] == name] for name in splits}
    baseline = checked(project.baseline(by_split, trained.assets, settings))
    trivial = metrics[0].on(baseline, "dev")
    latency = _latency(project, exports)
    known = {**measures["dev"], **({LATENCY: latency} if latency else {})}
    objective = Objective(metrics[0], settings.strategy.constraints)
    return Results(
        project=project.name,
        predictions=predictions,
        metrics=metrics,
        measures=measures,
        baseline=trivial,
        baseline_name=project.baseline_name,
        constraints=judge(settings.strategy.constraints, known),
        diagnosis=diagnose(
            predictions,
            objective,
            human_level=known_human_level(project, settings),
            goal=settings.strategy.goal,
            evidence=replace(
                _evidence(trained, settings), baseline=metrics[0].as_error(trivial).value
            ),
            seed=settings.runtime.seed,
        ),
        exports=exports,
        fingerprint=fingerprint,
        latency=latency,
        sheet=error_sheet(
            counted,
            seed=settings.data.seed,
            size=settings.strategy.sheet_size,
            run=run_id,
        ),
    )


def prediction_files(trained: Trained[A, C], results: Results, folder: RunFolder) -> None:
    """Write scores, predictions, error sheet and diagnosis into the run folder."""
    scores = trained.scores.assign(split=trained.units["split"].to_numpy())
    tables = {"scores": scores, "predictions": results.predictions}
    for name, table in tables.items():
        with written(folder.path / f"{name}.parquet") as beside:
            table.to_parquet(beside)
    with written(folder.path / "error_sheet.csv") as beside:
        results.sheet.to_csv(beside, index=False)
    write_json(
        folder.path / "diagnosis.json",
        {
            "status": results.diagnosis.status,
            "verdict": results.diagnosis.verdict,
            "problems": results.diagnosis.problems,
            "actions": [vars(action) for action in results.diagnosis.actions],
        },
    )


def _latency(
    project: Project[S, A, C], exports: Mapping[str, Mapping[str, Any]]
) -> Estimate | None:
    served = [form.name for form in project.formats if form.served]
    times = exports[served[0]]["latencies_ms"] if served else []
    return quantile(times, 0.95) if times else None


def _evidence(trained: Trained[A, C], settings: S) -> Evidence:
    """Return what training itself says: is the loss still falling, what regularises already."""
    fit, history = settings.fit, trained.history
    rates = history.get("learning_rate", pd.Series([1.0]))
    averages = [one for one in trained.model.non_trainable_variables if "moving_" in one.path]
    on = {
        "L2": fit.l2 > 0,
        "dropout": fit.dropout > 0,
        "batch norm": bool(averages),
        "early stopping": fit.patience > 0,
        "label smoothing": fit.label_smoothing > 0,
    }
    return Evidence(
        epochs=len(history),
        loss_fall=fall(history["loss"].tolist()),
        held_out_fall=sure_fall(history["val_loss"].tolist()) if "val_loss" in history else None,
        rate_left=float(rates.iloc[-1] / rates.max()),
        stopped_early=fit.patience > 0 and len(history) < fit.epochs,
        regularisation=tuple(name for name, is_on in on.items() if is_on),
    )
