"""What a person wants shown, by account: chosen once, there again after the next sign-in."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from disaster_hub.store.desk_tables import preference as table
from disaster_hub.store.upsert import put
from disaster_hub.terms.errors import BadInput

LONGEST = 8_000
"""Characters of JSON that one wish may have."""
LONGEST_KEY = 40


def remember(tx: Connection, account: str, key: str, value: Any) -> None:
    """Keep *value* (plain JSON) under *key* for one account; one that is too long raises BadInput."""
    if not 0 < len(key) <= LONGEST_KEY or len(json.dumps(value, ensure_ascii=False)) > LONGEST:
        raise BadInput(f"preference {key[:LONGEST_KEY]!r}: at most {LONGEST} characters are kept")
    put(tx, table, {"account": account, "key": key, "value": value}, ("account", "key"))


def recall(tx: Connection, account: str, key: str) -> Any:
    """Give what was kept; None where nothing was."""
    query = select(table.c.value).where(table.c.account == account, table.c.key == key)
    return tx.execute(query).scalar_one_or_none()
