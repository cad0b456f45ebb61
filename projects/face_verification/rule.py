"""From which distance on a photo and a template are not of one person, and how often that is wrong.

It depends on how many photos the template is made of: strangers are nearer to a mean of many.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from common.files import read_json
from common.runs import RunFolder
from projects.face_verification.gallery import Gallery, OwnThreshold


class Rule(NamedTuple):
    """A threshold, and how often it is wrong."""

    threshold: float
    false_match: float
    false_match_high: float
    """The upper bound of its interval; 1 where it was not measured for such templates."""
    said: str


Rules = Callable[[int], Rule]
"""The number of photos that a template is made of -> its rule."""


def rules(run: RunFolder, gallery: Gallery) -> Rules:
    """Return the gallery's own threshold where it has one, else those that came with the model."""
    own = gallery.own_threshold()
    if own is None:
        return shipped(run)
    found = _own(own)
    return lambda photos: found


def shipped(run: RunFolder) -> Rules:
    """Return what was measured on dev: with as many photos, or the next lower number measured."""
    fitted = read_json(run.path / "calibration.json")
    drawn = read_json(run.path / "settings.json")["data"]["source"] == "embedded"
    # Runs of an earlier version measured single photos only.
    measured = {1: fitted} | {one["photos"]: one for one in fitted.get("templates", ())}

    def rule(photos: int) -> Rule:
        of = max(number for number in measured if number <= photos)
        return _shipped(measured[of], of, photos, "drawn people" if drawn else "people")

    return rule


def strangers(found: Mapping[str, Rule]) -> str:
    """Return how often a stranger is taken for somebody enrolled: the name and rule of each.

    1 - (1 - rate) for each of them, multiplied. Strangers differ in how many they resemble, which
    makes this no less than what happens on average over galleries (Jensen), and its bound a bound.
    """
    about = 1 - math.prod(1 - one.false_match for one in found.values())
    most = 1 - math.prod(1 - one.false_match_high for one in found.values())
    people = "the one person" if len(found) == 1 else f"one of the {len(found)} people"
    bound = (
        f"at most {percent(most)} on average over such galleries"
        if most < 1
        else "more, where templates are of more photos than were measured"
    )
    return f"a stranger is taken for {people} enrolled in about {percent(about)} of cases ({bound})"


def percent(share: float) -> str:
    """Return a share as a person says it: "0.9 %", "12 %"."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 10 or value == 0 else f"{value:.2g} %"


def _own(own: OwnThreshold) -> Rule:
    found = own.found
    missed = found.false_non_match
    failing = (
        f"{percent(missed.value)} of genuine photos fail"
        if missed.n
        else "how many genuine photos fail is unknown, as nobody has two"
    )
    stale = "; the gallery has changed since: calibrate again" if own.stale else ""
    said = (
        f"threshold {found.threshold:.3f}, set on this gallery (at it {percent(found.false_match)}"
        f" of impostors match, surely at most {percent(found.false_match_bound)}; {failing};"
        f" measured on its {found.people} people{stale})"
    )
    return Rule(found.threshold, found.false_match, found.false_match_bound, said)


def _shipped(fitted: Mapping[str, Any], of: int, photos: int, people: str) -> Rule:
    threshold, matched = fitted["threshold"], fitted["false_match_rate"]
    # Means of twice as many photos differ by more than the interval says.
    holds = photos < 2 * of
    high = fitted["false_match_high"] if holds else 1.0
    bound = f", at most {percent(high)}" if holds else f", and more with a template of {photos}"
    kind = "between single photos" if of == 1 else f"for templates of {of} photos"
    here = f", here of {photos}" if 1 < of < photos else ""
    said = (
        f"threshold {threshold:.3f} ({kind}{here}: at it {percent(matched)} of impostors match"
        f"{bound}; {percent(fitted['false_non_match_rate'])} of genuine photos fail; measured on"
        f" {fitted['people']} {people})"
    )
    return Rule(threshold, matched, high, said)
