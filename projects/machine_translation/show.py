"""How the report shows translations, and the room's own parts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from common.report import wording
from common.report.content import Card, Part
from common.report.templating import rendered
from projects.machine_translation import alignment, summary
from projects.machine_translation.alignment_map import drawn, glossed
from projects.machine_translation.considered import considered
from projects.machine_translation.evaluate import is_of_dates, metrics
from projects.machine_translation.lengths import by_length
from projects.machine_translation.search_or_model import search_or_model
from projects.machine_translation.settings import Settings

if TYPE_CHECKING:
    from projects.machine_translation.data import Assets

Table = pd.DataFrame
Row = Mapping[str, Any]

MOST_MAPS = 4
"""Alignments of right sentences, and as many of wrong ones."""
_OF_CARDS = " In the cards above, over each word stands the source word it looked at most."


def card(row: Row, settings: Settings) -> Card:
    """Return the source, where each of its words was looked at, and the answer."""
    found = _seen(row)
    if found.is_empty:
        seen = Markup("")
    elif row["part"] == "pair":
        seen = glossed(found)
    else:
        seen = _map(row, alignment.by_source_words(found), turned=True)
    media = Markup('<div style="padding:6px 8px;font-size:13px">{}{}</div>')
    return _card(row, media.format(row["source"], seen))


def parts(
    units: Table, predictions: Table, assets: "Assets", settings: Settings
) -> tuple[Part, ...]:
    """Return how it does on what, at which length, where it looks, and why it errs."""
    measures = metrics(assets, settings)
    counted = predictions[predictions["unit"] == measures[0].unit].reset_index(drop=True)
    made = [
        Part("Noisy, clean, held out", summary.dates(predictions))
        if is_of_dates(settings)
        else Part("BLEU and chrF", summary.corpus(counted, measures)),
        Part("By length", by_length(counted, measures[0]) + summary.truncated(counted, assets)),
    ]
    maps = _maps(counted)
    if maps:
        made.append(Part("Where it looks", maps))
    if "blame" in counted and (counted["blame"] != "").any():
        part = search_or_model(counted, settings.search)
        made.append(Part("Search or model?", part))
    if (counted["error"] > 0).any():
        made.append(Part("What else it considered", considered(counted)))
    return tuple(made)


def _maps(rows: Table) -> Markup:
    """Return alignments of some right and some wrong sentences; nothing without attention."""
    found = rows[[not alignment.unpacked(one).is_empty for one in rows["attention"]]]
    if found.empty:
        return Markup("")
    graded = not set(found["error"]) <= {0.0, 1.0}
    low, high = found["error"].quantile([0.25, 0.75]) if graded else (0.0, 1.0)
    chosen = {
        "The worse quarter" if graded else "Wrong": found[found["error"] >= high],
        "The better quarter" if graded else "Right": found[found["error"] <= low],
    }
    galleries = [
        Markup("<h3>{}</h3>{}").format(title, _gallery(some))
        for title, some in chosen.items()
        if len(some)
    ]
    note = Markup(
        '<p class="note">A column for each {0} of the source, a row for each {0} of the answer; the'
        " stronger the colour, the more it looked there. Drawn by lot, not by looks.{1}</p>"
    ).format(*("word", _OF_CARDS) if graded else ("character", " Wrong characters are bold."))
    return note + Markup("").join(galleries)


def _gallery(rows: Table) -> Markup:
    """Return a few sentences, in the order of their ids: these are hashes, so by lot."""
    some: list[Any] = rows.sort_values("example_id").head(MOST_MAPS).to_dict("records")
    padded = Markup('<div style="padding:6px 8px">{}</div>')
    cards = [_card(row, padded.format(_map(row, _seen(row)))) for row in some]
    figures = [rendered("card.html", card=one, number=0, tagged=False) for one in cards]
    return Markup(
        '<div class="gallery" style="grid-template-columns:'
        'repeat(auto-fill,minmax(min(400px,100%),1fr))">{}</div>'
    ).format(Markup("\n").join(figures))


def _seen(row: Row) -> alignment.Alignment:
    """Return where a translation looked: a date's characters, another sentence's words."""
    found = alignment.unpacked(row["attention"])
    return alignment.by_words(found) if row["part"] == "pair" else found


def _map(row: Row, found: alignment.Alignment, turned: bool = False) -> Markup:
    wrong = () if row["part"] == "pair" else _wrong(str(row["truth"]), found)
    label = f"attention of “{row['prediction']}” to “{row['source']}”"
    return drawn(found, label, turned=turned, wrong=wrong)


def _wrong(truth: str, found: alignment.Alignment) -> list[int]:
    """Return the places of the characters that are not the truth's."""
    meant = [*truth, alignment.END_SHOWN]
    return [at for at, piece in enumerate(found.target) if piece not in meant[at : at + 1]]


def _card(row: Row, media: Markup) -> Card:
    return Card(
        media=media,
        answer=str(row["prediction"]) or "nothing",
        truth=f"is {row['truth']}",
        detail=_known(row),
    )


def _known(row: Row) -> str:
    """Return what is known of a sentence in a line; what is not worth a word is left out."""
    known = [f"score {wording.decimal(float(row['score']), 2)}"]
    if row["part"] == "pair":
        known.append(f"chrF {100 * (1 - row['error']):.0f}")
    known += [
        str(row[name])
        for name in ("attr.locale", "attr.format")
        if isinstance(row.get(name), str) and row[name]
    ]
    doubt = row.get("attr.ambiguous", "no")
    if doubt in summary.DOUBTS and doubt != "no":
        known.append(summary.DOUBTS[doubt])
    if row["truncated"]:
        known.append("source cut")
    return ", ".join(known)
