"""The room's own verbs: `stylize` and `paint`. Imports nothing heavy before a verb is called."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import tyro

from common import runtime
from common.answering import answering_run
from common.errors import UserError
from projects.neural_style_transfer.settings import Optimising

NAME = "neural_style_transfer"
HOW = Optimising()
SIZES = (32, 2048)
"""Longer sides that pictures are optimised at."""
Output = Annotated[Path, tyro.conf.arg(aliases=["-o"])]
# The house wants a value after every bool (--field True); a counter stands alone.
Switch = tyro.conf.UseCounterAction[int]


def stylize(
    content: Annotated[Path, tyro.conf.Positional],
    style: Annotated[str, tyro.conf.Positional],
    *,
    output: Output,
    size: int = 512,
    strength: float = HOW.strength,
    smooth: float = HOW.smooth,
    preserve_colour: Switch = 0,
    features: str = "random",
    method: Literal["adam", "lbfgs"] = HOW.method,
    steps: int = HOW.steps,
    scales: int = HOW.scales,
    resume: Switch = 0,
) -> None:
    """Paint a picture in the style of another by optimising its pixels, as in the course.

    Args:
        content: A picture file, or a folder of them.
        style: A picture file, a folder of them (every content in every style), or a painted style:
            starry, dotted, glass, wash, woodcut, waves.
        output: A .png or .jpg file; a folder where there are several pictures.
        size: The longer side in pixels; smaller pictures stay as they are. 1024 takes 2.5 GB of
            memory, 2048 four times as much.
        strength: Weight of the style, 0 to 1; the rest is that of the content.
        smooth: Weight of the total variation: more of it takes away grain.
        preserve_colour: Keep the content's colours.
        features: Feature network: random (filters, offline), vgg19 or file:PATH (SqueezeNet's .h5).
        method: How pixels are optimised: adam, or lbfgs.
        steps: Evaluations of the objective at every scale.
        scales: Sizes, each half the next: what a small picture became is where the next starts.
        resume: Go on with what Ctrl-C, or worse, has left beside the output.
    """
    how = Optimising(
        method=method,
        steps=steps,
        strength=strength,
        smooth=smooth,
        scales=scales,
        preserve_colour=bool(preserve_colour),
    )
    if not SIZES[0] <= size <= SIZES[1]:
        raise UserError(f"--size {size}: between {SIZES[0]} and {SIZES[1]} pixels are painted")
    with _stopped_by_hand("nothing is left to go on with"):
        runtime.load_tensorflow()
        from projects.neural_style_transfer.stylize import Asked, stylized

        stylized(content, style, output, Asked(size=size, features=features, how=how), bool(resume))


def paint(
    pictures: Annotated[tuple[Path, ...], tyro.conf.Positional] = (),
    *,
    output: Output,
    size: int = 2048,
    model: str = "newest",
) -> None:
    """Paint pictures with a trained network, in the one style it has learned.

    Args:
        pictures: Picture files, or folders of them.
        output: A .png or .jpg file; a folder where there are several pictures.
        size: The longer side is at most so many pixels; larger ones are scaled down. 2048 x 2048
            pixels take 2.7 GB of memory, twice the side four times as much.
        model: Which run paints: newest, champion, a run's name or the start of its id.
    """
    if size < SIZES[0]:
        raise UserError(f"--size {size}: at least {SIZES[0]} pixels are painted")
    if not pictures:
        raise UserError("no picture was given: name picture files, or folders of them, after paint")
    run = answering_run(model, NAME)
    with _stopped_by_hand("what is said to be painted is whole"):
        runtime.load_tensorflow()
        from projects.neural_style_transfer.paint import painted

        for line in painted(pictures, output, run, size):
            print(line, flush=True)


@contextlib.contextmanager
def _stopped_by_hand(then: str) -> Iterator[None]:
    """Pass Ctrl-C on with a word on what comes next, as the house's own is on runs."""
    try:
        yield
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(str(stop) or then) from None


VERBS: dict[str, Callable[..., None]] = {"stylize": stylize, "paint": paint}
