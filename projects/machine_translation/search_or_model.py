"""The report's part on wrong answers: did the search miss the truth, or did the model?"""

import pandas as pd
from markupsafe import Markup

from common.report import wording
from common.report.parts import table
from common.strategy.clusters import clusters
from common.strategy.intervals import mean
from common.strategy.results import Estimate
from projects.machine_translation.blame import BLAMES, MODEL, NORMALISATION, SEARCH, UNWRITABLE
from projects.machine_translation.settings import Search

Table = pd.DataFrame

_SHARE, _CEILING = "share of the wrong", "ceiling, points"
_ADVICE = {
    SEARCH: "the search missed the truth; look with a wider beam (search.beam, now {beam}), which"
    " takes longer",
    NORMALISATION: "the length normalisation put a longer answer before the likelier truth; set"
    " search.alpha, now {alpha:g}, lower, unless the model has hardly learned yet",
    MODEL: "the network itself prefers what it said, so a wider beam does not help; do what the"
    " diagnosis says",
    UNWRITABLE: "no answer can be the truth; raise data.target_length where it is too long, else"
    " the vocabulary lacks its pieces",
}
_OF_DATES = "A ceiling is what dev error can fall at most if that line is solved."
_OF_PAIRS = (
    "A reference is one of many right answers: what the network prefers to it need not be worse."
    " A line that is solved makes at most its n more of {} sentences exact; what that does to BLEU"
    " is not known before."
)


def search_or_model(rows: Table, search: Search) -> Markup:
    """Return what the wrong answers are to be laid on, with ceilings, and what to do about it.

    `rows`: the counted rows of a checked predictions table with `blame`; some are wrong. An answer
    is wrong that is not the truth to the last character; only dates have ceilings.
    """
    is_pair, is_wrong = bool((rows["part"] == "pair").any()), rows["blame"] != ""
    wrong = rows[is_wrong]
    lines = []
    for blame in BLAMES:
        is_mine = (rows["blame"] == blame).astype(float)
        share = mean(is_mine[is_wrong], wrong["weight"], clusters(wrong))
        line = {"to blame": blame, "n": int(is_mine.sum()), _SHARE: _with_interval(share)}
        if not is_pair:
            ceiling = mean(is_mine * rows["error"], rows["weight"])
            line[_CEILING] = wording.decimal(100 * ceiling.value)
        lines.append(line)
    shown = table(pd.DataFrame(lines), right=(_SHARE, _CEILING), html=(_SHARE,))
    return _advice(wrong, search) + shown + _how(wrong, len(rows), search, is_pair)


def _how(wrong: Table, n: int, search: Search, is_pair: bool) -> Markup:
    """Return how the table came about, and what it does not say."""
    meaning = _OF_PAIRS.format(wording.whole(n)) if is_pair else _OF_DATES
    return Markup(
        '<p class="note">{} of {} answers are not the truth to the last character. The network was'
        " asked for the probability of both. Where the truth scores higher than the answer, a"
        " search with beam {} missed it. Where only its log-probability is higher, dividing by"
        " length to the power alpha, {}, put the longer answer first. Everything else the network"
        " itself prefers, but for truths that have a piece it does not know, or too many. {}</p>"
    ).format(
        wording.whole(len(wrong)), wording.whole(n), search.beam, f"{search.alpha:g}", meaning
    )  # fmt: skip


def _advice(wrong: Table, search: Search) -> Markup:
    """Return the commonest case, and what to do about it."""
    counts = wrong["blame"].value_counts()
    most = max(BLAMES, key=lambda blame: counts.get(blame, 0))
    return Markup("<p>In {} of {} wrong answers {}.</p>").format(
        wording.whole(counts[most]),
        wording.whole(len(wrong)),
        _ADVICE[most].format(beam=search.beam, alpha=search.alpha),
    )


def _with_interval(found: Estimate) -> Markup:
    return Markup("{} <span class='soft'>({})</span>").format(
        wording.percent(found.value), wording.interval(found)
    )
