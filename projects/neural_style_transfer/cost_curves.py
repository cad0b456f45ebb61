"""How the costs of optimised pictures fell, step by step: content, style, and each layer's."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from common.report import wording
from common.report.svg import ACCENT, INK, MUTED, SOFT, figure, inline, styled

MOST_LAYERS = 9
MOST_POINTS = 120
MOST_TICKS = 5
LEAST = 1e-4
"""Below it nothing is drawn: the content cost begins at 0, which no log axis has."""
_FIRST = ("total", "content", "style", "variation")


def cost_curves(histories: Sequence[pd.DataFrame]) -> Markup:
    """Return a chart per cost over the steps, on logarithmic axes.

    `histories`: of each picture, a row per evaluation (optimise.Result). Where sizes follow each
    other, one begins at a dotted line. The line is the median of the pictures, the band reaches
    from the lowest to the highest.
    """
    steps = _steps(histories)
    known = [str(name) for name in histories[0].columns]
    layers = [name for name in known if name.startswith("style/")]
    names = [name for name in (*_FIRST, *layers[:MOST_LAYERS]) if name in known]
    spans = {name: _span(histories, name) for name in names}
    lows, highs = zip(*(_limits(spans[name]) for name in names if _is_style(name)), strict=True)
    shared = (min(lows), max(highs))
    charts = [
        _chart(name, steps, spans[name], shared if _is_style(name) else _limits(spans[name]))
        for name in names
    ]
    shown = Markup("").join(Markup('<div class="chart">{}</div>').format(one) for one in charts)
    return Markup('<div class="curves">{}</div>{}').format(shown, _note(histories, layers))


def _is_style(name: str) -> bool:
    return name.startswith("style")


def _steps(histories: Sequence[pd.DataFrame]) -> dict[float, int]:
    """Return how many steps each scale has, from coarse to fine: those of the longest history."""
    counts = pd.DataFrame([one["scale"].value_counts() for one in histories]).max()
    return {float(scale): int(n) for scale, n in counts.sort_index().items()}  # type: ignore[arg-type]


def _span(histories: Sequence[pd.DataFrame], name: str) -> pd.DataFrame:
    """Return low, middle and high of a cost over the pictures, by scale and step."""
    every = pd.concat([one[["scale", "step", name]] for one in histories])
    every.loc[every[name] < LEAST, name] = np.nan
    by_step = every.groupby(["scale", "step"], sort=True)[name]
    return pd.DataFrame({"low": by_step.min(), "middle": by_step.median(), "high": by_step.max()})


def _limits(span: pd.DataFrame) -> tuple[float, float]:
    """Return the axis's ends; the first steps of a cost that begins at 0 may lie below it."""
    values = span[["low", "high"]].to_numpy()
    values = values[np.isfinite(values)]
    if not len(values):
        return LEAST, 1.0
    low = max(float(np.quantile(values, 0.02)), LEAST)
    return low / 1.2, max(float(values.max()), 1.5 * low) * 1.2


def _chart(
    name: str, steps: dict[float, int], span: pd.DataFrame, limits: tuple[float, float]
) -> Markup:
    with styled():
        drawn = figure(300, 190)
        axes = drawn.add_axes((0.15, 0.16, 0.83, 0.7))
        title = name.replace("style/", "style: ")
        axes.set_title(title, loc="left", fontsize=12, color=INK, pad=6)
        axes.set_yscale("log")
        axes.set_ylim(*limits)
        axes.grid(axis="y")
        begin = 0
        for scale, count in steps.items():
            _one_scale(axes, begin, span.loc[[scale]].droplevel("scale"))
            if begin:
                axes.axvline(begin + 0.5, color=SOFT, linestyle=":", linewidth=1)
            begin += count
        axes.set_xlim(0, begin + 1)
        axes.yaxis.set_major_locator(FixedLocator(_ticks(limits)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: wording.number(value)))
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        return inline(drawn, f"cost-{name.replace('/', '-')}", _in_words(title, span))


def _ticks(limits: tuple[float, float]) -> list[float]:
    """Return round numbers between the limits, as many as the axis has room for."""
    found: list[float] = []
    for parts in ((1, 2, 5), (1, 3), (1,)):
        every = [part * 10.0**power for power in range(-5, 7) for part in parts]
        found = [one for one in every if limits[0] <= one <= limits[1]]
        if len(found) <= MOST_TICKS:
            break
    return found


def _one_scale(axes: Axes, begin: int, span: pd.DataFrame) -> None:
    kept = np.unique(np.linspace(0, len(span) - 1, MOST_POINTS).round().astype(int))
    some = span.iloc[kept]
    x = begin + some.index.to_numpy(dtype=float)
    style: dict[str, Any] = {"color": MUTED, "alpha": 0.4, "linewidth": 0}
    axes.fill_between(x, some["low"], some["high"], **style)
    axes.plot(x, some["middle"], color=ACCENT, linewidth=2, marker="o" if len(some) < 3 else None,
              markersize=4)  # fmt: skip


def _in_words(title: str, span: pd.DataFrame) -> str:
    middle = span["middle"].dropna()
    if middle.empty:
        return f"{title}: below {LEAST} at every step"
    return (
        f"{title} over {len(span)} steps: median from {wording.number(middle.iloc[0])}"
        f" to {wording.number(middle.iloc[-1])}"
    )


def _note(histories: Sequence[pd.DataFrame], layers: Sequence[str]) -> Markup:
    scales = int(max(one["scale"].max() for one in histories)) + 1
    starts = f" A dotted line is where the picture grows to twice its size ({scales} sizes)."
    return Markup(
        '<p class="note">Steps across; the line is the median of {} pictures, the band goes from'
        " the lowest to the highest. Costs are relative: content 1 is all structure lost, style 1"
        " the content as it was, variation 1 as rough as both pictures together. Style costs"
        " share one axis.{}{}</p>"
    ).format(
        len(histories),
        starts if scales > 1 else "",
        f" {len(layers) - MOST_LAYERS} more layers are not drawn."
        if len(layers) > MOST_LAYERS
        else "",
    )
