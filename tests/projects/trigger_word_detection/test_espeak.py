"""espeak's voices: distinct, complete, and honest about what they cannot say."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from projects.trigger_word_detection import espeak
from projects.trigger_word_detection.embedded import examples as embedded_examples
from projects.trigger_word_detection.grid import RATE
from projects.trigger_word_detection.settings import Data, Voices

extra = pytest.mark.skipif(
    not espeak.installed(), reason="needs the extra: pip install -e '.[speech]'"
)


def table(
    seed: int = 0,
    shifted: bool = False,
    word: str = "activate",
    language: str = "en",
    number: int = 8,
    takes: int = 2,
    negatives: int = 4,
) -> pd.DataFrame:
    voices = Voices(number=number, takes=takes, negatives=negatives, language=language)
    return espeak.examples(Data(word=word, voices=voices), seed, shifted)


@pytest.fixture
def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak.importlib.util, "find_spec", lambda name: None)
    espeak._library.cache_clear()


def test_without_the_extra_the_command_is_said(without_the_extra: None) -> None:
    assert not espeak.installed()
    with pytest.raises(UserError, match=r"pip install -e '\.\[speech\]'"):
        table()


def test_asking_whether_it_is_installed_loads_nothing(command, tmp_path) -> None:  # type: ignore[no-untyped-def]
    code = (
        "import sys\n"
        "from projects.trigger_word_detection import espeak\n"
        "espeak.installed()\n"
        "print('espeakng_loader' in sys.modules, 'soxr' in sys.modules)"
    )
    assert command("-c", code, cwd=tmp_path).stdout.split() == ["False", "False"]


@extra
def test_the_table_has_the_columns_of_the_generated_voices() -> None:
    rows = table()
    assert set(rows) == set(embedded_examples(Data(), 0))
    assert len(rows) == 8 * 6
    assert rows["example_id"].is_unique
    assert rows["content"].is_unique
    assert rows["group"].nunique() == 8
    assert (rows["label"] == "activate").sum() == 16
    assert rows[rows["label"] == "negative"]["attr.near_miss"].mean() == 0.5
    pd.testing.assert_frame_equal(table(number=4), rows.head(24))


@extra
def test_hundreds_of_voices_are_distinct() -> None:
    rows = table(number=400, takes=1, negatives=2)
    assert rows["attr.speaker"].nunique() > 390
    assert rows["group"].nunique() == 78
    assert table(number=300, takes=1, negatives=2, language="de")["attr.speaker"].nunique() > 250


@extra
def test_shifted_voices_are_other_voices() -> None:
    general, shifted = table(number=60), table(number=60, shifted=True)
    assert not set(general["group"]) & set(shifted["group"])
    assert not set(general["content"]) & set(shifted["content"])


@extra
def test_words_are_whole_audible_and_never_clipped() -> None:
    rows = table(number=40, takes=1, negatives=2)
    peaks = []
    for row in rows.to_dict("records"):
        sound = espeak.waveform(row)
        assert sound.dtype == np.float32
        assert np.isfinite(sound).all()
        peaks.append(np.abs(sound).max())
        # Its end is silence, so nothing was cut off.
        assert np.abs(sound[-80:]).max() < 0.12 * peaks[-1], row["attr.speaker"]
        heard = np.flatnonzero(np.abs(sound) > 0.02 * peaks[-1])
        assert 0.1 < (heard[-1] - heard[0]) / RATE < 2
    assert min(peaks) > 0.02
    assert max(peaks) < 0.999


@extra
def test_voices_differ_and_a_row_is_spoken_again_nearly_alike() -> None:
    rows = table(number=20, takes=1, negatives=2)
    rows = rows[rows["label"] == "activate"]
    energies = []
    for row in [*rows.to_dict("records"), *rows.to_dict("records")]:
        power = np.abs(np.fft.rfft(espeak.waveform(row), 40_000)) ** 2
        bands = np.log(np.add.reduceat(power[:19_600], np.arange(0, 19_600, 400)) + 1e-9)
        energies.append(bands - bands.mean())
    likeness = np.corrcoef(energies)
    again = np.diag(likeness[20:, :20])
    assert (likeness[20:, :20].argmax(axis=1) == np.arange(20)).all()
    assert again.min() > 0.9


@extra
def test_what_is_pronounced_like_the_word_is_no_near_miss() -> None:
    speech = espeak._library()
    own = speech.phonemes("seven", "gmw/en")
    rows = table(word="seven", number=4, negatives=40)
    said = rows[rows["label"] == "negative"]["attr.word"].unique()
    assert all(speech.phonemes(text, "gmw/en") != own for text in said)
    assert speech.phonemes("right", "gmw/en") == speech.phonemes("write", "gmw/en")


@extra
@pytest.mark.parametrize("language", ["zz", "english", "", "en_US", "!"])
def test_an_unknown_language_is_one_line(language: str) -> None:
    with pytest.raises(UserError, match="does not speak") as caught:
        table(language=language)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@extra
@pytest.mark.parametrize("language", ["en", "en-gb", "EN-US", "de", "fr", "es", "cmn"])
def test_languages_are_known_by_their_codes(language: str) -> None:
    rows = table(language=language, number=3)
    assert np.abs(espeak.waveform(rows.iloc[0])).max() > 0.02


@extra
def test_a_voice_that_is_not_there_is_not_replaced_by_the_last() -> None:
    row = table().iloc[0].to_dict()
    with pytest.raises(UserError, match="no voice"):
        espeak.waveform({**row, "content": "espeak:gmw/en+nobody@50:0.0:activate:0"})
    assert np.abs(espeak.waveform(row)).max() > 0.02


@extra
@pytest.mark.parametrize("word", ["", "?!", "..."])
def test_a_word_that_cannot_be_said_is_one_line(word: str) -> None:
    with pytest.raises(UserError, match=r"data\.word"):
        table(word=word)


@extra
def test_threads_do_not_mix_their_words() -> None:
    rows = table(number=6).to_dict("records")
    alone = [len(espeak.waveform(row)) for row in rows]
    with ThreadPoolExecutor(4) as pool:
        together = [len(sound) for sound in pool.map(espeak.waveform, rows * 3)]
    # The same row has not quite the same number of samples each time.
    np.testing.assert_allclose(together, alone * 3, rtol=0.05)
    assert len(set(alone)) > 20


@extra
def test_the_library_is_loaded_once() -> None:
    assert espeak._library() is espeak._library()
    assert "espeakng_loader" in sys.modules
