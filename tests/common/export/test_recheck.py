import math
import subprocess
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from common.export import recheck
from common.export.recheck import rechecked
from common.files import read_json, write_json
from common.runs import RunFolder


def test_every_export_was_compared_on_all_dev_units(smoke_run: RunFolder) -> None:
    figures = read_json(smoke_run.path / "export" / "recheck.json")
    dev = pd.read_parquet(smoke_run.path / "reference_units.parquet")
    assert set(figures) == {
        path.name for path in (smoke_run.path / "export").iterdir() if path.name != "recheck.json"
    }
    for name, found in figures.items():
        assert found["units"] == len(dev) > 20, name
        assert 0 <= found["difference"] < 1e-4, name
        assert found["answers_differ"] == 0, name
        assert found["bytes"] > 1000, name
        assert all(time > 0 for time in found["latencies_ms"]), name
        assert len(found["latencies_ms"]) == len(dev) - 3


def test_a_tampered_export_fails_in_one_line(smoke_copy: RunFolder) -> None:
    path = smoke_copy.path / "export" / "model.keras"
    model = keras.saving.load_model(path, compile=False)
    *others, bias = model.get_weights()
    model.set_weights([*others, bias + np.float32(0.01)])
    model.save(path)
    with pytest.raises(UserError, match=r"export model\.keras differs .* by 0\.01 and") as stop:
        rechecked(smoke_copy.path, 1e-4)
    assert "nothing was registered" in str(stop.value)
    assert len(str(stop.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("difference", "answers", "allowed"),
    [
        (0.9e-4, 0, True),
        (1.1e-4, 0, False),
        (math.nan, 0, False),
        (0.0, 1, False),
    ],
)
def test_figures_beyond_the_tolerance_fail_the_run_in_one_line(
    difference: float,
    answers: int,
    allowed: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figures = {"model": {"difference": difference, "answers_differ": answers, "units": 9}}
    write_json(tmp_path / "export" / "recheck.json", figures)
    _ends(monkeypatch, 0)
    if allowed:
        assert rechecked(tmp_path, 1e-4) == figures
        return
    with pytest.raises(UserError, match=r"model differs .* at most 0\.0001 is") as stop:
        rechecked(tmp_path, 1e-4)
    assert len(str(stop.value).splitlines()) == 1


def test_a_comparison_that_falls_over_is_a_bug_and_says_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ends(monkeypatch, 1, "Traceback ...\nFileNotFoundError: no model.keras\n")
    with pytest.raises(RuntimeError, match=r"exports failed: FileNotFoundError: no model\.keras"):
        rechecked(tmp_path, 1e-4)


def _ends(monkeypatch: pytest.MonkeyPatch, code: int, stderr: str = "") -> None:
    """Let the fresh process have ended with this code."""
    done = subprocess.CompletedProcess([], code, "", stderr)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)


def test_differences_are_absolute_up_to_one_and_relative_above() -> None:
    expected = pd.DataFrame({"a": [0.5, -200.0], "b": [0.0, 1.0]})
    assert recheck._difference(expected + 0.01, expected) == pytest.approx(0.01)
    assert recheck._difference(expected * 1.02, expected) == pytest.approx(0.02)
    assert math.isnan(recheck._difference(expected * math.nan, expected))
