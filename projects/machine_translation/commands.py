"""The translator's own verbs. Imports nothing heavy before a verb's arguments are checked."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import tyro

from common import runtime
from common.answering import answering_run
from common.errors import UserError
from common.files import read_json
from common.runs import RunFolder
from projects.machine_translation.settings import Search, Settings
from projects.machine_translation.tokens import normalised

NAME = "machine_translation"
PICTURES = (".png", ".svg", ".pdf")


def translate(
    sentences: Annotated[tuple[str, ...], tyro.conf.Positional] = (),
    file: Path | None = None,
    output: Path | None = None,
    beam: int | None = None,
    n_best: int = 1,
    attention: Path | None = None,
    model: str = "newest",
) -> None:
    """Translate sentences, or a file line by line.

    Args:
        sentences: Sentences, each in quotes.
        file: A text file (UTF-8, plain or .gz) with a sentence a line.
        output: Where the file's translations are written, a line for each of its lines.
        beam: Hypotheses kept at each step, 1 is greedy search; as trained, where it is not given.
        n_best: How many hypotheses of each sentence are shown, the best first, each after its score
            (log-probability / length ** alpha).
        attention: Also draw where the translation of the one sentence looked (png, svg or pdf).
        model: Which run translates: newest, champion, a run's name or the start of its id.
    """
    _check_places(sentences, file, output, attention)
    if n_best > 1 and file:
        raise UserError(
            f"--n-best {n_best} with --file: a file gets one line for a line; give the sentences"
            " themselves to see more"
        )
    run = answering_run(model, NAME)
    settings = Settings(**read_json(run.path / "settings.json"))
    search = _search(settings.search, beam, n_best)
    if attention and settings.model.name == "no_attention":
        raise UserError(
            f"{run.name} is a model without attention (no_attention): leave --attention out, or"
            " name another --model"
        )
    for line in _told(run, sentences, file, output, search, attention):
        print(line, flush=True)


def _check_places(
    sentences: tuple[str, ...], file: Path | None, output: Path | None, attention: Path | None
) -> None:
    """Refuse what cannot be read or written as it was asked for."""
    if bool(sentences) == bool(file):
        what = "both sentences and --file were" if file else "neither was"
        raise UserError(f"{what} given: name sentences in quotes, or --file IN --output OUT")
    if bool(file) != bool(output):
        missing = "--output" if file else "--file"
        raise UserError(f"{missing} is missing: --file IN --output OUT are given together")
    for number, sentence in enumerate(sentences, 1):
        if not normalised(sentence):
            raise UserError(f"sentence {number} of {len(sentences)} is empty: leave it out")
    if attention and len(sentences) != 1:
        what = "a file" if file else f"{len(sentences)} sentences"
        raise UserError(f"--attention draws one sentence, not {what}: give one alone")
    if attention and attention.suffix.lower() not in PICTURES:
        raise UserError(f"--attention {attention}: a name ending in {', '.join(PICTURES)} is asked")
    for place in (output, attention):
        if place:
            _check_writable(place)
    if file and not file.is_file():
        raise UserError(f"{file} is no file: name one with a sentence a line")
    if file and output and output.exists() and output.samefile(file):
        raise UserError(f"--output would overwrite {file}: name another file")


def _check_writable(place: Path) -> None:
    if place.exists() and not place.is_file():
        raise UserError(f"{place} is no plain file: name another for what is written")
    folder = next(one for one in place.absolute().parents if one.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise UserError(f"{place} cannot be written: {folder} is no folder that lets you; name one")


def _search(trained: Search, beam: int | None, n_best: int) -> Search:
    """Return the run's way of searching, with what was asked for."""
    wanted = Search(beam=trained.beam if beam is None else beam, alpha=trained.alpha, n_best=n_best)
    if n_best > wanted.beam:
        raise UserError(
            f"--n-best {n_best} is more than the beam of {wanted.beam}: give --beam {n_best} too"
        )
    return wanted


def _told(
    run: RunFolder,
    sentences: tuple[str, ...],
    file: Path | None,
    output: Path | None,
    search: Search,
    attention: Path | None,
) -> Iterator[str]:
    from projects.machine_translation.text_files import lines

    read = lines(file) if file else list(sentences)  # a broken file is told before all else
    runtime.load_tensorflow()
    from projects.machine_translation.translate import translated, written_to

    if output:
        return written_to(output, run, read, search)
    return translated(run, read, search, attention)


VERBS: dict[str, Callable[..., None]] = {"translate": translate}
"""`python -m projects.machine_translation VERB ...`."""
