"""Fields of neural style transfer. Imports nothing heavy."""

from typing import Literal

from pydantic import Field

from common.settings import Group


class Optimising(Group):
    """How a picture is optimised, as in the course."""

    method: Literal["lbfgs", "adam"] = "adam"
    """Adam with pixels clipped to [0, 1], or L-BFGS-B within it (scipy): as good a step, slower."""
    steps: int = Field(150, ge=1)
    """Evaluations of the objective at every scale."""
    strength: float = Field(0.75, ge=0, le=1)
    """Weight of the style; 1 - strength is that of the content."""
    smooth: float = Field(0.03, ge=0)
    """Weight of the total variation."""
    scales: int = Field(2, ge=1, le=5)
    """Sizes, each half the next: what a small picture became is where the next one starts."""
    learning_rate: float = Field(0.02, gt=0)
    """Adam's step, in shares of the range of a pixel."""
    preserve_colour: bool = False
    """Keep the content's colours."""
