"""Contacts of many households at once, for whoever sends to all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import Connection, select

from disaster_hub.store.household_tables import household_contact as table
from disaster_hub.store.households import Contact
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.sealing import opened_by
from disaster_hub.terms.errors import BadInput

DECODER = msgspec.json.Decoder(Contact)
PART = 500


def sealed(tx: Connection, identities: Collection[str]) -> dict[str, tuple[str, bytes]]:
    """Give household and sealed contact behind each id; what is gone is not there."""
    names = list(identities)
    found: dict[str, tuple[str, bytes]] = {}
    for at in range(0, len(names), PART):
        query = select(table.c.id, table.c.household, table.c.sealed).where(table.c.id.in_(names[at : at + PART]))
        found |= {row.id: (row.household, row.sealed) for row in tx.execute(query)}
    return found


def opened(known: Mapping[str, bytes], rows: Mapping[str, tuple[str, bytes]]) -> dict[str, tuple[str, Contact]]:
    """Open contacts with the keys of their households; one that cannot be opened any more is left out."""
    found: dict[str, tuple[str, Contact]] = {}
    for name, (household, said) in rows.items():
        key = known.get(household)
        if key is None:
            continue
        try:
            found[name] = household, opened_by(key, f"contact {household} {name}", said, DECODER)
        except BadInput:
            continue  # it keeps nobody else's message from going out
    return found


def of(tx: Connection, keys: Keyring, identities: Collection[str]) -> dict[str, tuple[str, Contact]]:
    """Give household and contact behind each of many contacts' ids."""
    rows = sealed(tx, identities)
    return opened(keys.some({household for household, _ in rows.values()}), rows)
