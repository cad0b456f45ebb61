"""The report's part on the search: what else it considered where it was wrong."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from common.report import wording
from common.report.parts import table
from common.strategy.clusters import clusters
from common.strategy.intervals import mean

Table = pd.DataFrame

MOST = 10
"""Sentences in the table."""


def considered(rows: Table) -> Markup:
    """Return the hypotheses of the worst sentences, and how often the truth was among them.

    `rows`: the counted rows of a checked predictions table; those with an error are looked at.
    """
    wrong = rows[rows["error"] > 0]
    worst = wrong.sort_values(["error", "score"], ascending=False).head(MOST)
    records: list[Any] = worst.to_dict("records")
    shown = table(
        pd.DataFrame(
            {
                "source and truth": [_pair(row) for row in records],
                "hypotheses, with their scores": [_hypotheses(row) for row in records],
            }
        ),
        html=("source and truth", "hypotheses, with their scores"),
    )
    return _found(rows) + shown


def _found(rows: Table) -> Markup:
    """Return in how many of the inexact answers the truth came second or later."""
    inexact = rows[~rows["exact"].astype(bool)]
    if inexact.empty:
        return Markup("")
    kept = [[text for text, _ in json.loads(one)] for one in inexact["n_best"]]
    later = [truth in texts for texts, truth in zip(kept, inexact["truth"], strict=True)]
    share = mean([float(one) for one in later], groups=clusters(inexact))
    most = max(map(len, kept))
    if most < 2:
        return Markup('<p class="note">Only the best hypothesis of each sentence was kept.</p>')
    return Markup(
        '<p class="note">Of {} answers that are not the truth to the last character, {} have it'
        " among their best {} ({}; {}): there the network ranked it lower. The others lack it:"
        " their best {} were all something else. Below are the worst, surest first; a score is"
        " the log-probability divided by length to the power alpha.</p>"
    ).format(
        wording.whole(len(inexact)), wording.whole(sum(later)), most,
        wording.percent(share.value), wording.interval(share), most,
    )  # fmt: skip


def _pair(row: Mapping[str, Any]) -> Markup:
    return Markup("{}<br><span class='soft'>{}</span>").format(row["source"], row["truth"])


def _hypotheses(row: Mapping[str, Any]) -> Markup:
    lines = [
        Markup("<span class='soft'>{}</span> {}").format(
            wording.decimal(score, 2),
            Markup("<b>{}</b>").format(text) if text == row["truth"] else text,
        )
        for text, score in json.loads(row["n_best"])
    ]
    return Markup("<br>").join(lines)
