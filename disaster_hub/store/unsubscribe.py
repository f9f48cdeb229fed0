"""The link that ends one contact: made with its household's key, so nothing is kept for it and nobody can guess it."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode

from sqlalchemy import Connection

from disaster_hub.store import households
from disaster_hub.store.households import Contact
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.terms.errors import BadInput

LENGTH = 22
LONGEST = 100


def token(key: bytes, contact: str) -> str:
    """Give what ends a contact: its random id and the proof that the link is ours; it says nothing about anybody."""
    made = hmac.digest(key, f"unsubscribe {contact}".encode(), "sha256")
    return f"{contact}.{urlsafe_b64encode(made).decode()[:LENGTH]}"


def whose(tx: Connection, keys: Keyring, said: str) -> tuple[str, Contact] | None:
    """Give the household and the contact that a link ends; None for every other link, and where it is gone."""
    contact, _, _ = said[:LONGEST].partition(".")
    try:
        found = households.contact(tx, keys, contact)
        if found is None:
            return None
        right = token(keys.key(found[0]), contact)
    except (KeyGone, BadInput):
        return None
    return found if hmac.compare_digest(right.encode(), said.encode()) else None
