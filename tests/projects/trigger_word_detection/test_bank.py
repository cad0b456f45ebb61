"""Recordings are kept at full scale, found again, and what cannot be used is told."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from projects.trigger_word_detection.bank import samples, stored
from projects.trigger_word_detection.grid import RATE
from tests.projects.trigger_word_detection.recordings import kept, table, waveform


def test_what_is_stored_is_what_was_read(tmp_path: Path) -> None:
    good = kept(tmp_path)
    assert len(good) == len(table())
    for row in good.to_dict("records"):
        part = samples(row["store"])[row["first"] : row["first"] + row["length"]]
        assert np.abs(part.astype(int)).max() == 32767
        if row["label"] == "background":
            np.testing.assert_allclose(part * row["peak"] / 32767, waveform(row), atol=1e-4)
        assert row["attr.seconds"] == pytest.approx(len(part) / RATE)
    assert (
        good["digest"].nunique() == len(good) - 2 * len(good[good["label"] == "activate"]) * 2 / 3
    )


def test_it_is_read_once_and_again_when_the_settings_change(tmp_path: Path) -> None:
    calls = []

    def counted(row):
        calls.append(row["example_id"])
        return waveform(row)

    rows = table(speakers=1, each=1)
    for key, reads in (("a", len(rows)), ("a", len(rows)), ("b", 2 * len(rows))):
        stored(rows, counted, tmp_path, key)
        assert len(calls) == reads


def test_what_cannot_be_used_is_told_and_left_out(tmp_path: Path) -> None:
    rows = table(speakers=1, each=2)

    def read(row):
        match row["example_id"]:
            case "activate-0-0":
                return np.zeros(RATE, np.float32)
            case "negative-0-0":
                return np.ones(1, np.float32)
            case "noise-0":
                raise UserError("is damaged")
        return waveform(row)

    good, problems = stored(rows, read, tmp_path, "bad")
    assert len(good) == len(rows) - 3
    reasons = dict(zip(problems["content"], problems["reason"], strict=True))
    assert reasons["planted:activate-0-0"] == "is silent"
    assert "which is no word" in reasons["planted:negative-0-0"]
    assert reasons["planted:noise-0"] == "is damaged"
    with pytest.raises(UserError, match="none of 4 recordings can be used"):
        stored(rows[:4], lambda row: np.zeros(RATE, np.float32), tmp_path, "none")


def test_a_store_that_is_gone_says_what_to_do(tmp_path: Path) -> None:
    good = kept(tmp_path)
    shutil.rmtree(good["store"].iloc[0])
    samples.cache_clear()
    with pytest.raises(UserError, match="are gone: train again"):
        samples(good["store"].iloc[0])
    assert isinstance(good, pd.DataFrame)
