"""The drawn pictures: stable rows, reproducible pixels, knobs that do what they say."""

import hashlib
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from common.errors import UserError
from projects.cat_classifier.embedded import (
    LOOK_ALIKES,
    OTHERS,
    examples,
    human_level,
    picture,
)
from projects.cat_classifier.embedded_settings import EmbeddedSettings


def table(seed: int = 0, shifted: bool = False, **fields: float) -> pd.DataFrame:
    return examples(EmbeddedSettings(**{"number": 2000, **fields}), seed, shifted)


def pictures(rows: pd.DataFrame, size: int = 32) -> NDArray[np.uint8]:
    return np.stack([picture(row, size) for row in rows.to_dict("records")])


@settings(max_examples=30, deadline=None)
@given(
    few=st.integers(1, 60),
    more=st.integers(0, 60),
    seed=st.integers(-(2**31), 2**31),
    shifted=st.booleans(),
    noise=st.floats(0, 0.5),
)
def test_a_larger_number_keeps_the_earlier_rows(
    few: int, more: int, seed: int, shifted: bool, noise: float
) -> None:
    short = table(seed, shifted, number=few, label_noise=noise)
    long = table(seed, shifted, number=few + more, label_noise=noise)
    pd.testing.assert_frame_equal(long.head(few), short)


def test_ids_are_unique_over_seeds_and_distributions() -> None:
    tables = [table(seed, shifted, number=50) for seed in (1, 11) for shifted in (False, True)]
    rows = pd.concat(tables)
    assert rows["example_id"].is_unique
    assert rows["content"].is_unique
    assert table(7, number=124)["example_id"].iloc[-1] == "drawn-7-000123"


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(-(2**31), 2**31), index=st.integers(0, 30), size=st.sampled_from((8, 33, 64))
)
def test_a_picture_is_a_function_of_its_row(seed: int, index: int, size: int) -> None:
    row = table(seed, number=index + 1).iloc[-1]
    first = picture(row, size)
    assert first.shape == (size, size, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, picture(row.to_dict(), size))


def test_another_process_draws_the_same_pixels() -> None:
    code = (
        "import hashlib\n"
        "from projects.cat_classifier.embedded import EmbeddedSettings, examples, picture\n"
        "rows = examples(EmbeddedSettings(number=20), 5).to_dict('records')\n"
        "print(hashlib.sha256(b''.join(picture(r, 48).tobytes() for r in rows)).hexdigest())\n"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    here = hashlib.sha256(pictures(table(5, number=20), 48).tobytes()).hexdigest()
    assert here == there


def test_every_species_and_pose_can_be_drawn_and_shows_something() -> None:
    rows = table().drop_duplicates(["attr.species", "attr.pose"])
    assert set(rows["attr.species"]) == {"cat", *LOOK_ALIKES, *OTHERS}
    spread = pictures(rows).reshape(len(rows), -1).std(axis=1)
    assert spread.min() > 8


def test_a_picture_keeps_its_content_at_another_size() -> None:
    rows = table(number=20, blurred=0)
    large = pictures(rows, 64).reshape(20, 16, 4, 16, 4, 3).mean(axis=(2, 4)).reshape(20, -1)
    small = pictures(rows, 32).reshape(20, 16, 2, 16, 2, 3).mean(axis=(2, 4)).reshape(20, -1)
    likeness = np.corrcoef(large, small)[:20, 20:]
    assert (likeness.argmax(axis=1) == np.arange(20)).all()
    assert np.diag(likeness).min() > 0.9


@pytest.mark.parametrize(
    ("field", "column"),
    [("label_noise", "attr.label_wrong"), ("occluded", "attr.occluded"), ("blurred", "attr.blur")],
)
def test_a_knob_sets_its_share_and_leaves_the_rest(field: str, column: str) -> None:
    without, some = table(**{field: 0.0}), table(**{field: 0.3})
    assert not without[column].any()
    assert (some[column] > 0).mean() == pytest.approx(0.3, abs=0.04)
    others = [name for name in without if name not in (column, "label")]
    pd.testing.assert_frame_equal(without[others], some[others])


def test_labels_are_the_truth_but_for_the_noise() -> None:
    rows = table(label_noise=0.2)
    truth = np.where(rows["attr.species"] == "cat", "cat", "not cat")
    assert ((rows["label"] != truth) == rows["attr.label_wrong"]).all()
    assert (truth == "cat").mean() == pytest.approx(0.5, abs=0.04)
    assert human_level(EmbeddedSettings(label_noise=0.2)) == pytest.approx(
        rows["attr.label_wrong"].mean(), abs=0.03
    )


def test_look_alikes_are_the_asked_share_of_non_cats() -> None:
    rows = table(look_alikes=0.7)
    rows = rows[rows["attr.species"] != "cat"]
    assert rows["attr.look_alike"].mean() == pytest.approx(0.7, abs=0.05)
    assert (rows["attr.look_alike"] == rows["attr.species"].isin(LOOK_ALIKES)).all()


def test_the_target_distribution_is_darker_flatter_and_tilted() -> None:
    general, target = table(number=150), table(number=150, shifted=True)
    assert set(target["distribution"]) == {"target"}
    light = [pictures(rows).astype(float).mean() for rows in (general, target)]
    assert light[1] < 0.85 * light[0]
    assert target["attr.contrast"].mean() < 0.8 * general["attr.contrast"].mean()
    assert target["attr.tilt"].std() > 1.3 * general["attr.tilt"].std()
    assert (target["attr.blur"] > 0).mean() > (general["attr.blur"] > 0).mean()


def test_without_a_shift_both_distributions_are_one() -> None:
    general, target = table(), table(shifted=True, shift=0)
    for name in ("attr.brightness", "attr.contrast", "attr.tilt", "attr.blur"):
        assert ks_2samp(general[name], target[name]).pvalue > 0.001


def test_colours_tell_little_of_the_label() -> None:
    """The nearest mean colour histogram, fitted on half, is near chance on the other half."""
    rows = table(number=1200)
    cat = (rows["label"] == "cat").to_numpy()
    histograms = np.array(
        [
            np.histogramdd(p.reshape(-1, 3), bins=4, range=[(0, 256)] * 3)[0].ravel()
            for p in pictures(rows, 24)
        ]
    )
    fit, held = slice(0, 600), slice(600, 1200)
    means = [histograms[fit][cat[fit] == is_cat].mean(axis=0) for is_cat in (False, True)]
    far = [((histograms[held] - mean) ** 2).sum(axis=1) for mean in means]
    assert ((far[1] < far[0]) == cat[held]).mean() < 0.57


def test_a_bad_field_is_one_line() -> None:
    with pytest.raises(UserError, match="number is 0") as caught:
        EmbeddedSettings(number=0)
    assert "\n" not in str(caught.value)
