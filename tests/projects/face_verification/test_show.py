"""The room's parts of the report: all there where there is something to say, and why if not."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from projects.face_verification import embedded, show
from projects.face_verification.data import Assets, pictures
from projects.face_verification.settings import Fit, Settings
from tests.projects.face_verification.decided import decided, directions, stored_people

TITLES = [
    "The worst pairs",
    "False matches against false non-matches",
    "Distances",
    "Other ways to compare",
    "Photos against templates",
    "Who is it?",
    "Names to check",
]
NAMES = [f"person-{who:02d}" for who in range(16) for _ in range(5)]
ASSETS, SETTINGS = Assets(people=()), Settings()


@pytest.fixture(scope="module")
def predictions(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    drawn = embedded.examples(16, 5, seed=0)["content"]
    shown = np.stack([embedded.picture(content, 24) for content in drawn])
    shown[9] = shown[0]
    table = stored_people(Path(tmp_path_factory.mktemp("store")), shown, NAMES)
    return decided(table, directions(NAMES, 0.6))


def test_every_part_is_made(predictions: pd.DataFrame) -> None:
    made = show.parts(predictions, predictions, ASSETS, SETTINGS)
    assert [part.title for part in made] == TITLES
    assert all("nan" not in part.html.split("base64")[0].lower() for part in made)


def test_parts_are_far_below_their_share_of_the_page(predictions: pd.DataFrame) -> None:
    made = show.parts(predictions, predictions, ASSETS, SETTINGS)
    assert sum(len(part.html) for part in made) < 500_000


def test_the_worst_pairs_are_the_nearest_strangers_and_the_farthest_of_one(
    predictions: pd.DataFrame,
) -> None:
    html = show.parts(predictions, predictions, ASSETS, SETTINGS)[0].html
    different = predictions[predictions["truth"] == "different"]
    same = predictions[predictions["truth"] == "same"]
    assert f"distance {different['distance'].min():.2f}" in html
    assert f"distance {same['distance'].max():.2f}" in html
    matched = int((different["prediction"] == "same").sum())
    assert f"{matched} of {len(different):,} match" in html


def test_without_embeddings_searches_say_why_and_copies_are_still_found(
    predictions: pd.DataFrame,
) -> None:
    bare = predictions.drop(columns=["first.embedding", "second.embedding"])
    made = {part.title: part.html for part in show.parts(bare, bare, ASSETS, SETTINGS)}
    assert "hold no embeddings" in made["Who is it?"]
    assert "One photograph under two names: 1" in made["Names to check"]
    assert "Unlike" not in made["Names to check"]


def test_embeddings_of_several_networks_are_not_compared(predictions: pd.DataFrame) -> None:
    folded = Settings(fit=Fit(folds=5))
    made = {part.title: part.html for part in show.parts(predictions, predictions, ASSETS, folded)}
    assert "different networks" in made["Who is it?"]


@pytest.mark.parametrize("truth", ["same", "different"])
def test_pairs_of_one_kind_have_no_curves(predictions: pd.DataFrame, truth: str) -> None:
    rows = predictions[predictions["truth"] == truth].reset_index(drop=True)
    titles = [part.title for part in show.parts(rows, rows, ASSETS, SETTINGS)]
    assert titles[:3] == ["The worst pairs", "Photos against templates", "Who is it?"]


def test_embeddings_are_those_of_the_pictures(predictions: pd.DataFrame) -> None:
    table, codes = pictures(predictions)
    found = show.embeddings_of(predictions, codes)
    assert found is not None
    assert found.shape == (len(NAMES), 16)
    expected = directions(NAMES, 0.6)
    rows: Any = table["row"].to_numpy()
    assert (found == expected[rows]).all()


def test_a_card_is_that_of_the_pair(predictions: pd.DataFrame) -> None:
    row: Any = predictions.iloc[0].to_dict()
    assert show.card(row, SETTINGS).answer.startswith(str(row["prediction"]))
