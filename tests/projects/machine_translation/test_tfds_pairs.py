"""Translations from prepared sets of TensorFlow Datasets; nothing is downloaded."""

from pathlib import Path
from typing import Any

import pytest
import tensorflow_datasets as tfds

from common.errors import UserError
from projects.machine_translation.tfds_pairs import tfds_pairs


class Translated(tfds.core.GeneratorBasedBuilder):
    """As ted_hrlr_translate: two languages and a division of its own."""

    VERSION = tfds.core.Version("1.0.0")
    KEYS: Any = ("pt", "en")

    def _info(self) -> Any:
        features = tfds.features.Translation(languages=("en", "pt"))
        return tfds.core.DatasetInfo(builder=self, features=features, supervised_keys=self.KEYS)

    def _split_generators(self, dl_manager: Any) -> Any:
        return {part: self._generate_examples(part) for part in ("train", "validation", "test")}

    def _generate_examples(self, part: str) -> Any:
        for number in range(3):
            yield number, {"pt": f"olá {part} {number}", "en": f"hello  {part} {number} é"}
        yield 3, {"pt": "", "en": "nothing"}


class Nameless(Translated):
    """Without supervised keys nobody knows which language is the source."""

    KEYS = None


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builder = Translated(data_dir=tmp_path)
    builder.download_and_prepare()
    monkeypatch.setattr(tfds, "builder", lambda name: builder)


def test_a_prepared_translation(prepared: None) -> None:
    examples, problems = tfds_pairs("translated")
    assert examples["split"].value_counts().to_dict() == {"train": 3, "dev": 3, "test": 3}
    row = examples.set_index("source").loc["olá validation 1"]
    assert row["split"] == "dev"
    assert row["label"] == "hello validation 1 é"
    assert row["content"].startswith("tfds:translated#validation/")
    assert examples["content"].is_unique
    assert list(problems["reason"]) == ["source empty"] * 3


def test_a_set_that_is_no_translation() -> None:
    with pytest.raises(UserError, match=r"mnist has 0 texts for .* \(image, label\): choose"):
        tfds_pairs("mnist")


def test_a_set_without_supervised_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tfds, "builder", lambda name: Nameless(data_dir=tmp_path))
    with pytest.raises(UserError, match=r"has 0 texts for its supervised keys \(en, pt\)"):
        tfds_pairs("nameless")


def test_a_set_that_is_nowhere_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: Any, **__: Any) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", no_network)
    monkeypatch.setattr(tfds, "builder", lambda name: Translated(data_dir=tmp_path))
    with pytest.raises(UserError, match="no network to download it"):
        tfds_pairs("translated")
