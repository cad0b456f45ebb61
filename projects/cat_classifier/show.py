"""How the report shows pictures, and the room's own part: how sure the answers are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from common.data.picture_store import pixels
from common.report.content import Card, Part
from common.report.parts import picture, table
from common.strategy.intervals import wilson
from projects.cat_classifier.data import Assets
from projects.cat_classifier.settings import Settings

if TYPE_CHECKING:
    Table = pd.DataFrame

SURE = (0.0, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Edges of the bands of confidence."""


def card(row: Mapping[str, Any], settings: Settings) -> Card:
    """Return the picture with what was answered and what it is."""
    media = picture(pixels(pd.DataFrame([row]))[0], f"picture {row['example_id']}", 150)
    known = [
        f"{name.removeprefix('attr.')} {value}"
        for name, value in row.items()
        if name.startswith("attr.") and isinstance(value, str)
    ]
    return Card(
        media=media,
        answer=f"{row['prediction']} {100 * row['score']:.0f} %",
        truth=f"is {row['truth']}",
        detail=", ".join(known[:3]),
    )


def parts(
    units: "Table", predictions: "Table", assets: Assets, settings: Settings
) -> tuple[Part, ...]:
    """Return the part on confidence: how many answers given with so much of it are right."""
    band = pd.cut(predictions["score"], SURE, include_lowest=True)
    rows = []
    for edges, inside in predictions.groupby(band, observed=True):
        right = wilson(float((1 - inside["error"]).sum()), len(inside))
        rows.append(
            {
                "confidence": f"{100 * max(edges.left, 0):.0f} to {100 * edges.right:.0f} %",
                "answers": len(inside),
                "said on average": f"{100 * inside['score'].mean():.1f} %",
                "right": f"{100 * right.value:.1f} %",
                "95 % interval": f"{100 * right.low:.1f} to {100 * right.high:.1f}",
            }
        )
    unsure = predictions["unsure"].astype(bool)
    said = f"{100 * unsure.mean():.1f} % are answered “unsure”"
    if not unsure.all():
        said += f"; the others err in {100 * predictions.loc[~unsure, 'error'].mean():.1f} %"
    note = Markup('<p class="note">{}.</p>').format(said)
    return (Part(title="How sure it is", html=table(pd.DataFrame(rows)) + note),)
