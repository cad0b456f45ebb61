"""The gallery: whom the model knows, in one SQLite file of embeddings and no photos."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.errors import UserError
from common.strategy.results import Estimate
from projects.face_verification.names import called, folded
from projects.face_verification.nearest import mean_face, nearest
from projects.face_verification.threshold import Calibrated

Embeddings = NDArray[np.float32]

MARK = 0x46414345
"""SQLite's application id of a gallery ("FACE"), by which it is told from other databases."""
PATIENCE = 30.0
"""Seconds that one process waits for another to finish writing."""

SCHEMA = (
    "CREATE TABLE made_by (model TEXT NOT NULL, run TEXT NOT NULL, width INTEGER NOT NULL)",
    "CREATE TABLE photos (digest TEXT PRIMARY KEY, name TEXT NOT NULL, embedding BLOB NOT NULL)",
    "CREATE INDEX photos_by_name ON photos (name)",
    "CREATE TABLE calibrated (found TEXT NOT NULL, stale INTEGER NOT NULL)",
    f"PRAGMA application_id = {MARK}",
)


class Enrolled(NamedTuple):
    """What enrolling came to."""

    photos: int
    """How many photos the person has now."""
    repeated: tuple[int, ...]
    """Which of the given ones, from 0, were there already and are counted once."""


class Candidate(NamedTuple):
    """An enrolled person and the distance, 0 to 2, to his or her template."""

    name: str
    distance: float


class OwnThreshold(NamedTuple):
    """The threshold that was set on the gallery's own photos."""

    found: Calibrated
    stale: bool
    """Whether photos were enrolled or forgotten since."""


@dataclass(frozen=True)
class Gallery:
    """A file of embeddings, the fingerprint of the model that makes them, and its run's name.

    Without a model (None) it can be looked at, and people can be forgotten.

    Every method reads or writes in one transaction, so processes may share the file and a failure
    writes nothing. All raise UserError for a file that is no gallery, is damaged, or was made by
    another model; all but `enroll` for one that does not exist.
    """

    path: Path
    model: str | None = None
    run: str = ""

    def enroll(self, name: str, embeddings: Embeddings, digests: Sequence[str]) -> Enrolled:
        """Add photos of a person, who may be there already; makes the file if there is none.

        `embeddings`: (k, d) unit vectors, one per photo; `digests`: of the k files. UserError for
        an empty name, one that differs from an enrolled one in small and capital letters only, a
        photo that is enrolled as somebody else, photos that contradict each other.
        """
        name = called(name)
        given = np.asarray(embeddings, "<f4")
        if given.ndim != 2 or len(given) == 0 or len(given) != len(digests):
            raise ValueError(f"{given.shape} embeddings for {len(digests)} digests")
        if not np.allclose(np.linalg.norm(given, axis=1), 1, atol=1e-3):
            raise ValueError("an embedding is no unit vector")
        mean_face(given)  # Refused before an empty file is made.
        with self._transaction("IMMEDIATE", width=given.shape[1]) as database:
            self._check_spelling(database, name)
            repeated = []
            for place, (digest, embedding) in enumerate(zip(digests, given, strict=True)):
                row = (digest, name, embedding.tobytes())
                query = "SELECT name FROM photos WHERE digest = ?"
                owner = database.execute(query, (digest,)).fetchone()
                if owner is None:
                    database.execute("INSERT INTO photos VALUES (?, ?, ?)", row)
                elif owner[0] == name:
                    repeated.append(place)
                else:
                    raise UserError(
                        f"photo {place + 1} of {name} is enrolled as {owner[0]}: "
                        f"leave it out, or forget {owner[0]} first"
                    )
            if len(repeated) < len(digests):
                database.execute("UPDATE calibrated SET stale = 1")
            photos = self._photos(database, name)[1]
            mean_face(photos)
        return Enrolled(len(photos), tuple(repeated))

    def forget(self, name: str) -> int:
        """Remove a person and return how many photos' embeddings went.

        The bytes are overwritten and the file is written anew without them. Copies, backups and
        what the file system keeps of replaced blocks are beyond its reach.
        """
        name = called(name)
        with self._transaction("IMMEDIATE") as database:
            gone = database.execute("DELETE FROM photos WHERE name = ?", (name,)).rowcount
            if not gone:
                raise self._unknown(database, name)
            database.execute("UPDATE calibrated SET stale = 1")
        with self._connection("rw") as database:
            database.execute("VACUUM")
        return int(gone)

    def names(self) -> dict[str, int]:
        """Return everybody's number of photos, in the order of the names."""
        with self._transaction("DEFERRED") as database:
            return dict(
                database.execute("SELECT name, count(*) FROM photos GROUP BY name ORDER BY name")
            )

    def photos(self) -> tuple[list[str], Embeddings]:
        """Return the name and the embedding (n, d) of every photo, in the order of the names."""
        with self._transaction("DEFERRED") as database:
            return self._photos(database)

    def photos_of(self, name: str) -> tuple[list[str], Embeddings]:
        """Return the digest and the embedding (k, d) of a person's photos, in order of enrolment.

        UserError where nobody is called so.
        """
        name = called(name)
        with self._transaction("DEFERRED") as database:
            embeddings = self._photos(database, name)[1]
            if not len(embeddings):
                raise self._unknown(database, name)
            query = "SELECT digest FROM photos WHERE name = ? ORDER BY rowid"
            return [row[0] for row in database.execute(query, (name,))], embeddings

    def templates(self) -> tuple[list[str], Embeddings]:
        """Return the names and a template each (n, d): the normalised mean of the embeddings."""
        owners, embeddings = self.photos()
        if not owners:
            return [], embeddings
        names, starts = np.unique(np.array(owners), return_index=True)
        # SQLite orders text by its UTF-8 bytes and numpy by code points: the same order.
        sums = np.add.reduceat(embeddings, starts, axis=0)
        return names.tolist(), sums / np.linalg.norm(sums, axis=1, keepdims=True)

    def template(self, name: str) -> Embeddings:
        """Return a person's template (d,): the normalised mean of the embeddings."""
        return mean_face(self.photos_of(name)[1])

    def keep_threshold(self, found: Calibrated, photos: int) -> None:
        """Keep a threshold that was measured on so many photos, instead of an earlier one."""
        with self._transaction("IMMEDIATE") as database:
            database.execute("DELETE FROM calibrated")
            database.execute(
                "INSERT INTO calibrated SELECT ?, count(*) != ? FROM photos",
                (json.dumps(asdict(found)), photos),
            )

    def own_threshold(self) -> OwnThreshold | None:
        """Return the threshold that was kept last, if any."""
        with self._transaction("DEFERRED") as database:
            row = database.execute("SELECT found, stale FROM calibrated").fetchone()
        if row is None:
            return None
        known = json.loads(row[0])
        known["false_non_match"] = Estimate(**known["false_non_match"])
        return OwnThreshold(Calibrated(**known), bool(row[1]))

    def identify(self, embedding: Embeddings, k: int = 5) -> list[Candidate]:
        """Return the k people nearest to an embedding (d,), nearest first.

        UserError where nobody is enrolled.
        """
        names, templates = self.templates()
        if not names:
            raise UserError(f"{self.path} holds nobody: enroll somebody first")
        rows, found = nearest(templates, embedding[None], k)
        pairs = zip(rows[0], found[0], strict=True)
        return [Candidate(names[row], float(distance)) for row, distance in pairs]

    def _photos(self, database: sqlite3.Connection, name: str = "") -> tuple[list[str], Embeddings]:
        (width,) = database.execute("SELECT width FROM made_by").fetchone()
        chosen, values = ("WHERE name = ?", (name,)) if name else ("", ())
        query = f"SELECT name, embedding FROM photos {chosen} ORDER BY name, rowid"
        rows = database.execute(query, values).fetchall()
        if any(len(embedding) != 4 * width for _, embedding in rows):
            raise UserError(f"{self.path} {_DAMAGED}")
        flat = np.frombuffer(b"".join(embedding for _, embedding in rows), "<f4")
        return [owner for owner, _ in rows], flat.reshape(len(rows), width)

    def _check_spelling(self, database: sqlite3.Connection, name: str) -> None:
        if database.execute("SELECT 1 FROM photos WHERE name = ?", (name,)).fetchone():
            return
        for (known,) in database.execute("SELECT DISTINCT name FROM photos"):
            if folded(known) == folded(name):
                raise UserError(
                    f"{name!r} and {known!r}, who is enrolled, look alike: write {known!r}, or if"
                    " this is somebody else, add what tells them apart"
                )

    def _unknown(self, database: sqlite3.Connection, name: str) -> UserError:
        rows = database.execute("SELECT DISTINCT name FROM photos ORDER BY name")
        known = {row[0].casefold(): row[0] for row in rows}
        close = [known[one] for one in get_close_matches(name.casefold(), known, 3)]
        cure = f"did you mean {', '.join(close)}?" if close else "list shows who is"
        return UserError(f"nobody called {name!r} is enrolled in {self.path}: {cure}")

    @contextmanager
    def _transaction(self, kind: str, width: int | None = None) -> Iterator[sqlite3.Connection]:
        """Open the gallery, made for embeddings of this width if need be, and commit at the end."""
        if width is None and not self.path.exists():
            raise UserError(f"there is no gallery {self.path}: enroll somebody first")
        with self._connection("rwc" if width else "rw") as database:
            database.execute("PRAGMA secure_delete = ON")
            database.execute(f"BEGIN {kind}")
            # Two processes may find no gallery at once; the lock decides which one makes it.
            if width and not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                for statement in SCHEMA:
                    database.execute(statement)
                made_by = (self.model, self.run, width)
                database.execute("INSERT INTO made_by VALUES (?, ?, ?)", made_by)
            self._check(database)
            yield database
            database.execute("COMMIT")

    def _check(self, database: sqlite3.Connection) -> None:
        if database.execute("PRAGMA application_id").fetchone()[0] != MARK:
            raise UserError(f"{self.path} is no gallery: give the file that enroll has written")
        model, run = database.execute("SELECT model, run FROM made_by").fetchone()
        if self.model not in (None, model):
            raise UserError(
                f"{self.path} was made with the model of run {run} ({model}) and this is that of "
                f"{self.run} ({self.model}): use --model {run}, or enroll everybody again in "
                "another file"
            )

    @contextmanager
    def _connection(self, mode: str) -> Iterator[sqlite3.Connection]:
        if self.path.is_dir():
            raise UserError(
                f"{self.path} is a folder: name the gallery's file, such as"
                f" {self.path / 'faces.db'}"
            )
        place = f"{self.path.resolve().as_uri()}?mode={mode}"
        try:
            # Without an isolation level, Python begins no transactions of its own.
            with closing(
                sqlite3.connect(place, uri=True, timeout=PATIENCE, isolation_level=None)
            ) as database:
                yield database
        except sqlite3.Error as error:
            # The lower byte is the kind of error, the upper ones its details.
            reason = REASONS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
            if reason is None:
                raise
            raise UserError(f"{self.path} {reason} ({error})") from error


_DAMAGED = "is no gallery, or a damaged one: restore a copy, or enroll again in another file"
_NOWHERE = "cannot be opened or written: check its folder, its permissions and the space left"
REASONS = {
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_BUSY: "is being written by another process: try again when that has ended",
    sqlite3.SQLITE_CANTOPEN: _NOWHERE,
    sqlite3.SQLITE_READONLY: _NOWHERE,
    sqlite3.SQLITE_FULL: _NOWHERE,
    sqlite3.SQLITE_IOERR: _NOWHERE,
}
"""What a user reads for an error of SQLite; others are bugs."""
