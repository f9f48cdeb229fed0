"""Doors to the store: one transaction to write, one snapshot to read, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from disaster_hub.store import geometry
from disaster_hub.terms.errors import BadConfig, Unreachable

Transaction = Connection
"""What the rooms above call it: they pass it on and never speak SQL through it."""

BUSY_MS = 20_000
LOCK_S = 20
SENTENCES = (
    ("disk is full", "disk full"),
    ("No space left", "disk full"),
    ("database is locked", "locked for too long by another process"),
    ("readonly", "file cannot be written"),
    ("unable to open", "file cannot be opened"),
    ("malformed", "file is damaged"),
)


class Store:
    """One world's store; cheap to hold, safe to use from several threads."""

    def __init__(self, engine: Engine, schema: str | None) -> None:
        self.engine = engine
        self.schema = schema
        self.sqlite = engine.dialect.name == "sqlite"
        self._writes = 0
        self._watcher: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Give the store's address, without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    def write(self) -> AbstractContextManager[Connection]:
        """Open a transaction: all of it is kept, or nothing; disk full or lock raises Unreachable."""
        return self._transaction(writing=True)

    def read(self) -> AbstractContextManager[Connection]:
        """Open a snapshot for reading."""
        return self._transaction(writing=False)

    @contextmanager
    def _transaction(self, *, writing: bool) -> Iterator[Connection]:
        try:
            with self.engine.connect() as link:
                link.info["writing"] = writing
                with link.begin():
                    yield link
        except (OperationalError, sqlite3.OperationalError) as fault:
            raise Unreachable(f"store: {_sentence(fault)}") from fault
        if writing:
            self._writes += 1

    def version(self) -> str:
        """Give a token that changes when any process has committed anything."""
        if not self.sqlite:
            with self.engine.connect() as link:
                return str(link.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one())
        with self._lock:
            if self._watcher is None:
                self._watcher = sqlite3.connect(
                    str(self.engine.url.database), check_same_thread=False, isolation_level=None
                )
            seen = self._watcher.execute("PRAGMA data_version").fetchone()[0]
        return f"{seen}.{self._writes}"

    def close(self) -> None:
        """Let go of every connection."""
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
        self.engine.dispose()


def open_store(address: str) -> Store:
    """Open the store at *address* as it is; a `schema` in the query names the PostgreSQL schema of this world."""
    try:
        url = make_url(address)
    except Exception as fault:
        raise BadConfig("store.url: not a database address") from fault
    if url.get_backend_name() == "sqlite":
        return Store(_sqlite(url), None)
    if url.get_backend_name() == "postgresql":
        schema = str(url.query.get("schema", "public"))
        return Store(_postgres(url.difference_update_query(["schema"]), schema), schema)
    raise BadConfig(f"store.url: {url.get_backend_name()} is neither sqlite nor postgresql")


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(link: Any, _record: object) -> None:
        link.isolation_level = None  # we say BEGIN ourselves: pysqlite's own comes too late (parts.md, trap 2)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
            link.execute(f"PRAGMA {pragma}")
        geometry.register(link)

    @event.listens_for(engine, "begin")
    def _begin(link: Connection) -> None:
        link.exec_driver_sql("BEGIN IMMEDIATE" if link.info.get("writing") else "BEGIN")

    return engine


def _postgres(url: URL, schema: str) -> Engine:
    if url.get_driver_name() == "psycopg2":
        url = url.set(drivername="postgresql+psycopg")
    options = f"-c search_path={schema},public -c lock_timeout={LOCK_S}s -c TimeZone=UTC"
    return create_engine(url, pool_pre_ping=True, connect_args={"options": options, "connect_timeout": 5})


def _sentence(fault: Exception) -> str:
    words = str(fault.orig if isinstance(fault, DBAPIError) else fault).strip()
    for sign, sentence in SENTENCES:
        if sign in words:
            return sentence
    return words.splitlines()[0][:200] if words else "no answer"
