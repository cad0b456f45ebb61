"""What is in a clip is known, and is where the plan says."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.trigger_word_detection.clips import compose, plan, units
from projects.trigger_word_detection.grid import CLIP, LABEL_STEPS, RATE, STEPS_PER_SECOND
from projects.trigger_word_detection.mixing import labels, pool, sound
from projects.trigger_word_detection.settings import Clips, Data, Settings
from tests.projects.trigger_word_detection.recordings import PITCH, kept

SETTINGS = Settings(data=Data(clips=Clips(train=60, scored=40, activates=2, negatives=3)))


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return kept(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def dev(recordings: pd.DataFrame) -> pd.DataFrame:
    return compose(recordings, "dev", SETTINGS)


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.to_dict("records")


def test_clips_are_named_and_labelled_by_what_is_in_them(dev: pd.DataFrame) -> None:
    assert len(dev) == 40
    assert dev["example_id"].is_unique
    found = units(dev, SETTINGS)
    with_word = set(found.loc[found["unit"] == "event", "clip"])
    assert with_word == set(dev.loc[dev["label"] == "activate", "example_id"])
    assert (found["unit"] == "stretch").sum() == 40
    assert found["exposure"].sum() == pytest.approx(400 / 3600)


@given(st.integers(0, 10**6))
def test_words_do_not_overlap_and_leave_time_to_detect_them(
    recordings: pd.DataFrame, position: int
) -> None:
    row = rows(compose(recordings, "train", SETTINGS)[:1])[0]
    made = plan(row, SETTINGS, position)
    before = 0
    for word in made.words:
        assert word.at >= before
        before = word.end
    assert before <= CLIP - 0.7 * RATE
    assert made == plan(row, SETTINGS, position)


def test_every_position_of_training_is_another_clip(recordings: pd.DataFrame) -> None:
    row = rows(compose(recordings, "train", SETTINGS)[:1])[0]
    assert len({plan(row, SETTINGS, position) for position in range(200)}) == 200


def power(samples: np.ndarray, frequency: float) -> float:
    """The share of the power within 100 Hz of a frequency."""
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    place = np.fft.rfftfreq(len(samples), 1 / RATE)
    return float(spectrum[np.abs(place - frequency) < 0.16 * frequency].sum() / spectrum.sum())


def test_each_word_is_heard_where_the_plan_says(dev: pd.DataFrame) -> None:
    heard = 0
    for row in rows(dev):
        found, made = pool(row["pool"], row["as_recorded"]), plan(row, SETTINGS)
        clip = sound(found, made)
        assert clip.shape == (CLIP,)
        assert clip.dtype == np.float32
        assert 10 ** (-41 / 20) < np.abs(clip).max() <= 1
        for word in made.words:
            if word.snr > 10:
                pitch = PITCH[found.label[word.recording]] * word.speed
                assert power(clip[word.at : word.end], pitch) > 0.7
                heard += 1
    assert heard > 30


def test_labels_follow_each_end_of_the_word(dev: pd.DataFrame) -> None:
    events = units(dev, SETTINGS).query("unit == 'event'")
    for row in rows(dev[dev["label"] == "activate"]):
        truth = labels(pool(row["pool"], row["as_recorded"]), plan(row, SETTINGS))[:, 0]
        ends = events.loc[events["clip"] == row["example_id"], "end"].to_numpy()
        steps = [int(end * STEPS_PER_SECOND + 1e-6) for end in ends]
        wanted = {step + later for step in steps for later in range(LABEL_STEPS)}
        assert set(np.flatnonzero(truth)) == wanted


def test_the_ratio_to_the_background_is_as_stated(recordings: pd.DataFrame) -> None:
    loud = Settings(
        data=Data(clips=Clips(scored=30, activates=1, negatives=0, noise=0, babble=0,
                              snr_low=12, snr_high=12, smothered=0))
    )  # fmt: skip
    table = compose(recordings, "dev", loud)
    ratios = []
    for row in rows(table[table["label"] == "activate"]):
        made = plan(row, loud)
        clip = sound(pool(row["pool"], row["as_recorded"]), made)
        inside = np.zeros(CLIP, bool)
        for word in made.words:
            inside[word.at : word.end + RATE // 2] = True
        said = np.concatenate([clip[word.at : word.end] for word in made.words])
        ratios.append(10 * np.log10(np.mean(said**2) / np.mean(clip[~inside] ** 2)))
    assert np.median(ratios) == pytest.approx(12.3, abs=1)


def test_near_misses_are_known_per_unit(dev: pd.DataFrame) -> None:
    found = units(dev, SETTINGS)
    for row in rows(found[found["unit"] == "stretch"]):
        said = json.loads(row["said"])
        assert row["attr.near_miss"] == any(near for *_, near in said)
        assert all(word == "other" for _, _, word, _ in said)


def test_a_share_of_generated_words_is_smothered(recordings: pd.DataFrame) -> None:
    clips = Clips(scored=200, activates=2, smothered=0.3)
    settings = Settings(data=Data(clips=clips))
    snr = units(compose(recordings, "dev", settings), settings)["attr.snr"].dropna()
    assert (snr == -20).mean() == pytest.approx(0.3, abs=0.08)


def test_real_recordings_are_heard_alone_as_they_are(recordings: pd.DataFrame) -> None:
    real = recordings.assign(recorded=recordings["label"] != "background")
    table = compose(real, "dev", SETTINGS)
    found = units(table, SETTINGS)
    alone = found[found["unit"].isin(["recorded", "recorded_stretch"])]
    words = real[real["label"] != "background"]
    assert len(alone) == len(words)
    spoken = alone[alone["label"] == "nothing"]
    others = words[words["label"] == "negative"]
    assert spoken["exposure"].sum() * 3600 == pytest.approx(others["attr.seconds"].sum())
    assert set(found["attr.speed"].dropna()) == {1.0}
    assert compose(real, "train", SETTINGS)["kind"].unique().tolist() == ["mixed"]
