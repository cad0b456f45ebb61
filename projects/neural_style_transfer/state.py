"""How far the optimisation of a picture has come, on disk as well."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from common.errors import UserError
from common.files import written


@dataclass
class State:
    """How far an optimisation has come: what a resumed one starts from."""

    picture: np.ndarray
    """The best picture of the current scale so far, float32 (h, w, 3) in 0..1."""
    scale: int = 0
    """Which of the sizes is being optimised; 0 is the smallest."""
    step: int = 0
    """Evaluations done at this scale."""
    history: list[dict[str, float]] = field(default_factory=list)
    """A row per evaluation: scale, step, seconds, and the terms (costs.terms)."""

    @property
    def best(self) -> float:
        """Return the lowest total at the current scale, infinite before the first step."""
        own = [row["total"] for row in self.history if row["scale"] == self.scale]
        return min(own, default=float("inf"))

    def write(self, path: Path) -> None:
        """Write the state as .npz, whole or not at all."""
        told = json.dumps({"scale": self.scale, "step": self.step, "history": self.history})
        with written(path) as beside, beside.open("wb") as file:
            np.savez(file, picture=self.picture, told=np.array(told))

    @classmethod
    def read(cls, path: Path) -> "State":
        """Return what `write` wrote. Raises UserError when the file holds something else."""
        try:
            with np.load(path, allow_pickle=False) as file:
                told = json.loads(str(file["told"]))
                return cls(picture=file["picture"], **told)
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            raise UserError(
                f"{path.name} holds no optimisation to go on with"
                f" ({str(error).splitlines()[0][:80]}): delete it and start anew"
            ) from None
