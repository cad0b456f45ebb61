"""The one flow: from examples to a trained, diagnosed, exported, re-checked and reported model."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from common import runtime, tracking
from common.data.audit import Audit, audit
from common.data.examples import fingerprint
from common.errors import UserError
from common.evaluation.results import Results, measured, prediction_files
from common.evaluation.trained import cross_validated, held_out
from common.export.recheck import rechecked
from common.export.write import export
from common.files import read_json, write_json, written
from common.project import A, C, Project, S
from common.report.assemble import report_page
from common.rooms import room
from common.runs import RunFolder
from common.settings import Settings

if TYPE_CHECKING:
    import pandas as pd


def train(name: str, preset: str, settings: Settings) -> RunFolder:
    """Train project `name` with these settings in a new run, and return its folder."""
    with tracking.new_run(name, preset, settings.model_dump(mode="json")) as folder:
        results = _flow(room(name), settings, folder)
    return _told(folder, results)


def resume(folder: RunFolder) -> RunFolder:
    """Go on with an unfinished run; at most one epoch is trained again."""
    project = room(folder.info["project"])
    settings = project.settings(**read_json(folder.path / "settings.json"))
    with tracking.resumed_run(folder):
        results = _flow(project, settings, folder)
    return _told(folder, results)


def _refuse_one_source_twice(settings: S) -> None:
    data = settings.data
    if data.target == data.source and ":" in data.source:  # generated ones differ
        raise UserError(
            f"data.target is data.source, {data.source!r}: name examples of the kind that counts as"
            " the target, or leave it out"
        )


def _flow(project: Project[S, A, C], settings: S, folder: RunFolder) -> Results:
    clock = Clock()
    runtime.seed_everything(settings.runtime)
    with clock.part("data"):
        _refuse_one_source_twice(settings)
        found = project.examples(settings, folder.home / "cache")
        examples = project.split(found.examples, settings)
        audited = audit(examples, found.problems)
        _keep(examples, folder)
        _warn(audited)
    with clock.part("fit"):
        way = cross_validated if settings.fit.folds else held_out
        trained = way(
            project,
            settings,
            examples,
            folder.path,
            lambda rows, prefix: _epochs_told(folder, rows, prefix),
        )
    with clock.part("export"):
        export(project, settings, trained, folder.path)
        print("checking every export on all dev units, in a fresh process ...")
        exports = rechecked(folder.path, settings.export.tolerance)
    with clock.part("evaluate"):
        run_id = folder.info["run_id"]
        results = measured(project, settings, trained, exports, fingerprint(examples), run_id)
        prediction_files(trained, results, folder)
    with clock.part("report"):
        page = report_page(
            project, settings, trained, results, audited, examples, folder, clock.seconds
        )
        with written(folder.path / "report.html") as beside:
            beside.write_text(page, encoding="utf-8")
    write_json(folder.path / "measurements.json", results.record(clock.seconds))
    with clock.part("deliver"):
        tracking.deliver(folder)
    folder.note(seconds=clock.seconds)
    for backup in folder.path.glob("backup*"):
        backup.unlink()
    return results


class Clock:
    """Seconds by part of the flow."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count what happens inside as `name`."""
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 2)


def _keep(examples: "pd.DataFrame", folder: RunFolder) -> None:
    with written(folder.path / "examples.parquet") as beside:
        examples.to_parquet(beside)


def _warn(audited: Audit) -> None:
    for line in audited.lines():
        print(f"data: {line}")


def _epochs_told(folder: RunFolder, rows: list[dict[str, float]], prefix: str) -> None:
    import pandas as pd

    if rows:
        name = "history.csv" if prefix == "epoch" else f"history_{prefix}.csv"
        with written(folder.path / name) as beside:
            pd.DataFrame(rows).to_csv(beside, index=False)
        tracking.log_epochs(folder, rows, prefix)


def _told(folder: RunFolder, results: Results) -> RunFolder:
    """Print what a user wants to know, in a few lines."""
    print()
    print(results.headline)
    print(results.diagnosis.verdict)
    print(f"report:      {folder.path / 'report.html'}")
    print(f"model:       {folder.path / 'export'}")
    print(f"open MLflow: {tracking.page_command()}")
    return folder
