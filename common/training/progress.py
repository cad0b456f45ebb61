"""Progress of a training: a bar on a terminal, a line per epoch elsewhere."""

import time
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar


class Progress(keras.callbacks.Callback):
    """Shows epoch, loss, watched loss and error, and the time that remains."""

    def __init__(self, title: str, epochs: int, steps: int) -> None:
        """Take what is trained, its epochs, and the steps of one."""
        super().__init__()
        self.title, self.epochs, self.steps = title, epochs, steps
        self.every = max(1, steps // 20)
        self.started = time.perf_counter()
        console = Console(soft_wrap=True)
        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Open the bar."""
        self.task = self.bar.add_task(self.title, total=self.epochs * self.steps, numbers="")
        self.bar.start()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the clock."""
        self.epoch, self.started = epoch, time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Move the bar, twenty times an epoch."""
        if batch % self.every == 0:
            self.bar.update(self.task, completed=self.epoch * self.steps + batch)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Show the epoch's numbers."""
        numbers = _numbers(logs or {})
        self.bar.update(self.task, completed=(epoch + 1) * self.steps, numbers=numbers)
        seconds = time.perf_counter() - self.started
        if _worth_a_line(epoch + 1, self.epochs):
            count = f"{epoch + 1:>{len(str(self.epochs))}}/{self.epochs}"
            self.bar.console.print(
                f"{self.title} {count}  {numbers}  {seconds:.1f} s", highlight=False
            )

    def close(self) -> None:
        """Take the bar down, however training ended; Keras tells only of good ends."""
        self.bar.stop()


def _numbers(logs: dict[str, Any]) -> str:
    parts = []
    for name in ("loss", "val_loss", "error", "val_error"):
        if name in logs:
            shown = f"{100 * logs[name]:.1f} %" if name.endswith("error") else f"{logs[name]:.4f}"
            parts.append(f"{name.replace('val_', 'watched ')} {shown}")
    return "  ".join(parts)


def _worth_a_line(epoch: int, epochs: int) -> bool:
    return epochs <= 60 or epoch % (epochs // 30) == 0 or epoch == epochs
