"""Generated sources of recordings, and what is no source."""

import pytest

from common.data.examples import GENERAL, TARGET
from common.errors import UserError
from projects.trigger_word_detection import espeak
from projects.trigger_word_detection.sources import source
from tests.projects.trigger_word_detection.spoken import examined, settings


@pytest.mark.parametrize("spec", ["songs", "folder:", "h5:x", "embedded:x", "tfds:"])
def test_what_is_no_source(spec: str) -> None:
    with pytest.raises(UserError, match="use embedded, speech, folder:PATH or tfds:NAME"):
        source(spec, settings(), GENERAL)


@pytest.mark.parametrize("spec", ["embedded", "speech"])
def test_generated_words(spec: str) -> None:
    if spec == "speech" and not espeak.installed():
        pytest.skip("the extra [speech] is not installed")
    general = examined(*source(spec, settings(), GENERAL))
    target = examined(*source(spec, settings(), TARGET))
    assert len(general) == 3 * 3 + 4
    assert not {row["group"] for row in general} & {row["group"] for row in target}


def test_without_espeak_there_are_generated_words_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(espeak, "installed", lambda: False)
    rows = examined(*source("speech", settings(), GENERAL))
    assert rows[0]["content"].startswith("formants:")
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert "pip install -e '.[speech]'" in said[0]
