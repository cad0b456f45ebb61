"""`translate`: an exported network on sentences and on files, in their order."""

import gzip
import re
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt

from common.files import write_json
from common.runs import RunFolder
from projects.machine_translation import commands, translate
from projects.machine_translation.data import Assets
from projects.machine_translation.model import build
from projects.machine_translation.settings import Model, Search, Settings
from projects.machine_translation.tokens import characters
from projects.machine_translation.translate import translated, written_to
from projects.machine_translation.translating import Translation

Command = Callable[..., subprocess.CompletedProcess[str]]

SENTENCES = ("3 May 1979", "jeudi 3 mai 1979", "tuesday the 10th of July 2007")
SEARCH = Search(beam=3, n_best=2)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run whose network knows nothing yet, and always says the same of the same."""
    folder = RunFolder(tmp_path_factory.mktemp("home") / "runs" / "tiny")
    folder.note(run_id="abcdef123", project=commands.NAME, status="finished", started="2026-01-01")
    settings = Settings(model=Model(width=8, embedding=4))
    assets = Assets(
        source=characters(SENTENCES, lowercase=True),
        target=characters(["1979-05-03"], lowercase=False),
        source_length=20,
        target_length=6,
        frequent=("may",),
        common_target="1979-05-03",
    )
    write_json(folder.path / "settings.json", settings.model_dump(mode="json"))
    write_json(folder.path / "assets.json", assets.model_dump(mode="json"))
    (folder.path / "export").mkdir()
    build(assets, settings).save(folder.path / "export" / "model.keras")
    return folder


@pytest.fixture(autouse=True, scope="module")
def _loaded_once(run: RunFolder) -> Iterator[None]:
    """Making the search's graph takes seconds: it is made once for each way of searching."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translate, "exported", cache(translate.exported))
        yield


def test_each_sentence_has_its_hypotheses_the_best_first(run: RunFolder) -> None:
    lines = list(translated(run, SENTENCES[:2], SEARCH))
    assert lines[0] == "model tiny"
    assert lines[1] == "3 May 1979"
    assert lines[4] == "jeudi 3 mai 1979"
    hypotheses = [re.fullmatch(r"  ( *-\d+\.\d{3})  (\S*)", line) for line in lines[2:4]]
    scores = [float(found[1]) for found in hypotheses if found]
    assert len(scores) == 2
    assert scores == sorted(scores, reverse=True)
    assert len(lines) == 7


def test_sentences_together_say_what_each_says_alone(run: RunFolder) -> None:
    together = list(translated(run, SENTENCES, SEARCH))[1:]
    alone = [line for one in SENTENCES for line in list(translated(run, [one], SEARCH))[1:]]
    assert [line.split()[1:] for line in together] == [line.split()[1:] for line in alone]


def test_what_was_cut_or_never_seen_is_told_in_its_line(run: RunFolder) -> None:
    long = "3 may " * 2000
    lines = list(translated(run, [SENTENCES[2], long, " 3\tmay\x1b鱼 ~"], Search(beam=2, n_best=1)))
    assert lines[1] == f"{SENTENCES[2]}  (cut after 19 pieces)"
    assert lines[3].endswith("…  (cut after 19 pieces)")
    assert len(lines[3]) < 100
    assert lines[5] == "3 may 鱼 ~  (never seen: 鱼~)"


def test_a_translation_that_came_to_no_end_is_told(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = Translation(("197979",), (-0.5,), (5, 6, 4, 6, 4, 6), np.zeros((6, 3)), False)
    monkeypatch.setattr(translate, "translations", lambda *_: [endless])
    lines = list(translated(run, ["3 may"], SEARCH))
    assert lines[1:] == ["3 may  (stopped after 6 pieces)", "   -0.500  197979"]
    said = list(written_to(tmp_path / "out.txt", run, ["3 may"], SEARCH))
    assert said[-1] == "1 (line 1) stopped after 6 pieces"


def test_a_file_gets_a_line_for_each_of_its_lines(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translate, "CHUNK", 4)
    lines = [*SENTENCES, "", "3 may", " \t", "鱼", *SENTENCES[::-1]]
    said = list(written_to(tmp_path / "new" / "out.txt", run, lines, Search(beam=2, n_best=1)))
    assert said[0] == "model tiny"
    assert re.fullmatch(r"10 lines to \S+out.txt, \d+ a second", said[1])
    assert said[2:] == [
        "2 empty and left so",
        "2 (lines 3, 8) cut after 19 pieces",
        "1 (line 7) with characters never seen in training",
    ]
    text = (tmp_path / "new" / "out.txt").read_text(encoding="utf-8")
    answers = text.removesuffix("\n").split("\n")
    each = list(translated(run, [line for line in lines if line.strip()], Search(beam=2, n_best=1)))
    expected = iter(line.split("  ")[-1] for line in each[2::2])
    assert answers == [next(expected) if line.strip() else "" for line in lines]


def test_a_file_of_blank_lines_stays_one(run: RunFolder, tmp_path: Path) -> None:
    said = list(written_to(tmp_path / "out.txt", run, ["", " "], Search(beam=2, n_best=1)))
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "\n\n"
    assert said[-1] == "2 empty and left so"


def test_a_file_is_written_whole_or_not_at_all(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "out.txt").write_text("before", encoding="utf-8")
    monkeypatch.setattr(translate, "translations", stopped)
    with pytest.raises(KeyboardInterrupt):
        list(written_to(tmp_path / "out.txt", run, ["a"], SEARCH))
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "before"


@pytest.mark.parametrize("end", ["png", "svg"])
def test_the_attention_of_a_sentence_is_drawn(run: RunFolder, tmp_path: Path, end: str) -> None:
    picture = tmp_path / f"map.{end}"
    lines = list(translated(run, [SENTENCES[0]], SEARCH, picture))
    assert lines[-1] == f"attention {picture}"
    if end == "png":
        assert plt.imread(picture).min() < 0.5
    else:
        assert "</svg>" in picture.read_text(encoding="utf-8")


def test_translate_on_the_command_line(run: RunFolder, command: Command, tmp_path: Path) -> None:
    words = ["-m", f"projects.{commands.NAME}", "translate"]
    done = command(*words, SENTENCES[0], "--beam", "3", "--n-best", "2", cwd=run.home)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == list(translated(run, SENTENCES[:1], SEARCH))
    read, wrote = tmp_path / "in.txt.gz", tmp_path / "out.txt"
    read.write_bytes(gzip.compress(b"3 May 1979\n\njeudi\n"))
    done = command(*words, "--file", str(read), "--output", str(wrote), cwd=run.home)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "model tiny"
    assert wrote.read_text(encoding="utf-8").count("\n") == 3
