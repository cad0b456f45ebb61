"""Resume after a kill: after every epoch, all that training needs to go on, in one file.

Keras's BackupAndRestore forgets history and the state of the other callbacks, and writes in
place. Here the file is whole or absent, and a resumed run equals the straight one: weights,
optimizer, dropout's seeds, history, early stopping. The order of the data is a function of the
epoch (common/data/order.py), so it needs no state.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from common.files import written
from common.training.callbacks import BestWeights, Recorder, Stateful


class Backup(keras.callbacks.Callback):
    """Writes the state at the end of every epoch; must be the last of the callbacks."""

    def __init__(self, path: Path, stateful: Sequence[Stateful], recorder: Recorder) -> None:
        """Take the file and the callbacks whose state goes into it."""
        super().__init__()
        self.path, self.stateful, self.recorder = path, stateful, recorder

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the file, then tell of the epoch."""
        meta = {
            "epochs_done": epoch + 1,
            "callbacks": {type(one).__name__: one.state() for one in self.stateful},
        }
        arrays: dict[str, Any] = {"meta": np.array(json.dumps(meta))}
        arrays |= {f"variable_{i}": np.asarray(v) for i, v in enumerate(_variables(self.model))}
        for one in self.stateful:
            if isinstance(one, BestWeights):
                arrays |= {f"best_{i}": array for i, array in enumerate(one.weights)}
        with written(self.path) as beside, beside.open("wb") as file:
            np.savez(file, **arrays)
        self.recorder.tell()

    def take_up(self, model: keras.Model) -> int:
        """Restore model, optimizer and callbacks; return how many epochs are done (0: none)."""
        if not self.path.exists():
            return 0
        model.optimizer.build(model.trainable_variables)
        with np.load(self.path) as saved:
            meta = json.loads(str(saved["meta"]))
            for i, variable in enumerate(_variables(model)):
                variable.assign(saved[f"variable_{i}"])
            for one in self.stateful:
                one.restore(meta["callbacks"][type(one).__name__])
                if isinstance(one, BestWeights):
                    names = [name for name in saved.files if name.startswith("best_")]
                    one.weights = [saved[f"best_{i}"] for i in range(len(names))]
        return int(meta["epochs_done"])


def _variables(model: keras.Model) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]
