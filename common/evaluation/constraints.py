"""Constraints are checked for their names before anything is trained."""

from common.project import A, C, Project, S
from common.strategy.objective import judge
from common.strategy.results import Estimate

LATENCY = "latency_p95_ms"
"""The measure of the served export's 95th percentile of milliseconds for one unit."""


def check_constraints(project: Project[S, A, C], assets: A, settings: S) -> None:
    """Raise UserError for a constraint on what this project does not measure, before training."""
    unmeasured = Estimate(value=0, low=0, high=0, n=0, method="not measured yet")
    names = [metric.name for metric in project.metrics(assets, settings)]
    if any(form.served for form in project.formats):
        names.append(LATENCY)
    judge(settings.strategy.constraints, dict.fromkeys(names, unmeasured))
