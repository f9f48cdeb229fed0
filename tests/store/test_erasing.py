"""Deleting is for good: not a byte of a home stays in the file, its index, its log or the keys; a crash is mended."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from disaster_hub.store import erase, household_counts, household_doors, household_end, households
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.prepare import migrate
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.household import Answer, Home, Plan
from disaster_hub.terms.place import LonLat
from tests.store import workers

GONE = LonLat(139.2712345, 38.8912345)


@pytest.fixture(name="keys")
def a_keyring(tmp_path: Path) -> Iterator[Keyring]:
    keys = Keyring.open(tmp_path / "keys")
    yield keys
    keys.close()


def plan_at(spot: LonLat, words: str = "") -> Plan:
    return Plan(Home(spot, words), own_words={1: words})


def neighbours(store: Store, keys: Keyring, now: datetime, count: int) -> list[str]:
    with store.write() as tx:
        return [
            households.create(tx, keys, plan_at(LonLat(139.2 + n / 999, 38.8 + n / 777)), now).household
            for n in range(count)
        ]


def bytes_of(point: LonLat) -> tuple[bytes, ...]:
    """Give every way in which the point may be written: doubles in a blob, 32-bit bounds in the index."""
    exact = struct.pack("<2d", point.lon, point.lat)
    below = struct.unpack(">f", struct.pack(">f", point.lon))[0]
    bits = struct.unpack(">I", struct.pack(">f", below))[0]
    return (exact, *(struct.pack(">I", bits + n) for n in (-1, 0, 1)))


def on_disk(store: Store) -> bytes:
    path = Path(str(store.engine.url.database))
    return b"".join(p.read_bytes() for p in sorted(path.parent.glob(path.name + "*")))


@pytest.mark.parametrize("place", ["first", "last"])
def test_not_a_byte_of_a_deleted_home_is_left_in_the_files(
    sqlite_store: Store, keys: Keyring, now: datetime, place: str
) -> None:
    if place == "last":
        neighbours(sqlite_store, keys, now, 300)
    with sqlite_store.write() as tx:
        home = households.create(tx, keys, plan_at(GONE), now).household
    if place == "first":
        neighbours(sqlite_store, keys, now, 300)
    before = on_disk(sqlite_store)
    assert bytes_of(GONE)[0] in before, "the search does see the blob"
    assert any(one in before for one in bytes_of(GONE)[1:]), "the search does see the index"
    key = keys.key(home)
    with sqlite_store.write() as tx:
        households.delete(tx, keys, home, now)
    after = on_disk(sqlite_store)
    assert not [one for one in bytes_of(GONE) if one in after]
    assert key not in b"".join(p.read_bytes() for p in keys.path.parent.iterdir())
    with sqlite_store.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM rtree_home_geom")).scalar_one() == 300
        assert tx.execute(text("SELECT rtreecheck('rtree_home_geom')")).scalar_one() == "ok"


def test_a_moved_home_leaves_no_old_point_once_tidied(sqlite_store: Store, keys: Keyring, now: datetime) -> None:
    neighbours(sqlite_store, keys, now, 200)
    with sqlite_store.write() as tx:
        home = households.create(tx, keys, plan_at(GONE), now).household
        households.save(tx, keys, home, plan_at(LonLat(139.9, 39.9)), now)
    erase.tidy(sqlite_store)
    assert not [one for one in bytes_of(GONE) if one in on_disk(sqlite_store)]


def test_a_log_that_a_reader_holds_is_cut_later(sqlite_store: Store, keys: Keyring, now: datetime) -> None:
    with sqlite_store.write() as tx:
        home = households.create(tx, keys, plan_at(GONE), now).household
    with sqlite_store.read() as reader:
        reader.execute(text("SELECT count(*) FROM home"))
        begun = time.monotonic()
        with sqlite_store.write() as tx:
            households.delete(tx, keys, home, now)
        assert time.monotonic() - begun < 5, "nobody waits for a reader"
        assert bytes_of(GONE)[0] in on_disk(sqlite_store)
    erase.tidy(sqlite_store)
    assert bytes_of(GONE)[0] not in on_disk(sqlite_store)


def test_tidying_drops_what_postgresql_keeps(store: Store, keys: Keyring, now: datetime) -> None:
    homes = neighbours(store, keys, now, 40)
    with store.write() as tx:
        for home in homes[:-1]:
            households.delete(tx, keys, home, now)
    erase.tidy(store)
    with store.read() as tx:
        assert tx.execute(text("SELECT household FROM home")).scalars().all() == homes[-1:]
        if not store.sqlite:
            assert tx.execute(text("SELECT pg_relation_size('home')")).scalar_one() == 8192
            assert tx.execute(text("SELECT ctid::text FROM home")).scalar_one() == "(0,1)", "rewritten: no dead rows"


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_the_commit_it_is_all_there_or_is_ended_later(
    store: Store, address: str, keys: Keyring, now: datetime, when: str
) -> None:
    with store.write() as tx:
        home = households.create(tx, keys, plan_at(GONE, "しるし"), now).household
    codes = workers.together(workers.delete_and_die, [(address, str(keys.path.parent), home, now, when)])
    assert codes == [-9]
    with store.read() as tx:
        found = households.latest(tx, keys, home)
        assert (found is not None) == (when == "before")
        assert household_end.forget_orphans(tx, keys) == (0 if found else 1)
    if found is None:
        with pytest.raises(KeyGone):
            keys.key(home)
    else:
        assert found.plan == plan_at(GONE, "しるし")


def test_the_key_of_a_household_that_is_just_being_made_stays(
    store: Store, address: str, keys: Keyring, now: datetime
) -> None:
    """Another process makes a household: its key is there before its row can be seen."""
    other = open_store(address)
    with other.write() as tx:
        home = households.create(tx, keys, plan_at(GONE), now).household
        with store.read() as looking:
            assert household_end.forget_orphans(looking, keys) == 0
    with store.read() as tx:
        assert households.latest(tx, keys, home) is not None
    other.close()


def test_several_processes_use_the_keys_at_once(store: Store, address: str, keys: Keyring, now: datetime) -> None:
    folder = str(keys.path.parent)
    calls = [(address, folder, 8, now)] * 3
    assert workers.together(workers.open_households, calls) == [0, 0, 0]
    with store.read() as tx:
        assert len(dict(households.everyone(tx, keys))) == 24
    assert len(keys.everyone()) == 24


def test_answers_come_once_in_order_with_their_own_time_and_place(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        home = households.create(tx, keys, plan_at(GONE), now).household
    given = [
        Answer(f"a{n}", "help", now - timedelta(hours=3, minutes=-n), LonLat(139.3 + n / 1000, 38.9), f"n{n}")
        for n in range(5)
    ]
    for _reconnected in range(2):
        for one in given:
            with store.write() as tx:
                households.add_answer(tx, keys, home, one, now)
    with store.read() as tx:
        assert households.answers(tx, keys, home) == given


def test_a_copied_seal_opens_for_nobody_else(store: Store, keys: Keyring, now: datetime) -> None:
    """Whoever can write to the store can neither give a plan to another household nor an old one for the new."""
    from disaster_hub.terms.errors import BadInput

    one, other = neighbours(store, keys, now, 2)
    with store.write() as tx:
        households.save(tx, keys, one, plan_at(GONE, "neu"), now)
    copied = "UPDATE household_version SET sealed = (SELECT sealed FROM household_version WHERE household = :of"
    for source, number in ((other, 1), (one, 1)):
        change = text(f"{copied} AND number = :n) WHERE household = :one AND number = 2")
        with store.write() as tx:
            tx.execute(change, {"of": source, "n": number, "one": one})
        with store.read() as tx, pytest.raises(BadInput, match="cannot be opened"):
            households.latest(tx, keys, one)


def test_guesses_open_nothing(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        made = households.create(tx, keys, plan_at(GONE), now)
        shared = household_doors.give_door(tx, made.household, "share", now + timedelta(days=7))
    token = made.token
    guesses = [
        token[:-1],
        token + "A",
        token.swapcase(),
        made.household,
        "",
        shared[::-1],
        "x" * 10_000,
        "\x00",
        "しるし",
    ]
    with store.read() as tx:
        assert [household_doors.look(tx, guess, now) for guess in guesses] == [None] * len(guesses)
        assert household_doors.look(tx, shared, now + timedelta(days=8)) is None
        entry = household_doors.look(tx, shared, now)
        assert entry is not None
        assert entry.kind == "share"


def test_who_is_reached_and_who_is_due(store: Store, keys: Keyring, now: datetime) -> None:
    first, second = neighbours(store, keys, now, 2)
    with store.write() as tx:
        sure = households.add_contact(tx, keys, first, "email", "a@home.example", now)
        households.add_contact(tx, keys, second, "email", "b@home.example", now)
        households.confirm_contact(tx, keys, first, sure, now)
        households.save(tx, keys, second, plan_at(GONE), now + timedelta(days=300))
    with store.read() as tx:
        assert household_counts.reached(tx, keys) == {first}
        assert list(household_counts.due_for_review(tx, now + timedelta(days=364))) == []
        assert list(household_counts.due_for_review(tx, now + timedelta(days=366))) == [first]


def test_the_length_of_a_seal_says_next_to_nothing(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        for words in ("", "ねこ", "母は足が悪い"):
            households.create(tx, keys, plan_at(GONE, words), now)
    with store.read() as tx:
        assert len(set(tx.execute(text("SELECT length(sealed) FROM household_version")).scalars())) == 1


def test_no_log_line_and_no_journal_row_names_anybody(
    store: Store, keys: Keyring, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    marker = "しるし桜井"
    with store.write() as tx:
        made = households.create(tx, keys, plan_at(GONE, marker), now)
        households.put_draft(tx, keys, made.household, {"w": marker}, now)
        contact = households.add_contact(tx, keys, made.household, "email", f"{marker}@home.example", now)
        households.confirm_contact(tx, keys, made.household, contact, now)
        households.add_answer(tx, keys, made.household, Answer("a", "help", now, GONE, marker), now)
    with store.write() as tx:
        households.delete(tx, keys, made.household, now)
    with store.read() as tx:
        rows = [" ".join(map(str, row)) for row in tx.execute(text("SELECT * FROM journal"))]
    assert len(rows) == 1
    for said in (*rows, *(record.getMessage() for record in caplog.records)):
        for plain in (marker, made.token, "139.27", "home.example"):
            assert plain not in said


def test_the_revision_goes_back_and_forth(store: Store, keys: Keyring, now: datetime) -> None:
    from alembic import command
    from alembic.config import Config

    from disaster_hub.store.prepare import MIGRATIONS

    neighbours(store, keys, now, 3)
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    with store.write() as tx:
        settings.attributes["connection"] = tx
        command.downgrade(settings, "0001")
    with store.read() as tx:
        assert tx.execute(text("SELECT version_num FROM schema_version")).scalar_one() == "0001"
        if store.sqlite:
            left = "SELECT name FROM sqlite_master WHERE name LIKE '%home%' OR name LIKE 'household%'"
        else:
            left = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE '%ho_e%'"
        assert list(tx.execute(text(left))) == []
    migrate(store)
    neighbours(store, keys, now, 3)
    with store.read() as tx:
        assert households.count(tx) == 3


@pytest.mark.slow
def test_a_hundred_thousand_plans_are_read_in_seconds(
    sqlite_store: Store, keys: Keyring, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    count = 100_000
    fill(sqlite_store, keys, now, count)
    begun = time.perf_counter()
    assert len(keys.everyone()) == count
    keyed = time.perf_counter()
    with sqlite_store.read() as tx:
        found = sum(1 for _ in households.everyone(tx, keys))
    read = time.perf_counter()
    assert found == count
    with capsys.disabled():
        print(f"\n{count} keys {keyed - begun:.2f} s, {count} plans {read - keyed:.2f} s")


def fill(store: Store, keys: Keyring, now: datetime, count: int) -> None:
    """Write many plans the quick way: what `create` writes, in bulk."""
    from disaster_hub.store.household_tables import household, household_version
    from disaster_hub.store.sealing import seal

    names = [f"{n:032x}" for n in range(count)]
    link: Any = keys._link
    with link:
        link.executemany("INSERT INTO key VALUES (?, randomblob(32))", [(n,) for n in names])
    known, plan = keys.everyone(), plan_at(GONE, "みなも市芦原一丁目")
    plans = [replace(plan, language=("ja", "en")[n % 2]) for n in range(2)]
    rows = [{"id": n, "created_at": now, "changed_at": now, "version": 1} for n in names]
    sealed = [
        {"household": n, "number": 1, "at": now, "sealed": seal(known[n], f"plan {n} 1", plans[i % 2])}
        for i, n in enumerate(names)
    ]
    with store.write() as tx:
        tx.execute(household.insert(), rows)
        tx.execute(household_version.insert(), sealed)
