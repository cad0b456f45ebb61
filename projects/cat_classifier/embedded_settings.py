"""How the drawn pictures vary. Imports nothing heavy."""

from pydantic import Field

from common.settings import Group


class EmbeddedSettings(Group):
    """The drawn cats and what is confusable with them: how many, and how difficult."""

    number: int = Field(6000, ge=1)
    """How many pictures are drawn; a larger number keeps the earlier ones as they are."""
    label_noise: float = Field(0.0, ge=0, le=0.5)
    """Share of the pictures whose label is wrong."""
    look_alikes: float = Field(0.4, ge=0, le=1)
    """Share of the non-cats that are foxes, spitz dogs and owls: pointed ears, as cats have."""
    blurred: float = Field(0.1, ge=0, le=1)
    """Share of the pictures that are out of focus."""
    occluded: float = Field(0.25, ge=0, le=1)
    """Share of the pictures in which leaves, a fence or a box hide a part of the subject."""
    shift: float = Field(0.6, ge=0, le=1)
    """How far the target distribution is from the general one: darker, flatter, blurred, tilted."""
