import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.data.splits import by_group, divided, folds
from common.errors import UserError
from common.settings import Data

DATA = Data(dev_share=0.2, test_share=0.2)


def table(number: int, members: int = 1, classes: int = 2, **columns: object) -> pd.DataFrame:
    """`number` groups of `members` examples, classes in turn."""
    rows = [
        {"example_id": f"{g}-{m}", "group": f"g{g}", "label": f"class {g % classes}"}
        for g in range(number)
        for m in range(members)
    ]
    return pd.DataFrame(rows).assign(content="drawn:", **columns)


def counts(found: pd.DataFrame) -> dict[str, int]:
    return found["split"].value_counts().to_dict()


def test_shares_come_out_roughly():
    found = counts(by_group(table(2000), DATA))
    assert set(found) == {"train", "dev", "test"}
    assert found["dev"] == pytest.approx(400, abs=60)
    assert found["test"] == pytest.approx(400, abs=60)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 5), st.integers(60, 120), st.integers(1, 3), st.integers(1, 60))
def test_no_group_is_divided_and_none_moves_when_others_are_added(seed, number, members, more):
    data = Data(seed=seed, dev_share=0.3, test_share=0.3)
    before = divided(table(number, members), data)
    shuffled = table(number + more, members).sample(frac=1, random_state=seed)
    after = divided(shuffled, data).set_index("example_id")["split"]
    assert before.groupby("group")["split"].nunique().max() == 1
    assert (after[before["example_id"]].to_numpy() == before["split"].to_numpy()).all()


def test_dev_share_leaves_test_as_it_is():
    def test_ids(data: Data) -> set[str]:
        found = divided(table(500), data)
        return set(found.loc[found["split"] == "test", "example_id"])

    assert test_ids(DATA) == test_ids(Data(dev_share=0.4, test_share=0.2))
    assert test_ids(DATA) < test_ids(Data(dev_share=0.2, test_share=0.4))


def test_a_division_of_the_source_is_kept_and_dev_taken_from_its_train():
    own = ["train"] * 300 + ["test"] * 100
    found = by_group(table(400, split=own), DATA)
    assert set(found["split"][300:]) == {"test"}
    assert counts(found[:300])["dev"] == pytest.approx(60, abs=25)
    whole = [*own[:250], *["dev"] * 50, *["test"] * 100]
    assert list(by_group(table(400, split=whole), DATA)["split"]) == whole


def test_examples_a_divided_source_leaves_out_are_train():
    own = ["train"] * 50 + ["dev"] * 25 + [""] * 25
    assert list(by_group(table(100, split=own), DATA)["split"][75:]) == ["train"] * 25


def two_sources(general_split: list[str], target_split: list[str]) -> pd.DataFrame:
    distribution = ["general"] * len(general_split) + ["target"] * len(target_split)
    number = len(distribution)
    return table(number, distribution=distribution, split=[*general_split, *target_split])


def test_with_a_target_distribution_train_never_sees_it():
    found = by_group(two_sources([""] * 400, [""] * 400), Data(dev_share=0.3, test_share=0.1))
    cells = found.groupby(["distribution", "split"]).size()
    assert set(cells.index) == {
        ("general", "train"), ("general", "train_dev"), ("target", "dev"), ("target", "test"),
    }  # fmt: skip
    assert cells["general", "train_dev"] == pytest.approx(120, abs=40)
    assert cells["target", "dev"] == pytest.approx(300, abs=40)


def test_divisions_of_two_sources():
    general = ["train"] * 20 + ["dev"] * 10 + ["test"] * 10
    target = ["train"] * 10 + ["test"] * 10
    found = by_group(two_sources(general, target), DATA)
    assert list(found["split"]) == (
        ["train"] * 20 + ["train_dev"] * 20 + ["dev"] * 10 + ["test"] * 10
    )


@pytest.mark.parametrize(
    ("rows", "data", "said"),
    [
        (table(3), DATA, ["3 examples in 3 groups give", "add examples"]),
        (table(2), DATA, ["2 examples in 2 groups were found, at least 3 groups are needed, for"]),
        (table(1), DATA, ["1 example in 1 group was found", "for train, dev, test", "add exam"]),
        (table(300, classes=1), DATA, ["300 examples are of class 'class 0'", "two classes"]),
        (table(300), Data(dev_share=0.6, test_share=0.6), ["0.6", "below 1"]),
        (table(300, split="train").iloc[:0], DATA, ["no rows"]),
        (table(300, split="test"), DATA, ["train would be empty", "test 300"]),
        (table(300, split="tset"), DATA, ["'tset' in 300 of 300", "train, train_dev, dev, test"]),
        (two_sources([], [""] * 300), DATA, ["train would be empty"]),
    ],
)
def test_what_cannot_be_divided_is_said_in_one_line(rows, data, said):
    with pytest.raises(UserError) as error:
        by_group(rows, data)
    assert all(part in str(error.value) for part in said), str(error.value)
    assert "\n" not in str(error.value)


def test_a_split_that_lacks_a_class_is_refused():
    rows = table(200)
    rows.loc[0, "label"] = "rare"
    with pytest.raises(UserError, match=r"has no example of class 'rare', which has 1 in all"):
        by_group(rows, DATA)


def test_truths_that_are_no_classes_need_not_be_in_every_split():
    sentences = table(300).assign(label=[f"sentence {number}" for number in range(300)])
    assert set(divided(sentences, DATA)["split"]) == {"train", "dev", "test"}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), min_size=10, max_size=60),
    st.integers(2, 10),
    st.integers(0, 3),
)
def test_folds_keep_groups_and_balance_labels(groups, number, seed):
    rows = pd.DataFrame(
        [
            {"group": f"g{g}", "label": label}
            for g, (label, members) in enumerate(groups)
            for _ in range(members)
        ],
    ).sample(frac=1, random_state=seed)
    fold = folds(rows, number, seed)
    assert fold.index.equals(rows.index)
    assert set(fold) == set(range(number))
    assert fold.groupby(rows["group"]).nunique().max() == 1
    spread = pd.crosstab(fold, rows["label"])
    assert (spread.max() - spread.min()).max() <= max(members for _, members in groups)


def test_folds_are_the_same_again_and_differ_by_seed():
    rows = table(100)
    assert folds(rows, 5, 0).equals(folds(rows, 5, 0))
    assert not folds(rows, 5, 0).equals(folds(rows, 5, 1))
    assert set(pd.crosstab(folds(rows, 5, 0), rows["label"]).to_numpy().ravel()) == {10}


def test_too_few_groups_for_the_folds():
    with pytest.raises(UserError, match="3 groups of examples cannot make 5 folds"):
        folds(table(3, members=4), 5, 0)
    assert set(folds(table(6).drop(columns="label"), 3, 0).value_counts()) == {2}


def test_a_target_that_trains_keeps_its_test_examples():
    both = pd.concat([table(300), table(300).assign(distribution="target")], ignore_index=True)
    both["example_id"] = both["distribution"].fillna("general") + both["example_id"]
    both["group"] = both["distribution"].fillna("general") + both["group"]
    both["distribution"] = both["distribution"].fillna("general")
    apart = by_group(both, Data(dev_share=0.35, test_share=0.15))
    mixed = by_group(both, Data(dev_share=0.2, test_share=0.3, target_trains=True))

    def target(found: pd.DataFrame, split: str) -> set[str]:
        ours = (found["distribution"] == "target") & (found["split"] == split)
        return set(found.loc[ours, "example_id"])

    assert target(apart, "test") == target(mixed, "test") != set()
    assert not target(apart, "train")
    assert target(mixed, "train")
    general = mixed[mixed["distribution"] == "general"]
    assert set(general["split"]) == {"train", "train_dev"}
