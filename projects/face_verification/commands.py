"""The room's own verbs over a gallery of faces. Imports nothing heavy before a verb is called."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

import tyro

Words = Annotated[str, tyro.conf.Positional]
GALLERY = Path("faces.db")


def enroll(
    name: Words,
    photos: Annotated[tuple[Path, ...], tyro.conf.Positional],
    gallery: Path = GALLERY,
    model: str = "newest",
) -> None:
    """Add photos of a person to the gallery, which keeps embeddings and no photos.

    Args:
        name: Whose photos they are.
        photos: Picture files, each of one face, cropped as the training pictures were.
        gallery: The gallery's file; made if there is none.
        model: Which run embeds: newest, champion, a run's name or the start of its id.
    """
    from projects.face_verification import recognising

    _said(recognising.enrolled(name, photos, gallery, model))


def enroll_folder(
    folder: Annotated[Path, tyro.conf.Positional],
    gallery: Path = GALLERY,
    model: str = "newest",
) -> None:
    """Add everybody in a folder to the gallery: in it, a folder of photos for each person.

    Args:
        folder: Holds a folder per person, called as the person is.
        gallery: The gallery's file; made if there is none.
        model: Which run embeds: newest, champion, a run's name or the start of its id.
    """
    from projects.face_verification import recognising

    _said(recognising.enrolled_folder(folder, gallery, model))


def verify(
    name: Words,
    photo: Annotated[Path, tyro.conf.Positional],
    gallery: Path = GALLERY,
    model: str = "newest",
) -> None:
    """Say whether a photo shows the person claimed.

    Args:
        name: Who it is claimed to be.
        photo: A picture file of one face, cropped as the training pictures were.
        gallery: The gallery's file.
        model: Which run embeds; it must be the one that the gallery was made with.
    """
    from projects.face_verification import recognising

    _said(recognising.verified(name, photo, gallery, model))


def identify(
    photo: Annotated[Path, tyro.conf.Positional],
    gallery: Path = GALLERY,
    model: str = "newest",
) -> None:
    """Say who is on a photo, or that it is nobody who is enrolled.

    Args:
        photo: A picture file of one face, cropped as the training pictures were.
        gallery: The gallery's file.
        model: Which run embeds; it must be the one that the gallery was made with.
    """
    from projects.face_verification import recognising

    _said(recognising.identified(photo, gallery, model))


def forget(name: Words, gallery: Path = GALLERY) -> None:
    """Remove all that the gallery holds of a person.

    Args:
        name: Who is forgotten.
        gallery: The gallery's file.
    """
    from projects.face_verification.gallery import Gallery
    from projects.face_verification.names import called

    gone = Gallery(gallery).forget(name)
    print(f"{called(name)}: {gone} photo{'' if gone == 1 else 's'} forgotten")


def list_people(gallery: Path = GALLERY) -> None:
    """List everybody who is enrolled, and how many photos there are of each.

    Args:
        gallery: The gallery's file.
    """
    from projects.face_verification.gallery import Gallery

    for name, photos in Gallery(gallery).names().items():
        print(f"{photos:4} {name}")


def calibrate(
    false_match_rate: float = 0.01, gallery: Path = GALLERY, model: str = "newest"
) -> None:
    """Set the threshold anew on the gallery's own photos, with a bound on false matches.

    Args:
        false_match_rate: At most this share of strangers may pass for a person, surely (95 %).
        gallery: The gallery's file.
        model: Which run embeds; it must be the one that the gallery was made with.
    """
    from projects.face_verification import recognising

    _said(recognising.calibrated_anew(false_match_rate, gallery, model))


def _said(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


VERBS: dict[str, Callable[..., None]] = {
    "enroll": enroll,
    "enroll_folder": enroll_folder,
    "verify": verify,
    "identify": identify,
    "forget": forget,
    "list": list_people,
    "calibrate": calibrate,
}
