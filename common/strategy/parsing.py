"""Numbers as people write them."""

import re

_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(%?)")


def number(text: str) -> float | None:
    """Return the number in text such as '0.02', '100' or '15 %', or None if it is none."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    return float(found[1]) / 100 if found[2] else float(found[1])


def percent(share: float, digits: int = 1) -> str:
    """Return a share in words a person reads: 0.0123 is '1.2 %'."""
    return f"{100 * share:.{digits}f} %"


def points(share: float) -> str:
    """Return a difference of shares in percentage points, without the unit: 0.0123 is '1.2'."""
    return f"{100 * share:.1f}".replace("-0.0", "0.0").replace("-", "−")
