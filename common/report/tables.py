"""The report's tables: from records and frames to words, then to HTML."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from markupsafe import Markup

from common.report import wording
from common.report.parts import table
from common.strategy.results import Diagnosis, Estimate, Gap

BAR_PIXELS = 90


def gaps(diagnosis: Diagnosis) -> Markup:
    """Return a row per gap: points, interval, and how often it is the largest."""
    rows = [_gap_row(gap, gap.name in diagnosis.problems) for gap in diagnosis.gaps]
    numbers = ("points", "95 % interval", "is the largest")
    return table(pd.DataFrame(rows), right=numbers, html=["gap"])


def _gap_row(gap: Gap, named: bool) -> dict[str, str]:
    name = Markup("<b class='named'>{}</b>" if named else "{}").format(wording.plain(gap.name))
    if gap.error is None:
        return {
            "gap": name,
            "points": wording.UNKNOWN,
            "95 % interval": "",
            "is the largest": "",
        }
    return {
        "gap": name,
        "points": wording.points(gap.error.value),
        "95 % interval": wording.points_interval(gap.error),
        "is the largest": f"{100 * gap.leads:.0f}\u00a0%",
    }


def six_cells(cells: Mapping[tuple[str, str], Estimate | None]) -> Markup:
    """Return the error by kind of data (rows) and distribution (columns); no data is a dash."""
    distributions = list(dict.fromkeys(column for _, column in cells))
    rows = [
        {"error": wording.plain(kind)}
        | {
            wording.plain(column): _measured(cells.get((kind, column)), is_plain=False)
            for column in distributions
        }
        for kind in dict.fromkeys(row for row, _ in cells)
    ]
    shown = [wording.plain(name) for name in distributions]
    return table(pd.DataFrame(rows), right=shown, html=shown)


def slices(frame: pd.DataFrame) -> Markup:
    """Return a row per slice that does worse, with a bar as long as its error."""
    longest = max(frame["error"].max(), 1e-9)
    bars = [
        Markup('<i class="bar" style="width:{}px"></i>').format(round(BAR_PIXELS * error / longest))
        for error in frame["error"]
    ]
    return table(
        pd.DataFrame(
            {
                "slice": frame["slice"].astype(str),
                "n": frame["n"],
                "error": [wording.percent(error) for error in frame["error"]],
                "": bars,
                "elsewhere": [wording.percent(error) for error in frame["elsewhere"]],
                "dev error if as good": [wording.points(-gain) for gain in frame["gain"]],
            }
        ),
        right=("error", "elsewhere", "dev error if as good"),
        html=[""],
        most_rows=20,
    )


def measures(
    by_split: Mapping[str, Mapping[str, Estimate]], plain_measures: frozenset[str]
) -> Markup:
    """Return a row per measure and a column per split, each value with its interval if known."""
    names = dict.fromkeys(name for found in by_split.values() for name in found)
    splits = {split: wording.level_name(split) for split in by_split}
    rows = [
        {"measure": wording.plain(name)}
        | {
            title: _measured(by_split[split].get(name), name in plain_measures)
            for split, title in splits.items()
        }
        for name in names
    ]
    shown = tuple(splits.values())
    return table(pd.DataFrame(rows), right=shown, html=shown)


def _measured(estimate: Estimate | None, is_plain: bool) -> Markup:
    if estimate is None:
        return Markup("–")
    if math.isnan(estimate.value):
        return Markup(wording.UNKNOWN)
    if is_plain:
        value, between = wording.number(estimate.value), _number_interval(estimate)
    else:
        value, between = wording.percent(estimate.value), wording.interval(estimate)
    return Markup("{} <span class='soft'>({})</span>").format(value, between)


def _number_interval(estimate: Estimate) -> str:
    return f"{wording.number(estimate.low)} to {wording.number(estimate.high)}"


def confusions(counts: pd.DataFrame) -> Markup:
    """Return the 20 commonest confusions: for so many classes that a matrix is unreadable."""
    times = counts.to_numpy()
    rows, columns = np.nonzero(times)
    wrong = counts.index.to_numpy()[rows] != counts.columns.to_numpy()[columns]
    rows, columns = rows[wrong], columns[wrong]
    top = np.argsort(-times[rows, columns], kind="stable")[:20]
    rows, columns = rows[top], columns[top]
    of_truth = times[rows, columns] / times.sum(axis=1)[rows]
    return table(
        pd.DataFrame(
            {
                "truth": counts.index.astype(str)[rows],
                "answer": counts.columns.astype(str)[columns],
                "times": times[rows, columns],
                "of this truth": [wording.percent(share) for share in of_truth],
            }
        ),
        right=("of this truth",),
    )


def exports(frame: pd.DataFrame) -> Markup:
    """Return a row per exported format."""
    return table(
        pd.DataFrame(
            {
                "format": frame["format"].astype(str),
                "size": [wording.size(n_bytes) for n_bytes in frame["size_bytes"]],
                "largest difference": [wording.number(value) for value in frame["difference"]],
                "takes": frame["takes"].astype(str),
            }
        ),
        right=("size", "largest difference"),
    )


def class_counts(counts: pd.DataFrame) -> Markup:
    """Return a row per class and a column per split, so that many classes run down the page."""
    turned = counts.T.rename(columns=lambda split: wording.level_name(str(split)))
    turned.insert(0, "class", turned.index.astype(str))
    return table(turned)


def broken(frame: pd.DataFrame) -> Markup:
    """Return a row per content that could not be read."""
    return table(frame[["content", "reason"]])
