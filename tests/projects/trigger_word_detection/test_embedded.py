"""The generated voices: stable rows, reproducible sound, words that are told apart."""

import hashlib
import subprocess
import sys
import time
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from common.errors import UserError
from projects.trigger_word_detection.embedded import LEVEL, LONGEST, SHORTEST, examples, waveform
from projects.trigger_word_detection.grid import RATE
from projects.trigger_word_detection.phonemes import SEGMENTS, phonemes
from projects.trigger_word_detection.settings import Data, Voices

COLUMNS = {
    *("example_id", "label", "group", "content", "split", "attr.word", "attr.speaker"),
    *("attr.near_miss", "attr.seconds", "attr.kind", "attr.pitch", "attr.rate"),
}


def table(
    seed: int = 0,
    shifted: bool = False,
    word: str = "activate",
    number: int = 8,
    takes: int = 2,
    negatives: int = 4,
) -> pd.DataFrame:
    voices = Voices(number=number, takes=takes, negatives=negatives)
    return examples(Data(word=word, voices=voices), seed, shifted)


def spectrogram(
    sound: NDArray[np.float32], bands: int = 24, times: int = 32
) -> NDArray[np.float64]:
    """Log energies on a scale like the ear's, stretched to one length: a unit vector."""
    windows = np.lib.stride_tricks.sliding_window_view(sound, 400)[::160] * np.hanning(400)
    power = np.abs(np.fft.rfft(windows, 512)) ** 2
    edges = np.unique(np.geomspace(4, 257, bands + 1).astype(int))
    energy = np.log(np.add.reduceat(power, edges[:-1], axis=1) + 1e-4)
    where = np.linspace(0, len(energy) - 1, times)
    resampled = np.array([np.interp(where, np.arange(len(energy)), band) for band in energy.T])
    resampled -= resampled.mean() + 0.7 * (resampled.mean(axis=1, keepdims=True))
    return resampled.ravel() / np.linalg.norm(resampled)


def test_the_table_says_who_says_what() -> None:
    rows = table(number=5, takes=3, negatives=6)
    assert set(rows) == COLUMNS
    assert len(rows) == 5 * 9
    assert rows["example_id"].is_unique
    assert rows["content"].is_unique
    assert rows["group"].nunique() == rows["attr.speaker"].nunique() == 5
    assert (rows["attr.word"] == "activate").equals(rows["label"] == "activate")
    negatives = rows[rows["label"] == "negative"]
    assert negatives["attr.near_miss"].mean() == 0.5
    assert not rows[rows["label"] == "activate"]["attr.near_miss"].any()
    assert set(table(number=40)["attr.pitch"]) == {"low", "middle", "high"}


@given(few=st.integers(3, 6), more=st.integers(0, 4), seed=st.integers(-(2**31), 2**31))
@settings(max_examples=10)
def test_more_voices_keep_the_earlier_rows(few: int, more: int, seed: int) -> None:
    short, long = table(seed, number=few), table(seed, number=few + more)
    pd.testing.assert_frame_equal(long.head(len(short)), short)


def test_ids_and_voices_are_unique_over_seeds_and_distributions() -> None:
    rows = pd.concat([table(seed, shifted) for seed in (1, 11) for shifted in (False, True)])
    assert rows["example_id"].is_unique
    assert rows["content"].is_unique
    assert rows["group"].nunique() == 4 * 8


def test_another_process_says_the_same() -> None:
    code = (
        "import hashlib\n"
        "from projects.trigger_word_detection.embedded import examples, waveform\n"
        "from projects.trigger_word_detection.settings import Data, Voices\n"
        "voices = Voices(number=8, takes=2, negatives=4)\n"
        "rows = examples(Data(voices=voices), 3).to_dict('records')\n"
        "print(hashlib.sha256(b''.join(waveform(r).tobytes() for r in rows)).hexdigest())\n"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rows = table(3).to_dict("records")
    # The order does not matter either.
    sounds = {row["example_id"]: waveform(row) for row in reversed(rows)}
    here = hashlib.sha256(b"".join(sounds[row["example_id"]].tobytes() for row in rows))
    assert here.hexdigest() == there.stdout.strip()


@pytest.mark.parametrize("shifted", [False, True])
def test_a_word_has_its_stated_length_and_level(shifted: bool) -> None:
    for row in table(number=20, shifted=shifted, word="hey computer").to_dict("records"):
        sound = waveform(row)
        assert sound.dtype == np.float32
        assert len(sound) == round(row["attr.seconds"] * RATE)
        assert SHORTEST <= row["attr.seconds"] <= LONGEST
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() <= 1
        assert np.sqrt(np.mean(sound**2)) == pytest.approx(LEVEL, rel=0.2)


def test_no_word_begins_or_ends_in_silence() -> None:
    for row in table(number=30).to_dict("records"):
        sound = np.abs(waveform(row))
        loud = np.flatnonzero(sound > 0.02 * sound.max())
        assert loud[0] < 0.02 * RATE, row["attr.word"]
        assert len(sound) - loud[-1] < 0.025 * RATE, row["attr.word"]


@given(st.text(min_size=1, max_size=30))
@settings(max_examples=200)
def test_any_text_with_a_letter_can_be_said(word: str) -> None:
    assume(any(unicodedata.category(character) in ("Lu", "Ll", "Lo", "Nd") for character in word))
    assert set(phonemes(word)) <= set(SEGMENTS)
    row = table(word=word, number=3, takes=1, negatives=2).iloc[0]
    sound = waveform(row)
    assert SHORTEST * RATE <= len(sound) <= LONGEST * RATE
    assert np.isfinite(sound).all()
    assert np.sqrt(np.mean(sound**2)) > 0.03


@pytest.mark.parametrize("word", ["", "?!", "--", "\u0301"])
def test_a_word_without_a_letter_is_one_line(word: str) -> None:
    with pytest.raises(UserError, match=r"data\.word") as caught:
        table(word=word)
    assert "\n" not in str(caught.value)


def test_letters_become_the_sounds_one_expects() -> None:
    assert phonemes("Activate") == "aktivat"
    assert phonemes("she") == "Se"
    assert phonemes("hey,  computer") == "hE komput3"
    assert phonemes("über") == phonemes("uber")
    assert phonemes("привет") == phonemes("privet")
    assert len({phonemes(word) for word in ("日本", "日木", "本日", "ひとつ", "नमस्ते")}) == 5


@pytest.mark.parametrize("word", ["activate", "seven", "hey computer"])
def test_a_word_by_two_voices_is_nearer_than_two_words_by_one(word: str) -> None:
    """Nearly always for other words, usually even for near-misses."""
    rows = table(word=word, number=16, takes=1, negatives=8)
    sounds = np.array([spectrogram(waveform(row)) for row in rows.to_dict("records")])
    likeness, says = sounds @ sounds.T, (rows["label"] == "activate").to_numpy()
    near = rows["attr.near_miss"].to_numpy()
    groups = rows["group"].to_numpy()
    nearer: dict[bool, list[bool]] = {True: [], False: []}
    for one in np.flatnonzero(says):
        same = likeness[one, says & (groups != groups[one])]
        for other in np.flatnonzero(~says & (groups == groups[one])):
            nearer[bool(near[other])] += list(same > likeness[one, other])
    assert np.mean(nearer[False]) > 0.98
    assert np.mean(nearer[True]) > 0.7


def test_a_voice_varies_from_take_to_take() -> None:
    rows = table(number=3, takes=4)
    sounds = [waveform(row) for row in rows[rows["label"] == "activate"].to_dict("records")]
    assert len({len(sound) for sound in sounds}) > 8


def test_shifted_voices_are_of_another_region() -> None:
    general, shifted = table(number=40), table(number=40, shifted=True)
    assert set(shifted["attr.pitch"]) == {"low", "high"}
    spread = [rows.groupby("group")["attr.rate"].mean() for rows in (general, shifted)]
    assert not spread[1].between(0.85, 1.2).any()
    assert spread[0].between(0.7, 1.45).all()


def test_a_thousand_words_take_seconds() -> None:
    rows = table(number=20).to_dict("records")
    waveform(rows[0])
    start = time.process_time()
    for row in rows:
        waveform(row)
    assert (time.process_time() - start) / len(rows) < 0.012
