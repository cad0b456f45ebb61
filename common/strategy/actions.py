"""What to do about each gap, ranked by the error it can remove at most (course 3, 1.2 and 1.12)."""

from dataclasses import dataclass

from common.strategy.parsing import percent
from common.strategy.predictions import Table
from common.strategy.results import Action, DiagnosisStatus, Estimate, Gap, Level
from common.strategy.shift import attribute_shift

TOO_EARLY = "no learning curve yet"

STILL_FALLS = 0.02
"""A training loss that fell by more than this share over the last epochs has not stalled."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the run itself knows; a field left at its default is not known.

    `loss_fall`: share by which the training loss fell over the last few epochs.
    `regularisation`: names of what is already on. `wrong_labels`: share of the dev errors that
    are known to come from wrong labels. `baseline`: dev error of the trivial answer.
    """

    loss_fall: float | None = None
    stopped_early: bool = False
    regularisation: tuple[str, ...] = ()
    epochs: int | None = None
    wrong_labels: float | None = None
    baseline: float | None = None


def ceiling(error: float, share: float) -> float:
    """Return the error removed at most by fixing everything in a category (course 3, 2.1).

    `share`: of the errors that fall in it.
    """
    return error * share


def ranked_actions(
    status: DiagnosisStatus,
    predictions: Table,
    levels: tuple[Level, ...],
    gaps: tuple[Gap, ...],
    evidence: Evidence,
) -> tuple[Action, ...]:
    """Return what can be done, highest ceiling first, with the run's evidence beside it.

    A model that is no better than the trivial answer must be that first; else what must be
    measured before anything is decided comes before all of them. A gap that is not above 0 asks
    for nothing.
    """
    known = {level.name: level for level in levels}
    found = [
        _of_gap(gap, known["train"].error.value, predictions, evidence)
        for gap in gaps
        if gap.error is None or gap.error.value > 0
    ]
    if evidence.wrong_labels:
        found.append(_wrong_labels(known["dev"].error.value, evidence.wrong_labels))
    found = [action for action in found if action.ceiling]
    found.sort(key=lambda action: -(action.ceiling or 0))
    dev = known["dev"].error
    if evidence.baseline is not None and dev.value >= evidence.baseline:
        return (_beat(evidence.baseline, dev, evidence), *found)
    return (*_measurements(status, levels), *found)


def _beat(baseline: float, dev: Estimate, evidence: Evidence) -> Action:
    still_learns = evidence.loss_fall is None or evidence.loss_fall > STILL_FALLS
    how = "train longer" if still_learns else "data, learning rate or model are wrong, see `check`"
    return Action(
        text=f"Be better than the trivial answer first: {how}",
        evidence=f"dev error {percent(dev.low)} to {percent(dev.high)}, the trivial answer has"
        f" {percent(baseline)}",
        ceiling=None,
    )


def _measurements(status: DiagnosisStatus, levels: tuple[Level, ...]) -> tuple[Action, ...]:
    if status == "unknown":
        text = "Measure the human level: let people label dev examples without seeing the truth"
        return (Action(text=text, evidence="what to do next depends on it", ceiling=None),)
    if status == "undecided":
        return (_narrower(max(levels, key=lambda level: level.error.high - level.error.low)),)
    return ()


def _narrower(level: Level) -> Action:
    """Return what narrows the interval of a level, the widest of all."""
    split, found = level.name.replace("_", "-"), level.error
    text, told = f"Score more units on {split}", ""
    if level.name == "human":
        text = "Let people label more examples"
    elif found.effective is not None and found.n > 2 * found.effective:
        text = f"Score other groups on {split}: more units of the same ones tell little"
        told = f", which tell as much as {max(found.effective, 1):.0f} independent ones"
    seen = f"its interval is the widest: {percent(found.low)} to {percent(found.high)}"
    return Action(text=text, evidence=f"{seen} from {found.n} units{told}", ceiling=None)


def _of_gap(gap: Gap, train_error: float, predictions: Table, evidence: Evidence) -> Action:
    if gap.name == "avoidable_bias":
        text, seen = _against_bias(evidence)
    elif gap.name == "variance":
        text, seen = _against_variance(evidence)
    elif gap.name == "data_mismatch":
        text = "Make training look like dev: collect such examples, or synthesise varied ones"
        seen = attribute_shift(predictions) or "no known attribute differs between train and dev"
    else:
        text = "Make dev larger, or make a new one"
        seen = "the choices made on dev do not hold on test"
    if gap.error is None:
        seen = f"{gap.note}: at most the whole train error; {seen}"
    size = train_error if gap.error is None else gap.error.value
    return Action(text=text, evidence=seen, ceiling=size, gap=gap.name)


def _against_bias(evidence: Evidence) -> tuple[str, str]:
    seen = []
    still_falls = evidence.loss_fall is not None and evidence.loss_fall > STILL_FALLS
    if evidence.loss_fall is None:
        seen.append("too few epochs to see how the loss falls")
    elif still_falls:
        seen.append(f"training loss fell {percent(evidence.loss_fall)} over the last epochs")
    else:
        epochs = f" after {evidence.epochs} epochs" if evidence.epochs else ""
        seen.append(f"training loss has stalled{epochs}")
    if evidence.stopped_early:
        seen.append("early stopping ended training")
    if still_falls:
        return "Train longer: it still learns", "; ".join(seen)
    if evidence.regularisation:
        seen.append(f"{' and '.join(evidence.regularisation)} already on")
        return "Use a bigger model or another architecture, or regularise less", "; ".join(seen)
    return "Use a bigger model, another optimizer or another architecture", "; ".join(seen)


def _against_variance(evidence: Evidence) -> tuple[str, str]:
    if evidence.regularisation:
        on = f"already on: {', '.join(evidence.regularisation)}"
        return "Get more training data, augment more, or regularise harder", f"{on}; {TOO_EARLY}"
    return "Regularise, augment, or get more training data", f"no regularisation is on; {TOO_EARLY}"


def _wrong_labels(dev_error: float, share: float) -> Action:
    return Action(
        text="Correct wrong labels, in dev and test alike",
        evidence=f"{percent(share)} of the dev errors have a wrong label",
        ceiling=ceiling(dev_error, share),
    )
