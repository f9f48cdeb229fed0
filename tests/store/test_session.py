"""Transactions: whole or not at all, snapshots that hold still, and faults said in one sentence."""

from __future__ import annotations

import sqlite3
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from disaster_hub.store import journal, session
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.errors import BadConfig, Unreachable
from disaster_hub.terms.notice import JournalEntry
from tests.store import workers


def write(store: Store, now: datetime, what: str = "x") -> None:
    with store.write() as tx:
        journal.add(tx, JournalEntry(now, "kind", "who", what))


def written(store: Store) -> list[str]:
    with store.read() as tx:
        return [entry.what for entry in journal.entries(tx)]


def test_a_fault_in_the_middle_leaves_nothing(store: Store, now: datetime) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as tx:  # noqa: PT012  # the two belong together
        journal.add(tx, JournalEntry(now, "kind", "who", "half"))
        raise ZeroDivisionError
    assert written(store) == []
    write(store, now, "whole")
    assert written(store) == ["whole"]


def test_a_process_killed_before_its_commit_leaves_nothing(store: Store, address: str, now: datetime) -> None:
    assert workers.together(workers.die_before_commit, [(address, now)]) == [-9]
    write(store, now, "after")
    assert written(store) == ["after"]


def test_what_is_done_after_the_commit_is_not_done_after_a_rollback(store: Store) -> None:
    done: list[str] = []
    with store.write() as tx:
        session.after_commit(tx, lambda: done.append("kept"))
        assert done == []
    with pytest.raises(ZeroDivisionError), store.write() as tx:  # noqa: PT012  # the two belong together
        session.after_commit(tx, lambda: done.append("lost"))
        raise ZeroDivisionError
    with store.write():
        pass
    assert done == ["kept"]


def test_a_snapshot_holds_still_while_others_write(store: Store, now: datetime) -> None:
    write(store, now, "first")
    with store.read() as tx:
        assert len(journal.entries(tx)) == 1
        write(store, now, "second")
        assert len(journal.entries(tx)) == 1
    assert len(written(store)) == 2


def test_a_reader_cannot_write(store: Store, now: datetime) -> None:
    with pytest.raises((DBAPIError, Unreachable)), store.read() as tx:
        journal.add(tx, JournalEntry(now, "kind", "who", "sneaked in"))
    assert written(store) == []
    write(store, now)
    assert len(written(store)) == 1


def test_the_version_moves_with_every_commit_of_anybody(store: Store, address: str, now: datetime) -> None:
    other = open_store(address)
    tokens = [store.version()]
    write(store, now)
    tokens.append(store.version())
    write(other, now)
    tokens.append(store.version())
    assert len(set(tokens)) == 3
    with store.read() as tx:
        journal.entries(tx)
    assert store.version() == tokens[-1]
    other.close()


def test_the_version_is_cheap(sqlite_store: Store) -> None:
    sqlite_store.version()
    spans = []
    for _ in range(200):
        started = time.perf_counter()
        sqlite_store.version()
        spans.append(time.perf_counter() - started)
    assert sorted(spans)[100] < 100e-6, "it is asked several times a second by every page"


def test_sqlite_is_set_to_lose_nothing(sqlite_store: Store) -> None:
    with sqlite_store.read() as tx:
        said = {p: tx.exec_driver_sql(f"PRAGMA {p}").scalar() for p in ("journal_mode", "synchronous", "foreign_keys")}
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("times", [40])
def test_processes_that_read_then_write_wait_for_each_other(sqlite_store: Store, times: int, now: datetime) -> None:
    address = f"sqlite:///{sqlite_store.engine.url.database}"
    calls = [(address, name, times, now) for name in "abc"]
    assert workers.together(workers.read_then_write, calls) == [0, 0, 0]
    with sqlite_store.read() as tx:
        said = sorted(int(entry.what) for entry in journal.entries(tx, limit=1000))
    assert said == list(range(1, 3 * times + 1))


def test_threads_of_one_process_take_turns(store: Store, now: datetime) -> None:
    def work() -> None:
        for _ in range(20):
            write(store, now)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with store.read() as tx:
        assert len(journal.entries(tx, limit=1000)) == 80


def test_a_second_writer_in_one_process_does_not_wait_forever(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "LOCK_S", 0.05)
    with sqlite_store.write(), pytest.raises(Unreachable, match="this very process"), sqlite_store.write():
        pass
    with sqlite_store.write():
        pass


def test_a_lock_held_by_another_program_is_said(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    path = str(sqlite_store.engine.url.database)
    monkeypatch.setattr(session, "LOCK_S", 0.05)
    store = open_store(f"sqlite:///{path}")
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unreachable, match="locked for too long by another process") as caught:
        write(store, now)
    assert caught.value.__cause__ is not None
    blocker.execute("ROLLBACK")
    blocker.close()
    write(store, now)
    store.close()


def test_a_full_disk_is_said_and_loses_nothing(sqlite_store: Store, now: datetime) -> None:
    write(sqlite_store, now, "before")
    with sqlite_store.read() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
    with pytest.raises(Unreachable, match="disk full"), sqlite_store.write() as tx:  # noqa: PT012  # in one transaction
        tx.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        journal.add(tx, JournalEntry(now, "kind", "who", "long" * 100_000))
    assert written(sqlite_store) == ["before"]
    with sqlite_store.write() as tx:
        tx.exec_driver_sql("PRAGMA max_page_count=4294967294")
    write(sqlite_store, now, "after")
    assert written(sqlite_store) == ["after", "before"]


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "hub.gpkg").write_bytes(b"This is not a database at all. " * 200)
    store = open_store(f"sqlite:///{tmp_path / 'hub.gpkg'}")
    with pytest.raises(Unreachable, match="no SQLite database"), store.read() as tx:
        journal.entries(tx)
    store.close()


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="is not there"):
        open_store(f"sqlite:///{tmp_path / 'hub.gpkg'}")
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_tables_is_said(address: str, now: datetime) -> None:
    store = open_store(address, create=True)
    with pytest.raises(Unreachable, match="holds no tables yet"):
        write(store, now)
    store.close()


def test_a_database_that_does_not_answer_is_said() -> None:
    store = open_store("postgresql://hub:secret@127.0.0.1:9/hub?connect_timeout=2")
    with pytest.raises(Unreachable, match="store: ") as caught, store.read():
        pass
    assert "secret" not in str(caught.value) + store.url
    with pytest.raises(Unreachable):
        store.version()
    store.close()


@pytest.mark.parametrize(
    "address", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "postgresql://h/d?schema=a;drop"]
)
def test_a_wrong_address_names_the_key(address: Any) -> None:
    with pytest.raises(BadConfig, match=r"store\.url"):
        open_store(address)
