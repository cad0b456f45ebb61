"""The drawn faces: stable rows, reproducible pixels, identities that pixels do not tell."""

import hashlib
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from common.data.examples import checked
from common.errors import UserError
from projects.face_verification.drawing.face import EXPRESSIONS
from projects.face_verification.embedded import (
    OCCLUSIONS,
    examples,
    identity_vector,
    picture,
    view,
)


def pictures(table: pd.DataFrame, size: int = 32) -> NDArray[np.uint8]:
    return np.stack([picture(content, size) for content in table["content"]])


def likeness_auc(vectors: NDArray[np.float64], labels: pd.Series) -> float:
    """How often a pair of one person is nearer than a pair of two."""
    lengths = (vectors**2).sum(axis=1)
    far = lengths[:, None] + lengths - 2 * vectors @ vectors.T
    first, second = np.triu_indices(len(vectors), 1)
    names = labels.to_numpy()
    same, far = names[first] == names[second], far[first, second]
    wins = mannwhitneyu(far[~same], far[same]).statistic
    return float(wins / same.sum() / (~same).sum())


@settings(max_examples=15, deadline=None)
@given(
    people=st.integers(1, 6),
    each=st.integers(1, 4),
    more=st.integers(0, 3),
    seed=st.integers(-(2**31), 2**31),
)
def test_more_people_or_pictures_keep_the_earlier_rows(
    people: int, each: int, more: int, seed: int
) -> None:
    few = examples(people, each, seed).set_index("example_id")
    many = examples(people + more, each + more, seed).set_index("example_id")
    pd.testing.assert_frame_equal(many.loc[few.index], few)


def test_the_table_is_one_of_examples_grouped_by_identity() -> None:
    table = checked(examples(5, 3, 1))
    assert (table["group"] == table["label"]).all()
    assert table["label"].value_counts().tolist() == [3] * 5
    assert table["label"].iloc[-1] == "person-0004"
    assert table["content"].is_unique
    assert not pd.concat([table, examples(5, 3, 11)])["example_id"].duplicated().any()


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(-(2**31), 2**31),
    identity=st.integers(0, 9999),
    size=st.sampled_from((8, 33, 64)),
)
def test_a_picture_is_a_function_of_its_content(seed: int, identity: int, size: int) -> None:
    content = f"drawn:{seed}:{identity}:2"
    first = picture(content, size)
    assert first.shape == (size, size, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, picture(content, size))


def test_another_process_draws_the_same_pixels() -> None:
    code = (
        "import hashlib\n"
        "from projects.face_verification.embedded import examples, picture\n"
        "shown = [picture(c, 48).tobytes() for c in examples(5, 4, 5)['content']]\n"
        "print(hashlib.sha256(b''.join(shown)).hexdigest())\n"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert hashlib.sha256(pictures(examples(5, 4, 5), 48).tobytes()).hexdigest() == there


def test_what_is_known_of_a_picture_is_what_it_shows() -> None:
    table = examples(40, 10, 2)
    assert set(table["attr.expression"]) == set(EXPRESSIONS)
    assert set(table["attr.occluded"]) == {"none", *OCCLUSIONS}
    assert table["attr.glasses"].mean() == pytest.approx(0.2, abs=0.06)
    assert (table["attr.blur"] > 0).mean() == pytest.approx(0.2, abs=0.06)
    assert table["attr.yaw"].iloc[7] == view(table["content"].iloc[7]).yaw
    brightness = pictures(table, 16).mean(axis=(1, 2, 3))
    assert np.corrcoef(brightness, table["attr.light"])[0, 1] > 0.4


def test_a_turned_head_moves_the_face_to_its_side() -> None:
    """The eyes' place follows the yaw: drawings of one person, the brightness weighed out."""
    table = examples(1, 300, 4)
    sharp = table[(table["attr.occluded"] == "none") & (table["attr.blur"] == 0)]
    shown = pictures(sharp, 24).astype(float).mean(axis=3).reshape(len(sharp), -1)
    shown = (shown - shown.mean(axis=1, keepdims=True)) / shown.std(axis=1, keepdims=True)
    half = len(shown) // 2
    yaw = sharp["attr.yaw"].to_numpy()
    gram = shown @ shown.T / shown.shape[1]
    weights = np.linalg.solve(gram[:half, :half] + 0.3 * np.eye(half), yaw[:half])
    assert np.corrcoef(gram[half:, :half] @ weights, yaw[half:])[0, 1] > 0.3


def test_pixels_do_not_tell_who_somebody_is_and_the_latent_vector_does() -> None:
    table = examples(80, 6, 3)
    grey = pictures(table).astype(float).mean(axis=3).reshape(len(table), -1)
    assert 0.5 < likeness_auc(grey, table["label"]) < 0.65
    truth = np.stack([identity_vector(content) for content in table["content"]])
    assert likeness_auc(truth.astype(float), table["label"]) == 1.0


def test_some_people_look_much_alike_and_none_are_the_same() -> None:
    vectors = np.stack([identity_vector(c) for c in examples(300, 1, 6)["content"]])
    differing = (vectors[0::2] != vectors[1::2]).sum(axis=1)
    assert ((differing > 0) & (differing <= 12)).mean() == pytest.approx(0.5, abs=0.12)
    assert len(np.unique(vectors, axis=0)) == 300


@pytest.mark.parametrize("content", ["drawn:1:2", "file:a.png", "drawn:1:2:x", "other:1:2:3"])
def test_what_is_no_drawn_picture_is_refused_in_a_line(content: str) -> None:
    with pytest.raises(UserError, match="is no drawn picture") as caught:
        picture(content, 32)
    assert "\n" not in str(caught.value)
