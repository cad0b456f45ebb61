"""How far a painting has come: a bar with the costs on a terminal, and lines everywhere."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from projects.neural_style_transfer.state import State

LINES = 5
"""Per scale."""


class Following:
    """Shows every state it is called with; to be used as a context."""

    def __init__(self, title: str, steps: int, scales: int) -> None:
        """Take what is painted, the steps of a scale, and the number of scales."""
        self.title, self.steps, self.scales = title, steps, scales
        console = Console(soft_wrap=True)
        self.bar = Progress(
            BarColumn(20),  # all fits into 80 columns; what is painted is in the lines
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task(title, total=steps * scales, numbers="")

    def __enter__(self) -> Self:
        """Open the bar."""
        self.bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar down, however the painting ended."""
        self.bar.stop()

    def __call__(self, state: State) -> None:
        """Move the bar; from time to time, write a line that stays."""
        row = state.history[-1]
        numbers = "  ".join(f"{name} {row[name]:.3f}" for name in ("total", "content", "style"))
        done = state.scale * self.steps + state.step
        self.bar.update(self.task, completed=done, numbers=numbers)
        if state.step % max(1, self.steps // LINES) == 0 or state.step == self.steps:
            scale = f"scale {state.scale + 1}/{self.scales}  " if self.scales > 1 else ""
            count = f"{state.step:>{len(str(self.steps))}}/{self.steps}"
            self.bar.console.print(
                f"{self.title}  {scale}step {count}  {numbers}", highlight=False, markup=False
            )
