"""Households: sealed, versioned, found by nobody without the token, and gone when they are deleted."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from disaster_hub.store import household_doors, household_end, households
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.sealing import opened, seal
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadConfig, BadInput
from disaster_hub.terms.household import (
    Answer,
    Destination,
    Home,
    Household,
    Kind,
    Mode,
    Need,
    Plan,
    Structure,
)
from disaster_hub.terms.place import LonLat

MARKER = "しるし桜井佐和子"
SPOT = LonLat(139.2712345, 38.8912345)


@pytest.fixture(name="keys")
def a_keyring(tmp_path: Path) -> Iterator[Keyring]:
    keys = Keyring.open(tmp_path / "keys")
    yield keys
    keys.close()


def a_plan(words: str = MARKER) -> Plan:
    return Plan(
        home=Home(SPOT, f"みなも市芦原1-{words}", 2, 1, Structure.WOOD),
        household=Household(3, frozenset({Need.ELDER, Need.PET}), Mode.WHEELCHAIR, 300, False, True, 40, 24),
        first=Destination(Kind.SHELTER, "E9920100000001", "みなも小", LonLat(139.3, 38.9), upper_floors=True),
        second=Destination(Kind.RELATIVES, name=f"{words}の家"),
        leave_level=3,
        steps={1: ("bag", "phone"), 3: ("go",)},
        own_words={2: words, 4: "ねこ\n\u202e🐈"},
        made_for="parent",
        seen_by=frozenset({"family"}),
        helper=words,
        language="vi",
        reviewed_on=date(2026, 9, 1),
    )


def made(store: Store, keys: Keyring, now: datetime, plan: Plan | None = None) -> households.Opened:
    with store.write() as tx:
        return households.create(tx, keys, plan or a_plan(), now)


def everything(store: Store) -> bytes:
    """Give every byte of every row of the store, as whoever steals a copy would see them."""
    with store.read() as tx:
        if store.sqlite:
            names = "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'rtree%'"
        else:
            names = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        tables = list(tx.execute(text(names)).scalars())
        found = b""
        for table in tables:
            for row in tx.execute(text(f'SELECT * FROM "{table}"')):
                found += b"".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row)
        return found


def test_a_plan_comes_back_as_it_was_saved(store: Store, keys: Keyring, now: datetime) -> None:
    home = made(store, keys, now).household
    with store.write() as tx:
        second = households.save(tx, keys, home, replace(a_plan(), language="ja"), now + timedelta(1), expected=1)
    with store.read() as tx:
        assert households.latest(tx, keys, home) == second
        assert [v.number for v in households.versions(tx, keys, home)] == [1, 2]
        assert households.versions(tx, keys, home)[0].plan == a_plan()
        assert dict(households.everyone(tx, keys)) == {home: second}
        assert households.count(tx) == 1


def test_nothing_personal_can_be_read_without_the_key(store: Store, keys: Keyring, now: datetime) -> None:
    home = made(store, keys, now).household
    with store.write() as tx:
        households.put_draft(tx, keys, home, {"words": MARKER}, now)
        households.put_outlook(tx, keys, home, MARKER.encode(), "m")
        households.add_contact(tx, keys, home, "email", f"{MARKER}@home.example", now)
        households.add_answer(tx, keys, home, Answer("a1", "help", now, SPOT, MARKER), now)
    stolen = everything(store)
    for plain in (MARKER, "芦原", "みなも小", "wheelchair", "elder", "email", "home.example", "parent", 'vi"', "help"):
        assert plain.encode() not in stolen, plain
    assert home.encode() in stolen, "the search does see the rows"


def test_a_deleted_household_is_noise(store: Store, keys: Keyring, now: datetime) -> None:
    gone, stays = made(store, keys, now).household, made(store, keys, now).household
    key = keys.key(gone)
    with store.write() as tx:
        households.delete(tx, keys, gone, now)
    with pytest.raises(KeyGone):
        keys.key(gone)
    assert key not in keys.path.read_bytes(), "the key's bytes are overwritten"
    with store.read() as tx:
        assert households.latest(tx, keys, gone) is None
        assert tx.execute(text("SELECT household FROM home")).scalars().all() == [stays]
        assert [name for name, _ in households.everyone(tx, keys)] == [stays]
    with store.write() as tx, pytest.raises((households.NoHousehold, KeyGone)):
        households.save(tx, keys, gone, a_plan(), now)


def test_a_crash_between_commit_and_key_is_mended(store: Store, keys: Keyring, now: datetime) -> None:
    gone = made(store, keys, now).household
    with store.write() as tx:
        households.delete(tx, keys, gone, now)
        tx.info["after_commit"].clear()  # as if the process died right after the commit
    assert keys.key(gone)
    with store.read() as tx:
        assert household_end.forget_orphans(tx, keys) == 1
    with pytest.raises(KeyGone):
        keys.key(gone)


def test_a_rolled_back_deletion_destroys_nothing(store: Store, keys: Keyring, now: datetime) -> None:
    home = made(store, keys, now).household
    with pytest.raises(RuntimeError), store.write() as tx:  # noqa: PT012
        households.delete(tx, keys, home, now)
        raise RuntimeError
    with store.read() as tx:
        assert households.latest(tx, keys, home) is not None


def test_two_phones_and_the_second_is_told(store: Store, keys: Keyring, now: datetime) -> None:
    home = made(store, keys, now).household
    with store.write() as tx:
        households.save(tx, keys, home, a_plan("あ"), now, expected=1)
    with pytest.raises(households.Conflict), store.write() as tx:
        households.save(tx, keys, home, a_plan("い"), now, expected=1)


def test_doors_open_for_their_token_alone(store: Store, keys: Keyring, now: datetime) -> None:
    opened_ = made(store, keys, now)
    home = opened_.household
    with store.write() as tx:
        share = household_doors.give_door(tx, home, "share", now + timedelta(days=1))
        mail = household_doors.give_door(tx, home, "mail", now + timedelta(hours=1))
        ended = household_doors.give_door(tx, home, "share", now)
    with store.write() as tx:
        assert household_doors.open_door(tx, opened_.token, now) == household_doors.Entry(home, "phone")
        assert household_doors.open_door(tx, share, now) == household_doors.Entry(home, "share")
        assert household_doors.open_door(tx, mail, now) == household_doors.Entry(home, "mail")
        for wrong in (mail, ended, "", share[:-1], share.upper(), home, "x" * 10_000, "\0"):
            assert household_doors.open_door(tx, wrong, now) is None
        assert household_doors.shares(tx, home, now) == 1
        assert household_doors.revoke(tx, home, "share") == 2
        assert household_doors.open_door(tx, share, now) is None
    assert share.encode() not in everything(store)


def test_answers_are_kept_once_in_the_order_in_which_they_were_given(
    store: Store, keys: Keyring, now: datetime
) -> None:
    home = made(store, keys, now).household
    late = now + timedelta(hours=3)
    given = [Answer(f"a{n}", "left", now + timedelta(minutes=n), LonLat(139.0 + n, 38.0)) for n in range(5)]
    with store.write() as tx:
        assert [households.add_answer(tx, keys, home, one, late) for one in reversed(given)] == [True] * 5
    with store.write() as tx:
        assert [households.add_answer(tx, keys, home, one, late) for one in given] == [False] * 5
    with store.read() as tx:
        assert households.answers(tx, keys, home) == given


def test_a_contact_finds_its_household_again_once_it_is_proved(store: Store, keys: Keyring, now: datetime) -> None:
    home = made(store, keys, now).household
    with store.write() as tx:
        number = households.add_contact(tx, keys, home, "line", "U123", now)
        assert households.add_contact(tx, keys, home, "line", "U123", now) == number
        assert households.find_contact(tx, keys, "line", "U123") is None, "anybody may type an address"
        assert households.confirm_contact(tx, keys, home, number, now)
        assert households.find_contact(tx, keys, "line", "U123") == home
        assert households.find_contact(tx, keys, "email", "U123") is None
        assert households.remove_contact(tx, home, number)
        assert households.find_contact(tx, keys, "line", "U123") is None


def test_drafts_wait_a_month(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        home = households.create(tx, keys, None, now).household
        households.put_draft(tx, keys, home, {"step": 3}, now)
    with store.write() as tx:
        assert households.draft(tx, keys, home) == {"step": 3}
        assert household_end.purge_drafts(tx, keys, now + timedelta(days=29)) == 0
        assert household_end.purge_drafts(tx, keys, now + timedelta(days=31)) == 1


def test_what_was_tampered_with_does_not_open() -> None:
    key, other = b"k" * 32, b"o" * 32
    sealed = seal(key, "plan a 1", a_plan())
    assert opened(key, "plan a 1", sealed, Plan) == a_plan()
    for wrong_key, about, body in (
        (other, "plan a 1", sealed),
        (key, "plan b 1", sealed),
        (key, "plan a 1", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (key, "plan a 1", b"\x02" + sealed[1:]),
        (key, "plan a 1", b""),
    ):
        with pytest.raises(BadInput) as fault:
            opened(wrong_key, about, body, Plan)
        assert MARKER not in str(fault.value)


def test_the_keys_are_for_us_alone(tmp_path: Path) -> None:
    keys = Keyring.open(tmp_path / "keys")
    keys.make("h")
    keys.close()
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600
    keys.path.chmod(0o640)
    with pytest.raises(BadConfig, match="others may read"):
        Keyring.open(tmp_path / "keys")
    assert sqlite3.connect(keys.path).execute("SELECT count(*) FROM key").fetchone() == (1,)


def test_two_keyrings_see_the_same_keys(tmp_path: Path) -> None:
    one, other = Keyring.open(tmp_path / "keys"), Keyring.open(tmp_path / "keys")
    key = one.make("h")
    assert other.key("h") == other.make("h") == key
    other.destroy("h")
    with pytest.raises(KeyGone):
        one.key("h")


@pytest.mark.slow
def test_a_hundred_thousand_plans_are_read_in_one_go(sqlite_store: Store, keys: Keyring) -> None:
    now = datetime(2026, 9, 18, 8, 0, tzinfo=UTC)
    with sqlite_store.write() as tx:
        for number in range(2000):
            households.create(tx, keys, a_plan(str(number)), now)
    with sqlite_store.read() as tx:
        assert len(list(households.everyone(tx, keys))) == 2000
