"""Which source a name means."""

from pathlib import Path

import pytest

from common.data.examples import checked
from common.errors import UserError
from projects.machine_translation.settings import Data, Dates, Settings
from projects.machine_translation.sources import source

SETTINGS = Settings(data=Data(dates=Dates(days=50)))


def test_files_and_embedded_dates_have_the_same_columns(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("Tag\tday\n", encoding="utf-8")
    from_file = source(f"tsv:{tmp_path}/a.tsv", SETTINGS)
    dates = source("embedded", SETTINGS)
    assert set(checked(from_file.examples)) <= set(checked(dates.examples))
    assert set(dates.examples["part"]) <= {"noisy", "clean", "held_out"}
    assert dates.problems.empty


@pytest.mark.parametrize("spec", ["dates", "tsv", "tsv:", "folder:a", "a.tsv", ""])
def test_what_is_no_source(spec: str) -> None:
    with pytest.raises(UserError, match=r"is no source of pairs: use embedded, tsv:FILE"):
        source(spec, SETTINGS)
