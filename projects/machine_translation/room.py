"""Machine translation's record: what it supplies to the one flow."""

from common.project import NoCalibration, Project
from projects.machine_translation import data, evaluate, model, show
from projects.machine_translation.serve import FORMATS
from projects.machine_translation.settings import SUMMARY, Settings

PROJECT = Project(
    name="machine_translation",
    summary=SUMMARY,
    settings=Settings,
    assets=data.Assets,
    calibration=NoCalibration,
    examples=data.examples,
    split=data.split,
    compose=data.compose,
    prepare=data.prepare,
    units=data.units,
    dataset=data.dataset,
    build=model.build,
    initial_loss=model.initial_loss,
    score=evaluate.score,
    calibrate=evaluate.calibrate,
    decide=evaluate.decide,
    baseline=evaluate.baseline,
    baseline_name="copying the input, or the most frequent answer",
    metrics=evaluate.metrics,
    human_level=data.human_level,
    human_level_note=data.human_level_note,
    card=show.card,
    report_parts=show.parts,
    formats=FORMATS,
)
