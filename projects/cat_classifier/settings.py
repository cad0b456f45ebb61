"""Fields and presets of the cat classifier. Imports nothing heavy."""

from typing import Literal

from pydantic import Field

import common.settings as shared
from common.settings import Group
from projects.cat_classifier.embedded_settings import EmbeddedSettings

SUMMARY = "is there a cat in this picture? Or any classes of pictures, one folder each"


class Data(shared.Data):
    """Where pictures come from."""

    size: int = Field(64, ge=8, le=512)
    """Width and height, in pixels, that every picture is squeezed to."""
    positive: str | None = None
    """The class that counts as positive; with more than two, all others become "not" it."""
    embedded: EmbeddedSettings = EmbeddedSettings()


class Model(Group):
    """Which network, and how large."""

    name: Literal["logistic", "shallow", "deep", "convnet", "resnet", "transfer"] = "convnet"
    """The ladder of course 1 (logistic, 2 and 4 layers) and course 4 (convolutions, residuals)."""
    width: int = Field(24, ge=1)
    """Channels of the first convolution; every later stage has twice as many."""
    weights: str | None = None
    """For transfer: file:PATH (SqueezeNet's .h5 or a .keras model) or imagenet (MobileNetV3)."""
    augment: bool = True
    """Mirror, shift, zoom, and vary brightness and contrast of training pictures."""
    unsure: float = Field(0.15, ge=0, lt=0.5)
    """Answer "unsure" where the probability is nearer than this to where the answer flips."""


class Settings(shared.Settings):
    """Is there a cat in this picture?"""

    data: Data = Data()
    model: Model = Model()


PRESETS: dict[str, tuple[str, Settings]] = {
    "smoke": (
        "half a minute: does everything run?",
        Settings(
            data=Data(size=32, embedded=EmbeddedSettings(number=240)),
            fit=shared.Fit(epochs=2, batch_size=16),
            model=Model(width=4),
        ),
    ),
    "demo": (
        "drawn cats and look-alikes, a convnet, at most 5 minutes on two cores",
        Settings(
            fit=shared.Fit(epochs=16, batch_size=64, learning_rate=2e-3, decay="cosine", patience=8)
        ),
    ),
    "course": (
        "the course's own networks and settings on its own data (--data.source h5:FOLDER)",
        Settings(
            data=Data(source="h5:datasets"),
            fit=shared.Fit(
                epochs=20,
                passes=100,
                batch_size=4096,
                optimizer="sgd",
                learning_rate=0.005,
                batch_norm=False,
            ),
            model=Model(name="logistic", augment=False),
        ),
    ),
    "full": (
        "transfer from ImageNet, the best on your own photographs (--data.source folder:PATH)",
        Settings(
            data=Data(source="folder:photos", size=224),
            fit=shared.Fit(epochs=30, decay="cosine", patience=6, l2=1e-3),
            model=Model(name="transfer", weights="imagenet", augment=False),
        ),
    ),
}
