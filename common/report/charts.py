"""The report's charts, drawn by matplotlib: where the error comes from, and how it fell."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from common.report import wording
from common.report.svg import ACCENT, INK, MUTED, PAPER, SOFT, figure, inline, styled
from common.strategy.results import Diagnosis, Level

MOST_POINTS = 400
MOST_PANELS = 6
NOT_DRAWN = ("epoch", "seconds")


def waterfall(diagnosis: Diagnosis) -> Markup:
    """Return the levels from human to dev, each with its interval, joined by the gaps as bars.

    A gap that is named as a problem has the accent colour. An unknown human level keeps its row.
    """
    levels = [level for level in diagnosis.levels if not np.isnan(level.error.value)]
    unknown_human = all(level.name != "human" for level in levels)
    rows = len(levels) + unknown_human
    height = 48 * rows + 30
    with styled():
        drawn = figure(400, height)
        axes = drawn.add_axes((0.25, 26 / height, 0.73, 48 * rows / height))
        axes.set_ylim(rows - 0.5, -0.5)
        axes.set_xlim(0, 1.22 * max([0.01, *(level.error.high for level in levels)]))
        axes.set_yticks([])
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(_percent_tick))
        axes.grid(axis="x")
        axes.spines["bottom"].set_visible(False)
        if unknown_human:
            _row_label(axes, 0, "Human level", wording.UNKNOWN)
        for row, level in enumerate(levels, start=int(unknown_human)):
            _level(axes, row, level)
        for row, (before, after) in enumerate(pairwise(levels), start=1 + unknown_human):
            problem = _gap_between(diagnosis, before, after) in diagnosis.problems
            _step(axes, row, before.error.value, after.error.value, ACCENT if problem else MUTED)
        said = ", ".join(
            f"{wording.level_name(level.name)} {wording.percent(level.error.value)}"
            for level in levels
        )
        return inline(drawn, "waterfall", f"Error from level to level: {said}")


def _gap_between(diagnosis: Diagnosis, before: Level, after: Level) -> str:
    names = [g.name for g in diagnosis.gaps if (g.before, g.after) == (before.name, after.name)]
    return names[0] if names else ""


def _row_label(axes: Axes, row: int, name: str, below: str) -> None:
    """Write a row's name left of the axes, and a smaller line under it."""
    beside: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
        "ha": "right",
    }
    axes.annotate(name, (0, row), (-10, 1 if below else -4), color=INK, **beside)
    axes.annotate(below, (0, row), (-10, -13), color=SOFT, fontsize=11, **beside)


def _level(axes: Axes, row: int, level: Level) -> None:
    error = level.error
    _row_label(
        axes, row, wording.level_name(level.name), f"n {error.n:,}" if error.n > 1 else "given"
    )
    axes.plot([error.low, error.high], [row, row], color=INK, linewidth=2, zorder=3, clip_on=False)
    axes.plot(
        error.value,
        row,
        "o",
        markersize=7,
        color=INK,
        markerfacecolor=PAPER,
        zorder=4,
        clip_on=False,
    )
    axes.annotate(
        wording.percent(error.value),
        (error.high, row),
        (8, 0),
        textcoords="offset points",
        va="center",
    )


def _step(axes: Axes, row: int, before: float, after: float, colour: str) -> None:
    axes.barh(row, after - before, left=before, height=0.46, color=colour)
    axes.plot([before, before], [row - 0.8, row + 0.23], ":", color=SOFT, linewidth=1)


def curves(history: pd.DataFrame) -> list[Markup]:
    """Return a small chart for each quantity over the epochs, beside its `val_` twin.

    Errors are in percent; a long history is thinned to 400 epochs.
    """
    kept = np.unique(np.linspace(0, len(history) - 1, MOST_POINTS).round().astype(int))
    return [_curve(history.iloc[kept], name) for name in quantities(history)]


def quantities(history: pd.DataFrame) -> list[str]:
    """Return the columns worth drawing, in their order: numbers that are no `val_` twins."""
    return [
        str(name)
        for name in history.select_dtypes("number").columns
        if name not in NOT_DRAWN and not str(name).startswith("val_")
    ][:MOST_PANELS]


def _curve(history: pd.DataFrame, name: str) -> Markup:
    epochs = history["epoch"].to_numpy()
    twin = f"val_{name}"
    few = len(history) <= 20
    with styled():
        drawn = figure(300, 200)
        axes = drawn.add_axes((0.15, 0.12, 0.83, 0.71))
        axes.set_title(wording.plain(name), loc="left", fontsize=12, color=INK, pad=13)
        axes.grid(axis="y")
        if twin in history:
            style: dict[str, Any] = {"markersize": 4, "marker": "o" if few else None}
            axes.plot(epochs, history[name], "--", color=MUTED, label="train", **style)
            axes.plot(epochs, history[twin], color=ACCENT, linewidth=2, label="held out", **style)
            axes.legend(loc="lower right", bbox_to_anchor=(1.02, 1.01), ncols=2, borderpad=0)
        else:
            axes.plot(epochs, history[name], color=MUTED, linewidth=2)
        in_percent = "error" in name
        if (history[name] > 0).all() and history[name].max() > 30 * history[name].min():
            axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(_percent_tick if in_percent else _tick))
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        return inline(drawn, f"curve-{name}", _in_words(history, name, twin))


def _percent_tick(share: float, _: object) -> str:
    return f"{100 * share:g}\u00a0%"


def _tick(value: float, _: object) -> str:
    return wording.number(value)


def _in_words(history: pd.DataFrame, name: str, twin: str) -> str:
    watched = twin if twin in history else name
    first, last = history[watched].iloc[0], history[watched].iloc[-1]
    held_out = " (held out)" if watched == twin else ""
    return (
        f"{wording.plain(name)}{held_out} over {len(history)} epochs: "
        f"from {wording.number(first)} to {wording.number(last)}"
    )
