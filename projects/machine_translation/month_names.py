"""Which month a spoilt name still tells: noise must leave the nearest name the true one."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Literal

from projects.machine_translation.date_formats import CJK, month_name

_WIDTHS: tuple[Literal["wide", "abbreviated"], ...] = ("wide", "abbreviated")
_LOOK_ALIKE = str.maketrans(
    {"0": "o", "ο": "o", "о": "o", "5": "s", "8": "b", "9": "g", "3": "з"}
    | dict.fromkeys("1iıі!|", "l")
)
"""What is hard to tell in print, over Latin, Greek and Cyrillic."""


class MonthNames:
    """The names of the months in some locales, and what is near to each."""

    def __init__(self, locales: Sequence[str]) -> None:
        """Know the full and the abbreviated names, without those of a letter and of numbers."""
        self._near: dict[str, set[int]] = defaultdict(set)
        self._starts: dict[str, set[int]] = defaultdict(set)
        for locale in locales:
            if locale.split("_")[0] not in CJK:
                for month in range(1, 13):
                    for name in {month_name(locale, month, width) for width in _WIDTHS}:
                        self._add(folded(name), month)

    def tell(self, name: str, month: int) -> bool:
        """Whether a spoilt name is near to this month's and to no other's.

        Near means: alike when look-alikes count as the same and one letter is struck from either
        or both. So is what was changed by one letter, or by two that changed places.
        """
        near: set[int] = set()
        for shorter in _struck(folded(name)):
            near |= self._near.get(shorter, set())
        return near == {month}

    def begin(self, start: str, month: int) -> bool:
        """Whether names that begin so are all this month's."""
        return self._starts.get(folded(start)) == {month}

    def _add(self, name: str, month: int) -> None:
        for shorter in _struck(name):
            self._near[shorter].add(month)
        for end in range(1, len(name) + 1):
            self._starts[name[:end]].add(month)


@cache
def folded(name: str) -> str:
    """The name without case, accents and what print hides: "Août", "AOUT" and "a0ut" are one."""
    parts = unicodedata.normalize("NFD", name.casefold())
    bare = "".join(part for part in parts if not "\u0300" <= part <= "\u036f")
    return bare.replace("rn", "m").translate(_LOOK_ALIKE)


def _struck(name: str) -> Iterator[str]:
    yield name
    for place in range(len(name)):
        yield name[:place] + name[place + 1 :]
