"""The trigger-word detector's record: what it supplies to the one flow."""

from common.project import Project
from projects.trigger_word_detection import clips, data, evaluate, model, show
from projects.trigger_word_detection.division import divided
from projects.trigger_word_detection.serve import FORMATS
from projects.trigger_word_detection.settings import SUMMARY, Settings

PROJECT = Project(
    name="trigger_word_detection",
    summary=SUMMARY,
    settings=Settings,
    assets=data.Assets,
    calibration=evaluate.Calibration,
    examples=data.examples,
    split=divided,
    compose=clips.compose,
    prepare=data.prepare,
    units=lambda rows, assets, settings: clips.units(rows, settings),
    dataset=data.dataset,
    build=model.build,
    initial_loss=model.initial_loss,
    score=evaluate.score,
    calibrate=evaluate.calibrate,
    decide=evaluate.decide,
    baseline=evaluate.baseline,
    baseline_name="an energy detector",
    metrics=evaluate.metrics,
    human_level=data.human_level,
    human_level_note=data.human_level_note,
    card=show.card,
    report_parts=show.parts,
    formats=FORMATS,
)
