"""The counts that were last shown, sealed under a key that lies with the households' keys."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from disaster_hub.store.household_tables import tally as table
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.sealing import opened, seal
from disaster_hub.store.upsert import put
from disaster_hub.terms.errors import BadInput

ABOUT = "tally"


@dataclass(frozen=True, slots=True)
class Tally:
    """What is shown from *at* on: table → row → households. No small number is written down, not even sealed."""

    at: datetime
    kept: Mapping[str, Mapping[str, int]]
    """What each shown row held when it was last looked at anew."""
    shown: Mapping[str, Mapping[str, int | None]]
    """What is said of each row; None is nothing."""


def last(tx: Connection, keys: Keyring) -> Tally | None:
    """Give what was last shown; None where nothing was, or where the keys it was sealed with are lost."""
    row = tx.execute(select(table)).first()
    if row is None:
        return None
    try:
        return opened(_key(keys), ABOUT, row.sealed, Tally)
    except BadInput:
        return None


def keep(tx: Connection, keys: Keyring, said: Tally) -> None:
    """Write down what is shown from now on."""
    sealed = seal(_key(keys), ABOUT, said)
    put(tx, table, {"id": 1, "at": said.at, "sealed": sealed}, ("id",))


def _key(keys: Keyring) -> bytes:
    return hmac.digest(keys.lookup_key(), ABOUT.encode(), "sha256")
