"""What shelters say of themselves: state with its age, heads, room, needs; every word of it is a journal row too."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from disaster_hub.store import journal
from disaster_hub.store.conditions import SHELTER
from disaster_hub.store.layers import LAYERS
from disaster_hub.store.round_tables import shelter_capacity, shelter_count, shelter_need
from disaster_hub.store.tables import condition
from disaster_hub.store.upsert import add_once, put
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.shelter import GOODS_WORDS, NEED_WORDS, OPEN_NEEDS, Goods, Headcount, Need, NeedState, Word
from disaster_hub.terms.way import ShelterState

MOST_PEOPLE = 100_000


class Changed(BadInput):
    """Somebody else has changed the same need meanwhile."""


def words(tx: Connection) -> dict[str, Word]:
    """Give the newest word on each shelter, with who said it and when."""
    query = select(condition).where(condition.c.kind == SHELTER)
    return {row.place: Word(ShelterState(row.state), row.at, row.who) for row in tx.execute(query)}


def stamp(tx: Connection) -> str:
    """Give a token that changes when a shelter's word changed; empty while nobody said anything."""
    query = select(func.count(), func.max(condition.c.at)).where(condition.c.kind == SHELTER)
    number, newest = tx.execute(query).one()
    return f"{number} {newest.isoformat()}" if number else ""


def name_of(tx: Connection, shelter: str) -> str:
    """Give a shelter's name; one that is not loaded raises BadInput."""
    known = LAYERS["shelters"].table
    row = tx.execute(select(known.c.name).where(known.c.source_id == shelter).limit(1)).first()
    if row is None:
        raise BadInput(f"避難所 {shelter[:60]} は読み込まれていません")
    return str(row.name or shelter)


def count(tx: Connection, shelter: str, people: int, households: int | None, who: str, now: datetime) -> None:
    """Write how many are there; the newest count holds."""
    if not 0 <= people <= MOST_PEOPLE or not 0 <= (households or 0) <= MOST_PEOPLE:
        raise BadInput(f"人数：0から{MOST_PEOPLE}までの数で入れてください")
    name = name_of(tx, shelter)
    row = {"shelter": shelter, "people": people, "households": households, "at": now, "who": who}
    tx.execute(shelter_count.insert().values(**row))
    what = f"{name}：避難者{people}人" + (f"・{households}世帯" if households is not None else "")
    journal.add(tx, JournalEntry(now, "shelter_count", who, what, shelter))


def counts(tx: Connection) -> dict[str, Headcount]:
    """Give the newest count of each shelter; one that nobody counted is not in it."""
    newest = select(func.max(shelter_count.c.id)).group_by(shelter_count.c.shelter)
    rows = tx.execute(select(shelter_count).where(shelter_count.c.id.in_(newest)))
    return {row.shelter: Headcount(row.people, row.households, row.at, row.who) for row in rows}


def set_capacity(tx: Connection, shelter: str, people: int, who: str, now: datetime) -> None:
    """Write how many a shelter takes, over what the open data says."""
    if not 1 <= people <= MOST_PEOPLE:
        raise BadInput(f"定員：1から{MOST_PEOPLE}までの数で入れてください")
    name = name_of(tx, shelter)
    put(tx, shelter_capacity, {"shelter": shelter, "people": people, "at": now, "who": who}, ("shelter",))
    journal.add(tx, JournalEntry(now, "shelter_capacity", who, f"{name}：定員{people}人", shelter))


def capacities(tx: Connection) -> dict[str, int]:
    """Give the capacities that people entered."""
    return {row.shelter: row.people for row in tx.execute(select(shelter_capacity))}


def ask(tx: Connection, need: Need) -> bool:
    """Write that a shelter asks for something; False where this very request is known."""
    if not 0 < need.quantity <= MOST_PEOPLE:
        raise BadInput(f"数：1から{MOST_PEOPLE}までの数で入れてください")
    name = name_of(tx, need.shelter)
    row = {field: getattr(need, field) for field in shelter_need.columns.keys()}  # noqa: SIM118  # a table's columns
    row |= {"goods": need.goods.value, "state": need.state.value}
    if not add_once(tx, shelter_need, row, ("id",)):
        return False
    what = f"{name}：{_goods(need)}を要請"
    journal.add(tx, JournalEntry(need.asked_at, "shelter_need", need.who, what, need.shelter, key=f"need {need.id}"))
    return True


def move_need(tx: Connection, identity: str, version: int, state: NeedState, who: str, now: datetime) -> Need:
    """Say that something is on its way, has arrived, or is not needed; another version there raises Changed."""
    row = tx.execute(select(shelter_need).where(shelter_need.c.id == identity)).first()
    if row is None:
        raise BadInput("その要請はありません")
    if row.state == state.value:
        return _need(row)
    changed = {"state": state.value, "changed_at": now, "who": who, "version": version + 1}
    wanted = shelter_need.c.id == identity, shelter_need.c.version == version
    if tx.execute(update(shelter_need).where(*wanted).values(**changed)).rowcount != 1:
        raise Changed(f"この要請は、開いている間にほかの人が「{NEED_WORDS[NeedState(row.state)]}」に変えました")
    need = _need(tx.execute(select(shelter_need).where(shelter_need.c.id == identity)).one())
    what = f"{name_of(tx, need.shelter)}：{_goods(need)} → {NEED_WORDS[state]}"
    journal.add(tx, JournalEntry(now, "shelter_need", who, what, need.shelter))
    return need


def needs(tx: Connection, states: Collection[NeedState] = OPEN_NEEDS) -> list[Need]:
    """Give the needs that stand in one of *states*, oldest first."""
    query = select(shelter_need).where(shelter_need.c.state.in_([s.value for s in states]))
    return [_need(row) for row in tx.execute(query.order_by(shelter_need.c.asked_at, shelter_need.c.id))]


def _goods(need: Need) -> str:
    """Name what is asked for; the free words stay out of the journal, which nobody can empty."""
    return f"{GOODS_WORDS[need.goods]} {need.quantity}"


def _need(row: Row[Any]) -> Need:
    fields = dict(row._mapping) | {"goods": Goods(row.goods), "state": NeedState(row.state)}  # noqa: SLF001  # SQLAlchemy's public spelling
    return Need(**fields)
