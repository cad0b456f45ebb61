"""How far apart pairs of the same and of different people lie, and what a distance is worth.

Of two photos, and of a photo and a template of several.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.ticker import FuncFormatter, MaxNLocator

from common.report import wording
from common.report.parts import table
from common.report.svg import ACCENT, INK, MUTED, figure, inline, styled
from common.strategy.clusters import clusters
from common.strategy.intervals import mean
from projects.face_verification.pairs import DIFFERENT, SAME
from projects.face_verification.template_rates import TemplateRates
from projects.face_verification.trade import with_interval

CHANCES = (0.0, 0.02, 0.1, 0.3, 0.7, 0.9, 0.98, 1.0)
"""Edges of the bands of probability."""
BINS = 40


def separation(predictions: pd.DataFrame) -> Markup:
    """Return the histogram of distances and the table of probabilities, of decided pairs."""
    return Markup(
        '<div class="beside-chart"><div class="chart">{}</div><div>{}{}</div></div>'
    ).format(
        _histogram(predictions),
        _bands(predictions),
        Markup(
            '<p class="note">The probability of the same person, where that is as likely as not'
            " beforehand: here, too, both kinds of pairs count half. Where strangers are the rule,"
            " the same distance means less. In brackets 95\u00a0% intervals.</p>"
        ),
    )


def template_table(found: Sequence[TemplateRates], limit: float) -> Markup:
    """Return a row for each number of photos in a template, and what follows for a gallery."""
    if not found:
        return Markup(
            '<p class="note">Too few people of dev have several pictures, or too few pairs are at'
            " hand for {}: for templates of several photos nothing is known, and the threshold of"
            " single photos lets more strangers through there.</p>"
        ).format(wording.percent(limit))
    rows = [
        {
            "photos": one.photos,
            "people": one.people,
            "threshold": f"{one.threshold:.3f}",
            "strangers match": with_interval(one.false_match),
            "own photos fail": with_interval(one.false_non_match),
        }
        for one in found
    ]
    rates = ["strangers match", "own photos fail"]
    note = Markup(
        '<p class="note">A photo against the mean of several others. Everybody is nearer to a mean'
        " than to a photo, strangers as well, so each number of photos has a threshold of its own"
        " for {} false matches. It is set on all of dev; the rates are of fifths of the people,"
        " decided without them. <code>verify</code> and <code>identify</code> take the row of a"
        " template's photos, or the next lower one.</p>"
    ).format(wording.percent(limit))
    return table(pd.DataFrame(rows), right=("threshold", *rates), html=rates) + note


def _histogram(predictions: pd.DataFrame) -> Markup:
    threshold = predictions["threshold"].astype(float)
    middle = float(threshold.median())
    distance, truth = predictions["distance"].astype(float), predictions["truth"]
    edges = np.linspace(0, 1.02 * max(distance.max(), middle), BINS + 1)
    with styled():
        drawn = figure(400, 300)
        axes = drawn.add_axes((0.12, 0.16, 0.86, 0.68))
        axes.set_title("share of pairs", loc="left", fontsize=12, color=INK, pad=28)
        axes.set_xlabel("distance")
        axes.grid(axis="y")
        axes.tick_params(axis="x", pad=7)
        for kind, colour, name in (
            (SAME, MUTED, "same person"),
            (DIFFERENT, ACCENT, "different people"),
        ):
            found = distance[truth == kind]
            share = np.histogram(found, edges)[0] / max(len(found), 1)
            axes.stairs(share, edges, fill=True, color=colour, alpha=0.3, linewidth=0)
            axes.stairs(share, edges, color=colour, linewidth=1.6, label=name)
        if threshold.max() > threshold.min():
            axes.axvspan(threshold.min(), threshold.max(), color=INK, alpha=0.15, linewidth=0)
        axes.axvline(middle, color=INK, linewidth=1.3, label=f"threshold {middle:.2f}")
        axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 0.99), ncols=3, borderpad=0,
                    handlelength=1.2, columnspacing=1)  # fmt: skip
        axes.set_xlim(0, edges[-1])
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}\u00a0%"))
        halves = [float(distance[truth == kind].median()) for kind in (SAME, DIFFERENT)]
        label = (
            f"Histogram of distances: half of the same pairs are below {halves[0]:.2f}, half of"
            f" the different pairs below {halves[1]:.2f}, the threshold is {middle:.2f}"
        )
        return inline(drawn, "distances", label)


def _bands(predictions: pd.DataFrame) -> Markup:
    same = predictions["truth"] == SAME
    number = predictions["truth"].map(predictions["truth"].value_counts())
    pairs = predictions.assign(same=same.astype(float), half=0.5 / number.astype(float))
    rows = []
    band = pd.cut(pairs["probability"], CHANCES, include_lowest=True)
    for edges, inside in pairs.groupby(band, observed=True):
        found = mean(inside["same"], inside["half"], clusters(inside))
        said = float(np.average(inside["probability"], weights=inside["half"]))
        rows.append(
            {
                "probability": f"{100 * max(edges.left, 0):.0f} to {100 * edges.right:.0f} %",
                "pairs": len(inside),
                "said": wording.percent(said),
                "are the same": with_interval(found),
            }
        )
    return table(pd.DataFrame(rows), right=("said", "are the same"), html=["are the same"])
