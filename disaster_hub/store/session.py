"""Doors to the store: one transaction to write, one snapshot to read, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from disaster_hub.store import geometry
from disaster_hub.terms.errors import BadConfig, Unreachable

LOCK_S = 20
"""How long a writer waits for another one, in seconds, before it says so."""
NAP_S = 0.002
CHECKPOINT_PAGES = 4000
"""The WAL grows to 16 MB before its pages go home: hot pages of the indexes are then written once, not ten times."""
CACHE_KB = 8000
SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
SENTENCES = (
    ("disk is full", "disk full"),
    ("No space left", "disk full"),
    ("could not extend file", "disk full"),
    ("database is locked", "locked for too long by another process"),
    ("lock timeout", "locked for too long by another process"),
    ("readonly database", "file cannot be written"),
    ("unable to open", "file cannot be opened"),
    ("malformed", "file is damaged"),
    ("not a database", "file is no SQLite database"),
    ("no such table", "holds no tables yet; start the hub, or load a file, to prepare it"),
    ("UndefinedTable", "holds no tables yet; start the hub, or load a file, to prepare it"),
)

Transaction = Connection
"""What the rooms above call it: they pass it on and never speak SQL through it."""


class Store:
    """One world's store; cheap to hold, safe to use from several threads and greenlets."""

    def __init__(self, engine: Engine, schema: str | None) -> None:
        self.engine = engine
        self.schema = schema
        self.sqlite = engine.dialect.name == "sqlite"
        self._watcher: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    @property
    def url(self) -> str:
        """Give the store's address, without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    def write(self) -> AbstractContextManager[Connection]:
        """Open a transaction: all of it is kept, or nothing; disk full, lock or no answer raises Unreachable."""
        return self._transaction(writing=True)

    def read(self) -> AbstractContextManager[Connection]:
        """Open a snapshot for reading: every query in it sees the same moment; it refuses to write."""
        return self._transaction(writing=False)

    @contextmanager
    def _transaction(self, *, writing: bool) -> Iterator[Connection]:
        with said_plainly(), self._my_turn(writing), self.engine.connect() as link:
            if not self.sqlite and not writing:
                link.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            link.info["writing"] = writing
            link.info["after_commit"] = []
            with link.begin():
                yield link
            for action in link.info["after_commit"]:
                action()

    def _my_turn(self, writing: bool) -> AbstractContextManager[None]:
        """Let this process write to SQLite once at a time: inside SQLite's own wait no greenlet could go on."""
        return self._alone() if self.sqlite and writing else nullcontext()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=LOCK_S):
            raise Unreachable("store: locked for too long by this very process")
        try:
            yield
        finally:
            self._turn.release()

    def version(self) -> str:
        """Give a token that changes when any process has committed anything; 15 us on SQLite."""
        with said_plainly():
            if not self.sqlite:
                with self.engine.connect() as link:
                    return str(link.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one())
            with self._lock:
                if self._watcher is None:
                    path = str(self.engine.url.database)
                    self._watcher = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
                return str(self._watcher.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Let go of every connection."""
        with self._lock:
            if self._watcher is not None:
                self._watcher.close()
                self._watcher = None
        self.engine.dispose()


def after_commit(tx: Connection, action: Callable[[], None]) -> None:
    """Do *action* once *tx* is committed; never where it is rolled back."""
    tx.info["after_commit"].append(action)


def open_store(address: str, *, create: bool = False) -> Store:
    """Open the store at *address* as it is; a `schema` in the query names the PostgreSQL schema of this world.

    A SQLite file that is not there raises Unreachable, unless *create* is set.
    """
    try:
        url = make_url(address)
    except Exception as fault:
        raise BadConfig("store.url: not a database address") from fault
    if url.get_backend_name() == "sqlite":
        return Store(_sqlite(url, create=create), None)
    if url.get_backend_name() == "postgresql":
        schema = str(url.query.get("schema", "public"))
        if not SCHEMA.fullmatch(schema):
            raise BadConfig(f"store.url: schema {schema[:63]!r} is not a plain lower-case name")
        return Store(_postgres(url.difference_update_query(["schema"]), schema), schema)
    raise BadConfig(f"store.url: {url.get_backend_name()} is neither sqlite nor postgresql")


def _sqlite(url: URL, *, create: bool) -> Engine:
    if not url.database or url.database == ":memory:":
        raise BadConfig("store.url: sqlite needs the path of a file, which several processes share")
    path = Path(url.database)
    if create:
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        raise Unreachable(f"store: {path} is not there; start the hub, or load a file, to make it")
    engine = create_engine(url, connect_args={"timeout": LOCK_S, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(link: Any, _record: object) -> None:
        link.isolation_level = None  # we say BEGIN ourselves: pysqlite's own comes too late
        _patiently(link, "PRAGMA journal_mode=WAL")  # the first of several at once wins; SQLite would not wait here
        pragmas = ["synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", f"cache_size=-{CACHE_KB}"]
        pragmas += ["recursive_triggers=ON"]  # or a REPLACE would delete what is only ever added, past its trigger
        for pragma in (*pragmas, f"wal_autocheckpoint={CHECKPOINT_PAGES}"):
            link.execute(f"PRAGMA {pragma}")
        geometry.register(link)

    @event.listens_for(engine, "begin")
    def _begin(link: Connection) -> None:
        database: Any = link.connection.dbapi_connection
        if link.info.get("writing"):
            database.execute("PRAGMA query_only=OFF")
            _take_write_lock(database)
        else:
            database.execute("PRAGMA query_only=ON")
            database.execute("BEGIN")

    return engine


def _take_write_lock(database: sqlite3.Connection) -> None:
    """Wait for SQLite's one write lock in short naps.

    SQLite's own wait naps ever longer and so starves beside a busy writer (seconds), and it stops every greenlet.
    """
    database.execute("PRAGMA busy_timeout=0")
    try:
        _patiently(database, "BEGIN IMMEDIATE")
    finally:
        database.execute(f"PRAGMA busy_timeout={LOCK_S * 1000:.0f}")


def _patiently(database: sqlite3.Connection, statement: str) -> None:
    """Execute *statement*, again and again while another has the lock that it needs, for LOCK_S seconds."""
    patience = time.monotonic() + LOCK_S
    while not _done(database, statement, last=time.monotonic() > patience):
        time.sleep(NAP_S)


def _done(database: sqlite3.Connection, statement: str, *, last: bool) -> bool:
    """Try once; False where another has the lock, which at the *last* try is an error."""
    try:
        database.execute(statement)
    except sqlite3.OperationalError as fault:
        if fault.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY and not last:
            return False
        raise
    return True


def _postgres(url: URL, schema: str) -> Engine:
    url = url.set(drivername="postgresql+psycopg")
    options = f"-c search_path={schema},public -c lock_timeout={LOCK_S}s -c TimeZone=UTC"
    more = {"options": options, "connect_timeout": 5, "tcp_user_timeout": LOCK_S * 1000}
    return create_engine(url, pool_pre_ping=True, connect_args=more)


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what a database says when it cannot go on into Unreachable with a sentence; other faults pass."""
    try:
        yield
    except PoolTimeout as fault:
        raise Unreachable("store: too many transactions at once in this process") from fault
    except (DBAPIError, sqlite3.OperationalError) as fault:
        sentence = _sentence(fault)
        if sentence is None:
            raise
        raise Unreachable(f"store: {sentence}") from fault


def _sentence(fault: Exception) -> str | None:
    """Give the sentence for *fault*; None where it is a fault of ours and not of the database's state."""
    cause = fault.orig if isinstance(fault, DBAPIError) and fault.orig is not None else fault
    words = f"{type(cause).__name__}: {cause}"
    for sign, sentence in SENTENCES:
        if sign in words:
            return sentence
    kinds = {kind.__name__ for kind in type(cause).__mro__}
    if kinds.isdisjoint({"OperationalError", "InterfaceError"}):
        return None
    return str(cause).strip().partition("\n")[0][:200] or "no answer"
