"""Whom a delivery is for: staff as the outbox has it, a household by the id of its contact, opened only to send."""

from __future__ import annotations

from pathlib import Path

from disaster_hub.store import households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.notice import Delivery

CONTACT = "contact:"


def of_contact(contact: str) -> str:
    """Write a household's contact as the address of a delivery: an id that says nothing."""
    return f"{CONTACT}{contact}"


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
