"""Texts beside the word: enough of them in any script, and never the word itself."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import UserError
from projects.trigger_word_detection.near_misses import OTHER_WORDS, near_misses, others, sayings
from projects.trigger_word_detection.settings import Data, Voices

letters = st.text(st.characters(categories=("Lu", "Ll", "Lo")), min_size=2, max_size=12)


def plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower()).replace(" ", "")


def spelled(text: str) -> tuple[str]:
    return (plain(text),)


@given(letters)
def test_any_word_has_at_least_four_that_are_not_the_word(word: str) -> None:
    found = near_misses(word)
    assert 4 <= len(found) <= 16
    assert len({plain(text) for text in found}) == len(found)
    assert all(text.strip() == text != "" and plain(word) not in plain(text) for text in found)
    assert found == near_misses(word)


def test_they_are_parts_of_the_word_and_the_word_with_other_letters() -> None:
    found = near_misses("activate")
    assert {"activ", "ivate", "ectoveti", "acate"} <= set(found)
    assert not {"activat", "ictivate"} & set(found), "people would answer to these"
    assert {"hey", "computer", "hey com"} <= set(near_misses("Hey, computer!"))
    assert {"bot", "pet"} <= set(near_misses("bet")), "a short word changes with every letter"
    assert {"日", "本", "本日"} <= set(near_misses("日本"))


def test_no_letter_loses_its_marks() -> None:
    assert all(not unicodedata.combining(text[0]) for text in near_misses("नमस्ते"))


def test_other_words_are_many_and_of_many_lengths() -> None:
    assert len(set(OTHER_WORDS)) == len(OTHER_WORDS) >= 55
    lengths = [len(word) for word in OTHER_WORDS]
    assert min(lengths) <= 2
    assert max(lengths) >= 14


def test_what_sounds_like_the_word_or_holds_it_is_left_out() -> None:
    texts = others("right", spelled)
    assert "right" not in texts.far
    assert "right now" not in texts.far
    assert "bright" not in texts.near
    none = others("activate", lambda text: ("the same for all",))
    assert none.near == none.far == ()


@pytest.mark.parametrize("word", ["", " ", "!?", "..."])
def test_a_word_without_a_letter_is_one_line(word: str) -> None:
    with pytest.raises(UserError, match=r"data\.word"):
        others(word, spelled)


def test_a_voice_says_the_word_and_others_of_which_half_are_near_misses() -> None:
    data = Data(word="activate", voices=Voices(takes=3, negatives=12))
    said = sayings(data, others("activate", spelled), np.random.default_rng(0))
    assert [one.take for one in said if one.label == "activate"] == [0, 1, 2]
    rest = [one for one in said if one.label == "negative"]
    assert len(rest) == 12
    assert sum(one.near_miss for one in rest) == 6
    assert len({one.text for one in rest}) == 12


def test_more_others_than_there_are_texts_are_said_again() -> None:
    data = Data(word="go", voices=Voices(takes=1, negatives=200))
    said = sayings(data, others("go", spelled), np.random.default_rng(0))
    assert len({(one.text, one.take) for one in said}) == len(said) == 201
