"""What is known of people and of pairs, for the audit and the slices."""

import numpy as np
import pandas as pd

from common.data.examples import SPLITS, Table

COUNTS = {1: "1 picture", 3: "2 to 3 pictures", 9: "4 to 9 pictures"}
MANY = "10 or more pictures"


def pictures_of_people(examples: Table) -> "pd.Series[str]":
    """Return for each picture, which has its split, how many there are of its person, in words.

    And of how many people in each split that holds: "4 to 9 pictures of 31 people in train, 9 in
    dev".
    """
    number = examples.groupby("label")["label"].transform("size")
    kind = number.map(
        lambda n: next((text for most, text in COUNTS.items() if n <= most), MANY)
    ).rename("kind")
    people = examples.groupby([kind, "split"])["label"].nunique()
    said = {}
    for one, counts in people.groupby(level="kind"):
        here = counts.droplevel("kind")
        first, *others = [split for split in SPLITS if split in here]
        words = [f"{here[first]} people in {first}", *(f"{here[one]} in {one}" for one in others)]
        said[one] = f"{one} of {', '.join(words)}".replace("_", "-")
    return kind.map(said)


def pair_attributes(first: Table, second: Table, pictures: "pd.Series[int]") -> Table:
    """Return `attr.*` of pairs, from the examples of both sides, row by row.

    They are named in the words that the report's slices have.
    Numbers are the difference of the two pictures, or the worse of both. `pictures`: how many
    there are of each person. What only drawn faces know is given where both sides are drawn.
    """
    both = {
        "attr.difference in brightness": _difference(first, second, "attr.brightness"),
        "attr.contrast of the flatter picture": _worse(first, second, "attr.contrast"),
        "attr.sharpness of the less sharp picture": _worse(first, second, "attr.sharpness"),
        "attr.difference in saturation": _difference(first, second, "attr.saturation"),
        "attr.pictures of the person with fewer": np.minimum(
            first["label"].map(pictures), second["label"].map(pictures)
        ),
    }
    if "attr.yaw" in first and first["attr.yaw"].notna().any():
        glasses = first["attr.glasses"].astype(int) + second["attr.glasses"].astype(int)
        hidden = (first["attr.occluded"] != "none").astype(int) + (
            second["attr.occluded"] != "none"
        ).astype(int)
        blurred = (first["attr.blur"] > 0).astype(int) + (second["attr.blur"] > 0).astype(int)
        both |= {
            "attr.degrees turned apart": _difference(first, second, "attr.yaw"),
            "attr.degrees nodded apart": _difference(first, second, "attr.pitch"),
            "attr.glasses": glasses.map({0: "none", 1: "one of both", 2: "both"}),
            "attr.face partly hidden": hidden.map({0: "none", 1: "one of both", 2: "both"}),
            "attr.blurred": blurred.map({0: "none", 1: "one of both", 2: "both"}),
            "attr.expression": np.where(
                first["attr.expression"] == second["attr.expression"], "the same", "another"
            ),
        }
    return pd.DataFrame(both)


def _difference(first: Table, second: Table, column: str) -> "pd.Series[float]":
    return (first[column].astype(float) - second[column].astype(float)).abs()


def _worse(first: Table, second: Table, column: str) -> "pd.Series[float]":
    return first[column].astype(float).where(first[column] < second[column], second[column])
