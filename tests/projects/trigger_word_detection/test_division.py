"""Speakers stay in one split, and every split has backgrounds."""

from itertools import product

import pandas as pd
import pytest

from common.errors import UserError
from projects.trigger_word_detection.division import divided
from projects.trigger_word_detection.settings import Data, Settings
from tests.projects.trigger_word_detection.recordings import table


@pytest.mark.parametrize(("backgrounds", "seed"), list(product((3, 5, 9, 40), range(3))))
def test_every_split_has_backgrounds_and_no_speaker_is_in_two(backgrounds: int, seed: int) -> None:
    rows = table(speakers=40, each=2, backgrounds=backgrounds)
    found = divided(rows, Settings(data=Data(seed=seed)))
    assert found.groupby("group")["split"].nunique().max() == 1
    counts = found[found["label"] == "background"]["split"].value_counts()
    assert set(counts.index) == {"train", "dev", "test"}
    assert backgrounds < 9 or counts["train"] == counts.max()
    assert sorted(found["example_id"]) == sorted(rows["example_id"])


def test_backgrounds_of_a_speakers_room_go_with_the_speaker() -> None:
    rows = table(speakers=40, each=2, backgrounds=6)
    rows.loc[rows["label"] == "background", "group"] = [f"speaker-{n}" for n in range(6)]
    found = divided(rows, Settings())
    assert found.groupby("group")["split"].nunique().max() == 1


def test_a_division_of_the_source_is_kept() -> None:
    rows = table(speakers=9, each=2, backgrounds=6)
    number = rows["group"].str.rpartition("-")[2].astype(int)
    rows["split"] = number.map(lambda one: ("train", "dev", "test")[one % 3])
    found = divided(rows, Settings()).set_index("example_id")["split"]
    assert (found[rows["example_id"]].to_numpy() == rows["split"].to_numpy()).all()


def test_two_distributions_are_divided_apart() -> None:
    target = table(speakers=30, each=2, backgrounds=6).assign(distribution="target")
    for column in ("example_id", "group", "content"):
        target[column] = "real-" + target[column]
    both = pd.concat([table(speakers=30, each=2, backgrounds=6), target], ignore_index=True)
    found = divided(both, Settings())
    behind = found[found["label"] == "background"].groupby("distribution")["split"].unique()
    assert {name: set(splits) for name, splits in behind.items()} == {
        "general": {"train", "train_dev"},
        "target": {"dev", "test"},
    }


def test_a_word_said_once_is_told() -> None:
    rows = table(speakers=10, each=2)
    once = rows[(rows["label"] != "activate") | (rows["example_id"] == "activate-0-0")]
    with pytest.raises(UserError, match=r"no example of class 'activate', which has 1 in all"):
        divided(once, Settings())
