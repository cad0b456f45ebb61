"""The network beside optimised pictures: the same style, the same kinds of content."""

import re
from pathlib import Path

import pandas as pd
import pytest

from projects.neural_style_transfer.compared import compared
from tests.projects.neural_style_transfer.scored import predictions


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return predictions(Path(tmp_path_factory.mktemp("scored")))


def rows_of(html: str) -> list[list[str]]:
    """Return the texts of the first three columns, row by row."""
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    cells = [row.split("</td>") for row in body.split("<tr>")[1:]]
    return [[cell.split(">")[-1] for cell in row[:3]] for row in cells]


def test_only_pictures_in_the_networks_style_are_compared(table: pd.DataFrame) -> None:
    html = compared(table, "starry")
    assert rows_of(html)[:3] == [
        ["all", "network", "4"],
        ["all", "optimised", "2"],
        ["all", "colours alone", "4"],
    ]
    # painted: 0.1 to 0.4; optimised in starry: 0.5 and 0.7
    assert "35 points nearer to" in html


def test_kinds_that_both_painted_have_rows_of_their_own(table: pd.DataFrame) -> None:
    temples = table.assign(label=table["label"].where(table["unit"] != "painted", "temple"))
    html = compared(temples, "starry")
    assert rows_of(html)[3:] == [
        ["temple", "network", "4"],
        ["temple", "optimised", "1"],
        ["temple", "colours alone", "4"],
    ]
    assert "both painted (temple), the network&#39;s pictures are 25 points nearer to" in html


def test_a_style_from_a_file_is_known_by_its_name(table: pd.DataFrame) -> None:
    assert rows_of(compared(table, "file:somewhere/waves.jpg"))[1] == ["all", "optimised", "2"]


def test_a_style_that_nothing_was_optimised_in_is_said(table: pd.DataFrame) -> None:
    html = compared(table, "glass")
    assert rows_of(html) == [["all", "network", "4"], ["all", "colours alone", "4"]]
    assert "No picture was optimised in glass" in html


def test_times_and_the_baselines_edges_stand_beside_each_other(table: pd.DataFrame) -> None:
    html = compared(table, "starry")
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.sub(r"<[^>]*>", " ", row).split() for row in body.split("<tr>")]
    network, optimised, colours = rows[1:4]
    assert network[-3:] == ["0.80", "28", "ms"]
    assert optimised[-3:] == ["0.80", "12.3", "s"]
    assert colours[-2:] == ["0.95", "–"]
    assert "100" in colours
