"""The diagnosis in one plain sentence."""

from common.strategy.parsing import percent, points
from common.strategy.results import DiagnosisStatus, Estimate, Gap, GapName

PLAIN: dict[GapName, str] = {
    "avoidable_bias": "avoidable bias",
    "variance": "variance",
    "data_mismatch": "data mismatch",
    "overfitting_to_dev": "overfitting to dev",
}
"""The gaps' names as a person says them."""

_WHERE: dict[GapName, str] = {
    "avoidable_bias": "are made on the training examples themselves",
    "variance": "appear only on examples it was not trained on",
    "data_mismatch": "appear only on the data of dev",
    "overfitting_to_dev": "appear only on test",
}


def verdict(
    status: DiagnosisStatus,
    problems: tuple[Gap, ...],
    *,
    bias: Gap,
    dev: Estimate,
    margin: float,
    goal: float | None,
) -> str:
    """Return one sentence that says the status, the problems or candidates, and how sure that is.

    `bias`: the avoidable bias, whose note says why the human level is in doubt. `dev`: the dev
    error. `margin`: the gap that would matter, in [0, 1].
    """
    names = [PLAIN[gap.name] for gap in problems]
    if status == "met":
        return (
            f"The goal is met: dev error is {percent(dev.value)} ({percent(dev.low)} to "
            f"{percent(dev.high)}), below {percent(goal or 0)}; raise the goal."
        )
    if dev.value == 0:
        return (
            f"Dev shows no error in {dev.n} units, though it may be as high as "
            f"{percent(dev.high)}: only a larger or harder dev set can say more."
        )
    if status == "none":
        return (
            f"No gap matters: each is below {points(margin)} points, a tenth of the dev error; "
            "the rest is human-level error."
        )
    if status == "unknown":
        because = f" ({bias.note})" if bias.note else ""
        return f"Measure the human level: it decides {_question(names)}{because}."
    if status == "undecided":
        return f"Undecided: the intervals are too wide to tell {_question(names)}."
    return _problem(problems)


def _question(names: list[str]) -> str:
    if len(names) == 1:
        return f"whether {names[0]} matters"
    return f"which is the largest problem, {_listed(names, 'or')}"


def _problem(problems: tuple[Gap, ...]) -> str:
    leads = percent(sum(gap.leads for gap in problems), digits=0)
    first = problems[0]
    if len(problems) == 1 and first.error:
        size, low, high = (
            points(n) for n in (first.error.value, first.error.low, first.error.high)
        )
        return (
            f"The largest problem is {PLAIN[first.name]}: {size} points of the error "
            f"{_WHERE[first.name]} ({low} to {high}); it leads in {leads} of draws."
        )
    sizes = _listed([_sized(gap) for gap in problems], "and")
    return f"The largest problems are {sizes}; one of them leads in {leads} of draws."


def _sized(gap: Gap) -> str:
    if gap.error is None:
        return f"{PLAIN[gap.name]} ({gap.note})"
    error = gap.error
    size = f"{points(error.value)} points, {points(error.low)} to {points(error.high)}"
    return f"{PLAIN[gap.name]} ({size})"


def _listed(names: list[str], joint: str) -> str:
    return f"{', '.join(names[:-1])} {joint} {names[-1]}"
