"""The report's cards and parts: small, escaped, playable, and true to planted clips."""

import base64
import io
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile
from markupsafe import Markup
from PIL import Image

from common.strategy.predictions import checked
from projects.trigger_word_detection import excerpt, show
from projects.trigger_word_detection.causes import NOTHING, Trigger, said_before
from projects.trigger_word_detection.evaluate import Calibration, decide
from projects.trigger_word_detection.grid import CLIP, RATE
from projects.trigger_word_detection.settings import Settings
from tests.projects.trigger_word_detection.planted import ASSETS, peaked, units

HOSTILE = "<script>alert(1)</script>"
FIELDS = Settings()

CLIPS = [[(3.0, 3.6)], [(3.0, 3.6)], [(0.2, 0.7)], []] * 6
SAID = [[], [(6.0, 6.5, HOSTILE, True)], [(6.0, 6.5, "seven", False)], []] * 6
PEAKS = [[(3.8, 0.9)], [(3.8, 0.3), (6.72, 0.97)], [(9.9, 0.8)], []] * 6


def _noise(row: Any, settings: Settings) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.05, CLIP).astype(np.float32)


@pytest.fixture(autouse=True)
def _sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "clip_audio", _noise)


def _decided() -> pd.DataFrame:
    table = units(CLIPS, SAID)
    scores = peaked(table, PEAKS, length=3)
    return checked(decide(scores, table, ASSETS, Calibration(threshold=0.5)))


PREDICTIONS = _decided()


def _row(example: str) -> dict[str, Any]:
    found: list[Any] = PREDICTIONS[PREDICTIONS["example_id"] == example].to_dict("records")
    return found[0]


def test_a_missed_saying_says_how_near_it_was() -> None:
    found = show.card(_row("c1/0"), FIELDS)
    assert found.answer == "missed, highest score 0.30"
    assert found.truth == "is “activate”"
    assert found.detail == "SNR 3 dB, voice v1, after 3.0 s without a word, rain behind"


def test_a_hit_says_when_it_was_heard() -> None:
    assert show.card(_row("c0/0"), FIELDS).answer == "heard +0.20 s from its end, 0.90"


def test_a_false_accept_names_the_word_before() -> None:
    found = show.card(_row("c1"), FIELDS)
    assert found.answer == f"false accept at 6.72 s, 0.97, after “{HOSTILE}”"
    assert found.truth == "is no “activate”"
    assert show.card(_row("c2"), FIELDS).answer == "false accept at 9.92 s, 0.80"


def test_a_right_stretch_says_how_near_it_was() -> None:
    assert show.card(_row("c3"), FIELDS).answer == "nothing heard, highest score 0.00"


@pytest.mark.parametrize("example", ["c0/0", "c1/0", "c2/0", "c1", "c2", "c3"])
def test_a_card_is_small_and_as_large_as_the_others(example: str) -> None:
    media = show.card(_row(example), FIELDS).media
    assert isinstance(media, Markup)
    assert len(media) < 10_000
    data = re.search(r"base64,([^\"]+)", media)
    assert data
    with Image.open(io.BytesIO(base64.b64decode(data[1]))) as shown:
        assert shown.size == (192, 96)


def test_what_is_shown_surrounds_the_moment() -> None:
    assert excerpt.span(_row("c0/0"), 0.6) == pytest.approx((1.5, 4.6))
    assert excerpt.span(_row("c2/0"), 0.6) == pytest.approx((0.0, 1.7))
    assert excerpt.span(_row("c1"), 0.6) == pytest.approx((5.22, 7.72))
    assert excerpt.span(_row("c2"), 0.6) == pytest.approx((8.42, 10.0))


def test_the_word_before_began_before_and_ended_just_before() -> None:
    row = _row("c1")
    assert said_before(row, 6.2, "activate") == Trigger(HOSTILE, "near-miss")
    assert said_before(row, 7.5, "activate") == Trigger(HOSTILE, "near-miss")
    assert said_before(row, 7.6, "activate") == NOTHING
    assert said_before(row, 4.4, "activate") == Trigger("activate", "itself")
    assert said_before(row, 1.0, "activate") == NOTHING


def test_the_parts_are_small_and_escaped() -> None:
    made = show.parts(PREDICTIONS, PREDICTIONS, ASSETS, FIELDS)
    assert [part.title.split()[0] for part in made] == ["Misses", "What", "Listen"]
    text = "".join(part.html for part in made)
    assert len(text.encode()) < 800_000
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"\bnan\b", re.sub('base64,[^"]+', "", text))
    assert text.count("<audio") == show.MOST_CLIPS
    assert text.count("missed, highest") == text.count("false accept at") == 5


def test_the_trade_is_stated_with_its_hours() -> None:
    """Twelve of 18 words were missed in four minutes, with twelve false accepts."""
    trade, causes, _ = show.parts(PREDICTIONS, PREDICTIONS, ASSETS, FIELDS)
    assert "66.7\u00a0% missed" in trade.html
    assert "none seen" in trade.html
    assert "that never fires" in trade.html
    assert "every near-miss" in causes.html


def test_sound_is_playable_again() -> None:
    rand = np.random.default_rng(0)
    audio = (0.01 * rand.normal(0, 1, 3 * RATE)).astype(np.float32)
    data = re.search(r"data:audio/(\w+);base64,([^\"]+)", excerpt.playable(audio))
    assert data
    heard, rate = soundfile.read(io.BytesIO(base64.b64decode(data[2])))
    assert rate == RATE
    assert len(heard) / rate == pytest.approx(3, abs=0.1)
    assert 0.5 < np.abs(heard).max() <= 1
    assert len(data[2]) < 40_000


@pytest.mark.parametrize(("missing", "kind"), [(("MP3",), "ogg"), (("MP3", "OGG"), "wav")])
def test_without_an_encoder_another_is_used(
    missing: tuple[str, ...], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = soundfile.write

    def refusing(*words: Any, format: str, **named: Any) -> None:
        if format in missing:
            raise ValueError(f"Unknown format: {format!r}")
        write(*words, format=format, **named)

    monkeypatch.setattr(soundfile, "write", refusing)
    assert f"data:audio/{kind};" in excerpt.playable(np.zeros(RATE, np.float32))


@pytest.mark.parametrize("audio", [np.zeros(RATE), np.zeros(0), np.ones(1)])
def test_silence_and_next_to_nothing_are_drawn(audio: np.ndarray) -> None:
    assert excerpt.spectrogram(audio, 50).shape == (96, 50, 3)


def test_a_tone_is_drawn_where_it_is() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    brightness = excerpt.spectrogram(tone, 50).sum(axis=2)[:, 25].astype(float)
    mel = np.log([1 + 60 / 700, 1 + 1000 / 700, 1 + 7600 / 700])
    height = 96 * (mel[2] - mel[1]) / (mel[2] - mel[0])
    assert brightness.argmax() == pytest.approx(height, abs=3)


def test_a_run_without_errors_has_nothing_to_listen_to() -> None:
    right = PREDICTIONS[PREDICTIONS["error"] == 0].reset_index(drop=True)
    made = show.parts(right, right, ASSETS, FIELDS)
    assert len(made) == 2
    assert "Not one false accept" in made[1].html


def test_nothing_hit_is_said() -> None:
    missed = PREDICTIONS[(PREDICTIONS["error"] == 1) | (PREDICTIONS["unit"] == "stretch")]
    assert "Nothing was hit" in show.parts(missed, missed, ASSETS, FIELDS)[1].html


def test_recordings_alone_have_a_part_of_their_own() -> None:
    alone = PREDICTIONS.assign(
        unit=PREDICTIONS["unit"].map({"event": "recorded", "stretch": "recorded_stretch"})
    )
    made = show.parts(alone, alone, ASSETS, FIELDS)
    assert made[0].title == "Each recording alone"
    assert "of the word: missed" in made[0].html
    assert "others: accepted" in made[0].html
