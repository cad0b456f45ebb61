"""How the report shows pairs of faces, and the room's own parts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from common.data.picture_store import pixels
from common.report import wording
from common.report.content import Card, Part
from projects.face_verification.baselines import (
    eigenface_distances,
    eigenfaces,
    pixel_distances,
)
from projects.face_verification.data import Assets, pictures
from projects.face_verification.evaluate import EMBEDDINGS, embeddings_of
from projects.face_verification.nearest import Embeddings
from projects.face_verification.pair_card import gallery, pair_card
from projects.face_verification.pairs import DIFFERENT, SAME
from projects.face_verification.search_rates import search_table, searches
from projects.face_verification.separation import separation, template_table
from projects.face_verification.settings import Settings
from projects.face_verification.suspects import suspects
from projects.face_verification.template_rates import template_rates
from projects.face_verification.trade import comparison, trade

if TYPE_CHECKING:
    Table = pd.DataFrame

NETWORK = "network"
WORST = 10
COMPONENTS = 100
"""Eigenfaces: more change little on drawn faces and on photographs."""


def card(row: Mapping[str, Any], settings: Settings) -> Card:
    """Return both pictures of a pair with its distance and what it is."""
    return pair_card(row)


def parts(
    units: "Table", predictions: "Table", assets: Assets, settings: Settings
) -> tuple[Part, ...]:
    """Return the worst pairs, both errors' trade, distances, templates, searches, suspects."""
    limit = settings.verification.false_match_rate
    ways = _ways(predictions)
    made = [Part("The worst pairs", _worst(predictions))]
    if predictions["truth"].nunique() == 2:
        made += [
            Part("False matches against false non-matches", trade(ways, limit)),
            Part("Distances", separation(predictions)),
            Part("Other ways to compare", _compared(ways, limit)),
        ]
    table, codes = pictures(predictions)
    knows_faces = EMBEDDINGS[0] in predictions and not settings.fit.folds
    known = embeddings_of(predictions, codes) if knows_faces else None
    if known is not None:
        found = template_rates(table["label"].tolist(), known, limit, settings.data.seed)
        made.append(Part("Photos against templates", template_table(found, limit)))
    made.append(Part("Who is it?", _searched(table, known, settings)))
    suspected = suspects(table, known, float(predictions["threshold"].median()))
    if suspected:
        made.append(Part("Names to check", suspected))
    return tuple(made)


def _ways(predictions: "Table") -> dict[str, "Table"]:
    found = eigenfaces(pixels(pictures(predictions)[0]), COMPONENTS)
    return {
        NETWORK: predictions,
        "eigenfaces": predictions.assign(distance=eigenface_distances(predictions, found)),
        "pixels": predictions.assign(distance=pixel_distances(predictions)),
    }


def _worst(predictions: "Table") -> Markup:
    """Return the nearest pairs of different people and the farthest ones of the same."""
    html = Markup("")
    for truth, ascending, title in (
        (DIFFERENT, True, "Different people, the nearest pairs: {} of {} match"),
        (SAME, False, "The same person, the farthest pairs: {} of {} do not match"),
    ):
        rows = predictions[predictions["truth"] == truth]
        wrong = int((rows["prediction"] != truth).sum())
        worst: list[Any] = (
            rows.sort_values("distance", ascending=ascending).head(WORST).to_dict("records")
        )
        heading = title.format(wording.whole(wrong), wording.whole(len(rows)))
        html += Markup("<h3>{}</h3>{}").format(heading, gallery([pair_card(row) for row in worst]))
    return html


def _compared(ways: Mapping[str, "Table"], limit: float) -> Markup:
    return comparison(ways, limit) + Markup(
        '<p class="note">The same pairs, each way at its own threshold. Pixels: grey, 24 wide, each'
        " picture's brightness and contrast taken away. Eigenfaces: the {} main axes of dev's own"
        " pictures, each counting alike, compared by angle.</p>"
    ).format(COMPONENTS)


def _searched(table: "Table", known: Embeddings | None, settings: Settings) -> Markup:
    """Return how often a search finds the right person, or why that is not known."""
    if settings.fit.folds:
        why = "with folds, dev's pictures are embedded by different networks"
    elif known is None:
        why = "the predictions hold no embeddings"
    else:
        found = searches(table["label"].tolist(), known, settings.data.seed)
        if found:
            return search_table(found)
        why = "too few people of dev have more than three pictures"
    return Markup('<p class="note">Searches in a gallery were not tried: {}.</p>').format(why)
