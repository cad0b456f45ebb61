"""False matches against false non-matches: ROC, DET, and the numbers of other ways to compare."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from common.report import wording
from common.report.parts import table
from common.report.svg import ACCENT, INK, MUTED, PAPER, SOFT, figure, inline, styled
from common.strategy.clusters import clusters
from common.strategy.intervals import mean
from common.strategy.results import Estimate
from projects.face_verification.pairs import DIFFERENT, SAME
from projects.face_verification.rates import auc, curve, equal_error_rate, false_non_match_rate

Table = pd.DataFrame
Ways = Mapping[str, Table]
"""Way of comparing -> its pairs: truth, distance, group, group_2, weight. The network is first."""

_STYLES: tuple[dict[str, Any], ...] = (
    {"color": ACCENT, "linewidth": 2},
    {"color": INK, "linewidth": 1.3, "linestyle": "--"},
    {"color": MUTED, "linewidth": 1.6, "linestyle": "-"},
)
_TICKS = (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)


def trade(ways: Ways, limit: float) -> Markup:
    """Return ROC and DET of every way, with the network's pairs as they were decided.

    The network's table also has `prediction`.
    """
    decided = next(iter(ways.values()))
    missed, matched = errors_of(decided)
    counts = decided["truth"].value_counts()
    note = Markup(
        '<p class="note">The curves try every threshold on the very pairs they are drawn from, {}'
        " of the same person and {} of different people. The point is the network with thresholds"
        " that were set on other people, for {} false matches at most: {} false matches ({}) and"
        " {} false non-matches ({}).</p>"
    ).format(
        wording.whole(int(counts.get(SAME, 0))),
        wording.whole(int(counts.get(DIFFERENT, 0))),
        wording.percent(limit),
        wording.percent(matched.value),
        wording.interval(matched),
        wording.percent(missed.value),
        wording.interval(missed),
    )
    return Markup(
        '<div class="beside-chart"><div class="chart">{}</div><div class="chart">{}</div></div>{}'
    ).format(_roc(ways, missed, matched), _det(ways, limit, missed, matched), note)


def errors_of(decided: Table) -> tuple[Estimate, Estimate]:
    """Return the false non-match and the false match rate of pairs as they were answered."""
    rates = []
    for truth in (SAME, DIFFERENT):
        rows = decided[decided["truth"] == truth]
        wrong = rows["prediction"].to_numpy() != truth
        rates.append(mean(wrong, rows["weight"], clusters(rows)))
    return rates[0], rates[1]


def comparison(ways: Ways, limit: float) -> Markup:
    """Return a row per way, with intervals: what `rates` measures at the limit, EER and AUC."""
    at_limit = false_non_match_rate(limit)
    name = f"missed at {100 * limit:g}\u00a0%"
    measures = {name: at_limit, "equal error": equal_error_rate, "area": auc}
    found = {way: {n: m.measure(rows) for n, m in measures.items()} for way, rows in ways.items()}
    rows = [
        {"way": way} | {name: with_interval(one) for name, one in measured.items()}
        for way, measured in found.items()
    ]
    shown = table(pd.DataFrame(rows), right=tuple(measures), html=tuple(measures))
    unknown = [one[name].method for one in found.values() if np.isnan(one[name].value)]
    note = Markup(
        '<p class="note">Missed: same pairs that fail, where {}\u00a0% of the others match{}.'
        " Equal error: where both shares are equal. Area: under the ROC curve, 50\u00a0% by"
        " chance. In brackets 95\u00a0% intervals.</p>"
    ).format(f"{100 * limit:g}", f" ({unknown[0]})" if unknown else "")
    return shown + note


def with_interval(one: Estimate) -> Markup:
    """Return a share in percent, and its interval behind it or (on a phone) below."""
    if np.isnan(one.value):
        return Markup(wording.UNKNOWN)
    return Markup("{} <span class='soft'>({})</span>").format(
        wording.percent(one.value), wording.interval(one)
    )


def _roc(ways: Ways, missed: Estimate, matched: Estimate) -> Markup:
    with styled():
        drawn = figure(400, 320)
        axes = drawn.add_axes((0.14, 0.15, 0.83, 0.73))
        axes.set_title("ROC: same pairs that match", loc="left", fontsize=12, color=INK, pad=10)
        axes.set_xlabel("different pairs that match")
        axes.grid()
        axes.tick_params(axis="x", pad=7)
        axes.plot([0, 1], [0, 1], ":", color=SOFT, linewidth=1)
        for (way, rows), style in zip(ways.items(), _STYLES, strict=False):
            points = curve(rows)
            axes.plot(points["fmr"], 1 - points["fnmr"], label=way, **style)
        _point(axes, matched.value, 1 - missed.value)
        axes.legend(loc="lower right", borderpad=0.2)
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(-0.01, 1.01)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(FixedLocator([0, 0.2, 0.4, 0.6, 0.8, 1]))
            axis.set_major_formatter(FuncFormatter(_percent))
        areas = {way: wording.percent(auc.measure(rows).value) for way, rows in ways.items()}
        said = ", ".join(f"{way} {area}" for way, area in areas.items())
        return inline(drawn, "roc", f"ROC curves; area under them: {said}")


def _det(ways: Ways, limit: float, missed: Estimate, matched: Estimate) -> Markup:
    truth = next(iter(ways.values()))["truth"]
    # A rate of none has no place on a logarithmic axis: it is drawn at half a pair.
    none = {kind: 0.5 / max(int((truth == kind).sum()), 1) for kind in (SAME, DIFFERENT)}
    with styled():
        drawn = figure(400, 320)
        axes = drawn.add_axes((0.14, 0.15, 0.83, 0.73))
        axes.set_title("DET: same pairs that fail", loc="left", fontsize=12, color=INK, pad=10)
        axes.set_xlabel("different pairs that match")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.grid()
        axes.tick_params(axis="x", pad=7)
        axes.axvline(limit, linestyle=":", color=SOFT, linewidth=1.3)
        axes.annotate("limit", (limit, 1), (3, 4), xycoords=("data", "axes fraction"),
                      textcoords="offset points", color=SOFT, fontsize=11)  # fmt: skip
        for (way, rows), style in zip(ways.items(), _STYLES, strict=False):
            points = curve(rows)
            across = np.maximum(points["fmr"], none[DIFFERENT])
            axes.plot(across, np.maximum(points["fnmr"], none[SAME]), label=way, **style)
        x, y = max(matched.value, none[DIFFERENT]), max(missed.value, none[SAME])
        axes.plot([max(matched.low, none[DIFFERENT]), matched.high], [y, y], color=INK)
        axes.plot([x, x], [max(missed.low, none[SAME]), missed.high], color=INK)
        _point(axes, x, y)
        axes.legend(loc="lower left", borderpad=0.2)
        _rare(axes.xaxis, none[DIFFERENT])
        _rare(axes.yaxis, none[SAME])
        axes.set_xlim(none[DIFFERENT] * 0.9, 1.05)
        axes.set_ylim(none[SAME] * 0.9, 1.05)
        label = (
            f"DET curves on logarithmic axes; as decided {wording.percent(matched.value)} false"
            f" matches and {wording.percent(missed.value)} false non-matches"
        )
        return inline(drawn, "det", label)


def _point(axes: Axes, x: float, y: float) -> None:
    axes.plot(
        x, y, "o", color=INK, markerfacecolor=PAPER, markersize=7, linestyle="none",
        zorder=4, label="as decided", clip_on=False,
    )  # fmt: skip


def _rare(axis: Axis, none: float) -> None:
    ticks = [none, *(tick for tick in _TICKS if tick > 2 * none)]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    said = FuncFormatter(lambda one, at: "none" if one <= none else _percent(one, at))
    axis.set_major_formatter(said)


def _percent(share: float, _: object) -> str:
    return f"{100 * share:g}\u00a0%"
