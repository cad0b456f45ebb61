"""Fields and presets of face verification. Imports nothing heavy."""

from typing import Literal, Self

from pydantic import Field, model_validator

import common.settings as shared
from common.settings import Group

SUMMARY = "is this the person claimed, or who is it? Verification and recognition of faces"


class Embedded(Group):
    """Drawn faces: how many people, and how many pictures of each."""

    people: int = Field(700, ge=10)
    """People, each with a face of their own."""
    pictures: int = Field(12, ge=2)
    """Pictures of each: pose, light, expression, glasses, occlusion and blur vary."""


class Pairs(Group):
    """Pairs that a split is judged by; they are made within the split."""

    same: int = Field(1000, ge=10)
    """Pairs of two pictures of one person, at most."""
    different: int = Field(4000, ge=10)
    """Pairs of pictures of two people, at most."""


class Data(shared.Data):
    """Where faces come from."""

    source: str = "embedded"
    """Where faces come from: embedded, folder:PATH (a folder a person), lfw:PATH or tfds:lfw."""
    size: int = Field(64, ge=16, le=512)
    """Width and height, in pixels, that every picture is squeezed to."""
    test_folds: tuple[int, ...] = ()
    """For lfw: test is the pairs of these folds of pairs.txt, without whose people is trained."""
    embedded: Embedded = Embedded()
    pairs: Pairs = Pairs()


class Model(Group):
    """Which network, and what it learns from."""

    name: Literal["convnet", "resnet"] = "convnet"
    """Stages of convolution and pooling, or of residual blocks."""
    width: int = Field(24, ge=1)
    """Channels of the first stage; every later one has twice as many, up to eight times."""
    embedding: int = Field(128, ge=2)
    """How many numbers a face becomes: a unit vector."""
    loss: Literal["triplet", "siamese", "arcface"] = "triplet"
    """Triplets, pairs with a binary head on |f(a) - f(b)|, or classes of people with a margin."""
    mining: Literal["random", "semi_hard", "batch_hard"] = "semi_hard"
    """Which triplets of a batch count."""
    margin: float = Field(0.2, gt=0, lt=2)
    """Triplet: how much nearer, in squared distance, the same person must be."""
    angle: float = Field(0.3, ge=0, lt=1.5)
    """ArcFace: by how much, in radians, the angle to one's own centre is made to look larger."""
    scale: float = Field(24.0, gt=0)
    """ArcFace: what cosines are multiplied by before the softmax."""
    augment: bool = True
    """Mirror, shift, zoom, and vary brightness and contrast of training pictures."""


class Fit(shared.Fit):
    """How the network is trained."""

    per_person: int = Field(4, ge=2)
    """Pictures of each person in a batch; fit.batch_size / fit.per_person people are in it."""

    @model_validator(mode="after")
    def _two_people(self) -> Self:
        if self.batch_size < 2 * self.per_person:
            raise ValueError(
                f"batches of {self.batch_size} with {self.per_person} pictures a person hold fewer"
                " than two people; raise fit.batch_size or lower fit.per_person"
            )
        return self


class Verification(Group):
    """What counts as the same person."""

    false_match_rate: float = Field(0.01, gt=0, lt=1)
    """The threshold is set for at most this share of pairs of different people to match."""


class Settings(shared.Settings):
    """Is this the person claimed, or who is it?"""

    data: Data = Data()
    model: Model = Model()
    fit: Fit = Fit()
    verification: Verification = Verification()


PRESETS: dict[str, tuple[str, Settings]] = {
    "smoke": (
        "at most a minute: does everything run?",
        Settings(
            data=Data(
                size=32,
                embedded=Embedded(people=60, pictures=4),
                pairs=Pairs(same=100, different=400),
            ),
            fit=Fit(epochs=2, batch_size=32),
            model=Model(width=4, embedding=16),
            verification=Verification(false_match_rate=0.1),
        ),
    ),
    "demo": (
        "drawn faces of 700 people, at most 5 minutes on two cores",
        Settings(
            data=Data(size=48),
            fit=Fit(epochs=36, batch_size=128, learning_rate=2e-3, decay="cosine"),
        ),
    ),
    "course": (
        "96 pixels, 128 numbers, triplets with margin 0.2 (--data.source folder:PATH)",
        Settings(
            data=Data(source="folder:faces", size=96),
            fit=Fit(epochs=40, batch_size=128, decay="cosine"),
            model=Model(name="resnet", loss="triplet", mining="semi_hard"),
        ),
    ),
    "full": (
        "the best that Labeled Faces in the Wild alone gives (--data.source lfw:PATH)",
        Settings(
            data=Data(source="lfw:lfw"),
            fit=Fit(epochs=60, batch_size=128, learning_rate=2e-3, decay="cosine"),
        ),
    ),
}
