"""One spelling of "insert, unless it is there" for both databases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, any_, literal
from sqlalchemy.dialects import postgresql, sqlite


def insert(tx: Connection, table: Table) -> Any:
    """Give the dialect's own INSERT, which knows ON CONFLICT."""
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


def add_once(tx: Connection, table: Table, row: Mapping[str, Any], keys: Collection[str]) -> bool:
    """Add *row* unless one with the same *keys* is there; tell whether it was new."""
    statement = insert(tx, table).values(**row).on_conflict_do_nothing(index_elements=list(keys))
    # Asked for, not counted: with a serial key the driver gives no row count on PostgreSQL.
    return tx.execute(statement.returning(*(table.c[key] for key in keys))).first() is not None


def put(tx: Connection, table: Table, row: Mapping[str, Any], keys: Collection[str]) -> None:
    """Add *row*, or bring the one with the same *keys* up to it."""
    statement = insert(tx, table).values(**row)
    changed = {name: statement.excluded[name] for name in row if name not in keys}
    tx.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=changed))


def among(tx: Connection, column: ColumnElement[Any], numbers: Collection[int]) -> ColumnElement[bool]:
    """Say that *column* is one of *numbers*: one value to PostgreSQL however many they are, a list to SQLite."""
    if tx.dialect.name == "sqlite":
        return column.in_(list(numbers))
    return column == any_(literal(list(numbers), postgresql.ARRAY(BigInteger)))
