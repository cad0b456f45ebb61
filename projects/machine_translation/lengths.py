"""The report's part on long sentences: error or BLEU by length, with intervals."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.ticker import FuncFormatter, MaxNLocator

from common.report import wording
from common.report.parts import table
from common.report.svg import ACCENT, INK, PAPER, figure, inline, styled
from common.strategy.metrics import Metric
from common.strategy.results import Estimate

Table = pd.DataFrame

MOST_BANDS, FEWEST = 6, 30
"""Bands of length, and the fewest sentences in each."""


class Band(NamedTuple):
    """What was measured on sentences of so many pieces."""

    name: str
    found: Estimate


def bands(lengths: "pd.Series[float]") -> list["pd.Series[float]"]:
    """Return the lengths divided into bands of about as many sentences each, the short first."""
    known, counts = np.unique(lengths.to_numpy(dtype=int), return_counts=True)
    wanted = max(FEWEST, len(lengths) / MOST_BANDS)
    ends, inside, left = [], 0, len(lengths)
    for length, count in zip(known, counts, strict=True):
        inside, left = inside + count, left - count
        if inside >= wanted and left >= FEWEST:
            ends.append(length)
            inside = 0
    return [band for _, band in lengths.groupby(np.searchsorted(ends, lengths.to_numpy()))]


def span(lengths: "pd.Series[float]") -> str:
    """Return the shortest and the longest of a band: "10 to 12"."""
    first, last = int(lengths.min()), int(lengths.max())
    return f"{first} to {last}" if first < last else f"{first}"


def by_length(rows: Table, metric: Metric) -> Markup:
    """Return chart and table of the metric against the length of the source, in pieces.

    `rows` of a checked predictions table, with `attr.length`.
    """
    found = [
        Band(span(band), metric.measure(rows.loc[band.index]))
        for band in bands(rows["attr.length"])
    ]
    name = wording.plain(metric.name)
    shown = pd.DataFrame(
        {
            "pieces": [band.name for band in found],
            "n": [band.found.n for band in found],
            name: [wording.percent(band.found.value) for band in found],
            "95 % interval": [wording.interval(band.found) for band in found],
        }
    )
    return Markup(
        '<div class="beside-chart"><div class="chart">{}</div><div>{}</div></div>'
    ).format(_chart(found, name), table(shown, right=("pieces", name, "95 % interval")))


def _chart(found: list[Band], name: str) -> Markup:
    values = np.array([band.found.value for band in found])
    lows, highs = ([getattr(band.found, end) for band in found] for end in ("low", "high"))
    places = np.arange(len(found))
    said = ", ".join(f"{wording.percent(band.found.value)} at {band.name} pieces" for band in found)
    with styled():
        drawn = figure(400, 240)
        axes = drawn.add_axes((0.13, 0.19, 0.85, 0.68))
        axes.set_title(name, loc="left", fontsize=12, color=INK, pad=12)
        axes.set_xlabel("pieces of the source")
        axes.grid(axis="y")
        axes.vlines(places, lows, highs, color=INK, linewidth=2, zorder=3)
        axes.plot(places, values, color=ACCENT, linewidth=1.5)
        axes.plot(places, values, "o", color=INK, markerfacecolor=PAPER, markersize=7, zorder=4)
        axes.set_xlim(-0.5, len(found) - 0.5)
        axes.set_ylim(0, min(1.05, 1.12 * max(*highs, 0.02)))
        axes.set_xticks(places, [band.name.replace(" to ", "–") for band in found])
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}\u00a0%"))
        return inline(drawn, "length", f"{name} by length of the source: {said}")
