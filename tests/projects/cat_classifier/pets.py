"""Small sources of pictures, and settings that read them."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from projects.cat_classifier.data import Assets
from projects.cat_classifier.settings import Settings
from tests.common.data.small_pictures import write_pictures

BINARY = Assets(classes=("cat", "not cat"), positive="cat")
MANY = Assets(classes=("cat", "dog", "owl"), positive="cat")


def settings(source: str = "embedded", size: int = 16, **groups: dict[str, Any]) -> Settings:
    """Settings of `source`; groups of fields are given by name."""
    data = {"source": source, "size": size, **groups.pop("data", {})}
    return Settings(data=data, **groups)


def folder(place: Path, number: int = 20, *names: str, first_seed: int = 0) -> Path:
    """`number` different JPEG files for each class."""
    for which, name in enumerate(names or ("cat", "dog")):
        write_pictures(place / name, number, first_seed=first_seed + 1000 * which)
    return place


def course_files(place: Path, train: int = 40, test: int = 10) -> Path:
    """The course's pair of h5 files, with noise in them."""
    place.mkdir(parents=True, exist_ok=True)
    for part, number in (("train", train), ("test", test)):
        rand = np.random.default_rng(number)
        with h5py.File(place / f"{part}_catvnoncat.h5", "w") as file:
            file[f"{part}_set_x"] = rand.integers(0, 256, (number, 12, 12, 3), dtype=np.uint8)
            file[f"{part}_set_y"] = np.arange(number) % 2
            file["list_classes"] = np.array([b"non-cat", b"cat"])
    return place
