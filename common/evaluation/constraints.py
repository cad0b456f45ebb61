"""What the settings ask of the result is checked before anything is trained."""

from dataclasses import replace

from common.project import A, C, Project, S
from common.strategy.levels import HumanLevel, human_level
from common.strategy.objective import judge
from common.strategy.results import Estimate

LATENCY = "latency_p95_ms"
"""The measure of the served export's 95th percentile of milliseconds for one unit."""


def check_constraints(project: Project[S, A, C], assets: A, settings: S) -> None:
    """Raise UserError for a constraint on what is not measured, and for no human level."""
    unmeasured = Estimate(value=0, low=0, high=0, n=0, method="not measured yet")
    names = [metric.name for metric in project.metrics(assets, settings)]
    if any(form.served for form in project.formats):
        names.append(LATENCY)
    known_human_level(project, settings)
    judge(settings.strategy.constraints, dict.fromkeys(names, unmeasured))


def known_human_level(project: Project[S, A, C], settings: S) -> HumanLevel:
    """Return the human level that the settings state, or that the source knows, with its note."""
    if settings.strategy.human_level != "source":
        return human_level(settings.strategy.human_level)
    known = project.human_level(settings)
    level = human_level("unknown" if known is None else str(known))
    return replace(level, note=project.human_level_note(settings))
