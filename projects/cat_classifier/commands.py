"""The cat classifier's own verbs. Imports nothing heavy before a verb is called."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import tyro

from common import runtime


def predict(
    photos: Annotated[tuple[Path, ...], tyro.conf.Positional],
    model: str = "newest",
) -> None:
    """Say what is on photographs.

    Args:
        photos: Picture files, or folders of them.
        model: Which run answers: newest, champion, a run's name or the start of its id.
    """
    runtime.load_tensorflow()
    from projects.cat_classifier.answer import answers

    for line in answers(photos, model):
        print(line)


VERBS: dict[str, Callable[..., None]] = {"predict": predict}
