"""Damage counts: what the city has counted so far, by item of the state's form; uncounted is not zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from disaster_hub.store import journal
from disaster_hub.store.damage_tables import damage_count as table
from disaster_hub.store.upsert import put
from disaster_hub.terms.damage import BY_KEY, MOST
from disaster_hub.terms.errors import BadInput, HubError
from disaster_hub.terms.notice import JournalEntry


class Counted(HubError):
    """Somebody else has counted the same item since the form was opened."""


@dataclass(frozen=True, slots=True)
class Count:
    """One item's newest count."""

    value: int
    at: datetime
    who: str


def counts(tx: Connection) -> dict[str, Count]:
    """Give what was counted, by item."""
    return {row.item: Count(row.value, row.at, row.who) for row in tx.execute(select(table))}


def write(
    tx: Connection, new: Mapping[str, int | None], before: Mapping[str, int | None], who: str, now: datetime
) -> int:
    """Write the items whose number in *new* differs from *before*, which the form showed; give how many.

    None takes a count back to "not counted". Counted where somebody else changed one of them meanwhile.
    """
    there = {key: count.value for key, count in counts(tx).items()}
    changed = {key: value for key, value in new.items() if value != before.get(key)}
    for key, value in changed.items():
        if key not in BY_KEY:
            raise BadInput(f"{key[:30]}: この項目は様式にありません")
        if value is not None and not 0 <= value <= MOST:
            raise BadInput(f"{BY_KEY[key].word}: 0 から {MOST} までの整数にしてください")
        if there.get(key) != before.get(key):
            shown = "未集計" if there.get(key) is None else there[key]
            raise Counted(f"{BY_KEY[key].group} {BY_KEY[key].word}は、ほかの人が {shown} に変えています")
    for key, value in changed.items():
        if value is None:
            tx.execute(delete(table).where(table.c.item == key))
        else:
            put(tx, table, {"item": key, "value": value, "at": now, "who": who}, ("item",))
    if changed:
        words = "、".join(
            f"{BY_KEY[key].group} {BY_KEY[key].word} "
            + ("集計なしに戻す" if value is None else f"{value}{BY_KEY[key].unit}")
            for key, value in changed.items()
        )
        journal.add(tx, JournalEntry(now, "damage_counted", who, f"被害の集計：{words}"))
    return len(changed)
