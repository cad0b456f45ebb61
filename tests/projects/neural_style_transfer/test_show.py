"""The room's report: every part is there, says the numbers of the table, and stays small."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from projects.neural_style_transfer import show
from projects.neural_style_transfer.shown import after, before, share
from tests.projects.neural_style_transfer.scored import SETTINGS, assets, predictions

TITLES = [
    "Optimised pictures",
    "Before and after",
    "Costs while optimising",
    "The network's worst pictures",
    "Strengths and scales",
    "Network or optimiser",
]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return predictions(Path(tmp_path_factory.mktemp("scored")))


@pytest.fixture(scope="module")
def parts(table: pd.DataFrame) -> dict[str, str]:
    return made(table)


def made(table: pd.DataFrame) -> dict[str, str]:
    parts = show.parts(table, table, assets(), SETTINGS)
    return {part.title: str(part.html) for part in parts}


def row_of(table: pd.DataFrame, unit: str) -> Any:
    return table[table["unit"] == unit].iloc[0].to_dict()


def test_every_part_is_made_without_unknown_numbers(parts: dict[str, str]) -> None:
    assert list(parts) == TITLES
    for html in parts.values():
        words = re.sub(r'base64,[^"]*', "", html)
        assert "nan" not in words.lower()
        assert "unknown" not in words


def test_no_part_needs_a_script(parts: dict[str, str]) -> None:
    for html in parts.values():
        assert "<script" not in html
        assert not re.search(r"\son[a-z]+=", html)


def test_a_card_says_distance_and_edges_in_words(table: pd.DataFrame) -> None:
    card = show.card(row_of(table, "painted"), SETTINGS)
    assert card.answer == "style distance 10\u00a0% of colour transfer's"
    assert card.truth == "edges kept 0.80"
    assert card.media.count("<img") == 2
    assert card.detail


def test_a_card_of_an_optimised_picture_names_what_it_is_made_of(table: pd.DataFrame) -> None:
    card = show.card(row_of(table, "optimised"), SETTINGS)
    assert card.detail == "china in starry, strength 0.75, 2 scales"
    assert card.media.count("<img") == 2


def test_a_painting_that_was_not_kept_leaves_its_content(table: pd.DataFrame) -> None:
    row = row_of(table, "painted")
    for kept in (b"", None, float("nan")):
        card = show.card(row | {"painted": kept}, SETTINGS)
        assert card.media.count("<img") == 1
    bare = table.drop(columns="painted")
    assert "hold no paintings" in made(bare)["The network's worst pictures"]


def test_paintings_and_contents_are_those_of_the_row(table: pd.DataFrame) -> None:
    row = row_of(table, "painted")
    painted = after(row)
    assert painted is not None
    assert np.array_equal(painted, 255 - before(row))


def test_the_worst_paintings_come_first_and_show_three_pictures(parts: dict[str, str]) -> None:
    html = parts["The network's worst pictures"]
    said = [int(one) for one in re.findall(r"style distance (\d+)", html)]
    assert said == [40, 30, 20, 10]
    assert html.count("<img") == 3 * 4


@pytest.mark.parametrize(
    ("distances", "said"),
    [
        ([0.1, 1.0, 0.3, 0.4], "None of 4 is farther from the style than the content in its colours"
         " alone."),
        ([0.1, 0.2, 1.3, 0.4], "1 of 4 is farther from the style than the content in its colours"
         " alone; as an error it counts 100\u00a0%."),
        ([0.1, 1.2, 1.3, 0.4], "2 of 4 are farther from the style than the content in its colours"
         " alone; as errors they count 100\u00a0%."),
    ],
)  # fmt: skip
def test_paintings_farther_than_the_baseline_are_counted(
    table: pd.DataFrame, distances: list[float], said: str
) -> None:
    painted = table[table["unit"] == "painted"].assign(distance=distances)
    assert f">{said} From left" in show.worst(painted, assets())


def test_sliders_are_those_of_the_nearest_and_the_farthest_pair(parts: dict[str, str]) -> None:
    html = parts["Before and after"]
    assert "china in starry: nearest to its style" in html
    assert "flower in waves: farthest from its style" in html
    assert html.count('tabindex="0"') == 2


def test_without_optimised_pictures_their_parts_are_left_out(table: pd.DataFrame) -> None:
    left = made(table[table["unit"] == "painted"].reset_index(drop=True))
    assert list(left) == [TITLES[3], TITLES[5]]
    assert "name it in grid.styles" in left["Network or optimiser"]


def test_gaps_are_said_not_to_apply_to_optimised_pictures(parts: dict[str, str]) -> None:
    html = parts["Optimised pictures"]
    assert "not applicable" in html
    assert "nothing was trained" in html


def test_a_picture_that_is_gone_is_told_in_one_line(table: pd.DataFrame) -> None:
    row = row_of(table, "optimised") | {"grid.file": "gone.png"}
    with pytest.raises(UserError, match=r"gone\.png is gone or damaged: delete") as told:
        show.card(row, SETTINGS)
    assert "\n" not in str(told.value)


def test_a_content_that_is_its_style_has_no_share(table: pd.DataFrame) -> None:
    row = row_of(table, "painted") | {"untouched": 0.0, "distance": 0.0}
    assert np.isnan(share(row))
    assert show.card(row, SETTINGS).answer == "style distance unknown of colour transfer's"


def test_parts_are_far_below_their_share_of_the_page(parts: dict[str, str]) -> None:
    assert sum(len(html) for html in parts.values()) < 500_000
