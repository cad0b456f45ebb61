"""Names of people, in any script, as the gallery keeps them."""

import unicodedata

from common.errors import UserError

JOINERS = "\u200c\u200d"
"""The zero-width non-joiner and joiner."""


def called(name: str) -> str:
    """Return a name as the gallery keeps it, however it was typed. UserError where it is none."""
    # Keyboards write an accent in two ways, which are one name; no-break spaces are spaces.
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name or not _without_joiners(name).isprintable():
        raise UserError(f"{name!r} is no name: give one of letters that can be printed")
    return name


def folded(name: str) -> str:
    """Return what two names have in common that a reader may not tell apart."""
    return name.casefold().translate(dict.fromkeys(map(ord, JOINERS)))


def _without_joiners(name: str) -> str:
    """Return the name without the marks of Persian and Indic spelling that join or part letters.

    They are kept where no spelling puts them: elsewhere they would only make a name look like
    another's.
    """
    around = zip(f" {name}", name, f"{name[1:]} ", strict=False)
    return "".join(
        letter
        for before, letter, after in around
        if letter not in JOINERS or not (_is_virama(before) or _are_letters(before, after))
    )


def _is_virama(letter: str) -> bool:
    return unicodedata.combining(letter) == 9


def _are_letters(*found: str) -> bool:
    return all(unicodedata.category(one)[0] in "LM" for one in found)
