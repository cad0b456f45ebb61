"""Slips and misreadings of single words."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from projects.machine_translation.date_formats import LOCALES
from projects.machine_translation.slips import cased, misread, slipped, without_accents

LOOKS = str.maketrans({"o": "0", "l": "1", "i": "1", "z": "2", "s": "5", "b": "8", "g": "9"})


@given(st.from_regex(r"\A[0-9]{1,4}\Z"), st.integers(0, 100))
def test_misread_digits_can_be_undone_even_in_small_letters(number: str, seed: int) -> None:
    found = number
    for turn in range(4):
        found = misread(found, Random(seed + turn), number=True)
    assert found.lower().translate(LOOKS) == number


@given(st.text(max_size=12), st.sampled_from(LOCALES), st.integers(0, 100))
def test_a_slip_changes_the_length_by_one_at_most(word: str, locale: str, seed: int) -> None:
    found = slipped(word, locale, Random(seed))
    assert not found or abs(len(found) - len(word)) <= 1


def test_slips_of_every_kind_occur() -> None:
    found = {slipped("october", "en_US", Random(seed)) for seed in range(3000)}
    assert {"octber", "octtober", "ocotber", "octaber"} <= found


def test_words_without_accents() -> None:
    assert without_accents("décembre") == "decembre"
    assert without_accents("Μαΐου") == "Μαιου"
    assert without_accents("दिसंबर") == "दिसंबर"


def test_scripts_with_capitals() -> None:
    assert [cased(word) for word in ("août", "мая", "Μάιος", "مايو", "मई")] == [
        *(True, True, True, False, False),
    ]
