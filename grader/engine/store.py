"""What was graded before, in one SQLite file: a convenience that may fail and changes no result.

One process writes, in batches of one transaction each; any number read, in other processes and runs. A row
is its value behind a check sum over key and value. Whatever is wrong with the file (damaged, locked, full,
not ours, made by a later version) is said in ``note``, and the run goes on without it.

It holds what one version of the toolkit made: another one that opens it starts afresh. Of each table only the
newest ``MAX_ROWS`` rows are kept.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from grader.engine.digests import digest, toolkit

__all__ = ["TABLES", "Reader", "Store"]

APPLICATION = 0x67726465  # in the file's head: that it is ours
VERSION = 1
TABLES = ("submissions", "judgements", "pages")
MAX_ROWS = {"submissions": 200_000, "judgements": 1_000_000, "pages": 200_000}
MAX_ALIKE = 32  # values under one key
BATCH = 50  # rows in a transaction, at the least
BATCH_SECONDS = 0.5
PATIENCE = 10.0  # seconds to wait for another run that writes
CHECK = 8  # bytes of a check sum
BESIDE = ("-wal", "-shm", "-journal")
FAULTS = (sqlite3.Error, ValueError, OverflowError, OSError)  # ValueError: damage where sqlite expects UTF-8
_MAGIC = b"SQLite format 3\0"
_LATER = 99  # formats that a later version may have; a number above is damage

SCHEMA = [
    "CREATE TABLE IF NOT EXISTS toolkit (digest BLOB)",
    *(
        f"CREATE TABLE IF NOT EXISTS {table} (key BLOB, mark BLOB, value BLOB, PRIMARY KEY (key, mark))"
        for table in TABLES
    ),
]


class _Unusable(Exception):
    """Why a file is not used."""


class _Damaged(sqlite3.DatabaseError):
    """A file of ours that is not as it was written."""


class Reader:
    """Reads only, for workers; without a file, or with a broken one, nothing is known."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def _open(self) -> None:
        path, self._path = self._path, ""
        if path and Path(path).is_file():
            with contextlib.suppress(*FAULTS):
                place = Path(path).absolute().as_uri()
                self._connection = sqlite3.connect(f"{place}?mode=ro", uri=True, timeout=PATIENCE)
                if _named(self._connection) != (APPLICATION, VERSION):
                    self.close()

    def all(self, table: str, key: bytes) -> list[bytes]:
        """The values under a key that are as they were written."""
        if self._path:
            self._open()
        if self._connection is None:
            return []
        try:
            return _values(self._connection, table, key)
        except FAULTS:
            self.close()
            return []

    def close(self) -> None:
        self._path = ""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*FAULTS):
                connection.close()


class Store:
    """The writer's side. ``note``: why the file is not, or no longer, used; ``path`` is empty then.

    ``own``: the name is nobody else's, so that a file without a database's head is a damaged one of ours.
    """

    def __init__(self, path: Path, *, own: bool = False) -> None:
        self.path = ""
        self.note = ""
        self._connection: sqlite3.Connection | None = None
        self._waiting: dict[tuple[str, bytes, bytes], bytes] = {}
        self._since = 0.0
        try:
            self._open(path, own)
        except _Unusable as e:
            self._give_up(path, str(e))
        except FAULTS as e:
            self._give_up(path, _reason(e))

    def _open(self, path: Path, own: bool) -> None:
        if os.path.lexists(path):
            _require_file(path)
        for beside in (path.with_name(path.name + end) for end in BESIDE):
            if os.path.lexists(beside):
                _require_file(beside)
        ours = True
        try:
            ours = _is_ours(path, own)
            _make(path)
            self._connection = _connected(path)
        except FAULTS as e:
            if not (ours and _is_damage(e)):
                raise
            self._renew(path, e)
        self.path = str(path)

    def get(self, table: str, key: bytes) -> bytes | None:
        found = self.all(table, key)
        return found[-1] if found else None

    def all(self, table: str, key: bytes) -> list[bytes]:
        if self._connection is None:
            return []
        try:
            return _values(self._connection, table, key)
        except FAULTS as e:
            self._broke(e)
            return []

    def put(self, table: str, key: bytes, value: bytes, mark: bytes = b"") -> None:
        """Remember; it is in the file after the next batch. ``mark`` tells values under one key apart."""
        if self._connection is None:
            return
        self._since = self._since or time.monotonic()
        self._waiting[table, key, mark] = value
        if len(self._waiting) >= BATCH or time.monotonic() - self._since >= BATCH_SECONDS:
            self.flush()

    def flush(self) -> None:
        if self._connection is None or not self._waiting:
            return
        try:
            with _transaction(self._connection) as c:
                for (table, key, mark), value in self._waiting.items():
                    row = (_own(key), mark, _summed(table, key, value) + value)
                    c.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", row)
        except FAULTS as e:
            self._broke(e)
        self._waiting.clear()
        self._since = 0.0

    def close(self) -> None:
        self.flush()
        self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _broke(self, e: Exception) -> None:
        path, again = Path(self.path), "put aside" in self.note
        self._give_up(path, _reason(e))
        if _is_damage(e) and not again:
            with contextlib.suppress(*FAULTS):
                self._renew(path, e)

    def _renew(self, path: Path, e: Exception) -> None:
        _put_aside(path)
        _make(path)
        self._connection = _connected(path)
        self.path = str(path)
        self.note = f"{path}: is damaged ({e}); it was put aside and a new one started"

    def _give_up(self, path: Path, reason: str) -> None:
        self.note = f"{path}: {reason}; the run goes on without what was graded before"
        self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self.path = ""
        self._waiting.clear()
        if connection is not None:
            with contextlib.suppress(*FAULTS):
                connection.close()


# ---- the file


def _require_file(path: Path) -> None:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise _Unusable("is a symbolic link, and nothing is written through one")
    if not stat.S_ISREG(mode):
        raise _Unusable("is no file")


def _is_ours(path: Path, own: bool) -> bool:
    """Whether there is one of ours, by its first page.

    Raises:
        _Damaged: there is, but that page is not as it was written.
        _Unusable: it is something else.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        return False
    if not head:
        return False
    tables = all(s.replace(" IF NOT EXISTS", "").encode() in head for s in SCHEMA)
    if not head.startswith(_MAGIC):
        if own or tables:
            raise _Damaged("it does not begin as a database does")
        raise _Unusable("is no store of grade's; remove it or give another file")
    application, version = int.from_bytes(head[68:72], "big"), int.from_bytes(head[60:64], "big")
    # an interrupted first start leaves no tables and no name
    if application != APPLICATION and not (application == 0 and path.stat().st_size <= 4096):
        if tables:
            raise _Damaged("it does not say that it is a store")
        raise _Unusable("is a database of another program; give another file")
    # bytes that make sqlite say that the file cannot be written, or is of a later time
    if not {*head[18:20]} <= {1, 2} or int.from_bytes(head[44:48], "big") > 4 or version > _LATER:
        raise _Damaged("its head says what no store's does")
    return True


def _make(path: Path) -> None:
    with contextlib.suppress(FileExistsError):  # as reports are: sqlite's own are for nobody else
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))


def _connected(path: Path) -> sqlite3.Connection:
    c = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        _require_ours_or_none(c)
        c.execute("PRAGMA journal_mode = WAL")
        c.execute("PRAGMA synchronous = NORMAL")
        with _transaction(c):
            c.execute(f"PRAGMA application_id = {APPLICATION}")
            c.execute(f"PRAGMA user_version = {VERSION}")
            for statement in SCHEMA:
                c.execute(statement)
            ours = c.execute("SELECT digest FROM toolkit").fetchall() == [(toolkit(),)]
            for table in TABLES:
                where = f"WHERE rowid <= (SELECT max(rowid) FROM {table}) - {MAX_ROWS[table]}" if ours else ""
                c.execute(f"DELETE FROM {table} {where}")
            if not ours:
                c.execute("DELETE FROM toolkit")
                c.execute("INSERT INTO toolkit VALUES (?)", (toolkit(),))
    except BaseException:
        c.close()
        raise
    return c


@contextlib.contextmanager
def _transaction(c: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    c.execute("BEGIN IMMEDIATE")
    try:
        yield c
    except BaseException:
        with contextlib.suppress(*FAULTS):
            c.execute("ROLLBACK")
        raise
    c.execute("COMMIT")


def _require_ours_or_none(c: sqlite3.Connection) -> None:
    """The head alone may be behind what the log has."""
    application, version = _named(c)
    if version > VERSION:
        raise _Unusable(f"was made by a later version of grade (its format is {version})")
    if application != APPLICATION and c.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise _Unusable("is a database of another program; give another file")


def _named(c: sqlite3.Connection) -> tuple[int, int]:
    return tuple(c.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))


def _values(c: sqlite3.Connection, table: str, key: bytes) -> list[bytes]:
    query = f"SELECT value FROM {table} WHERE key = ? ORDER BY rowid LIMIT {MAX_ALIKE}"
    found = [value for (value,) in c.execute(query, (_own(key),))]
    return [
        value[CHECK:]
        for value in found
        if isinstance(value, bytes) and value[:CHECK] == _summed(table, key, value[CHECK:])
    ]


def _own(key: bytes) -> bytes:
    """Runs with two versions of the toolkit may use the file at once."""
    return digest(toolkit(), key)


def _summed(table: str, key: bytes, value: bytes) -> bytes:
    return digest(table, key, value)[:CHECK]


def _is_damage(e: Exception) -> bool:
    """Not a file that is locked or full."""
    return isinstance(e, sqlite3.DatabaseError | ValueError) and not isinstance(e, sqlite3.OperationalError)


def _put_aside(path: Path) -> None:
    for end in BESIDE:
        with contextlib.suppress(OSError):
            path.with_name(path.name + end).unlink()
    path.replace(path.with_name(path.name + ".damaged"))


def _reason(e: Exception) -> str:
    if isinstance(e, OSError):
        return f"cannot be written ({e.strerror})"
    return f"cannot be used ({e})"
