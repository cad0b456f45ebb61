from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from common.errors import UserError
from common.settings import Fit
from projects.machine_translation.data import (
    compose,
    dataset,
    encoded,
    examples,
    human_level,
    prepare,
    split,
    units,
)
from projects.machine_translation.settings import Data, Dates, Settings
from projects.machine_translation.tokens import BEGIN, END, PAD, characters

LITTLE = Settings(data=Data(dates=Dates(days=120), target_length=12), fit=Fit(batch_size=16))


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return split(examples(LITTLE, tmp_path_factory.mktemp("cache")).examples, LITTLE)


@pytest.fixture(scope="module")
def train(divided: pd.DataFrame) -> pd.DataFrame:
    return compose(divided[divided["split"] == "train"].reset_index(drop=True), "train", LITTLE)


def test_a_day_is_in_one_split_and_what_is_held_out_not_in_train(
    divided: pd.DataFrame, train: pd.DataFrame
) -> None:
    assert divided.groupby("label")["split"].nunique().max() == 1
    assert "held_out" in set(divided.loc[divided["split"] == "dev", "part"])
    assert set(train["part"]) == {"noisy", "clean"}


def test_dev_keeps_what_is_held_out_as_a_unit_of_its_own(
    divided: pd.DataFrame, train: pd.DataFrame
) -> None:
    dev = compose(divided[divided["split"] == "dev"].reset_index(drop=True), "dev", LITTLE)
    scored = units(dev, prepare(train, LITTLE), LITTLE)
    assert set(scored["unit"]) == {"example", "clean", "held_out"}
    assert (scored["unit"] == "example").sum() == (dev["part"] == "noisy").sum()


def test_the_truth_is_what_pieces_can_say(tmp_path: Path) -> None:
    file = tmp_path / "few.tsv"
    file.write_text("Ein  Hund\tA\u00a0Dog \n", encoding="utf-8")
    lower = Data(source=f"tsv:{file}", lowercase=True)
    assert examples(Settings(data=lower), tmp_path).examples["label"].tolist() == ["a dog"]


def test_dates_are_no_target_of_other_pairs(tmp_path: Path) -> None:
    file = tmp_path / "few.tsv"
    file.write_text("ein\tone\n", encoding="utf-8")
    mixed = LITTLE.data.model_copy(update={"target": f"tsv:{file}"})
    with pytest.raises(UserError, match="name two sources of one kind"):
        examples(Settings(data=mixed), tmp_path)


def test_what_a_target_takes_over_from_its_source(tmp_path: Path) -> None:
    file = tmp_path / "few.tsv"
    file.write_text("one three\tOne four\n", encoding="utf-8")
    found = examples(Settings(data=Data(source=f"tsv:{file}")), tmp_path).examples
    assert found["attr.copied"].tolist() == [0.5]


def test_tokens_are_learned_from_train_alone(train: pd.DataFrame) -> None:
    few = train[:5].assign(source="ab", label="2001-02-03")
    assets = prepare(few, LITTLE)
    assert assets.source.pieces == ("a", "b")
    assert assets.common_target == "2001-02-03"
    assert assets.frequent == ("ab",)


def test_what_is_cut_is_told_and_too_much_is_refused(
    train: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(train, LITTLE)
    assert capsys.readouterr().out == ""
    long = train.copy()
    long.loc[long.index[0], "label"] = 30 * "1"
    prepare(long, LITTLE)
    said = capsys.readouterr().out
    assert f"1 of {len(train)} target sentences of train are longer than" in said
    assert "31 would cut none" in said
    with pytest.raises(UserError, match=r"longer than data.target_length, 12 .*: set it to 31,"):
        prepare(train.assign(label=30 * "1"), LITTLE)


def test_what_a_text_tells(train: pd.DataFrame) -> None:
    assets = prepare(train.assign(source="one two"), LITTLE)
    row = train[:1].assign(source="One three " + 60 * "x")
    found = units(row, assets, LITTLE).iloc[0]
    assert found["attr.length"] == 71
    assert found["attr.truncated"] == "yes"
    assert found["attr.rare"] == 2


@given(st.lists(st.text("abcd", max_size=9), min_size=1, max_size=6), st.integers(2, 12))
@effort(max_examples=50, deadline=None)
def test_encoded_sentences_end_and_are_cut(texts: list[str], length: int) -> None:
    tokens = characters(["abcd"], lowercase=False)
    ids = encoded(texts, tokens, length)
    for text, row in zip(texts, ids, strict=True):
        said = row[row != PAD].tolist()
        assert said == [*tokens.ids(text)[: length - 1], END]
        assert (row[len(said) :] == PAD).all()
    assert ids.shape[1] <= length


def test_what_is_given_are_the_labels_a_step_later(train: pd.DataFrame) -> None:
    assets = prepare(train, LITTLE)
    seen = []
    for inputs, labels in dataset(train, assets, LITTLE, None):
        said, truth = np.asarray(inputs["given"]), np.asarray(labels)
        assert (said[:, 0] == BEGIN).all()
        before, after = said[:, 1:], truth[:, :-1]
        assert (before == np.where(after == END, PAD, after)).all()
        assert ((truth == END).sum(axis=1) == 1).all()
        seen += [assets.target.text(row) for row in truth]
    assert seen == train["label"].tolist()


def test_an_epoch_has_every_row_once_and_a_resumed_stream_goes_on(train: pd.DataFrame) -> None:
    assets = prepare(train, LITTLE)
    steps = -(-len(train) // LITTLE.fit.batch_size)

    def passes(start: int, number: int) -> list[list[str]]:
        batches = islice(dataset(train, assets, LITTLE, start), steps * number)
        return [
            [assets.source.text(row) for row in np.asarray(inputs["source"])]
            for inputs, _ in batches
        ]

    straight, resumed = passes(0, 2), passes(1, 1)
    wanted = sorted(assets.source.clean(text) for text in train["source"])
    assert sorted(text for batch in straight[:steps] for text in batch) == wanted
    assert straight[steps:] == resumed
    assert straight[:steps] != resumed


def test_little_is_padded(train: pd.DataFrame) -> None:
    assets = prepare(train, LITTLE)
    steps = -(-len(train) // LITTLE.fit.batch_size)
    batches = [
        np.asarray(one["source"]) for one, _ in islice(dataset(train, assets, LITTLE, 0), steps)
    ]
    padded = np.mean([(batch == PAD).mean() for batch in batches])
    in_order = np.asarray(next(iter(dataset(train, assets, LITTLE, None)))[0]["source"])
    assert padded < 0.5 * (in_order == PAD).mean()


def test_human_level_is_known_for_dates_only() -> None:
    level = human_level(LITTLE)
    assert level is not None
    assert 0 < level < 0.2
    assert human_level(Settings(data=Data(source="pairs:a,b"))) is None
    assert human_level(Settings(data=Data(dates=Dates(days=50, locales=("fr",))))) is not None
