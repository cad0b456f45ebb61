"""The record of neural style transfer: what it supplies to the one flow."""

from common.project import NoCalibration, Project
from projects.neural_style_transfer import data, evaluate, model, show
from projects.neural_style_transfer.serve import FORMATS
from projects.neural_style_transfer.settings import SUMMARY, Settings
from projects.neural_style_transfer.units import units

PROJECT = Project(
    name="neural_style_transfer",
    summary=SUMMARY,
    settings=Settings,
    assets=data.Assets,
    calibration=NoCalibration,
    examples=data.examples,
    split=data.split,
    prepare=data.prepare,
    units=units,
    dataset=data.dataset,
    build=model.build,
    initial_loss=model.initial_loss,
    score=evaluate.score_and_paintings,
    calibrate=lambda scores, units, assets, settings: NoCalibration(),
    decide=evaluate.decide,
    baseline=evaluate.baseline,
    baseline_name="the style's colours alone",
    metrics=evaluate.metrics,
    human_level=evaluate.human_level,
    human_level_note=evaluate.human_level_note,
    card=show.card,
    report_parts=show.parts,
    formats=FORMATS,
)
