"""The record of face verification: what it supplies to the one flow."""

from common.project import Project
from projects.face_verification import data, evaluate, model, show
from projects.face_verification.serve import FORMATS
from projects.face_verification.settings import SUMMARY, Settings

PROJECT = Project(
    name="face_verification",
    summary=SUMMARY,
    settings=Settings,
    assets=data.Assets,
    calibration=evaluate.Calibration,
    examples=data.examples,
    split=data.split,
    prepare=data.prepare,
    units=data.units,
    dataset=data.dataset,
    build=model.build,
    initial_loss=model.initial_loss,
    score=evaluate.score_and_embeddings,
    calibrate=evaluate.calibrate,
    decide=evaluate.decide,
    baseline=evaluate.baseline,
    baseline_name="the distance of pixels",
    metrics=evaluate.metrics,
    human_level_note=evaluate.human_level_note,
    card=show.card,
    report_parts=show.parts,
    formats=FORMATS,
)
