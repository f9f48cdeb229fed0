"""The world that a store belongs to, and what it refuses because of it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable

from sqlalchemy import Connection, select

from disaster_hub.store.tables import world as table
from disaster_hub.terms.codes import made_up
from disaster_hub.terms.errors import WrongWorld
from disaster_hub.terms.world import World, WorldKind


def found(tx: Connection, world: World) -> None:
    """Write down which world a fresh store is, or raise WrongWorld where it is another one already."""
    there = tx.execute(select(table)).one_or_none()
    if there is None:
        row = {name: getattr(world, name) for name in ("name", "opened", "starts", "ends", "speed")}
        tx.execute(table.insert().values(id=1, kind=world.kind.value, secret=secrets.token_bytes(32), **row))
    elif (there.kind, there.name) != (world.kind.value, world.name):
        raise WrongWorld(
            f"store: belongs to the world {there.kind} {there.name!r}, not {world.kind.value} {world.name!r}"
        )


def set_clock(tx: Connection, world: World) -> None:
    """Set the clock of a replay or drill, once its data are loaded; the real world's clock is nobody's to set."""
    if world.kind is WorldKind.REAL:
        raise WrongWorld("the real world runs on the wall clock")
    row = {name: getattr(world, name) for name in ("opened", "starts", "ends", "speed")}
    tx.execute(table.update().values(**row))


def current(tx: Connection) -> World:
    """Give the world of this store, with its clock."""
    row = tx.execute(select(table)).one()
    return World(WorldKind(row.kind), row.name, row.opened, row.starts, row.ends, row.speed)


def secret(tx: Connection) -> bytes:
    """Give the key that signs this store's sessions; made once, with the store."""
    return bytes(tx.execute(select(table.c.secret)).scalar_one())


def identity(tx: Connection) -> str:
    """Give a name of this very store that no other has; it goes with its backups and says nothing of its secret."""
    return hmac.digest(secret(tx), b"disaster-hub store", "sha256").hex()[:32]


def kind(tx: Connection) -> WorldKind:
    """Give which world this store is; it never changes, so it is asked once a connection."""
    known = tx.info.get("world_kind")
    if known is None:
        known = tx.info["world_kind"] = tx.execute(select(table.c.kind)).scalar_one()
    return WorldKind(known)


def own(tx: Connection, world: WorldKind, what: str) -> None:
    """Raise WrongWorld where *what* is of another world than this store: nothing crosses, whoever calls."""
    here = kind(tx)
    if world is not here:
        raise WrongWorld(f"{what}: of the world {world}, and this store is of the world {here}")


def guard(tx: Connection, codes: Iterable[str]) -> None:
    """Raise WrongWorld where a real store is offered a code from a block that nobody uses."""
    if kind(tx) is WorldKind.REAL:
        for code in codes:
            if made_up(code):
                raise WrongWorld(f"{code}: a code of a made-up world, refused by a real store")
