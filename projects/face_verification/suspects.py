"""Pictures that may carry the wrong name."""

from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from common.data.picture_store import pixels
from common.report import wording
from common.report.content import Card
from projects.face_verification.baselines import patterns
from projects.face_verification.nearest import Embeddings
from projects.face_verification.pair_card import gallery, readable, side_by_side

COPY = 0.2
"""Distance of two pictures' grey patterns below which they are copies of one photograph.

Of the 13,233 pictures of Labeled Faces in the Wild it names the five photographs known to be there
under two names (0.05 to 0.15) and no other; the next two people are 0.32 apart, and the nearest of
8,400 drawn faces 0.25.
"""
MOST = 10
BLOCK = 1024


def suspects(table: pd.DataFrame, embeddings: Embeddings | None, threshold: float) -> Markup:
    """Return photographs under two names and, with embeddings (n, d), pictures unlike their own.

    `table`: a row for each picture (`data.pictures`). Empty where nothing is suspect.
    """
    shown = pixels(table)
    two_names = copies(table, patterns(shown))
    made = [_of_copies(table, shown, two_names)] if len(two_names) else []
    if embeddings is not None:
        strange = strangers_to_their_own(table, embeddings)
        strange = strange[strange["own"] > threshold]
        if len(strange):
            made.append(_of_strangers(table, shown, strange, threshold))
    return Markup("").join(made)


def copies(table: pd.DataFrame, found: NDArray[np.float32]) -> pd.DataFrame:
    """Return the pairs of different people's pictures that are copies: first, second, distance.

    `found`: the patterns of the pictures (n, d). Nearest first; all pairs are compared.
    """
    people = pd.factorize(table["label"])[0]
    near = 1 - COPY**2 / 2
    blocks = []
    for start in range(0, len(found), BLOCK):
        # A picture without a pattern is all zeros, and like nothing.
        alike = found[start : start + BLOCK] @ found[start:].T
        first, second = np.nonzero(alike > near)
        first, second = first + start, second + start
        is_new = (first < second) & (people[first] != people[second])
        blocks.append(np.stack([first[is_new], second[is_new]], axis=1))
    rows = np.concatenate(blocks) if blocks else np.zeros((0, 2), int)
    apart = np.linalg.norm(found[rows[:, 0]] - found[rows[:, 1]], axis=1)
    pairs = pd.DataFrame({"first": rows[:, 0], "second": rows[:, 1], "distance": apart})
    return pairs.sort_values("distance", ignore_index=True)


def strangers_to_their_own(table: pd.DataFrame, embeddings: Embeddings) -> pd.DataFrame:
    """Return for each picture of a person with three or more how near the nearest others are.

    Columns: row, own and own_row (the nearest picture of the same person), other and other_row (of
    anybody else). First those that are nearer to another person by most: of 15 names planted
    wrongly among 1,464 drawn pictures, a network after 500 steps has 7 to 10 among its first ten.
    Of two pictures neither is the stranger.
    """
    people = pd.factorize(table["label"])[0]
    enough = np.bincount(people)[people] >= 3
    rows = []
    for start in range(0, len(table), BLOCK):
        block = np.arange(start, min(start + BLOCK, len(table)))
        apart = np.sqrt(np.maximum(2 - 2 * embeddings[block] @ embeddings.T, 0))
        apart[np.arange(len(block)), block] = np.inf
        same = people[block, None] == people[None]
        own, other = np.where(same, apart, np.inf), np.where(same, np.inf, apart)
        nearest = {
            "row": block,
            "own": own.min(axis=1),
            "own_row": own.argmin(axis=1),
            "other": other.min(axis=1),
            "other_row": other.argmin(axis=1),
        }
        rows.append(pd.DataFrame(nearest)[enough[block]])
    found = pd.concat(rows)
    order = (found["other"] - found["own"]).argsort(kind="stable")
    return found.iloc[order].reset_index(drop=True)


def _of_copies(table: pd.DataFrame, shown: NDArray[np.uint8], found: pd.DataFrame) -> Markup:
    names, cards = table["label"].map(readable).tolist(), []
    for two in found.head(MOST)[["first", "second"]].to_numpy():
        cards.append(
            Card(
                media=side_by_side(shown[two], [names[one] for one in two]),
                answer="one photograph",
                truth="two names",
                detail=" / ".join(table["example_id"].iloc[two]),
            )
        )
    return Markup(
        "<h3>One photograph under two names: {}</h3>{}"
        '<p class="note">One of both names is wrong. Find out who it is, move the picture to that'
        " person and delete the other; each is an impostor pair that no model can tell"
        " apart.</p>"
    ).format(wording.whole(len(found)), gallery(cards))


def _of_strangers(
    table: pd.DataFrame, shown: NDArray[np.uint8], found: pd.DataFrame, threshold: float
) -> Markup:
    names, cards = table["label"].map(readable).tolist(), []
    rows: list[Any] = found.head(MOST).to_dict("records")
    for row in rows:
        two = [row["row"], row["own_row"]]
        cards.append(
            Card(
                media=side_by_side(shown[two], [names[two[0]]]),
                answer=f"distance {row['own']:.2f}",
                truth=f"both are {names[two[0]]}",
                detail=f"left: {table['example_id'].iloc[two[0]]}; nearest other person:"
                f" {names[row['other_row']]} at {row['other']:.2f}",
            )
        )
    return Markup(
        "<h3>Unlike all others of its person: {}</h3>"
        '<p class="note">Left such a picture, right the nearest of the same name, and still above'
        " the threshold of {:.2f}. First those that another person is nearer to by most. Look who"
        " it is: a wrong name is put right in the data; a hidden, turned or dark face keeps its"
        " name, and the model needs more pictures of that kind.</p>{}"
    ).format(wording.whole(len(found)), threshold, gallery(cards))
