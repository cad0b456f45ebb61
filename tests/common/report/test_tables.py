"""Tables of the report: what a cell says."""

import math
import re

from common.report.tables import measures
from common.strategy.results import Estimate


def cells(found: Estimate, plain: frozenset[str] = frozenset()) -> list[str]:
    """The texts of the row of one measure on dev."""
    html = measures({"dev": {"a_rate": found}}, plain)
    return [re.sub("<[^>]+>", "", one) for one in re.findall(r"<td[^>]*>(.*?)</td>", html)]


def test_a_measure_has_its_interval_and_what_is_unknown_has_none() -> None:
    known = Estimate(value=0.25, low=0.2, high=0.31, n=90, method="")
    assert "25.0\u00a0% (20.0 to 31.0)" in cells(known)
    assert "0.25 (0.2 to 0.31)" in cells(known, frozenset({"a_rate"}))
    unknown = Estimate(value=math.nan, low=0.0, high=1.0, n=9, method="too few pairs")
    assert cells(unknown)[-1] == cells(unknown, frozenset({"a_rate"}))[-1] == "unknown"
