"""Days in words."""

from random import Random

from projects.machine_translation.number_words import english_ordinal, kanji, suffix, with_suffix


def test_ordinals_in_words() -> None:
    words = [english_ordinal(day) for day in range(1, 32)]
    assert len(set(words)) == 31
    assert words[2] == "third"
    assert words[11] == "twelfth"
    assert words[19:23] == ["twentieth", "twenty-first", "twenty-second", "twenty-third"]
    assert words[29:] == ["thirtieth", "thirty-first"]


def test_ordinals_in_digits_are_mostly_right() -> None:
    assert [suffix(day) for day in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 31)] == [
        *("st", "nd", "rd", "th", "th", "th", "th", "st", "nd", "rd", "st"),
    ]
    found = [with_suffix(21, Random(seed)) for seed in range(500)]
    assert set(found) == {"21st", "21th", "21nd", "21rd"}
    assert found.count("21st") > 350


def test_chinese_numerals() -> None:
    assert kanji("2018", digitwise=True) == "二〇一八"
    assert [kanji(day, digitwise=False) for day in ("1", "10", "11", "20", "31")] == [
        *("一", "十", "十一", "二十", "三十一"),
    ]
    assert len({kanji(str(day), digitwise=False) for day in range(1, 32)}) == 31
