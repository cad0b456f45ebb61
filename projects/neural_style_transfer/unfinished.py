"""A painting that is not finished: how far it has come and what it was to be, beside its output.

OUTPUT.unfinished/   asked.json  state.npz
"""

import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.errors import UserError
from common.files import read_json, write_json
from projects.neural_style_transfer.state import State

EVERY = 5.0
"""Seconds after which the state is written again."""


class Unfinished:
    """The folder of one painting; `asked` is what it was to be: by it a stranger's is refused."""

    def __init__(self, output: Path, asked: Mapping[str, Any]) -> None:
        """Take the file that is to be painted, and names and values that JSON knows."""
        self.output, self.asked = output, dict(asked)
        self.folder = output.with_name(f"{output.name}.unfinished")
        self.due = time.monotonic() + EVERY

    def state(self) -> State | None:
        """Return how far the painting has come; None where nothing is left of it.

        Raises UserError when it was to be another one, or cannot be read.
        """
        if not (self.folder / "state.npz").exists():
            return None
        try:
            begun = dict(read_json(self.folder / "asked.json"))
        except (OSError, ValueError, TypeError):
            raise UserError(f"{self.folder} is damaged: delete it and start anew") from None
        other = [name for name, value in self.asked.items() if begun.get(name) != value]
        if other:
            raise UserError(
                f"{self.output} was begun with another {', '.join(other)}: ask for the same again,"
                " or start anew without --resume"
            )
        return State.read(self.folder / "state.npz")

    def is_there(self) -> bool:
        """Return whether something is left of this very painting."""
        try:
            return self.state() is not None
        except UserError:
            return False

    def keep(self, state: State, *, now: bool = False) -> None:
        """Write the state, at once or when it was not for a while.

        Where it cannot be written, that is told, once: the painting goes on.
        """
        if not now and time.monotonic() < self.due:
            return
        self.due = time.monotonic() + EVERY
        try:
            write_json(self.folder / "asked.json", self.asked)
            state.write(self.folder / "state.npz")
        except (UserError, OSError) as error:
            print(f"there will be nothing to resume: {error}")
            self.due = float("inf")

    def remove(self) -> None:
        """Leave nothing."""
        shutil.rmtree(self.folder, ignore_errors=True)
