import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from sample import DEV, TRAIN, diagnosis, estimate, history

from common.report import charts
from common.strategy.results import Level


def texts(svg: str) -> list[str]:
    return [text for text in ElementTree.fromstring(svg).itertext() if text.strip()]


def test_waterfall_writes_every_level_and_marks_the_problem() -> None:
    svg = charts.waterfall(diagnosis())
    assert {"Human level", "Train", "Train-dev", "Dev", "12.0\u00a0%"} <= set(texts(svg))
    assert svg.count("var(--accent)") == 1
    assert svg.count("var(--muted)") == 2
    assert "Dev 12.0\u00a0%" in ElementTree.fromstring(svg).attrib["aria-label"]


def test_an_unknown_human_level_keeps_its_row() -> None:
    unknown = replace(diagnosis(), levels=(TRAIN, DEV), problems=())
    assert "unknown" in texts(charts.waterfall(unknown))


def test_waterfall_survives_a_level_that_is_no_number() -> None:
    nan = float("nan")
    levels = (TRAIN, Level(name="dev", error=estimate(nan, nan, nan, 0)))
    assert "Dev" not in texts(charts.waterfall(replace(diagnosis(), levels=levels)))


def test_charts_follow_the_page_and_are_small() -> None:
    for svg in [charts.waterfall(diagnosis()), *charts.curves(history(5_000))]:
        assert not re.search(r"#[0-9a-f]{6}", svg)
        assert "font-family" not in svg
        assert len(svg) < 60_000


def test_ids_of_several_charts_do_not_meet() -> None:
    html = "".join([charts.waterfall(diagnosis()), *charts.curves(history())])
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(ids)
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_a_curve_for_each_quantity_beside_its_twin() -> None:
    drawn = charts.curves(history())
    assert [texts(svg)[-1] for svg in drawn[:2]] == ["held out", "held out"]
    assert ["loss" in texts(drawn[0]), "error" in texts(drawn[1])] == [True, True]
    assert "learning rate" in texts(drawn[2])


@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_curves_survive_holes(hole: float) -> None:
    frame = history()
    frame.loc[4, ["loss", "val_loss"]] = hole
    assert len(charts.curves(frame)) == 3


def test_the_same_numbers_give_the_same_chart() -> None:
    assert charts.waterfall(diagnosis()) == charts.waterfall(diagnosis())
