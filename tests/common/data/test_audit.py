import pandas as pd

from common.data.audit import audit
from common.data.examples import empty_problems


def rows(*of: tuple[str, str, str, str]) -> pd.DataFrame:
    """Examples with digest, group, label and split."""
    table = pd.DataFrame(of, columns=["digest", "group", "label", "split"])
    names = [f"file:{number}" for number in range(len(table))]
    return table.assign(content=names, example_id=names, alike=table["group"])


CLEAN = [(f"d{n}", f"g{n}", ("cat", "dog")[n % 2], ("train", "dev")[n % 4 < 2]) for n in range(80)]


def test_clean_data_give_no_warning():
    found = audit(rows(*CLEAN), empty_problems())
    assert found.lines() == []
    assert found.total == 80
    assert found.counts.loc["dev"].to_dict() == {"cat": 20, "dog": 20}


def test_broken_files_are_counted_and_named():
    problems = pd.DataFrame({"content": ["file:x.jpg"], "reason": ["is empty"]})
    found = audit(rows(*CLEAN), problems)
    assert found.total == 81
    assert found.lines() == ["1 of 81 cannot be read and are left out: file:x.jpg: is empty"]


def test_duplicates_inside_and_across_splits_and_contradicting_labels():
    exact = ("same", "g-same", "cat", "train")
    near = ("other", "g-same", "cat", "train")
    across = ("same", "g-same", "dog", "dev")
    found = audit(rows(*CLEAN, exact, exact, near, across), empty_problems())
    assert len(found.exact) == 2
    assert len(found.near) == 1
    text = "\n".join(found.lines())
    assert "1 exact duplicate within one split" in text
    assert "1 near-duplicate within one split" in text
    assert "file:80 (train) and file:83 (dev)" in text
    assert (
        "1 near-duplicate with different labels, for example file:80 (cat) and file:83 (dog)"
        in text
    )


def test_unbalanced_and_small_classes():
    uneven = [(f"e{n}", f"h{n}", "cat", "train") for n in range(60)]
    few = [("f", "f", "rare", "dev"), ("f2", "f2", "rare", "train")]
    lines = audit(rows(*CLEAN, *uneven, *few), empty_problems()).lines()
    assert lines[0].startswith("'cat' is 79% of train and 49% of dev")
    assert "dev has only 1 of 'rare'" in lines


def test_texts_are_no_classes():
    """Every label is another sentence, so what is counted is their kind."""
    table = rows(*((f"d{n}", f"g{n}", f"sentence {n}", CLEAN[n][3]) for n in range(80)))
    found = audit(table.assign(kind="pair"), empty_problems())
    assert found.lines() == []
    assert list(found.counts.columns) == ["pair"]
