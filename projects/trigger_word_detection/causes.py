"""The report's part on what sets the detector off falsely, and how soon it hears the word."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from common.report import wording
from common.report.parts import table
from common.strategy.intervals import quantile, wilson
from common.strategy.results import Estimate
from projects.trigger_word_detection import excerpt

Table = pd.DataFrame

JUST_BEFORE = 1.0
"""A false accept is put down to a word that ended at most so many seconds before."""
MOST_WORDS = 12
SHARES = (0.05, 0.5, 0.9, 0.95)


class Trigger(NamedTuple):
    """A word that was said, and what it is to the detector: `itself`, a `near-miss`, `other`."""

    word: str
    kind: str


NOTHING = Trigger("", "nothing")


def causes(events: Table, stretches: Table, word: str, tolerance: float) -> Markup:
    """Return tables of what was said before false accepts, and of the time to detection."""
    return Markup("<h3>Said just before a false accept</h3>{}<h3>Time to detection</h3>{}").format(
        _triggers(stretches, word, tolerance), _latencies(events)
    )


def said(row: Mapping[str, Any], word: str) -> list[tuple[float, float, Trigger]]:
    """Return start, end and what was said, in order, for every word in the row's clip."""
    others = [
        (start, end, Trigger(str(other), "near-miss" if near else "other"))
        for start, end, other, near in json.loads(row["said"])
    ]
    ours = [(start, end, Trigger(word, "itself")) for start, end in json.loads(row["windows"])]
    return sorted(others + ours)


def said_before(row: Mapping[str, Any], time: float, word: str) -> Trigger:
    """Return the last word that began before this time, unless it ended long before."""
    begun = [one for one in said(row, word) if one[0] < time]
    return begun[-1][2] if begun and time - begun[-1][1] <= JUST_BEFORE else NOTHING


def _triggers(stretches: Table, word: str, tolerance: float) -> Markup:
    """Return a row per word that was followed by a false accept, and one per kind of word."""
    rows: list[Any] = stretches.to_dict("records")
    times = Counter(one for row in rows for *_, one in said(row, word))
    accepts = Counter(
        said_before(row, at, word) for row in rows for at in excerpt.false_accepts(row, tolerance)
    )
    if not accepts:
        return Markup('<p class="note">Not one false accept.</p>')
    words = [one for one in accepts.most_common() if one[0].kind in ("near-miss", "other")]
    lines = [_line(_name(one), times[one], n) for one, n in words[:MOST_WORDS]]
    kinds = {
        "near-miss": "every near-miss",
        "other": "every other word",
        "itself": f"“{word}” itself: late, or heard twice",
    }
    for kind, name in kinds.items():
        total, after = (
            sum(n for one, n in counter.items() if one.kind == kind) for counter in (times, accepts)
        )
        lines.append(_line(name, total, after))
    lines.append(_line(f"no word in the {JUST_BEFORE:g} s before", 0, accepts[NOTHING]))
    return table(pd.DataFrame(lines), right=list(lines[0])[1:])


def _name(one: Trigger) -> str:
    return f"“{one.word}”, a near-miss" if one.kind == "near-miss" else f"“{one.word}”"


def _line(name: str, times: int, accepts: int) -> dict[str, str]:
    share = wilson(min(accepts, times), times)
    return {
        "said just before": name,
        "said": wording.whole(times) if times else "–",
        "false accepts": wording.whole(accepts),
        "of its sayings": wording.percent(share.value) if times else "–",
        "95 % interval": wording.interval(share) if times else "–",
    }


def _latencies(events: Table) -> Markup:
    known = events["latency"].dropna()
    if known.empty:
        return Markup('<p class="note">Nothing was hit.</p>')
    found = {share: quantile(known, share) for share in SHARES}
    return table(
        pd.DataFrame(
            {
                "of the hits": [f"{100 * share:.0f}\u00a0%" for share in found],
                "within seconds from the word’s end": [
                    wording.decimal(one.value, 2) for one in found.values()
                ],
                "95 % interval": [_range(one) for one in found.values()],
            }
        ),
        right=("within seconds from the word’s end", "95 % interval"),
    )


def _range(found: Estimate) -> str:
    """Return the interval in seconds; an end that too few hits leave open is said to be open."""
    low, high = (
        "open" if abs(end) == float("inf") else wording.decimal(end, 2)
        for end in (found.low, found.high)
    )
    return f"{low} to {high}"
