"""The generated table: its columns, its parts, what is clean in it, and that it is reproducible."""

import re
import subprocess
import sys
import time
from datetime import date, datetime

import pandas as pd
import pytest
from babel.dates import get_month_names
from hypothesis import given, settings
from hypothesis import strategies as st

from common.data.examples import checked
from common.errors import UserError
from projects.machine_translation.date_formats import CJK, LOCALES, pieces, text, writings
from projects.machine_translation.days import FIRST, LAST
from projects.machine_translation.embedded import HELD_OUT, NOISY, examples, human_error, ways
from projects.machine_translation.settings import PRESETS, Data, Dates

COLUMNS = {
    *("example_id", "label", "content", "group", "split", "source", "part", "best"),
    *("attr.locale", "attr.format", "attr.noise", "attr.ambiguous"),
}


def table(seed: int = 0, **dates: object) -> pd.DataFrame:
    return examples(Data(dates=Dates(**({"days": 400} | dates))), seed)


@pytest.fixture(scope="module")
def demo() -> pd.DataFrame:
    return table(days=3000)


def test_the_table_is_an_examples_table(demo: pd.DataFrame) -> None:
    assert set(demo) == COLUMNS
    assert len(checked(demo)) == len(demo)
    assert demo["example_id"].is_unique
    assert demo["content"].is_unique
    assert demo["best"].between(0, 1, inclusive="right").all()
    assert (demo["source"] != "").all()
    days = pd.to_datetime(demo["label"], format="%Y-%m-%d").dt.date
    assert days.between(FIRST, LAST).all()
    assert (demo["group"] == "day:" + demo["label"]).all()
    assert set(demo["attr.locale"]) == set(LOCALES)


def test_every_day_has_its_parts(demo: pd.DataFrame) -> None:
    parts = pd.crosstab(demo["group"], demo["part"])
    assert len(parts) == 3000
    assert (parts["noisy"] == NOISY).all()
    assert (parts["clean"] == 1).all()
    assert set(parts["held_out"]) == {0, 1}
    assert parts["held_out"].mean() == pytest.approx(HELD_OUT, abs=0.05)
    pairs = demo[["group", "source"]][demo["part"] == "noisy"]
    assert pairs.duplicated().mean() < 0.02


def test_held_out_formats_are_nowhere_else(demo: pd.DataFrame) -> None:
    pair = demo["attr.locale"] + " " + demo["attr.format"]
    held = demo["part"] == "held_out"
    assert not set(pair[held]) & set(pair[~held])
    assert 0.03 < pair[held].nunique() / pair.nunique() <= 0.05
    assert table(held_out=0)["part"].ne("held_out").all()


@given(st.floats(0, 0.49), st.integers(0, 1000), st.lists(st.sampled_from(LOCALES), unique=True))
@settings(max_examples=30, deadline=None)
def test_every_locale_keeps_a_clear_format(share: float, seed: int, locales: list[str]) -> None:
    dates = Dates(held_out=share, locales=tuple(locales))
    noisy, clean, held_out = ways(Data(dates=dates), seed)
    assert {way.locale for way in clean} == set(locales or LOCALES)
    assert all(way.clear for way in clean)
    assert set(clean) <= set(noisy)
    assert {*noisy, *held_out} == set(writings(locales))
    seen = {(way.language, way.pattern) for way in noisy}
    assert not seen & {(way.language, way.pattern) for way in held_out}
    assert len(held_out) <= round(share * len(writings(locales)))


def parsed(source: str) -> date:
    """A clean English date, as the standard library reads it."""
    bare = re.sub(r"[,-]", " ", source.replace("Sept ", "Sep ")).split()
    words = [
        word for word in bare if not re.match(r"(?:mon|tue|wed|thu|fri|sat|sun)", word.lower())
    ]
    for layout in ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%Y %m %d"):
        try:
            return datetime.strptime(" ".join(words), layout).date()
        except ValueError:
            continue
    raise AssertionError(source)


def test_clean_english_dates_are_read_by_the_standard_library(demo: pd.DataFrame) -> None:
    clean = demo[(demo["part"] == "clean") & demo["attr.locale"].str.startswith("en")]
    assert len(clean) > 100
    for row in clean.itertuples():
        assert parsed(row.source).isoformat() == row.label


def test_clean_dates_of_every_locale_tell_year_month_and_day(demo: pd.DataFrame) -> None:
    clean = demo[demo["part"] == "clean"]
    assert (clean["attr.noise"] == "none").all()
    assert (clean["attr.ambiguous"] == "no").all()
    assert (clean["best"] == 1).all()
    for locale, rows in clean.groupby("attr.locale"):
        names = [get_month_names(width, "format", locale) for width in ("wide", "abbreviated")]
        for row in rows.itertuples():
            day = date.fromisoformat(row.label)
            numbers = [int(found) for found in re.findall(r"\d+", row.source)]
            assert day.year in numbers
            assert day.day in numbers
            named = any(name[day.month] in row.source for name in names)
            assert named or day.month in numbers
            if len(numbers) == 3 or locale in CJK:
                assert numbers == [day.year, day.month, day.day]


def test_no_noise_leaves_babels_text() -> None:
    rows = table(noise=0)
    assert (rows["attr.noise"] == "none").all()
    ways_of = {(way.locale, way.format): way for way in writings()}
    for row in rows.to_dict("records"):
        way = ways_of[row["attr.locale"], row["attr.format"]]
        assert row["source"] == text(pieces(way, date.fromisoformat(row["label"])))


def test_another_process_writes_the_same() -> None:
    code = (
        "from projects.machine_translation.embedded import examples\n"
        "from projects.machine_translation.settings import Data, Dates\n"
        "print(examples(Data(dates=Dates(days=60)), 5).to_json())\n"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == table(5, days=60).to_json()
    assert table(6, days=60)["source"].tolist() != table(5, days=60)["source"].tolist()


def test_ids_of_two_seeds_do_not_meet_on_other_texts() -> None:
    rows = pd.concat([table(0), table(1)])
    same = rows.groupby("example_id")[["source", "label"]].nunique()
    assert (same == 1).all(axis=None)


def test_the_human_error_is_the_mean_of_what_nobody_can_know(demo: pd.DataFrame) -> None:
    noisy = demo[demo["part"] == "noisy"]
    found = human_error(Data(dates=Dates(days=3000)), 0)
    assert found == pytest.approx(1 - noisy["best"].mean())
    assert 0.005 < found < 0.05
    assert set(noisy["attr.ambiguous"]) == {"no", "century", "day or month", "both"}
    assert (noisy["best"][noisy["attr.ambiguous"] == "no"] == 1).all()
    assert (noisy["best"][noisy["attr.ambiguous"] != "no"] < 1).all()


def test_the_most_probable_reading_is_right_as_often_as_is_said() -> None:
    """The two-digit years of the most probable century: 1 - best is the share that is wrong."""
    rows = table(days=12_000, noise=0)
    rows = rows[(rows["part"] == "noisy") & (rows["attr.ambiguous"] == "century")]
    year = rows["label"].str[:4].astype(int)
    # With chances that fall by 15 years before 1970 and by 8 after 2030, 2038 is as rare as 1954.
    right = (year % 100 < 44) == (year >= 2000)
    expected = rows["best"].mean()
    spread = (expected * (1 - expected) / len(rows)) ** 0.5
    assert abs(right.mean() - expected) < 4 * spread + 0.003


def test_some_locales_alone() -> None:
    assert set(table(locales=("fr", "ja"))["attr.locale"]) == {"fr", "ja"}
    with pytest.raises(UserError, match="en_US"):
        table(locales=("en_us",))


def test_more_days_than_two_centuries_have_is_one_line() -> None:
    with pytest.raises(UserError, match="days"):
        table(days=80_000)


def test_the_course_has_clean_american_dates() -> None:
    data = PRESETS["course"][1].data
    rows = examples(
        data.model_copy(update={"dates": data.dates.model_copy(update={"days": 500})}), 0
    )
    assert set(rows["attr.locale"]) == {"en_US"}
    assert set(rows["attr.noise"]) == {"none"}
    assert set(rows["part"]) == {"noisy", "clean"}
    assert rows["source"].str.len().max() <= data.source_length - 1
    forms = rows["source"].str.replace(r"\d+", "0", regex=True)
    assert forms.str.fullmatch(r"0 (May|March|April|July) 0").any()
    assert forms.str.fullmatch(r"(Mon|Tue|Wed) 0 [A-Z][a-z]{2} 0").any()
    assert forms.str.fullmatch(r"[A-Z][a-z]+day [A-Z][a-z]+ 0 0").any()


def test_a_demos_rows_take_seconds() -> None:
    start = time.process_time()
    rows = table(days=4000)
    assert (time.process_time() - start) / len(rows) < 3e-4
