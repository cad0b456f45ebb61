"""Two pictures side by side, as the report shows a pair."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from common.data.picture_store import pixels
from common.report.content import Card
from common.report.parts import picture
from common.report.templating import rendered
from projects.face_verification.pairs import SAME

WIDTH = 110
"""Of each picture, in pixels."""
MOST_KNOWN = 3
_KNOWN = {
    "attr.degrees turned apart": ("{:.0f}° turned apart", 25),
    "attr.degrees nodded apart": ("{:.0f}° nodded apart", 15),
    "attr.difference in brightness": ("brightness {:.2f} apart", 0.15),
}
"""How a number is told, and from which one on it is worth telling."""
_USUAL = ("none", "the same", "another")
"""What is true of most pairs and explains none."""


def pair_card(row: Mapping[str, Any]) -> Card:
    """Return the pictures of a predicted pair with its distance, what it is, and the names."""
    distance, limit = float(row["distance"]), float(row["threshold"])
    return Card(
        media=side_by_side(pixels(_sides(row)), _names(row)),
        answer=f"{row['prediction']}, distance {distance:.2f}",
        truth=f"is {row['truth']}",
        detail=", ".join([" / ".join(_names(row)), *_known(row)]) + f"; threshold {limit:.2f}",
    )


def side_by_side(two: NDArray[np.uint8], names: Sequence[str]) -> Markup:
    """Return two pictures (2, size, size, 3) in one row; `names`: of both, or of the one person."""
    first, second = (
        picture(one, f"picture of {name}", WIDTH)
        for one, name in zip(two, [names[0], names[-1]], strict=True)
    )
    return Markup('<div style="display:grid;grid-template-columns:1fr 1fr">{}{}</div>').format(
        first, second
    )


def readable(name: str) -> str:
    """Return a person's name as it is written: of Aaron_Eckhart, Aaron Eckhart."""
    return str(name).replace("_", " ")


def gallery(cards: Sequence[Card]) -> Markup:
    """Return cards of pairs side by side, as many to a row as the screen has room for."""
    figures = [
        rendered("card.html", card=card, number=number, tagged=False)
        for number, card in enumerate(cards, start=1)
    ]
    return Markup(
        '<div class="gallery" style="grid-template-columns:'
        'repeat(auto-fill,minmax(min(170px,100%),1fr))">{}</div>'
    ).format(Markup("\n").join(figures))


def _sides(row: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "store": [row["first.store"], row["second.store"]],
            "row": [row["first.row"], row["second.row"]],
        }
    )


def _names(row: Mapping[str, Any]) -> list[str]:
    names = [readable(row[f"{side}.label"]) for side in ("first", "second")]
    return names[:1] if row["truth"] == SAME else names


def _known(row: Mapping[str, Any]) -> list[str]:
    """Return what makes the pair hard, as far as it is known."""
    words = [
        text.format(row[name])
        for name, (text, least) in _KNOWN.items()
        if isinstance(row.get(name), float) and row[name] >= least
    ]
    words += [
        f"{name.removeprefix('attr.')}: {value}"
        for name, value in row.items()
        if name.startswith("attr.") and isinstance(value, str) and value not in _USUAL
    ]
    return words[:MOST_KNOWN]
