"""Who is who in the decision log: the one file that erasure touches.

Nothing in the log's other files names an account: decisions carry a random pseudonym, and their
inputs are sealed with a random key. Both are here and nowhere else. Once an account is forgotten,
nobody can tell whose its decisions were, nor read what was known then; what was shown, with which
probability, stays for statistics.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, Self

from recommender.tombstone import digest
from service.decision_log.errors import DecisionLogError

FILE: Final = "pseudonyms.sqlite"
BUSY_S: Final = 10.0
LATE_S: Final = 86_400
"""So long after an account was forgotten a worker may still hold something read before."""

KEY_BYTES: Final = 32
"""AES-256."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS people (
    account_id TEXT PRIMARY KEY, pseudonym TEXT NOT NULL UNIQUE, key BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS forgotten (digest BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
"""


class Person(NamedTuple):
    """`key` seals what was known of the account."""

    pseudonym: str
    key: bytes

    @classmethod
    def new(cls) -> Self:
        return cls(os.urandom(16).hex(), os.urandom(KEY_BYTES))


class Pseudonyms:
    """Any number of processes may have it open."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float]) -> None:
        self._connection = connection
        self._clock = clock

    @classmethod
    def open(cls, directory: Path, clock: Callable[[], float] = time.time) -> Self:
        """In a log's directory; made where there is none.

        Raises DecisionLogError.
        """
        with _readable(directory / FILE):
            directory.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(directory / FILE, timeout=BUSY_S, isolation_level=None)
            # nothing that was removed may stay behind, neither on free pages nor in a journal
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.executescript(_SCHEMA)
        return cls(connection, clock)

    def close(self) -> None:
        self._connection.close()

    def of(self, account_ids: Iterable[str]) -> dict[str, str]:
        """Each account's pseudonym; those who have none get one."""
        found = self.people(account_ids)
        return {account_id: person.pseudonym for account_id, person in found.items()}

    def people(
        self, account_ids: Iterable[str], read_since: float | None = None
    ) -> dict[str, Person]:
        """Pseudonym and key of each account, made for those who have none.

        An account that was forgotten after `read_since` (seconds since 1970) gets what is written
        down nowhere: what a worker had read of it before does not bring it back.
        """
        with self._transaction():
            self._let_go()
            return {account_id: self._person(account_id, read_since) for account_id in account_ids}

    def find(self, account_id: str) -> str | None:
        """The pseudonym of an account that has one."""
        found = self._known(account_id)
        return found and found.pseudonym

    def behind(self, pseudonym: str) -> tuple[str, bytes] | None:
        """Account id and key; None when that account was forgotten."""
        row: tuple[str, bytes] | None = self._connection.execute(
            "SELECT account_id, key FROM people WHERE pseudonym = ?", (pseudonym,)
        ).fetchone()
        return row

    def forget(self, tombstones: Collection[bytes]) -> frozenset[bytes]:
        """From here on nobody can tell whose decisions these were. Returns those who had any.

        `tombstones` are accounts' as `recommender.tombstone.digest` makes them.
        """
        now = self._clock()
        with self._transaction() as connection:
            everybody = connection.execute("SELECT account_id FROM people")
            known = [account_id for (account_id,) in everybody if digest(account_id) in tombstones]
            connection.executemany("DELETE FROM people WHERE account_id = ?", zip(known))
            connection.executemany(
                "INSERT OR REPLACE INTO forgotten VALUES (?, ?)", [(one, now) for one in tombstones]
            )
        # within a page that was split, a row may have left a copy that it was moved from
        self._connection.execute("VACUUM")
        return frozenset(map(digest, known))

    def _let_go(self) -> None:
        """Of the forgotten themselves."""
        gone = (self._clock() - LATE_S,)
        self._connection.execute("DELETE FROM forgotten WHERE at < ?", gone)

    def _person(self, account_id: str, read_since: float | None) -> Person:
        known = self._known(account_id)
        if known is not None:
            return known
        person = Person.new()
        if read_since is None or not self._forgotten_since(account_id, read_since):
            self._connection.execute("INSERT INTO people VALUES (?, ?, ?)", (account_id, *person))
        return person

    def _known(self, account_id: str) -> Person | None:
        row = self._connection.execute(
            "SELECT pseudonym, key FROM people WHERE account_id = ?", (account_id,)
        ).fetchone()
        return None if row is None else Person(*row)

    def _forgotten_since(self, account_id: str, since: float) -> bool:
        row = self._connection.execute(
            "SELECT 1 FROM forgotten WHERE digest = ? AND at >= ?", (digest(account_id), since)
        ).fetchone()
        return row is not None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise DecisionLogError(f"cannot use {path}: {error}") from None
