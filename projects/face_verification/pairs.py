"""Pairs of pictures, made within one split: two of the same person, or of two different ones."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from common.data.examples import Table
from common.errors import UserError

SAME, DIFFERENT = "same", "different"
MOST = 2_000_000
"""So many pairs of different people are listed at most; of more, half as many can be drawn."""

Rows = NDArray[np.int64]
"""(n, 2): the rows of two pictures in the examples table."""


def pairs(
    examples: Table, *, same: int | None = None, different: int | None = None, seed: int
) -> Table:
    """Return pairs of one split's examples: at most `same` of one person and `different` of two.

    Columns: example_id, first, second (ids of examples), label (same or different), group and
    group_2 (the identities; group_2 is empty where there is one). The identity is the examples'
    `label`. Copies of a picture (the same `digest`) are never paired, and of an identity's
    copies one is used. The choice depends on the ids and the seed, not on the order of rows.

    None is all. Where fewer pairs are asked for than there are, identities count alike, however
    many pictures they have: the chance of a pair falls with the number of pairs of its identity or
    identities.

    Raises UserError where the examples are of several splits or allow no pair of a kind.
    """
    splits = sorted(set(examples["split"])) if "split" in examples else []
    if len(splits) > 1:
        raise UserError(
            f"pairs of {', '.join(splits)} together would cross the splits: make them of one split"
        )
    rng = np.random.default_rng(seed)
    table = examples.sort_values("example_id", ignore_index=True)
    if "digest" in table:
        table = table.drop_duplicates(["label", "digest"], ignore_index=True)
    of_one = _chosen(table, _of_one(table), same, SAME, rng)
    of_two = _chosen(table, _of_two(table, different, rng), different, DIFFERENT, rng)
    return paired(table, np.concatenate([of_one, of_two]))


def paired(table: Table, rows: Rows) -> Table:
    """Return the pairs of these rows of an examples table, with the columns of `pairs`."""
    first, second = (table.iloc[rows[:, side]].reset_index(drop=True) for side in (0, 1))
    same = first["label"] == second["label"]
    return pd.DataFrame(
        {
            "example_id": first["example_id"] + " | " + second["example_id"],
            "first": first["example_id"],
            "second": second["example_id"],
            "label": np.where(same, SAME, DIFFERENT),
            "group": first["label"],
            "group_2": second["label"].where(~same, ""),
        }
    )


def _of_one(table: Table) -> Rows:
    of_person = table.groupby("label", sort=True).indices.values()
    return np.concatenate(
        [np.zeros((0, 2), int), *(rows[_all_pairs(len(rows))] for rows in of_person)]
    )


def _of_two(table: Table, wanted: int | None, rng: np.random.Generator) -> Rows:
    """Return all pairs of two identities, or where they are too many as many as are wanted."""
    people = pd.factorize(table["label"])[0]
    pictures = np.bincount(people)
    number = (len(table) ** 2 - int((pictures**2).sum())) // 2
    if number <= MOST:
        rows = _all_pairs(len(table))
        return _without_copies(table, rows[people[rows[:, 0]] != people[rows[:, 1]]])
    if wanted is None or wanted > MOST // 2:
        raise UserError(
            f"{wanted or 'all'} of {number} pairs of different people are too many:"
            f" ask for {MOST // 2} or fewer"
        )
    return _drawn(table, people, wanted, rng)


def _drawn(table: Table, people: Rows, wanted: int, rng: np.random.Generator) -> Rows:
    """Draw two people and a picture of each, until there are as many pairs as wanted."""
    order = np.argsort(people, kind="stable")
    pictures = np.bincount(people)
    starts = np.cumsum(pictures) - pictures
    found = np.zeros((0, 2), dtype=int)
    while len(found) < wanted:
        two = rng.integers(0, len(pictures), (2 * wanted, 2))
        two = two[two[:, 0] != two[:, 1]]
        rows = np.sort(order[starts[two] + rng.integers(0, pictures[two])], axis=1)
        found = np.concatenate([found, _without_copies(table, rows)])
        first_seen = np.unique(found, axis=0, return_index=True)[1]
        found = found[np.sort(first_seen)]
    return found[:wanted]


def _chosen(
    table: Table, rows: Rows, wanted: int | None, kind: str, rng: np.random.Generator
) -> Rows:
    """Return as many of the pairs as wanted, drawn so that identities count alike, sorted."""
    if not len(rows):
        where = f" of {table['split'].iloc[0]}" if "split" in table and len(table) else ""
        needed = "two pictures of a person" if kind == SAME else "pictures of two people"
        raise UserError(
            f"{len(table)} pictures of {table['label'].nunique()} people{where} make no pair of the"
            f" {kind} kind: {needed} are needed; add pictures, or give the split a larger share"
        )
    if wanted is not None and wanted < len(rows):
        people = pd.factorize(table["label"])[0]
        pictures = np.bincount(people)[people[rows]].astype(float)
        number = pictures[:, 0] * (pictures[:, 1] - (kind == SAME))
        # The first arrivals of Poisson processes: a weighted draw without replacement
        # (Efraimidis & Spirakis 2006).
        arrival = rng.exponential(size=len(rows)) * number
        rows = rows[np.argsort(arrival, kind="stable")[:wanted]]
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]


def _all_pairs(number: int) -> Rows:
    return np.stack(np.triu_indices(number, 1), axis=1)


def _without_copies(table: Table, rows: Rows) -> Rows:
    if "digest" not in table:
        return rows
    digest = pd.factorize(table["digest"])[0]
    return rows[digest[rows[:, 0]] != digest[rows[:, 1]]]
