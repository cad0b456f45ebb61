"""The cat classifier's record: what it supplies to the one flow."""

from common.data.splits import by_group
from common.project import Project
from projects.cat_classifier import data, embedded, evaluate, features, model, show
from projects.cat_classifier.serve import FORMATS
from projects.cat_classifier.settings import SUMMARY, Settings

PROJECT = Project(
    name="cat_classifier",
    summary=SUMMARY,
    settings=Settings,
    assets=data.Assets,
    calibration=evaluate.Calibration,
    examples=data.examples,
    split=lambda examples, settings: by_group(examples, settings.data),
    prepare=data.prepare,
    dataset=data.dataset,
    build=model.build,
    initial_loss=model.initial_loss,
    fit=features.fit,
    score=evaluate.score,
    calibrate=evaluate.calibrate,
    decide=evaluate.decide,
    baseline=evaluate.baseline,
    baseline_name="always the most frequent class",
    metrics=evaluate.metrics,
    human_level=lambda settings: (
        embedded.human_level(settings.data.embedded) if settings.data.source == "embedded" else None
    ),
    human_level_note=lambda settings: (
        "drawn pictures with a wrong label, which is the least that anybody can err"
        if settings.data.source == "embedded"
        else ""
    ),
    card=show.card,
    report_parts=show.parts,
    formats=FORMATS,
)
