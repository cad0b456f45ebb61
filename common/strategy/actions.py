"""What to do about each gap, ranked by the error it can remove at most (course 3, 1.2 and 1.12)."""

from dataclasses import dataclass

from common.strategy.levels import HumanLevel
from common.strategy.parsing import percent
from common.strategy.predictions import Table
from common.strategy.results import Action, DiagnosisStatus, Estimate, Gap, Level
from common.strategy.shift import attribute_shift

TOO_EARLY = "no learning curve yet"
LABELLED_BY_PEOPLE = "let people label dev examples without seeing the truth"

STILL_FALLS = 0.02
"""A loss that fell by more than this share over the last epochs has not stalled."""

DECAYED = 0.1
"""A learning rate below this share of its highest: the training loss falls because it does."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the run itself knows; a field left at its default is not known.

    `loss_fall`: share by which the training loss fell over the last few epochs; `held_out_fall`:
    the same of the held-out loss, 0 where that is no more than its noise. `rate_left`: the last
    learning rate as a share of the highest. `regularisation`: names of what is already on.
    `wrong_labels`: share of the dev errors that are known to come from wrong labels. `baseline`:
    dev error of the trivial answer.
    """

    loss_fall: float | None = None
    held_out_fall: float | None = None
    rate_left: float = 1.0
    stopped_early: bool = False
    regularisation: tuple[str, ...] = ()
    epochs: int | None = None
    wrong_labels: float | None = None
    baseline: float | None = None

    @property
    def has_decayed(self) -> bool:
        """Whether the learning rate ended at next to nothing."""
        return self.rate_left < DECAYED

    @property
    def still_learns(self) -> bool:
        """Whether more epochs would help: the loss falls, and not just with the learning rate.

        After a decay to next to nothing the held-out loss must fall too.
        """
        falls = self.loss_fall is not None and self.loss_fall > STILL_FALLS
        return falls and (not self.has_decayed or (self.held_out_fall or 0.0) > STILL_FALLS)


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
    human: HumanLevel,
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
    return (*_measurements(status, levels, human), *found)


def _beat(baseline: float, dev: Estimate, evidence: Evidence) -> Action:
    still_learns = evidence.loss_fall is None or evidence.still_learns
    how = "train longer" if still_learns else "data, learning rate or model are wrong, see `check`"
    return Action(
        text=f"Be better than the trivial answer first: {how}",
        evidence=f"dev error {percent(dev.low)} to {percent(dev.high)}, the trivial answer has"
        f" {percent(baseline)}",
        ceiling=None,
    )


def _measurements(
    status: DiagnosisStatus, levels: tuple[Level, ...], human: HumanLevel
) -> tuple[Action, ...]:
    if status == "unknown":
        how = human.note if human.error is None else ""
        text = f"Measure the human level: {how or LABELLED_BY_PEOPLE}"
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
    seen = [_seen_of_losses(evidence)]
    if evidence.stopped_early:
        seen.append("early stopping ended training")
    if evidence.still_learns:
        return "Train longer: it still learns", "; ".join(seen)
    if evidence.regularisation:
        seen.append(f"{' and '.join(evidence.regularisation)} already on")
        return "Use a bigger model or another architecture, or regularise less", "; ".join(seen)
    return "Use a bigger model, another optimizer or another architecture", "; ".join(seen)


def _seen_of_losses(evidence: Evidence) -> str:
    fall = evidence.loss_fall
    if fall is None:
        return "too few epochs to see how the loss falls"
    if fall <= STILL_FALLS:
        epochs = f" after {evidence.epochs} epochs" if evidence.epochs else ""
        return f"training loss has stalled{epochs}"
    seen = f"training loss fell {percent(fall)} over the last epochs"
    if not evidence.has_decayed:
        return seen
    if evidence.held_out_fall is None:
        held_out = "no held-out loss was followed"
    elif evidence.still_learns:
        held_out = f"held out it fell {percent(evidence.held_out_fall)}"
    else:
        held_out = "held out it did not fall for sure"
    rate = percent(evidence.rate_left)
    return f"{seen} while the learning rate went to {rate} of its highest; {held_out}"


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
