"""The report's part on the trade of misses against false accepts: a curve and a table."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from common.report import wording
from common.report.parts import table
from common.report.svg import ACCENT, INK, MUTED, PAPER, figure, inline, styled
from common.strategy.clusters import clusters
from common.strategy.intervals import mean, rate, wilson
from common.strategy.results import Estimate
from projects.trigger_word_detection.data import Assets
from projects.trigger_word_detection.evaluate import (
    curve_scores,
    det_curve,
    frame_accuracy,
    metrics,
    misses_at,
)
from projects.trigger_word_detection.settings import Settings

RATES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""False accepts per hour at which the misses are stated."""
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_MOST_RATE = 100.0


def trade(predictions: pd.DataFrame, assets: Assets, settings: Settings) -> Markup:
    """Return curve and table, with the point that was decided, and why steps are not counted."""
    misses, accepts = (
        metric.measure(predictions[predictions["unit"] == metric.unit])
        for metric in metrics(assets, settings)[:2]
    )
    scores = curve_scores(predictions)
    curve = det_curve(scores, predictions, 1, assets.refractory, assets.tolerance)
    steps = frame_accuracy(scores, predictions)
    hours = float(curve["hours"].iloc[0])
    said = Markup(
        '<p class="note">Curve and table try every threshold on the {} hours and {} sayings that'
        " they are counted on: the best case for this model. The point is dev as it was decided,"
        " with settings fitted on other dev rows: {} missed ({}), {} false accepts per hour ({} to"
        " {}). With none seen, {} hours support no better claim than at most {} per hour.</p>"
    ).format(
        wording.number(hours),
        wording.whole(int(curve["events"].iloc[0])),
        wording.percent(misses.value),
        wording.interval(misses),
        *(wording.number(one) for one in (accepts.value, accepts.low, accepts.high)),
        wording.number(hours),
        wording.number(rate(0, hours).high),
    )
    by_steps = Markup(
        '<p class="note">Counted by steps of 40 ms instead, {} are right, and {} for a detector'
        " that never fires: hardly any step follows the word, so this share says next to"
        " nothing.</p>"
    ).format(wording.percent(steps.model), wording.percent(steps.never))
    return Markup(
        '<div class="beside-chart"><div class="chart">{}</div><div>{}</div></div>{}{}'
    ).format(_chart(curve, misses, accepts), _table(curve, RATES), said, by_steps)


def recorded_table(rows: pd.DataFrame) -> Markup:
    """Return how the recordings that were scored one by one, as recorded, were answered."""
    lines = []
    for truth, name in (("activate", "of the word: missed"), ("nothing", "others: accepted")):
        some = rows[rows["truth"] == truth]
        if len(some):
            found = mean(some["error"], groups=clusters(some))
            lines.append(
                {
                    "recordings": name,
                    "n": len(some),
                    "minutes": wording.decimal(60 * float(some["exposure"].sum()), 1),
                    "share": wording.percent(found.value),
                    "95 % interval": wording.interval(found),
                }
            )
    return table(pd.DataFrame(lines), right=("minutes", "share", "95 % interval"))


def _table(curve: pd.DataFrame, rates: Sequence[float]) -> Markup:
    hours = float(curve["hours"].iloc[0])
    counted = f"in these {wording.number(hours)} hours"
    found = {most: misses_at(curve, most) for most in rates}
    return table(
        pd.DataFrame(
            {
                "false accepts per hour": [f"{most:g}" for most in rates],
                "missed": [wording.percent(one.value) for one in found.values()],
                "95 % interval": [wording.interval(one) for one in found.values()],
                counted: [f"{int(most * hours + 1e-9)}" for most in rates],
            }
        ),
        right=("false accepts per hour", "missed", "95 % interval", counted),
    )


def _chart(curve: pd.DataFrame, misses: Estimate, accepts: Estimate) -> Markup:
    hours, events = float(curve["hours"].iloc[0]), int(curve["events"].iloc[0])
    none_seen = 0.5 / hours
    right = max(_MOST_RATE, 4 / hours)
    best = curve.groupby("false_accepts", as_index=False)["misses"].min()
    best["misses"] = best["misses"].cummin()
    at = np.maximum(best["false_accepts"] / hours, none_seen)
    bands = [wilson(int(missed), events) for missed in best["misses"]]
    shown = [band.high for band, where in zip(bands, at, strict=True) if where <= right]
    with styled():
        drawn = figure(420, 300)
        axes = drawn.add_axes((0.12, 0.15, 0.86, 0.74))
        axes.set_title("missed", loc="left", fontsize=12, color=INK, pad=13)
        axes.set_xlabel("false accepts per hour")
        axes.set_xscale("log")
        axes.grid(axis="y")
        axes.fill_between(
            at, [b.low for b in bands], [b.high for b in bands],
            step="post", color=MUTED, alpha=0.3, linewidth=0, label="95 % interval",
        )  # fmt: skip
        axes.step(at, [b.value for b in bands], where="post", color=ACCENT, linewidth=2)
        x = max(accepts.value, none_seen)
        axes.plot([max(accepts.low, none_seen), accepts.high], [misses.value] * 2, color=INK)
        axes.plot([x, x], [misses.low, misses.high], color=INK)
        axes.plot(
            x,
            misses.value,
            "o",
            color=INK,
            markerfacecolor=PAPER,
            markersize=7,
            zorder=4,
            label="as decided",
            linestyle="none",
        )
        axes.legend(loc="lower right", bbox_to_anchor=(1.02, 1.0), ncols=2, borderpad=0)
        axes.set_xlim(none_seen * 0.9, right)
        axes.set_ylim(0, min(1.0, 1.1 * max([*shown, misses.high, 0.02])))
        ticks = [tick for tick in _TICKS if 0.9 / hours <= tick <= right]
        axes.xaxis.set_major_locator(FixedLocator([none_seen, *ticks]))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda tick, _: "none" if tick <= none_seen else f"{tick:g}")
        )
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}\u00a0%"))
        return inline(drawn, "trade", _in_words(curve))


def _in_words(curve: pd.DataFrame) -> str:
    points = ", ".join(
        f"{wording.percent(misses_at(curve, most).value)} at {most:g}" for most in RATES
    )
    return f"Share of sayings missed, at the number of false accepts per hour: {points}"
