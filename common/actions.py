"""Verbs on rooms and on finished runs."""

from typing import Annotated

import tyro

from common import runtime


def new(
    name: Annotated[str, tyro.conf.Positional],
    source: Annotated[str, tyro.conf.arg(name="from")],
) -> None:
    """Copy a room under a new name, with its tests, and add its entry point.

    Args:
        name: The new project's name, in lower case with underscores.
        source: The project to copy.
    """
    from common.copying import copied_room

    for line in copied_room(source, name):
        print(line)


def resume(run: Annotated[str, tyro.conf.Positional] = "newest") -> None:
    """Go on with a run that was killed or stopped.

    Args:
        run: A run's name, the start of its id, or newest.
    """
    from common.runs import unfinished_run

    folder = unfinished_run(run)
    runtime.load_tensorflow()
    from common.experiment import resume as go_on

    print(f"resuming run {folder.name} of {folder.info['project']}")
    go_on(folder)


def reveal_test(
    runs: Annotated[tuple[str, ...], tyro.conf.Positional],
    reason: str = "",
) -> None:
    """Look at the sealed test set, once for all runs that are named, on the record.

    Args:
        runs: Names of runs, starts of their ids, or newest; separated by blanks or commas.
        reason: Why the look is taken; it is recorded.
    """
    runtime.load_tensorflow()
    from common.reveal import revealed

    names = [name for word in runs for name in word.replace(",", " ").split()]
    for line in revealed(names, reason):
        print(line)


def deliver(run: Annotated[str, tyro.conf.Positional] = "newest") -> None:
    """Bring MLflow up to date with a finished run that it could not take.

    Args:
        run: A run's name, the start of its id, or newest.
    """
    from common import tracking
    from common.errors import UserError
    from common.runs import finished_run

    folder = finished_run(run)
    if not tracking.deliver(folder):
        raise UserError(f"run {folder.name} was not delivered: MLflow still does not answer")
    print(f"run {folder.name} is in MLflow: {tracking.page_command()}")
