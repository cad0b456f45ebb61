"""Do the rates of templates that a run ships hold on people it has never seen? Drawn ones, new.

    python tests/benchmarks/face_templates.py RUN_FOLDER

Prints for each number of photos in a template: false matches and false non-matches on 300 new
people at the shipped threshold, what the run said of them, and the same at the threshold of single
photos; then how often strangers are named in galleries of 20.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common import runtime
from common.files import read_json
from common.runs import RunFolder

runtime.quiet()
runtime.load_tensorflow()

import keras  # noqa: E402

from projects.face_verification import embedded  # noqa: E402
from projects.face_verification.against_templates import apart, unit  # noqa: E402
from projects.face_verification.rule import percent, shipped, strangers  # noqa: E402

PEOPLE, PICTURES, SEED = 300, 12, 4242
DRAWS, GALLERIES, ENROLLED = 10, 300, 20
PROBES = 3
Faces = NDArray[np.float64]


def new_faces(run: Path) -> Faces:
    """Embeddings (people, pictures, d) of people of another seed than the run's."""
    embedder = keras.saving.load_model(run / "export" / "model.keras", compile=False)
    drawn = embedded.examples(PEOPLE, PICTURES, SEED)["content"]
    pictures = np.stack([embedded.picture(one, embedder.input_shape[1]) for one in drawn])
    found = embedder.predict(pictures.astype(np.float32), verbose=0, batch_size=256)
    return np.asarray(found, float).reshape(PEOPLE, PICTURES, -1)


def rates(
    faces: Faces, photos: int, threshold: float, rng: np.random.Generator
) -> tuple[float, float]:
    """False-match and false non-match rate of photos against templates of other photos."""
    wrong, missed = [], []
    for _ in range(DRAWS):
        order = rng.permutation(PICTURES)
        templates = unit(faces[:, order[:photos]].sum(axis=1))
        for probe in order[photos:][:PROBES]:
            match = apart(faces[:, probe], templates) <= threshold
            same = np.eye(len(faces), dtype=bool)
            wrong.append(match[~same].mean())
            missed.append(1 - match[same].mean())
    return float(np.mean(wrong)), float(np.mean(missed))


def named(faces: Faces, photos: int, threshold: float, rng: np.random.Generator) -> float:
    """The share of strangers who are taken for one of 20 people enrolled."""
    found = []
    for _ in range(GALLERIES):
        people, order = rng.permutation(len(faces)), rng.permutation(PICTURES)
        templates = unit(faces[people[:ENROLLED]][:, order[:photos]].sum(axis=1))
        nearest = apart(faces[people[ENROLLED:], order[-1]], templates).min(axis=1)
        found.append((nearest <= threshold).mean())
    return float(np.mean(found))


def main(run: Path) -> None:
    fitted, rng = read_json(run / "calibration.json"), np.random.default_rng(0)
    if read_json(run / "settings.json")["data"]["seed"] == SEED:
        raise SystemExit("the run was trained on these very people")
    faces = new_faces(run)
    for one in [{"photos": 1} | fitted, *fitted["templates"]]:
        photos, said = one["photos"], rates_said(one)
        wrong, missed = rates(faces, photos, one["threshold"], rng)
        single, _ = rates(faces, photos, fitted["threshold"], rng)
        print(
            f"{photos} photos: new people {percent(wrong)} and {percent(missed)}; said: {said};"
            f" at the threshold of single photos {percent(single)}"
        )
        rule = shipped(RunFolder(run))(photos)
        found = named(faces, photos, one["threshold"], rng)
        everybody = {str(number): rule for number in range(ENROLLED)}
        print(f"   {percent(found)} of strangers named; said: {strangers(everybody)}")


def rates_said(one: dict[str, float]) -> str:
    """What the run said of both rates, with their intervals."""
    return " and ".join(
        f"{percent(one[f'{kind}_rate'])} ({percent(one[f'{kind}_low'])} to"
        f" {percent(one[f'{kind}_high'])})"
        for kind in ("false_match", "false_non_match")
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
