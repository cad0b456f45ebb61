"""Writes every format of a trained model, and what the re-check compares them with."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from common.files import write_json, written
from common.project import A, C, Project, S

if TYPE_CHECKING:
    from common.evaluation.trained import Trained


def export(project: Project[S, A, C], settings: S, trained: "Trained[A, C]", folder: Path) -> None:
    """Write assets, calibration, reference scores and `export/`, each whole or not at all."""
    write_json(folder / "assets.json", trained.assets.model_dump(mode="json"))
    write_json(folder / "calibration.json", trained.calibration.model_dump(mode="json"))
    units = trained.dev_units
    for name, table in (("reference", trained.reference), ("reference_units", units)):
        with written(folder / f"{name}.parquet") as beside:
            table.to_parquet(beside)
    place = folder / "export"
    shutil.rmtree(place, ignore_errors=True)
    with written(place) as beside:
        beside.mkdir(parents=True)
        for form in project.formats:
            form.write(
                trained.model,
                units,
                trained.assets,
                trained.calibration,
                settings,
                beside / form.name,
            )
