"""Tables of optimised pictures: each where its content and its style meet."""

import re
from pathlib import Path

import pandas as pd
import pytest

from projects.neural_style_transfer.pictures_grid import grid, sheet
from tests.projects.neural_style_transfer.scored import predictions


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return predictions(Path(tmp_path_factory.mktemp("scored")))


def words(html: str) -> list[str]:
    """Return the alternative texts of the pictures, in their order."""
    return re.findall(r'alt="([^"]*)"', html)


def test_rows_are_contents_and_columns_are_styles(table: pd.DataFrame) -> None:
    html = grid(table[table["unit"] == "optimised"])
    assert words(html) == [
        "style starry", "style waves",
        "china", "china in starry", "china in waves",
        "flower", "flower in starry", "flower in waves",
    ]  # fmt: skip


def test_scores_are_under_each_picture_and_medians_below(table: pd.DataFrame) -> None:
    html = grid(table[table["unit"] == "optimised"])
    assert re.findall(r"<b>(\d+)\u00a0%</b> <span[^>]*>edges 0.80, 12", html) == [
        "50",
        "60",
        "70",
        "80",
    ]
    assert "Medians: 65\u00a0%, edges 0.80, 12\u00a0s" in html


def test_a_pair_that_was_not_made_leaves_a_dash(table: pd.DataFrame) -> None:
    html = grid(table[table["unit"] == "optimised"].iloc[1:])
    assert "<td>–</td>" in html


def test_pictures_that_ended_early_are_told(table: pd.DataFrame) -> None:
    rows = table[table["unit"] == "optimised"].copy()
    rows.iloc[0, rows.columns.get_loc("grid.stopped")] = "the loss is no longer a number"
    assert "Ended early: china in starry: the loss is no longer a number." in grid(rows)


def test_contents_and_styles_beyond_the_page_are_counted(table: pd.DataFrame) -> None:
    rows = table[table["unit"] == "optimised"]
    many = pd.concat([rows.assign(**{"grid.content": f"content {n}"}) for n in range(8)])
    html = grid(many)
    assert html.count("<tr>") == 1 + 6
    assert "4 more pictures" in html


def test_the_sheet_has_a_row_per_strength_and_a_column_per_number_of_scales(
    table: pd.DataFrame,
) -> None:
    html = sheet(table[table["unit"] == "sheet"])
    assert re.findall(r'<th scope="col">([^<]*)', html) == ["1 scale", "2 scales"]
    assert re.findall(r'<th scope="row">([^<]*)', html) == ["strength 0.5", "strength 0.95"]
    assert html.count("<img") == 4


def test_the_sheet_says_what_its_numbers_say(table: pd.DataFrame) -> None:
    rows = table[table["unit"] == "sheet"].assign(
        distance=[0.9, 0.9, 0.6, 0.6], edges=[0.8, 0.8, 0.7, 0.7]
    )
    html = sheet(rows)
    assert (
        "Medians, strength 0.5 to 0.95: distance 90\u00a0% to 60\u00a0%, edges 0.80 to 0.70;"
        " scales 1 to 2: distance 75\u00a0% to 75\u00a0%, edges 0.75 to 0.75." in html
    )
    assert "scales 1 to" not in sheet(rows[rows["grid.scales"] == 1])
