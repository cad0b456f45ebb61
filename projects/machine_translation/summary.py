"""The report's part on what was measured: dates by part and doubt, or BLEU and chrF."""

from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from common.report import wording
from common.report.parts import table
from common.strategy.clusters import clusters
from common.strategy.intervals import mean
from common.strategy.metrics import Metric
from common.strategy.results import Estimate
from projects.machine_translation.bleu import signatures

if TYPE_CHECKING:
    from projects.machine_translation.data import Assets

Table = pd.DataFrame

PARTS = {"noisy": "noisy", "clean": "clean", "held_out": "held out"}
DOUBTS = {
    "no": "unambiguous",
    "century": "century in doubt",
    "day or month": "day or month in doubt",
    "both": "century, day and month in doubt",
}
"""What a date's `attr.ambiguous` says, in words."""
_NUMBERS = ("error", "best possible")


def dates(predictions: Table) -> Markup:
    """Return the error of each part, and of what is ambiguous in it, beside what is attainable."""
    lines = []
    for part, name in PARTS.items():
        rows = predictions[predictions["part"] == part]
        lines.append(_line(name, rows))
        if rows["attr.ambiguous"].nunique() > 1:
            lines += [
                _line(f"– {said}", rows[rows["attr.ambiguous"] == doubt])
                for doubt, said in DOUBTS.items()
            ]
    known = pd.DataFrame([line for line in lines if line["n"]])
    note = Markup(
        '<p class="note">Held out are pairs of locale and format that were never trained on.'
        " “Best possible” is the error of a reader who knows how often dates are written in each"
        " way and answers the most probable day.</p>"
    )
    return table(known, right=_NUMBERS, html=_NUMBERS) + note


def corpus(rows: Table, metrics: tuple[Metric, ...]) -> Markup:
    """Return the metrics of pairs with their intervals and sacrebleu's signatures."""
    signed = signatures()
    found = {metric.name: metric.measure(rows) for metric in metrics}
    lines = [
        {
            "measure": wording.plain(name),
            "dev": _with_interval(one),
            "signature": signed.get(name, "–"),
        }
        for name, one in found.items()
    ]
    note = Markup(
        '<p class="note">BLEU and chrF are of all {} sentences together. The error sheet, slices'
        " and cards look at single sentences: a sentence’s error is 1 − its own chrF.</p>"
    ).format(wording.whole(len(rows)))
    return table(pd.DataFrame(lines), right=("dev",), html=("dev",)) + note


def truncated(rows: Table, assets: "Assets") -> Markup:
    """Return how many sources were cut, and how many truths no answer is long enough for."""
    cut = int(rows["truncated"].astype(bool).sum())
    most, longest = assets.source_length - 1, assets.target_length - 1
    beyond = sum(len(assets.target.ids(text)) > longest for text in rows["truth"])
    n = wording.whole(len(rows))
    said = (
        f"{wording.whole(cut)} of {n} sources were cut after {most} pieces"
        if cut
        else f"None of {n} sources was cut: {most} pieces are read"
    )
    if beyond:
        said += f"; {wording.whole(beyond)} truths are longer than an answer can be, {longest}"
    return Markup('<p class="note">{}.</p>').format(said)


def _line(name: str, rows: Table) -> dict[str, Any]:
    found = mean(rows["error"], rows["weight"], clusters(rows))
    return {
        "dates": name,
        "n": len(rows),
        "error": _with_interval(found),
        "best possible": wording.percent(1 - float(rows["best"].mean())),
    }


def _with_interval(found: Estimate) -> Markup:
    return Markup("{} <span class='soft'>({})</span>").format(
        wording.percent(found.value), wording.interval(found)
    )
