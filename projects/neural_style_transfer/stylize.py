"""`stylize`: every content in every style, optimised, written, and scored."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from common.errors import UserError
from common.settings import Group
from projects.neural_style_transfer import painted_styles
from projects.neural_style_transfer.colour import LUMINANCE, transferred
from projects.neural_style_transfer.features import Network, feature_network
from projects.neural_style_transfer.following import Following
from projects.neural_style_transfer.named_pictures import style_picture
from projects.neural_style_transfer.optimise import painted, scale_sizes
from projects.neural_style_transfer.outputs import counted, output_files
from projects.neural_style_transfer.pictures import (
    Picture,
    comment_of,
    pictures_of,
    read,
    written,
)
from projects.neural_style_transfer.scores import edge_correlation, sliced_wasserstein
from projects.neural_style_transfer.settings import Optimising
from projects.neural_style_transfer.state import State
from projects.neural_style_transfer.unfinished import Unfinished

GO_ON = "the same command with --resume goes on"


class Asked(Group):
    """What a painting is to be, besides its content and its style."""

    size: int
    """The longer side, in pixels."""
    features: str
    how: Optimising


class Pair(NamedTuple):
    """One content in one style."""

    content: Path
    style: str | Path
    """A painted style's name, or a file."""
    output: Path

    @property
    def title(self) -> str:
        """What a person calls it."""
        return f"{self.content.stem} in {_name(self.style)}"


def stylized(content: Path, style: str, output: Path, asked: Asked, resume: bool) -> None:
    """Paint, write and score every content in every style, and say how each came out.

    Pictures that cannot be read are told and left out. Ctrl-C is passed on after the best picture
    so far was written, with a word on going on where something is left to go on with. Raises
    UserError, before anything is painted, for what cannot be read or written at all; and at the end
    when something was not painted as it should be.
    """
    todo = pairs(content, style, output)
    try:
        reasons = _all_painted(todo, asked, resume)
    except KeyboardInterrupt:
        begun = any(_is_finished(one, asked) or _unfinished(one, asked).is_there() for one in todo)
        if begun:
            raise KeyboardInterrupt(GO_ON) from None
        raise
    if len(reasons) == len(todo):
        many = f"none of the {len(todo)} pictures could be painted: the lines above say why"
        raise UserError(reasons[0] if len(todo) == 1 else many)
    if reasons:
        raise UserError(counted(len(todo), len(reasons)))


def _all_painted(todo: Sequence[Pair], asked: Asked, resume: bool) -> list[str]:
    """Paint what is not finished; return for each that came out otherwise why it did."""
    network, reasons = None, []
    for pair in todo:
        if resume and not _unfinished(pair, asked).folder.exists() and _is_finished(pair, asked):
            print(f"{pair.output} is finished: left as it is")
            continue
        try:
            pictures = read(pair.content, asked.size), _style_picture(pair.style, asked.size)
        except UserError as error:
            why = str(error)
        else:
            network = network or feature_network(asked.features)
            why = _painted(pair, pictures, network, asked, resume)
        if why:
            reasons.append(why)
            if len(todo) > 1:
                print(f"{pair.title}: {why}", flush=True)
    return reasons


def pairs(content: Path, style: str, output: Path) -> list[Pair]:
    """Return every content in every style, and where each is written.

    A name of a painted style is that, though a file be called alike (./NAME is the file). Raises
    UserError when there are none, and for outputs as `output_files` does.
    """
    contents = pictures_of(content)
    styles = [style] if style in painted_styles.STYLES else _style_files(style)
    both = [(one, other) for one in contents for other in styles]
    names = [f"{one.stem}_{_name(other)}" for one, other in both]
    many = content.is_dir() or (style not in painted_styles.STYLES and Path(style).is_dir())
    sources = [*contents, *(one for one in styles if isinstance(one, Path))]
    made_of = [f"{one} in {other}" for one, other in both]
    files = output_files(names, output, made_of=made_of, many=many, sources=sources)
    return [Pair(*each, file) for each, file in zip(both, files, strict=True)]


def _style_files(style: str) -> list[str | Path]:
    if not Path(style).exists():
        known = ", ".join(painted_styles.STYLES)
        raise UserError(f"{style} is neither a picture, nor a folder, nor a painted style: {known}")
    return [*pictures_of(Path(style))]


def _style_picture(style: str | Path, size: int) -> Picture:
    return read(style, size) if isinstance(style, Path) else style_picture(style, size)


def _name(style: str | Path) -> str:
    return style.stem if isinstance(style, Path) else style


def _unfinished(pair: Pair, asked: Asked) -> Unfinished:
    """Return the place of what is begun; steps and method may be others when it goes on."""
    how = {"method", "steps", "learning_rate"}
    made_of = {name: one for name, one in _made_of(pair, asked).items() if name not in how}
    return Unfinished(pair.output, made_of)


def _is_finished(pair: Pair, asked: Asked) -> bool:
    return comment_of(pair.output) == json.dumps(_made_of(pair, asked))


def _made_of(pair: Pair, asked: Asked) -> dict[str, Any]:
    """Return all that decides how the painting looks; a finished file holds it as a comment."""
    weights = asked.features.removeprefix("file:")
    return {
        "content": _digest(pair.content),
        "style": _digest(pair.style),
        "size": asked.size,
        "features": _digest(Path(weights).expanduser() if weights != asked.features else weights),
        **asked.how.model_dump(),
    }


def _digest(file: str | Path) -> str:
    """Return a short hash of a file's content; a name as it is."""
    if isinstance(file, str) or not file.is_file():
        return str(file)
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def _painted(
    pair: Pair, pictures: tuple[Picture, Picture], network: Network, asked: Asked, resume: bool
) -> str:
    """Paint one pair, write it, and say so; return why it ended early."""
    (content, style), how, started = pictures, asked.how, time.perf_counter()
    left = _unfinished(pair, asked)
    state = left.state() if resume else None
    if resume:
        print(f"{pair.title}: {_going_on(state, how, pair.output)}")
    elif left.folder.exists():
        print(f"{pair.title}: begins anew; --resume would go on with {left.folder}")
    if content.shape == style.shape and np.array_equal(content, style):
        print(f"{pair.title}: content and style are the same picture, little will change")
    scales = len(scale_sizes(content.shape[:2], how.scales))
    with Following(pair.title, how.steps, scales) as follow:

        def tell(state: State) -> None:
            follow(state)
            left.keep(state)

        result = painted(content, style, network=network, how=how, state=state, tell=tell)
    made_of = "" if result.stopped else json.dumps(_made_of(pair, asked))
    written(result.picture, pair.output, made_of)
    if result.stopped == "by hand":
        left.keep(result.state, now=True)
        print(f"{pair.output}: the best picture so far, at step {result.state.step}", flush=True)
        raise KeyboardInterrupt
    left.remove()
    seconds = time.perf_counter() - started
    scores = _scores(result.picture, content, style, how)
    print(f"{pair.output}: {', '.join((f'{seconds:.0f} s', *scores))}", flush=True)
    if result.stopped:
        return (
            f"{result.stopped}: {pair.output} is the last good picture; try the other --method, or"
            " less --strength"
        )
    return ""


def _going_on(state: State | None, how: Optimising, output: Path) -> str:
    if state is None and output.exists():
        return f"{output} was painted otherwise, or not by stylize: begins anew"
    if state is None:
        return "nothing is left to go on with, begins anew"
    return f"goes on at scale {state.scale + 1}, step {min(state.step, how.steps)}"


def _scores(picture: Picture, content: Picture, style: Picture, how: Optimising) -> Iterator[str]:
    """Yield the scores in words; they are such as were not optimised."""
    wanted = transferred(style, content) if how.preserve_colour else style
    start = content if how.preserve_colour else transferred(content, style)
    distance, untouched = (sliced_wasserstein(one, wanted) for one in (picture, start))
    of = "the content's" if how.preserve_colour else "colour transfer's"
    if untouched > 0:
        yield f"distance to the style {100 * distance / untouched:.0f} % of {of}"
    if np.ptp(content @ LUMINANCE) > 1 / 255:  # a flat picture has no edges to keep
        yield f"edges kept {edge_correlation(picture, content):.2f}"
