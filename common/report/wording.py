"""Numbers as the report writes them: one decimal of percent, a real minus, no line break inside."""

import math

from common.strategy.results import Estimate

UNKNOWN = "unknown"
OPEN = "open"
"""An end of an interval that too few units leave open."""


def decimal(value: float, digits: int = 1, sign: bool = False) -> str:
    """Return the number with a real minus; `sign` puts a plus before what is above zero."""
    if math.isnan(value):
        return UNKNOWN
    text = f"{value:+,.{digits}f}" if sign else f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return text.lstrip("+-")
    return text.replace("-", "−")


def percent(share: float) -> str:
    """Return a share in [0, 1] as "12.0 %"."""
    return UNKNOWN if math.isnan(share) else f"{decimal(100 * share)}\u00a0%"


def interval(estimate: Estimate) -> str:
    """Return a share's 95 % interval in percent, "10.8 to 13.4"."""
    if math.isnan(estimate.low + estimate.high):
        return UNKNOWN
    return f"{decimal(100 * estimate.low)} to {decimal(100 * estimate.high)}"


def points(difference: float) -> str:
    """Return a difference of two shares in percentage points, "+5.7"."""
    return decimal(100 * difference, sign=True)


def points_interval(estimate: Estimate) -> str:
    """Return a difference's 95 % interval in percentage points, "+4.1 to +7.3"."""
    return f"{points(estimate.low)} to {points(estimate.high)}"


def number(value: float) -> str:
    """Return a number of any unit to three significant digits: "8.1", "1,240", "3e−7"."""
    if math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return OPEN
    magnitude = abs(value)
    if magnitude >= 100 or value == 0:
        return decimal(value, 0)
    if magnitude < 1e-3:
        mantissa, exponent = f"{value:.0e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")


def whole(count: float) -> str:
    """Return a count with commas: "2,400"."""
    return decimal(count, 0)


def size(n_bytes: float) -> str:
    """Return a file size: "1.6 MB", "12 kB"."""
    if n_bytes >= 1e5:
        return f"{decimal(n_bytes / 1e6)}\u00a0MB"
    return f"{decimal(n_bytes / 1e3, 0 if n_bytes >= 1e3 else 1)}\u00a0kB"


def plain(name: str) -> str:
    """Return an identifier as words: "data_mismatch" is "data mismatch"."""
    return name.replace("_", " ")


def constraint(text: str) -> str:
    """Return a constraint as words: "latency_p95_ms <= 20" is "latency p95 ms ≤ 20"."""
    return plain(text).replace("<=", "≤").replace(">=", "≥")


def level_name(level: str) -> str:
    """Return a level as the report calls it: "train_dev" is "Train-dev"."""
    return {"human": "Human level", "train_dev": "Train-dev"}.get(level, plain(level).capitalize())
