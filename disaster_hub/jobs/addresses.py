"""Whom a delivery is for: staff as the outbox has it, a household by the id of its contact, opened only to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from disaster_hub.store import households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.notice import CONTACT, Delivery, of_contact
from timelines.channel import Letter

__all__ = ["AS_WRITTEN", "CONTACT", "Addresses", "AsDecided", "ContactBook", "key_of", "of_contact"]


class Addresses(Protocol):
    """Where one delivery's address is looked up."""

    def find(self, delivery: Delivery) -> str:
        """Give the address itself; Undeliverable where there is none any more."""

    def gone(self, delivery: Delivery) -> None:
        """Take it off the list: the channel says that nobody is there any more."""


class AsWritten:
    """The addresses of staff stand in the outbox as they are."""

    def find(self, delivery: Delivery) -> str:
        """Give what is written."""
        return delivery.address

    def gone(self, delivery: Delivery) -> None:
        """Leave the list alone: the staff's is in the configuration."""


AS_WRITTEN = AsWritten()


@dataclass(frozen=True, slots=True)
class AsDecided:
    """Notices as they were decided, each to the address that *addresses* find."""

    addresses: Addresses

    def write(self, batch: Sequence[Delivery], now: datetime) -> Sequence[Letter | Undeliverable]:
        """Look each address up."""
        del now
        return [self._one(delivery) for delivery in batch]

    def gone(self, delivery: Delivery) -> None:
        """Take an address off the list."""
        self.addresses.gone(delivery)

    def _one(self, delivery: Delivery) -> Letter | Undeliverable:
        try:
            return Letter(delivery.notice, self.addresses.find(delivery), key_of(delivery))
        except Undeliverable as fault:
            return fault


def key_of(delivery: Delivery) -> str:
    """Give the key that makes a delivery the same message however often it is handed over."""
    return f"{delivery.notice.key}/{delivery.channel}/{delivery.address}"


class ContactBook:
    """Looks a contact up under its household's key; what was deleted in the meantime is not found."""

    def __init__(self, store: Store, keys: Path) -> None:
        self.store, self.keys = store, keys
        self._ring: Keyring | None = None

    def find(self, delivery: Delivery) -> str:
        """Give the address itself; Undeliverable where the household or this way to it is no more."""
        if not delivery.address.startswith(CONTACT):
            return delivery.address
        with self.store.read() as tx:
            found = households.contact(tx, self._keyring(), delivery.address.removeprefix(CONTACT))
        if found is None or found[1].channel != delivery.channel:
            raise Undeliverable("this contact is no more", forever=True)
        return found[1].address

    def gone(self, delivery: Delivery) -> None:
        """Take a contact away at which nobody is any more; the staff's stand in the configuration and stay."""
        if not delivery.address.startswith(CONTACT):
            return
        identity = delivery.address.removeprefix(CONTACT)
        with self.store.write() as tx:
            found = households.contact(tx, self._keyring(), identity)
            if found is not None:
                households.remove_contact(tx, found[0], identity)

    def _keyring(self) -> Keyring:
        """Open the keys when the first household is to be reached: a hub without any needs none."""
        self._ring = self._ring or Keyring.open(self.keys)
        return self._ring

    def close(self) -> None:
        """Let go of the keys."""
        if self._ring is not None:
            self._ring.close()
