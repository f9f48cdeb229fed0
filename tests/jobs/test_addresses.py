"""Households' addresses: opened only to send, gone when they are gone, and never in the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from disaster_hub.jobs.addresses import ContactBook, of_contact
from disaster_hub.jobs.deliver import deliver_due
from disaster_hub.store import households, outbox
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.store.tables import attempt, delivery
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from tests.rules.said import at

HANAKO = "hanako@example.jp"


class Twin:
    """A channel that writes down what it was given, and fails when told to."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.reached: list[str] = []
        self.fault = fault

    def send(self, _notice: Notice, address: str, key: str) -> None:
        assert HANAKO not in key
        self.reached.append(address)
        if self.fault:
            raise self.fault


@pytest.fixture(name="keys")
def a_keyring(tmp_path: Path) -> Iterator[Keyring]:
    keys = Keyring.open(tmp_path / "keys")
    yield keys
    keys.close()


@pytest.fixture(name="book")
def a_book(store: Store, keys: Keyring) -> Iterator[ContactBook]:
    book = ContactBook(store, keys.path.parent)
    yield book
    book.close()


@pytest.fixture(name="home")
def a_household(store: Store, keys: Keyring) -> tuple[str, str]:
    """Give a household and the id of its mail contact."""
    with store.write() as tx:
        home = households.create(tx, keys, None, at(0)).household
        return home, households.add_contact(tx, keys, home, "email", HANAKO, at(0))


def post(store: Store, key: str, to: list[tuple[str, str]]) -> None:
    one = Notice(key, WorldKind.REPLAY, "test", "届きましたか", "本文", at(0), at(60), 3)
    with store.write() as tx:
        outbox.enqueue(tx, one, to)


def send(store: Store, book: ContactBook, twin: Twin, minutes: float = 1) -> None:
    deliver_due(store, at(minutes), at(minutes), "here:1", lambda _: twin, None, book)


def outcomes(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.execute(select(attempt.c.outcome).order_by(attempt.c.at)).scalars())


def test_a_household_is_reached_and_the_outbox_does_not_know_where(
    store: Store, book: ContactBook, home: tuple[str, str]
) -> None:
    twin = Twin()
    post(store, "test:1", [("email", of_contact(home[1])), ("console", "当直")])
    send(store, book, twin)
    assert sorted(twin.reached) == sorted([HANAKO, "当直"])
    with store.read() as tx:
        written = f"{list(tx.execute(select(delivery)))}{list(tx.execute(select(attempt)))}"
    assert HANAKO not in written


def test_who_is_gone_is_asked_no_more(store: Store, keys: Keyring, book: ContactBook, home: tuple[str, str]) -> None:
    twin = Twin(Undeliverable("the subscription is gone", gone=True))
    post(store, "test:1", [("email", of_contact(home[1]))])
    send(store, book, twin)
    with store.read() as tx:
        assert households.contacts(tx, keys, home[0]) == []
    post(store, "test:2", [("email", of_contact(home[1]))])
    send(store, book, twin, 2)
    assert twin.reached == [HANAKO]
    assert outcomes(store) == ["refused", "refused"]


def test_a_busy_mailbox_is_not_gone(store: Store, keys: Keyring, book: ContactBook, home: tuple[str, str]) -> None:
    post(store, "test:1", [("email", of_contact(home[1]))])
    send(store, book, Twin(Undeliverable("refused for good", forever=True)))
    with store.read() as tx:
        assert len(households.contacts(tx, keys, home[0])) == 1


def test_a_deleted_household_is_not_reached(
    store: Store, keys: Keyring, book: ContactBook, home: tuple[str, str]
) -> None:
    twin = Twin()
    post(store, "test:1", [("email", of_contact(home[1]))])
    with store.write() as tx:
        households.delete(tx, keys, home[0], at(1))
    send(store, book, twin, 2)
    assert twin.reached == []
    assert outcomes(store) == ["refused"]


@pytest.mark.parametrize("address", ["contact:", "contact:nobody", "contact:' OR 1=1"])
def test_a_contact_that_never_was(store: Store, book: ContactBook, address: str) -> None:
    twin = Twin()
    post(store, "test:1", [("email", address)])
    send(store, book, twin)
    assert twin.reached == []
    assert outcomes(store) == ["refused"]


def test_an_address_is_for_its_own_channel(store: Store, book: ContactBook, home: tuple[str, str]) -> None:
    twin = Twin()
    post(store, "test:1", [("webpush", of_contact(home[1]))])
    send(store, book, twin)
    assert twin.reached == []


def test_a_hub_without_households_opens_no_keys(store: Store, tmp_path: Path) -> None:
    book = ContactBook(store, tmp_path / "none")
    post(store, "test:1", [("console", "当直")])
    send(store, book, Twin())
    book.close()
    assert not (tmp_path / "none").exists()
