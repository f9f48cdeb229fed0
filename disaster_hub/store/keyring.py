"""The households' keys, in a file of their own outside the store: destroy the key, and what it sealed is noise."""

from __future__ import annotations

import hmac
import os
import secrets
import sqlite3
import stat
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

from disaster_hub.terms.errors import BadConfig, HubError, Unreachable

FILE = "households.db"
LOOKUP = "lookup"
"""The one key that is no household's: it finds a LINE user's household again."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO
WAIT_S = 20
ASKED_AT_ONCE = 500
MAKE = "CREATE TABLE IF NOT EXISTS key (household TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID"


class KeyGone(HubError):
    """This household's key was destroyed, or was never here: what it sealed cannot be read by anybody."""


class Keyring:
    """Every household's key; safe to ask from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._link = self._open()

    @classmethod
    def open(cls, folder: Path) -> Keyring:
        """Open the keys in *folder*, making them where there are none; a folder that others may read is refused."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = folder / FILE
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            if path.stat().st_mode & OTHERS:
                raise BadConfig(f"keys.folder: others may read {path}; chmod 600 it")
        except OSError as fault:
            raise BadConfig(f"keys.folder: {folder}: {fault.strerror}") from fault
        return cls(path)

    def make(self, household: str) -> bytes:
        """Make the key of a new household; one that is there stays."""
        with self._lock, self._said(), self._link:
            self._link.execute("INSERT OR IGNORE INTO key VALUES (?, ?)", (household, secrets.token_bytes(32)))
        return self.key(household)

    def key(self, household: str) -> bytes:
        """Give a household's key; KeyGone where it was destroyed."""
        with self._lock, self._said():
            row = self._link.execute("SELECT key FROM key WHERE household = ?", (household,)).fetchone()
        if row is None:
            raise KeyGone("this household was deleted, or its key is not in the keys folder")
        return bytes(row[0])

    def lookup_key(self) -> bytes:
        """Give the key with which a contact is found again."""
        try:
            return self.key(LOOKUP)
        except KeyGone:
            return self.make(LOOKUP)

    def mark(self, about: str) -> bytes:
        """Give what finds something again that is nowhere to be read: an HMAC whose key lies outside the store."""
        return hmac.digest(self.lookup_key(), about.encode(), "sha256")

    def destroy(self, household: str) -> None:
        """Destroy a household's key for good; the freed bytes are overwritten."""
        with self._lock, self._said(), self._link:
            self._link.execute("DELETE FROM key WHERE household = ?", (household,))

    def some(self, households: Collection[str]) -> dict[str, bytes]:
        """Give the keys of these households; one that was destroyed is left out."""
        names = list(households)
        found: dict[str, bytes] = {}
        for at in range(0, len(names), ASKED_AT_ONCE):
            part = names[at : at + ASKED_AT_ONCE]
            marks = ",".join("?" * len(part))
            with self._lock, self._said():
                rows = self._link.execute(f"SELECT household, key FROM key WHERE household IN ({marks})", part)  # noqa: S608
                found |= {name: bytes(key) for name, key in rows}
        return found

    def everyone(self) -> dict[str, bytes]:
        """Give every household's key at once, for reckoning all plans."""
        with self._lock, self._said():
            rows: Iterator[tuple[str, bytes]] = self._link.execute("SELECT household, key FROM key")
            return {name: bytes(key) for name, key in rows if name != LOOKUP}

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._link.close()

    def _open(self) -> sqlite3.Connection:
        with self._said():
            link = sqlite3.connect(self.path, timeout=WAIT_S, check_same_thread=False)
            # No write-ahead log: a destroyed key must not linger in a second file.
            link.execute("PRAGMA journal_mode=TRUNCATE")
            link.execute("PRAGMA secure_delete=ON")
            link.execute("PRAGMA synchronous=FULL")
            with link:
                link.execute(MAKE)
            return link

    def _said(self) -> _Plainly:
        return _Plainly(self.path)


class _Plainly:
    """Turns what SQLite says into one sentence that names the file and nobody."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: object) -> None:
        if isinstance(fault, sqlite3.Error):
            raise Unreachable(f"keys: {self.path}: {fault}") from fault
