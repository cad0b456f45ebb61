"""The page as one string: no request leaves it, and it never outgrows 3 MB."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from common.report import charts, tables, wording
from common.report.content import Card, Part, ReportContent
from common.report.parts import table
from common.report.templating import asset, rendered
from common.strategy.results import Diagnosis

MOST_BYTES = 3_000_000
MOST_PART_BYTES = 1_500_000
MATRIX_CLASSES = 25
LIGHT_CONFUSION = 0.05
SHOWN_AT_ONCE = 12


@dataclass(frozen=True)
class Gallery:
    """Cards as HTML: the first few in view, the others folded; and how many did not fit."""

    shown: Sequence[Markup]
    folded: Sequence[Markup]
    dropped: int

    @property
    def size(self) -> int:
        """How many cards are on the page."""
        return len(self.shown) + len(self.folded)


def render(content: ReportContent) -> str:
    """Return the report: one HTML file of at most 3 MB.

    What is too much is left out - cards from the end of each gallery, parts over their share of
    the room - and the page says so.
    """
    parts, dropped_parts = _fitting_parts(content.parts)
    page = _Page(content, parts, dropped_parts)
    room = MOST_BYTES - len(page.html([[], [], []]).encode(errors="replace")) - 1_000
    decks = []
    for cards, tagged in (
        (content.errors, True),
        (content.confident_errors, False),
        (content.right_doubtful, False),
    ):
        deck = _fitting_cards(cards, tagged, content.has_truth, room)
        room -= sum(_bytes(card) for card in deck)
        decks.append(deck)
    # A file name that is no UTF-8 arrives with lone surrogates, which no file can hold.
    return page.html(decks).encode(errors="replace").decode()


class _Page:
    """The page's values, made once, and the page around any number of cards."""

    def __init__(self, content: ReportContent, parts: list[Part], dropped: list[str]) -> None:
        script = asset("page.js")
        digest = hashlib.sha256(script.encode()).digest()
        self.content = content
        self.values: dict[str, Any] = {
            "c": content,
            "css": asset("page.css"),
            "script": script,
            "script_hash": base64.b64encode(digest).decode(),
            "verdict": _verdict(content.diagnosis),
            "waterfall": charts.waterfall(content.diagnosis),
            "gap_table": tables.gaps(content.diagnosis),
            "cell_table": tables.six_cells(content.diagnosis.cells) if _has_target(content) else "",
            "slice_table": tables.slices(content.slices) if len(content.slices) else "",
            "matrix": _matrix(content.confusion),
            "confusion_table": _confusion_table(content.confusion),
            "measure_table": tables.measures(content.measures, content.plain_measures)
            if any(content.measures.values())
            else "",
            "curves": charts.curves(content.history) if len(content.history) > 1 else [],
            "epoch_table": _epoch_table(content.history),
            "export_table": tables.exports(content.exports) if len(content.exports) else "",
            "count_table": tables.class_counts(content.audit_counts)
            if content.audit_counts.size
            else "",
            "broken_table": tables.broken(content.broken) if len(content.broken) else "",
            "has_audit": bool(
                content.audit_lines or content.audit_counts.size or len(content.broken)
            ),
            "leading": [part for part in parts if part.leads],
            "parts": [part for part in parts if not part.leads],
            "dropped_parts": dropped,
        }

    def html(self, decks: Sequence[Sequence[Markup]]) -> str:
        """Return the page around the decks: errors, confident errors, doubtful right answers."""
        content = self.content
        errors, confident, doubtful = (
            Gallery(deck[:SHOWN_AT_ONCE], deck[SHOWN_AT_ONCE:], len(cards) - len(deck))
            for deck, cards in zip(
                decks,
                (content.errors, content.confident_errors, content.right_doubtful),
                strict=True,
            )
        )
        return rendered(
            "page.html", errors=errors, confident=confident, doubtful=doubtful, **self.values
        )


def _fitting_parts(parts: Sequence[Part]) -> tuple[list[Part], list[str]]:
    """Return the parts that fit in their share of the page, and the titles of the others."""
    kept: list[Part] = []
    dropped: list[str] = []
    room = MOST_PART_BYTES
    for part in parts:
        needed = _bytes(part.html)
        if needed <= room:
            kept.append(part)
            room -= needed
        else:
            dropped.append(part.title)
    return kept, dropped


def _fitting_cards(cards: Sequence[Card], tagged: bool, has_truth: bool, room: int) -> list[Markup]:
    """Return the first cards that fit: the head of a random sample is a random sample."""
    made: list[Markup] = []
    for number, card in enumerate(cards, start=1):
        html = rendered("card.html", card=card, number=number, tagged=tagged, has_truth=has_truth)
        room -= _bytes(html)
        if room < 0:
            break
        made.append(html)
    return made


def _bytes(text: str) -> int:
    return len(text.encode(errors="replace")) + 1


def _has_target(content: ReportContent) -> bool:
    """Return whether there is a second distribution, for which six cells are worth showing."""
    cells = content.diagnosis.cells.items()
    return any(cell is not None for (_, distribution), cell in cells if distribution == "target")


def _verdict(diagnosis: Diagnosis) -> Markup:
    """Return the verdict with the named problems in bold."""
    said = escape(diagnosis.verdict)
    for problem in diagnosis.problems:
        words = escape(wording.plain(problem))
        said = said.replace(words, Markup("<b>{}</b>").format(words))
    return said


def _matrix(counts: pd.DataFrame | None) -> list[tuple[str, list[tuple[str, int, float, bool]]]]:
    """Return, per truth, its cells: answer, count, shade in [0, 1], whether it is right.

    Right cells are shaded by their share of the truth; wrong ones against the commonest confusion,
    so that it stands out however good the model is.
    """
    if counts is None or len(counts) > MATRIX_CLASSES:
        return []
    times = counts.to_numpy()
    answers = [str(name) for name in counts.columns]
    correct = np.array([[answer == str(truth) for answer in answers] for truth in counts.index])
    shares = times / times.sum(axis=1, keepdims=True).clip(min=1)
    commonest = max(LIGHT_CONFUSION, shares[~correct].max(initial=0))
    shades = np.where(correct, shares, shares / commonest)
    return [
        (
            str(truth),
            [
                (answer, int(times[row, column]), float(shades[row, column]), right)
                for column, answer in enumerate(answers)
                for right in [bool(correct[row, column])]
            ],
        )
        for row, truth in enumerate(counts.index)
    ]


def _confusion_table(counts: pd.DataFrame | None) -> str:
    if counts is None or len(counts) <= MATRIX_CLASSES:
        return ""
    return tables.confusions(counts)


def _epoch_table(history: pd.DataFrame) -> str:
    """Return the numbers of a single epoch, where there is no curve to draw."""
    if len(history) != 1:
        return ""
    row = history.iloc[0]
    return table(
        pd.DataFrame(
            {
                "quantity": [wording.plain(name) for name in charts.quantities(history)],
                "train": [wording.number(row[name]) for name in charts.quantities(history)],
                "held out": [
                    wording.number(row[f"val_{name}"]) if f"val_{name}" in row else "–"
                    for name in charts.quantities(history)
                ],
            }
        ),
        right=("train", "held out"),
    )
