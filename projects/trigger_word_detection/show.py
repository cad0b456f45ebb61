"""How the report shows sound, and the room's own parts: what is missed, at which price, why."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from common.report.content import Card, Part
from common.report.templating import rendered
from projects.trigger_word_detection import excerpt
from projects.trigger_word_detection.causes import causes, said_before
from projects.trigger_word_detection.data import Assets, clip_audio
from projects.trigger_word_detection.grid import RATE
from projects.trigger_word_detection.settings import Settings
from projects.trigger_word_detection.trade import recorded_table, trade

Table = pd.DataFrame
Row = Mapping[str, Any]

MOST_CLIPS = 10
_KNOWN = {
    "attr.snr": "SNR {:.0f} dB",
    "attr.speaker": "voice {}",
    "attr.gap": "after {:.1f} s without a word",
    "attr.background": "{} behind",
}


def card(row: Row, settings: Settings) -> Card:
    """Return the spectrogram around the moment with its scores, and what was answered."""
    return _card(row, settings, width=192, with_sound=False)


def parts(units: Table, predictions: Table, assets: Assets, settings: Settings) -> tuple[Part, ...]:
    """Return misses against false accepts, what causes these, and some errors to listen to."""
    by_unit = dict(tuple(predictions.groupby("unit")))
    made = []
    if "event" in by_unit and "stretch" in by_unit:
        made.append(Part("Misses against false accepts", trade(predictions, assets, settings)))
        about = causes(by_unit["event"], by_unit["stretch"], assets.word, assets.tolerance)
        made.append(Part("What sets it off, and how soon it hears", about))
    alone = predictions[predictions["unit"].isin(["recorded", "recorded_stretch"])]
    if len(alone):
        made.append(Part("Each recording alone", recorded_table(alone)))
    if (predictions["error"] > 0).any():
        made.append(Part("Listen to what it got wrong", _clips(predictions, settings)))
    return tuple(made)


def _clips(predictions: Table, settings: Settings) -> Markup:
    """Return the surest misses and false accepts, half of each where there are enough."""
    wrong = predictions[predictions["error"] > 0].sort_values("score", ascending=False)
    is_miss = wrong["truth"] == "activate"
    rank = wrong.groupby(is_miss.to_numpy()).cumcount()
    chosen = wrong.loc[rank.sort_values(kind="stable").index[:MOST_CLIPS]]
    rows: list[Any] = chosen.sort_values("truth", kind="stable").to_dict("records")
    cards = [_card(row, settings, width=300, with_sound=True) for row in rows]
    figures = [
        rendered("card.html", card=one, number=number, tagged=False)
        for number, one in enumerate(cards, start=1)
    ]
    return Markup(
        '<p class="note">The misses and the false accepts the model is surest of; no random'
        " sample. Filled bars are “{}”, hollow ones other words; the line is the score from 0 to"
        ' 1, a dot a detection. All are raised to the same level.</p><div class="gallery" style="'
        'grid-template-columns:repeat(auto-fill,minmax(min(270px,100%),1fr))">{}</div>'
    ).format(settings.data.word, Markup("\n").join(figures))


def _card(row: Row, settings: Settings, width: int, with_sound: bool) -> Card:
    tolerance, word = settings.detector.tolerance, settings.data.word
    begin, end = excerpt.span(row, tolerance)
    audio = clip_audio(row, settings)[int(begin * RATE) : int(end * RATE)]
    alt = f"spectrogram of seconds {begin:.1f} to {end:.1f}"
    media = excerpt.view(row, audio, (begin, end), alt, width)
    is_saying = row["truth"] == "activate"
    return Card(
        media=media + excerpt.playable(audio) if with_sound else media,
        answer=_of_saying(row) if is_saying else _of_stretch(row, tolerance, word),
        truth=f"is “{word}”" if is_saying else f"is no “{word}”",
        detail=_known(row),
    )


def _of_saying(row: Row) -> str:
    if row["error"]:
        return f"missed, highest score {1 - row['score']:.2f}"
    return f"heard {row['latency']:+.2f} s from its end, {row['score']:.2f}".replace("-", "−")


def _of_stretch(row: Row, tolerance: float, word: str) -> str:
    if not row["false_accepts"]:
        return f"nothing heard, highest score {1 - row['score']:.2f}"
    at = excerpt.moment(row, tolerance)
    before = said_before(row, at, word)
    after = f", after “{before.word}”" if before.word else ""
    return f"false accept at {at:.2f} s, {excerpt.score_at(row, at):.2f}{after}"


def _known(row: Row) -> str:
    """Return what is known of a unit in a line; what is unknown is left out."""
    known = {name: row.get(name) for name in _KNOWN}
    words = [
        _KNOWN[name].format(one).replace("-", "−") if isinstance(one, float)
        else _KNOWN[name].format(one)
        for name, one in known.items()
        if one is not None and one == one and one != ""
    ]  # fmt: skip
    more = row["false_accepts"] - 1
    return ", ".join([*words, f"and {more} more in this clip"] if more > 0 else words)
