"""The database of the reader's work: SQLite with a write-ahead log, one row a measurement, finding or calibration, and
one a plane of a mask.

Rows are found by hashes of UIDs, keyed with a number that every database draws for itself: who reads the file alone
learns neither whose images were read nor which. Not safe for several threads; several programs may share the file.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BUSY_S = 5.0
"""How long another program may hold the file."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE salt (value BLOB NOT NULL)",
        "CREATE TABLE item (id TEXT PRIMARY KEY, study TEXT NOT NULL, series TEXT NOT NULL, instance TEXT NOT NULL,"
        " frame INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)",
        "CREATE INDEX item_of_study ON item (study)",
        "CREATE TABLE view (study TEXT NOT NULL, series TEXT NOT NULL, stack INTEGER NOT NULL, instance TEXT NOT NULL,"
        " frame INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (study, series, stack)) WITHOUT ROWID",
    ),
    (
        "CREATE TABLE plane (item TEXT NOT NULL, instance TEXT NOT NULL, frame INTEGER NOT NULL,"
        " edited INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (item, instance, frame, edited))",
    ),
    ("CREATE TABLE arrangement (study TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID",),
)
"""Statements that lead from each version of the schema to the next. Never change one that has been released: add one.
The file says its version in ``user_version``."""


class NewerStore(Exception):
    """The file was written by a newer version of the program. It is left as it is."""


@dataclass(frozen=True)
class Row:
    """``study``, ``series`` and ``instance``: hashes (``Store.hash``). ``frame`` counts from 0 in the SOP instance."""

    id: str
    study: str
    series: str
    instance: str
    frame: int
    kind: str
    body: str


@dataclass(frozen=True)
class ViewRow:
    """How a stack was left; hashes as in ``Row``."""

    study: str
    series: str
    stack: int
    instance: str
    frame: int
    body: str


@dataclass(frozen=True)
class PlaneKey:
    """A plane of the masks ``item``, on a frame of an instance (a hash). ``edited``: as the reader changed it, beside
    the one that the model made."""

    item: str
    instance: str
    frame: int
    edited: bool


@dataclass(frozen=True)
class PlaneRow:
    """``data``: the plane, packed."""

    key: PlaneKey
    data: bytes


@dataclass(frozen=True)
class Changed:
    """What a transaction writes, in the place of what has the same keys, and what it deletes. ``gone``: ids of items,
    with their planes. ``arrangements``: (study, body)."""

    rows: Sequence[Row] = ()
    views: Sequence[ViewRow] = ()
    gone: Sequence[str] = ()
    planes: Sequence[PlaneRow] = ()
    planes_gone: Sequence[PlaneKey] = ()
    arrangements: Sequence[tuple[str, str]] = ()


class Store:
    """An open database, brought to the present schema.

    Raises ``OSError`` or ``sqlite3.OperationalError`` where the file cannot be opened or written, ``NewerStore``, and
    ``sqlite3.DatabaseError`` where it is no database or a damaged one.
    """

    def __init__(self, file: Path, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        is_new = not file.exists()
        # One thread uses it at a time; it may be another than the one that made it.
        self._db = sqlite3.connect(file, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(file, migrations, is_new=is_new)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, file: Path, migrations: tuple[tuple[str, ...], ...], *, is_new: bool) -> None:
        if is_new:
            # What the reader wrote is nobody else's business; the log takes the file's own rights.
            file.chmod(0o600)
        (answer,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if answer != "ok":
            raise sqlite3.DatabaseError(str(answer))
        self._db.execute("PRAGMA journal_mode = WAL")
        # A committed edit outlives a power cut; it is written off the window's thread.
        self._db.execute("PRAGMA synchronous = FULL")
        # What is deleted is gone from the file too.
        self._db.execute("PRAGMA secure_delete = ON")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version > len(migrations):
                raise NewerStore(f"version {version}, known are {len(migrations)}")
            for statements in migrations[version:]:
                for statement in statements:
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {len(migrations)}")
            if version == 0:
                self._db.execute("INSERT INTO salt VALUES (?)", (secrets.token_bytes(32),))
            found = self._db.execute("SELECT value FROM salt").fetchone()
            if found is None:
                raise sqlite3.DatabaseError("the salt is missing")
            self._salt = bytes(found[0])
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def hash(self, *parts: str) -> str:
        """32 hex digits that stand for ``parts`` in this database alone."""
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._salt, digest_size=16).hexdigest()

    def write(self, changed: Changed) -> None:
        """Writes and deletes: all or none."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("DELETE FROM item WHERE id = ?", [(identifier,) for identifier in changed.gone])
            self._db.executemany("DELETE FROM plane WHERE item = ?", [(identifier,) for identifier in changed.gone])
            self._db.executemany(
                # Not REPLACE: what is edited keeps its place in the list.
                "INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET study = excluded.study,"
                " series = excluded.series, instance = excluded.instance, frame = excluded.frame, kind = excluded.kind,"
                " body = excluded.body",
                [(r.id, r.study, r.series, r.instance, r.frame, r.kind, r.body) for r in changed.rows],
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO view VALUES (?, ?, ?, ?, ?, ?)",
                [(v.study, v.series, v.stack, v.instance, v.frame, v.body) for v in changed.views],
            )
            self._db.executemany(
                "DELETE FROM plane WHERE item = ? AND instance = ? AND frame = ? AND edited = ?",
                [(key.item, key.instance, key.frame, key.edited) for key in changed.planes_gone],
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO plane VALUES (?, ?, ?, ?, ?)",
                [(p.key.item, p.key.instance, p.key.frame, p.key.edited, p.data) for p in changed.planes],
            )
            self._db.executemany("INSERT OR REPLACE INTO arrangement VALUES (?, ?)", changed.arrangements)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def arrangement(self, study: str) -> str | None:
        """How its views were left; ``None`` where that was never kept."""
        found = self._db.execute("SELECT body FROM arrangement WHERE study = ?", (study,)).fetchone()
        return None if found is None else str(found[0])

    def rows(self, study: str) -> Sequence[Row]:
        """Everything kept of a study, in the order in which it was first written."""
        found = self._db.execute(
            "SELECT id, study, series, instance, frame, kind, body FROM item WHERE study = ? ORDER BY rowid", (study,)
        )
        return [Row(*row) for row in found]

    def views(self, study: str) -> Sequence[ViewRow]:
        """How its stacks were left."""
        found = self._db.execute(
            "SELECT study, series, stack, instance, frame, body FROM view WHERE study = ?", (study,)
        )
        return [ViewRow(*row) for row in found]

    def planes(self, item: str) -> Sequence[PlaneRow]:
        """The planes of the masks ``item``."""
        found = self._db.execute("SELECT item, instance, frame, edited, data FROM plane WHERE item = ?", (item,))
        return [
            PlaneRow(PlaneKey(of, instance, frame, bool(edited)), data) for of, instance, frame, edited, data in found
        ]

    def close(self) -> None:
        """Folds the log into the file and closes it."""
        self._db.close()
