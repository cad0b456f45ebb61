"""A run whose embedder is a random projection, and photos that it tells apart."""

from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
from PIL import Image

from common.files import write_json
from common.runs import RunFolder
from projects.face_verification import recognising, serve
from projects.face_verification.evaluate import Calibration, OfTemplates
from projects.face_verification.settings import Settings

SIZE = 16
CHOSEN = Settings(data={"size": SIZE}, model={"embedding": 12})
OF_TWO = OfTemplates(
    photos=2,
    threshold=0.58,
    false_match_rate=0.01,
    false_match_low=0.007,
    false_match_high=0.015,
    false_non_match_rate=0.08,
    false_non_match_low=0.06,
    false_non_match_high=0.1,
    people=120,
)
FITTED = Calibration(
    threshold=0.6,
    limit=0.01,
    false_match_rate=0.009,
    false_match_low=0.005,
    false_match_high=0.02,
    false_non_match_rate=0.12,
    false_non_match_low=0.1,
    false_non_match_high=0.15,
    people=140,
    pairs=5000,
    slope=8.0,
    intercept=6.0,
    templates=(OF_TWO,),
)


def face(person: int, photo: int = 0) -> Image.Image:
    """A pattern of the person's own, with a little noise of the photo's."""
    pattern = np.random.default_rng(person).normal(0, 60, (4, 4, 3)).repeat(8, 0).repeat(8, 1)
    noise = np.random.default_rng([person, photo]).normal(0, 12, pattern.shape)
    return Image.fromarray(np.clip(128 + pattern + noise, 0, 255).astype(np.uint8))


def photo(folder: Path, person: int, number: int = 0) -> Path:
    place = folder / f"{person}-{number}.png"
    face(person, number).save(place)
    return place


def write_run(home: Path, name: str, started: str, seed: int) -> RunFolder:
    """A finished run whose embedder is a random projection of the pixels."""
    folder = RunFolder(home / "runs" / name)
    folder.path.mkdir(parents=True)
    folder.note(
        run_id=f"{seed:08d}abc", project=recognising.NAME, status="finished", started=started
    )
    initial = keras.initializers.RandomNormal(stddev=0.1, seed=seed)
    embedder = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            keras.layers.Rescaling(1 / 128, -1),
            keras.layers.Flatten(),
            keras.layers.Dense(12, kernel_initializer=initial),
            keras.layers.UnitNormalization(),
        ]
    )
    write_json(folder.path / "settings.json", CHOSEN.model_dump(mode="json"))
    write_json(folder.path / "calibration.json", FITTED.model_dump(mode="json"))
    trained, place = SimpleNamespace(embedder=embedder), folder.path / "export"
    place.mkdir()
    for form in serve.FORMATS:
        if form.name in (recognising.EMBEDDER, "saved_model"):
            form.write(trained, None, None, FITTED, CHOSEN, place / form.name)  # type: ignore[arg-type]
    return folder
