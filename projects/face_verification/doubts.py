"""What is strange about who was enrolled: photos of several people, or one person twice."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist

from projects.face_verification.gallery import Gallery
from projects.face_verification.nearest import Embeddings, nearest

MOST = 10
"""Lines of each kind: a folder of thousands of people has hundreds."""

Doubt = tuple[float, str]
"""How doubtful it is, and the line that says so."""


def doubts(
    gallery: Gallery, given: Mapping[str, Mapping[str, Path]], threshold: float
) -> Iterator[str]:
    """Yield a line for whatever is doubtful about the people just enrolled, the worst first.

    `given`: the digests and files that were enrolled of each person, by the gallery's names.
    """
    mixed: list[Doubt] = []
    for name, files in given.items():
        digests, embeddings = gallery.photos_of(name)
        said = [str(files.get(one, f"an earlier photo of {name}")) for one in digests]
        mixed += _of_photos(name, embeddings, said, threshold)
    yield from _worst(mixed, "photos or groups of photos are unlike the others of their person")
    yield from _worst(_of_people(gallery, given, threshold), "people are near to somebody else")


def _of_photos(
    name: str, embeddings: Embeddings, said: Sequence[str], threshold: float
) -> Iterator[Doubt]:
    """Yield each group of a person's photos (k, d) that is far from all others of the person.

    Within a group, photos are linked by distances of at most the threshold, so one between two
    unlike ones joins them. The largest group is not told.
    """
    apart = cdist(embeddings, embeddings)
    number, group_of = connected_components(apart <= threshold, directed=False)
    usual = np.bincount(group_of).argmax()
    for group in set(range(number)) - {usual}:
        inside = group_of == group
        far, others = float(apart[inside][:, ~inside].min()), int(inside.sum()) - 1
        first = said[int(inside.argmax())]
        who = f"{first} and {others} more are" if others else f"{first} is"
        yield (
            far,
            (
                f"{who} far from all other photos of {name} ({far:.2f}, threshold {threshold:.2f}):"
                " of somebody else?"
            ),
        )


def _of_people(gallery: Gallery, given: Collection[str], threshold: float) -> Iterator[Doubt]:
    """Yield who of those given is near to somebody else, once for two who are near each other."""
    names, templates = gallery.templates()
    told = set()
    for row in (row for row, name in enumerate(names) if name in given):
        found, apart = nearest(templates, templates[[row]], 2)
        for other, far in zip(found[0], apart[0], strict=True):
            two = frozenset((row, other))
            if other == row or far > threshold or two in told:
                continue
            told.add(two)
            both = f"{names[row]} is near {names[other]}"
            yield (
                -far,
                f"{both} ({far:.2f}, threshold {threshold:.2f}): the same person under two names?",
            )


def _worst(found: Iterable[Doubt], what: str) -> Iterator[str]:
    ranked = sorted(found, reverse=True)
    yield from (line for _, line in ranked[:MOST])
    if len(ranked) > MOST:
        yield f"{len(ranked)} {what}; these are the {MOST} worst"
