"""The table of pairs: ids from content, groups from targets, problems told."""

import pytest

from common.data.examples import checked
from common.data.splits import divided
from common.errors import UserError
from common.settings import Data
from projects.machine_translation.pairs import Pair, found


def numbered(*sentences: tuple[str, str]) -> list[Pair]:
    return [Pair(f"tsv:a#{i}", "", *both) for i, both in enumerate(sentences, 1)]


def test_a_pair_is_a_row() -> None:
    examples, problems = found(numbered((" Guten\tTag ", "Good\u00a0day\r")), "tsv:a")
    assert checked(examples).to_dict("records")[0] == {
        "example_id": examples["example_id"][0],
        "label": "Good day",
        "content": "tsv:a#1",
        "group": "good day",
        "split": "",
        "source": "Guten Tag",
        "part": "pair",
        "best": pytest.approx(float("nan"), nan_ok=True),
        "distribution": "general",
    }
    assert list(problems.columns) == ["content", "reason"]
    assert problems.empty


def test_ids_depend_on_both_sentences_alone() -> None:
    some = [("a", "b"), ("c", "d"), ("a", "e"), ("a", "b"), ("a", "b")]
    ids = list(found(numbered(*some), "tsv:a").examples["example_id"])
    assert len(set(ids)) == 5
    assert ids[3:] == [f"{ids[0]}-2", f"{ids[0]}-3"]
    assert list(found(numbered(*some[1:3]), "tsv:b").examples["example_id"]) == ids[1:3]


def test_an_empty_side_is_a_problem() -> None:
    some = numbered(("a", "b"), ("", "b"), ("a", " \t"), ("\u200f", "\x00"))
    examples, problems = found(some, "tsv:a")
    assert len(examples) == 1
    assert problems.to_dict("records") == [
        {"content": "tsv:a#2", "reason": "source empty"},
        {"content": "tsv:a#3", "reason": "target empty"},
        {"content": "tsv:a#4", "reason": "source and target empty"},
    ]


@pytest.mark.parametrize(
    ("some", "said"),
    [
        ([("", ""), ("", "b")], r"holds no pair of sentences \(2 lines are empty on a side\)"),
        ([("a", "a"), ("b", "b")], r"every target .* the same as its source \(2 pairs\)"),
    ],
)
def test_nothing_to_translate(some: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(UserError, match=said):
        found(numbered(*some), "tsv:a")


def test_one_pair_cannot_be_divided() -> None:
    with pytest.raises(UserError, match="would be empty: 1 example in 1 group was found"):
        divided(found(numbered(("a", "b")), "tsv:a").examples, Data())


def test_the_same_target_is_in_one_split() -> None:
    targets = [("The Same", "the same")[i % 2] for i in range(50)] + [f"{i}" for i in range(50)]
    some = [(f"so {i}", target) for i, target in enumerate(targets)]
    table = divided(found(numbered(*some), "tsv:a").examples, Data())
    assert table[table["label"].str.lower() == "the same"]["split"].nunique() == 1
    assert table["split"].nunique() == 3
