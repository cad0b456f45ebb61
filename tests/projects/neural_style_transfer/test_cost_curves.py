"""Curves of costs: a chart each, on axes that hold whatever the histories do."""

import re

import numpy as np
import pandas as pd
import pytest

from projects.neural_style_transfer.cost_curves import MOST_LAYERS, cost_curves
from tests.projects.neural_style_transfer.scored import history


def labels(html: str) -> list[str]:
    """Return what the charts say in words."""
    return re.findall(r'aria-label="([^"]*)"', html)


def test_every_cost_and_every_layer_has_a_chart() -> None:
    said = labels(cost_curves([history(), history()]))
    names = [one.split(" over ")[0] for one in said]
    assert names == ["total", "content", "style", "variation", "style: first", "style: second"]
    assert said[0] == "total over 8 steps: median from 1 to 0.25"


def test_the_line_is_the_median_of_the_pictures() -> None:
    two = [history().assign(variation=value) for value in (0.2, 0.4)]
    assert "variation over 8 steps: median from 0.3 to 0.3" in labels(cost_curves(two))


def test_a_cost_of_nothing_is_said_where_no_axis_holds_it() -> None:
    flat = history().assign(content=0.0)
    assert any("content: below" in one for one in labels(cost_curves([flat])))


@pytest.mark.parametrize("steps", [1, 2, 1000])
def test_histories_of_any_length_are_drawn_small(steps: int) -> None:
    html = cost_curves([history(steps, scales=1)])
    assert len(html) < 100_000
    assert "twice its size" not in html


def test_one_that_stopped_early_is_drawn_beside_the_others() -> None:
    html = cost_curves([history(9), history(9).head(4)])
    assert "total over 18 steps" in html
    assert "2 sizes" in html


def test_layers_beyond_the_page_are_counted() -> None:
    many = history(2).assign(**{f"style/more {n}": np.arange(1, 5) for n in range(MOST_LAYERS)})
    assert "2 more layers are not drawn" in cost_curves([many])


def test_charts_share_no_ids() -> None:
    ids = re.findall(r' id="([^"]*)"', cost_curves([history(), pd.DataFrame(history(3))]))
    assert len(ids) == len(set(ids))
