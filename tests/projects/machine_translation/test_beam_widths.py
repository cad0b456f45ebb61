"""The sweep of beam widths: a row per width, from nothing but a run's folder."""

from pathlib import Path

import pandas as pd
import pytest

from common.errors import UserError
from common.files import write_json
from projects.machine_translation.settings import Search, Settings
from tests.benchmarks.beam_widths import _widths, main
from tests.projects.machine_translation.networks import assets, network, sentences


@pytest.fixture
def run(tmp_path: Path) -> Path:
    learned, sources = assets(), sentences(30)
    (tmp_path / "export").mkdir()
    network(learned).save(tmp_path / "export" / "model.keras")
    write_json(tmp_path / "assets.json", learned.model_dump())
    write_json(tmp_path / "settings.json", Settings(search=Search(alpha=1.0)).model_dump())
    units = pd.DataFrame({"source": sources, "label": "1979", "split": "dev", "part": "noisy"})
    units = units.assign(example_id=[f"e{n}" for n in range(30)], unit="example")
    units.loc[:4, "unit"] = "clean"
    units.to_parquet(tmp_path / "reference_units.parquet")
    return tmp_path


def test_each_width_is_measured_on_the_counted_sentences(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(run, (1, 3))
    first, head, *rows = capsys.readouterr().out.splitlines()
    assert first == "25 dev sentences, alpha 1"
    assert "dev error" in head
    assert [row.split()[0] for row in rows] == ["1", "3"]
    assert all(float(row.split()[-1]) > 0 for row in rows)


def test_what_cannot_be_swept_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'0' is no width"):
        _widths(["5", "0"])
    with pytest.raises(UserError, match="name the folder of a finished run"):
        main(tmp_path, (1,))
