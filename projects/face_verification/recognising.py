"""What the verbs do: photos in, lines about people out, with the rates behind each answer.

TensorFlow is loaded last, so that an unknown name or a foreign gallery is told at once.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from common import runtime
from common.answering import answering_run
from common.data.folders import is_hidden
from common.errors import UserError
from common.runs import RunFolder
from projects.face_verification.against_templates import against_templates
from projects.face_verification.doubts import doubts
from projects.face_verification.gallery import Gallery
from projects.face_verification.names import called
from projects.face_verification.nearest import Embeddings, distances, mean_face, nearest
from projects.face_verification.rule import rules, shipped, strangers
from projects.face_verification.threshold import calibrated

NAME = "face_verification"
EMBEDDER = "model.keras"
CANDIDATES = 4
"""People that identify names: the nearest, and those who come next."""


def enrolled(name: str, photos: Sequence[Path], path: Path, model: str) -> Iterator[str]:
    """Yield what enrolling came to, and what is doubtful; all photos are enrolled, or none.

    Raises UserError for what cannot be read, or contradicts what is enrolled.
    """
    if not photos:
        raise UserError(f"no photo was given: name picture files after enroll {name}")
    run, gallery = _opened(path, model)
    files = [_content(photo) for photo in photos]
    _check_gallery(gallery)
    name, digests = called(name), [hashlib.sha256(one).hexdigest() for one in files]
    found = gallery.enroll(name, _embeddings(run, photos, files), digests)
    yield f"model {run.name}"
    yield from (f"{photos[one]}: is enrolled already, and counts once" for one in found.repeated)
    new = len(photos) - len(found.repeated)
    yield f"{name}: {_photos(new)} enrolled, {found.photos} in all, in {path}"
    if found.photos == 1:
        yield "one photo makes a poor template: enroll some of other days, in other light"
    given = {name: dict(zip(digests, photos, strict=True))}
    yield from doubts(gallery, given, rules(run, gallery)(1).threshold)


def enrolled_folder(folder: Path, path: Path, model: str) -> Iterator[str]:
    """Yield what enrolling a folder of people came to: in it, a folder of photos for each.

    Photos that cannot be read are told and left out, and so are people whose photos contradict
    what is enrolled. Raises UserError where there is nobody, and at the end when some were
    left out.
    """
    folder = folder.expanduser()
    people = {
        inside.name: [
            file
            for file in sorted(inside.rglob("*"))
            if file.is_file() and not is_hidden(file.relative_to(folder))
        ]
        for inside in sorted(folder.glob("*"))
        if inside.is_dir()
    }
    if not any(people.values()):
        raise UserError(f"{folder} holds no folder with photos: a folder per person is expected")
    run, gallery = _opened(path, model)
    _check_gallery(gallery)
    embed, new, named, known, left_out = _embedder(run), 0, 0, 0, 0
    given: dict[str, dict[str, Path]] = {}
    yield f"model {run.name}"
    for name, files in people.items():
        vectors, digests, read = [], [], []
        for file in files:
            try:
                content = _content(file)
                vectors.append(embed(file, content))
            except UserError as error:
                yield f"left out: {error}"
                left_out += 1
                continue
            digests.append(hashlib.sha256(content).hexdigest())
            read.append(file)
        if vectors:
            try:
                found = gallery.enroll(name, np.stack(vectors), digests)
            except UserError as error:
                yield f"left out: {folder / name}: {error}"
                left_out += len(vectors)
                continue
            given.setdefault(called(name), {}).update(zip(digests, read, strict=True))
            known += len(found.repeated)
            new, named = new + len(vectors) - len(found.repeated), named + 1
    if given:
        yield from doubts(gallery, given, rules(run, gallery)(1).threshold)
    again = f"; {_photos(known)} had been enrolled already" if known else ""
    said = f"{_photos(new)} of {named} people enrolled, in {path}{again}"
    if left_out:
        raise UserError(f"{said}; {_photos(left_out)} left out")
    yield said


def verified(name: str, photo: Path, path: Path, model: str) -> Iterator[str]:
    """Yield whether a photo shows the person called `name`. UserError as `Gallery` raises it."""
    run, gallery = _opened(path, model)
    photos, rule_of = gallery.photos_of(name)[1], rules(run, gallery)
    rule, template = rule_of(len(photos)), mean_face(photos)
    embedding = _embeddings(run, [photo], [_content(photo)])[0]
    distance = float(distances(template[None], embedding)[0])
    answer = "same" if distance <= rule.threshold else "different"
    yield f"model {run.name}"
    yield f"{answer} person: distance {distance:.3f}, {rule.said}"


def identified(photo: Path, path: Path, model: str) -> Iterator[str]:
    """Yield who is on a photo, or that it is nobody who is enrolled, and who comes next."""
    run, gallery = _opened(path, model)
    (names, templates), rule_of = gallery.templates(), rules(run, gallery)
    if not names:
        raise UserError(f"{path} holds nobody: enroll somebody first")
    photos = gallery.names()
    rule = {name: rule_of(photos.get(name, 1)) for name in names}
    embedding = _embeddings(run, [photo], [_content(photo)])
    thresholds = [rule[name].threshold for name in names]
    found = _likeliest(names, templates, thresholds, embedding)
    yield f"model {run.name}"
    name, distance = found[0]
    if distance <= rule[name].threshold:
        found = found[1:]
        yield f"{name}: distance {distance:.3f}, {rule[name].said}"
    else:
        yield f"nobody who is enrolled: distance {distance:.3f}, {rule[name].said}"
    if found:
        order = ", by distance less threshold" if len(set(thresholds)) > 1 else ""
        yield f"next{order}: " + ", ".join(f"{other} {far:.3f}" for other, far in found)
    yield strangers(rule)


def _likeliest(
    names: list[str], templates: Embeddings, thresholds: list[float], embedding: Embeddings
) -> list[tuple[str, float]]:
    """Return who is nearest by what is left to the own threshold, and the distance.

    A mean of many photos is nearer to everybody, for which its threshold is lower.
    """
    levels = np.array(thresholds)
    found = []
    for level in np.unique(levels):
        of = np.flatnonzero(levels == level)
        rows, apart = nearest(templates[of], embedding, CANDIDATES)
        both = zip(of[rows[0]], apart[0], strict=True)
        found += [(distance - level, names[row], float(distance)) for row, distance in both]
    return [(name, distance) for _, name, distance in sorted(found)[:CANDIDATES]]


def calibrated_anew(limit: float, path: Path, model: str) -> Iterator[str]:
    """Yield the threshold that was set on the gallery's own photos, beside the model's own.

    Raises UserError where there are too few people for the limit; nothing is changed then.
    """
    run, gallery = _opened(path, model)
    names, embeddings = gallery.photos()
    found = calibrated(against_templates(names, embeddings, limit), limit)
    gallery.keep_threshold(found, len(names))
    typical = Counter(Counter(names).values()).most_common(1)[0][0]
    yield f"model {run.name}, whose own {shipped(run)(typical).said}"
    yield rules(run, gallery)(typical).said


def _opened(path: Path, model: str) -> tuple[RunFolder, Gallery]:
    run = answering_run(model, NAME)
    embedder = (run.path / "export" / EMBEDDER).read_bytes()
    return run, Gallery(path, hashlib.sha256(embedder).hexdigest()[:12], run.name)


def _check_gallery(gallery: Gallery) -> None:
    """Refuse another model's gallery before TensorFlow is loaded; an empty file is none yet."""
    if gallery.path.exists() and gallery.path.stat().st_size:
        gallery.names()


def _content(photo: Path) -> bytes:
    try:
        return photo.read_bytes()
    except OSError as error:
        raise UserError(f"{photo}: {error.strerror}; name a picture file") from None


def _embeddings(run: RunFolder, photos: Sequence[Path], files: Sequence[bytes]) -> Embeddings:
    """Return a unit vector of each file, (k, d); UserError names the photo that is none."""
    embed = _embedder(run)
    return np.stack([embed(photo, file) for photo, file in zip(photos, files, strict=True)])


def _embedder(run: RunFolder) -> Callable[[Path, bytes], Embeddings]:
    """Return what makes a unit vector (d,) of a photo and its content.

    The embedder behind the house's decoder, which is what the SavedModel holds and loads sooner.
    """
    runtime.load_tensorflow()
    import keras
    import tensorflow as tf

    from common.data.pictures import decode, resized
    from projects.face_verification.even_colour import SAID, is_even

    embedder = keras.saving.load_model(run.path / "export" / EMBEDDER, compile=False)
    size = embedder.input_shape[1]

    def embed(photo: Path, file: bytes) -> Embeddings:
        try:
            picture = tf.cast(resized(decode(tf.constant(file)), size), tf.float32)
        except (tf.errors.OpError, ValueError):
            # Loads MLflow's server, which takes longer than a face.
            from projects.face_verification.served_pair import LARGEST, why_unreadable

            raise UserError(
                f"{photo} {why_unreadable(file)}: give a JPEG, PNG, GIF, BMP or WebP picture of at"
                f" most {LARGEST} megapixels"
            ) from None
        if is_even(picture[None])[0]:
            raise UserError(f"{photo} {SAID}: give a photo of a face")
        return np.asarray(embedder(picture[None], training=False), np.float32)[0]

    return embed


def _photos(number: int) -> str:
    return f"{number} photo{'' if number == 1 else 's'}"
