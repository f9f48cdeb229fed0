"""Personal data of somebody who called or was named: sealed under a key of its own, found by a random id alone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import Connection, select, update

from disaster_hub.store.erase import empty_log
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.report_tables import person as table
from disaster_hub.store.sealing import opened, seal


def keep(tx: Connection, keys: Keyring, said: Mapping[str, str]) -> str:
    """Seal *said* and give the random id by which it is known everywhere else."""
    identity = f"p{secrets.token_hex(12)}"
    key = keys.make(identity)
    tx.execute(table.insert().values(id=identity, sealed=seal(key, _about(identity), dict(said))))
    return identity


def read(tx: Connection, keys: Keyring, identity: str) -> dict[str, str] | None:
    """Open what was kept; None where it was emptied or never was."""
    sealed = tx.execute(select(table.c.sealed).where(table.c.id == identity)).scalar()
    if sealed is None:
        return None
    try:
        return opened(keys.key(identity), _about(identity), sealed, dict[str, str])
    except KeyGone:
        return None


def empty(tx: Connection, keys: Keyring, identity: str) -> bool:
    """Destroy what was kept and its key for good; the id stays wherever it was written. False where nothing was."""
    there = tx.execute(select(table.c.id).where(table.c.id == identity, table.c.sealed.is_not(None))).first()
    tx.execute(update(table).where(table.c.id == identity).values(sealed=None))
    if there is not None:
        keys.destroy(identity)
        empty_log(tx)
    return there is not None


def _about(identity: str) -> str:
    return f"person {identity}"
