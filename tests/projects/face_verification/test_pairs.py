"""Pairs of pictures within one split."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import UserError
from projects.face_verification.pairs import DIFFERENT, SAME, pairs


def people(*pictures: int) -> pd.DataFrame:
    rows = [
        {"example_id": f"{who}_{at}", "label": f"p{who}", "digest": f"d{who}.{at}", "split": "dev"}
        for who, number in enumerate(pictures)
        for at in range(number)
    ]
    return pd.DataFrame(rows)


def kinds(found: pd.DataFrame) -> dict[str, int]:
    return {str(kind): int(number) for kind, number in found["label"].value_counts().items()}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=5).filter(lambda one: max(one) > 1))
def test_all_pairs_are_all_there_are_and_each_once(pictures: list[int]) -> None:
    found = pairs(people(*pictures), seed=0)
    number = sum(pictures)
    same = sum(one * (one - 1) // 2 for one in pictures)
    assert kinds(found) == {SAME: same, DIFFERENT: number * (number - 1) // 2 - same}
    assert (found["first"] != found["second"]).all()
    assert len(
        {frozenset(two) for two in zip(found["first"], found["second"], strict=True)}
    ) == len(found)
    assert found["example_id"].is_unique


def test_a_pair_names_its_one_identity_or_its_two() -> None:
    found = pairs(people(2, 1), seed=0)
    columns = ["first", "second", "label", "group", "group_2"]
    assert found[columns].to_numpy().tolist() == [
        ["0_0", "0_1", SAME, "p0", ""],
        ["0_0", "1_0", DIFFERENT, "p0", "p1"],
        ["0_1", "1_0", DIFFERENT, "p0", "p1"],
    ]


def test_the_sample_depends_on_the_seed_and_not_on_the_order_of_rows() -> None:
    table = people(6, 5, 4, 3, 1)
    once = pairs(table, same=8, different=20, seed=3)
    pd.testing.assert_frame_equal(once, pairs(table[::-1], same=8, different=20, seed=3))
    assert kinds(once) == {SAME: 8, DIFFERENT: 20}
    assert set(once["example_id"]) != set(pairs(table, same=8, different=20, seed=4)["example_id"])


def test_copies_are_never_paired_nor_used_twice() -> None:
    table = people(3, 2)
    table["digest"] = ["d", "d", "e", "f", "d"]
    found = pairs(table, seed=0)
    assert "0_1" not in set(found["first"]) | set(found["second"])
    assert set(found["example_id"]) == {
        "0_0 | 0_2", "1_0 | 1_1", "0_0 | 1_0", "0_2 | 1_0", "0_2 | 1_1",
    }  # fmt: skip


def test_who_has_one_picture_is_an_impostor_and_gives_no_same_pair() -> None:
    found = pairs(people(2, 1, 1), seed=0)
    same = found[found["label"] == SAME]
    assert set(same["group"]) == {"p0"}
    assert {"p1", "p2"} <= set(found["group"]) | set(found["group_2"])


def test_a_sample_is_not_ruled_by_whoever_has_most_pictures() -> None:
    found = pairs(people(40, *[2] * 30), same=40, different=200, seed=0)
    same = found[found["label"] == SAME]
    assert (same["group"] == "p0").mean() < 0.4
    assert same["group"].nunique() == 31
    different = found[found["label"] == DIFFERENT]
    assert (different[["group", "group_2"]] == "p0").any(axis=1).mean() < 0.25


def test_of_very_many_pairs_some_are_drawn_each_once() -> None:
    table = people(2, *[1] * 2_100)
    found = pairs(table, same=1, different=500, seed=0)
    assert kinds(found) == {SAME: 1, DIFFERENT: 500}
    assert found["example_id"].is_unique
    pd.testing.assert_frame_equal(found, pairs(table, same=1, different=500, seed=0))
    with pytest.raises(UserError, match="ask for 1000000 or fewer"):
        pairs(table, seed=0)


def test_fewer_pairs_than_asked_for_are_all_there_are() -> None:
    assert kinds(pairs(people(2, 2), same=9, different=9, seed=0)) == {SAME: 2, DIFFERENT: 4}


def test_no_pair_of_a_kind_is_refused_in_one_line() -> None:
    with pytest.raises(UserError, match=r"^2 pictures of 2 people of dev make no pair of the same"):
        pairs(people(1, 1), seed=0)
    with pytest.raises(UserError, match=r"of 1 people of dev make no pair of the different kind"):
        pairs(people(3), seed=0)


def test_pairs_never_cross_splits() -> None:
    table = people(2, 2)
    table.loc[0, "split"] = "train"
    with pytest.raises(UserError, match="dev, train together would cross the splits"):
        pairs(table, seed=0)
