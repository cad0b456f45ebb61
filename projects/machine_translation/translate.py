"""`translate`: sentences in, hypotheses with their scores out; or a file in, a file out."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from common.files import read_json, written
from common.runs import RunFolder
from projects.machine_translation.alignment import figure
from projects.machine_translation.data import Assets
from projects.machine_translation.evaluate import aligned
from projects.machine_translation.model import Translator
from projects.machine_translation.settings import Search
from projects.machine_translation.tokens import END, normalised
from projects.machine_translation.translating import Translation, translations

CHUNK = 4096
"""Lines of a file that are translated together: sorted by length, held in memory."""
SHOWN = 60
"""Most characters of a sentence, or of what was never seen, that are shown again."""
NAMED = 5
"""Most lines of a file that are named."""


def exported(run: RunFolder) -> tuple[Translator, Assets]:
    """Return a finished run's network as it was exported, and what it learned besides."""
    path = run.path / "export" / "model.keras"
    network: Translator = keras.saving.load_model(path, compile=False, safe_mode=True)
    return network, Assets(**read_json(run.path / "assets.json"))


def translated(
    run: RunFolder, sentences: Sequence[str], search: Search, picture: Path | None = None
) -> Iterator[str]:
    """Yield the model's name; for each sentence itself and a line per hypothesis, the best first.

    The sentence's line tells what of it was cut, and which of its characters were never seen. Of
    the first sentence the attention is drawn to `picture`.
    """
    network, assets = exported(run)
    yield f"model {run.name}"
    texts = [normalised(sentence) for sentence in sentences]
    found = translations(network, texts, assets, search)
    for text, one in zip(texts, found, strict=True):
        yield _shortened(text) + _remarks(text, one, assets)
        for hypothesis, score in zip(one.texts, one.scores, strict=True):
            yield f"  {score:7.3f}  {hypothesis}"
    if picture:
        drawn = aligned(texts[0], found[0], assets)
        with written(picture) as beside:
            kind = picture.suffix.lower().removeprefix(".")
            figure(drawn.source, drawn.target, drawn.weights).savefig(beside, format=kind)
        yield f"attention {picture}"


def written_to(output: Path, run: RunFolder, lines: Sequence[str], search: Search) -> Iterator[str]:
    """Write the best translation of each line; yield the model's name, and what it came to.

    Empty lines stay empty. `output` is UTF-8, and written whole or not at all.
    """
    network, assets = exported(run)
    yield f"model {run.name}"
    texts = [normalised(line) for line in lines]
    full = [number for number, text in enumerate(texts) if text]
    answers = [""] * len(texts)
    cut, strange, stopped = [], [], []
    started = time.perf_counter()
    with written(output) as beside, beside.open("w", encoding="utf-8") as file, _bar() as bar:
        task = bar.add_task("lines", total=len(full))
        for start in range(0, len(full), CHUNK):
            chunk = full[start : start + CHUNK]

            def tell(done: int, start: int = start) -> None:
                bar.update(task, completed=start + done)

            found = translations(network, [texts[i] for i in chunk], assets, search, tell)
            for number, one in zip(chunk, found, strict=True):
                answers[number] = one.texts[0]
                cut += [number + 1] * one.truncated
                strange += [number + 1] * bool(assets.source.unknown(texts[number]))
                stopped += [number + 1] * _is_stopped(one)
        file.writelines(f"{answer}\n" for answer in answers)
    seconds = time.perf_counter() - started
    yield f"{len(texts)} lines to {output}, {len(full) / seconds:.0f} a second"
    if len(full) < len(texts):
        yield f"{len(texts) - len(full)} empty and left so"
    if cut:
        yield f"{_counted(cut)} cut after {assets.source_length - 1} pieces"
    if strange:
        yield f"{_counted(strange)} with characters never seen in training"
    if stopped:
        yield f"{_counted(stopped)} stopped after {assets.target_length} pieces"


def _remarks(text: str, found: Translation, assets: Assets) -> str:
    """Return what a reader must know of a sentence before its translation is believed."""
    strange = assets.source.unknown(text)
    remarks = [
        *([f"cut after {assets.source_length - 1} pieces"] if found.truncated else []),
        *([f"never seen: {_shortened(strange)}"] if strange else []),
        *([f"stopped after {len(found.ids)} pieces"] if _is_stopped(found) else []),
    ]
    return f"  ({'; '.join(remarks)})" if remarks else ""


def _is_stopped(found: Translation) -> bool:
    """Return whether the translation came to its greatest length, and no end."""
    return found.ids[-1:] != (END,)


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _counted(numbers: Sequence[int]) -> str:
    """Return how many lines, and the numbers of the first."""
    named = ", ".join(map(str, numbers[:NAMED])) + ", …" * (len(numbers) > NAMED)
    return f"{len(numbers)} (line{'' if len(numbers) == 1 else 's'} {named})"


def _bar() -> Progress:
    """Return a bar that is seen on a terminal only."""
    console = Console()
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
