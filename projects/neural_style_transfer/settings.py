"""Fields and presets of neural style transfer. Imports nothing heavy."""

from typing import Literal

from pydantic import Field

import common.settings as shared
from common.settings import Group

SUMMARY = "a picture in the style of another: optimised as in the course, or painted by a network"


class Optimising(Group):
    """How a picture is optimised, as in the course."""

    method: Literal["lbfgs", "adam"] = "adam"
    """Adam with pixels clipped to [0, 1], or L-BFGS-B within it (scipy): as good a step, slower."""
    steps: int = Field(150, ge=1)
    """Evaluations of the objective at every scale."""
    strength: float = Field(0.75, ge=0, le=1)
    """Weight of the style; 1 - strength is that of the content."""
    smooth: float = Field(0.005, ge=0)
    """Weight of the total variation."""
    scales: int = Field(2, ge=1, le=5)
    """Sizes, each half the next: what a small picture became is where the next one starts."""
    learning_rate: float = Field(0.02, gt=0)
    """Adam's step, in shares of the range of a pixel."""
    preserve_colour: bool = False
    """Keep the content's colours."""


class Data(shared.Data):
    """Contents that the network learns on, and the style."""

    source: str = "embedded"
    """Where contents come from: embedded, folder:PATH (pictures, in folders) or tfds:NAME."""
    size: int = Field(128, ge=32, le=512)
    """Width and height, in pixels, that contents are squeezed to for training."""
    number: int = Field(320, ge=40)
    """Embedded contents: drawn scenes, and crops of two photographs."""
    style: str = "starry"
    """The style: starry, dotted, glass, wash, woodcut or waves (painted by code), or file:PATH."""


class Model(Group):
    """The network that paints, and the features that it is judged by in training."""

    features: str = "random"
    """Feature network: random (filters, offline), vgg19 or file:PATH (SqueezeNet's .h5)."""
    width: int = Field(16, ge=2)
    """Channels at full size; twice and four times as many at half and a quarter of it."""
    blocks: int = Field(3, ge=1)
    """Residual blocks at a quarter of the size."""
    strength: float = Field(0.75, ge=0, le=1)
    """Weight of the style; 1 - strength is that of the content."""
    smooth: float = Field(0.005, ge=0)
    """Weight of the total variation."""
    augment: bool = True
    """Mirror, shift, zoom, and vary brightness and contrast of training pictures."""


class Grid(Group):
    """Pictures that are optimised for the report: every content in every style."""

    contents: tuple[str, ...] = ("china", "flower")
    """Pictures: china and flower (photographs that come with scikit-learn), or file:PATH."""
    styles: tuple[str, ...] = ("glass", "starry", "waves")
    """Styles, as `data.style`."""
    size: int = Field(192, ge=32, le=1024)
    """The longer side in pixels."""
    sheet_size: int = Field(128, ge=32, le=512)
    """The longer side of the contact sheet's pictures: strengths beside scales."""
    optimising: Optimising = Optimising()


class Settings(shared.Settings):
    """A picture in the style of another."""

    data: Data = Data()
    model: Model = Model()
    grid: Grid = Grid()


PRESETS: dict[str, tuple[str, Settings]] = {
    "smoke": (
        "at most a minute: does everything run?",
        Settings(
            data=Data(size=32, number=64),
            model=Model(width=4, blocks=1),
            fit=shared.Fit(epochs=2, batch_size=8),
            grid=Grid(
                contents=("china",),
                styles=("starry", "waves"),
                size=32,
                sheet_size=32,
                optimising=Optimising(steps=5, scales=1),
            ),
        ),
    ),
    "demo": (
        "scenes in a painted style, and six optimised pictures, at most 5 minutes on two cores",
        Settings(
            fit=shared.Fit(epochs=14, batch_size=4, learning_rate=4e-3, decay="cosine"),
            model=Model(width=12),
            grid=Grid(optimising=Optimising(steps=100)),
        ),
    ),
    "course": (
        "the course's VGG-19, where its weights can be had (--data.style file:PATH)",
        Settings(
            model=Model(features="vgg19"),
            fit=shared.Fit(epochs=12, batch_size=8, decay="cosine"),
            grid=Grid(size=400, optimising=Optimising(steps=300)),
        ),
    ),
    "full": (
        "SqueezeNet's features, a larger network, your own contents (--data.source folder:PATH)",
        Settings(
            data=Data(source="folder:photos", size=256),
            model=Model(features="file:squeezenet.h5", width=32, blocks=5),
            fit=shared.Fit(epochs=30, batch_size=8, decay="cosine"),
            grid=Grid(size=512, optimising=Optimising(steps=300, scales=3)),
        ),
    ),
}
