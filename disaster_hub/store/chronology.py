"""The journal read as a time log: newest first, by filters, page by page; corrections and pins beside their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from disaster_hub.store.journal import entry_of
from disaster_hub.store.tables import journal as table
from disaster_hub.terms.notice import JournalEntry

CORRECTED, PINNED, UNPINNED = "note_corrected", "pinned", "unpinned"
ASKED_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row with its number."""

    id: int
    entry: JournalEntry


@dataclass(frozen=True, slots=True)
class Wish:
    """Which rows are wanted; what is empty does not filter."""

    kinds: Collection[str] = ()
    """Only these."""
    without: Collection[str] = ()
    who: str = ""
    word: str = ""
    """Part of the text or of the place."""
    since: datetime | None = None
    until: datetime | None = None
    pinned: bool = False


def rows(tx: Connection, wish: Wish, *, limit: int = 100, before: int | None = None) -> list[LogRow]:
    """Give the newest rows that fit; *before* the row of that number, as the last page left off."""
    query = _wanted(wish).order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
    if before is not None:
        at = select(table.c.at).where(table.c.id == before).scalar_subquery()
        query = query.where(or_(table.c.at < at, and_(table.c.at == at, table.c.id < before)))
    return [_row(row) for row in tx.execute(query)]


def span(tx: Connection, wish: Wish, most: int) -> list[LogRow]:
    """Give the rows that fit, oldest first, as a paper wants them; at most *most*."""
    query = _wanted(wish).order_by(table.c.at, table.c.id).limit(most)
    return [_row(row) for row in tx.execute(query)]


def count(tx: Connection, wish: Wish) -> int:
    """Count the rows that fit."""
    return int(tx.execute(select(func.count()).select_from(_wanted(wish).subquery())).scalar_one())


def find(tx: Connection, number: int) -> LogRow | None:
    """Give one row."""
    row = tx.execute(select(table).where(table.c.id == number)).one_or_none()
    return None if row is None else _row(row)


def corrections(tx: Connection, numbers: Iterable[int]) -> Mapping[int, list[LogRow]]:
    """Give the corrections of each of these rows, oldest first."""
    found: dict[int, list[LogRow]] = defaultdict(list)
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        some = table.c.about.in_(wanted[start : start + ASKED_AT_ONCE])
        for row in tx.execute(select(table).where(some, table.c.kind == CORRECTED).order_by(table.c.id)):
            found[row.about].append(_row(row))
    return found


def pins(tx: Connection) -> list[int]:
    """Give the numbers of the rows that are pinned now, the newest pin first."""
    last = _last_pins()
    query = select(table.c.about).where(table.c.id.in_(last), table.c.kind == PINNED).order_by(table.c.id.desc())
    return list(tx.execute(query).scalars())


def _last_pins() -> Select[tuple[int]]:
    """Choose the last word, pinned or not, on each row that ever was."""
    said = table.c.kind.in_((PINNED, UNPINNED))
    return select(func.max(table.c.id)).where(said, table.c.about.is_not(None)).group_by(table.c.about)


def _wanted(wish: Wish) -> Select[tuple[object, ...]]:
    query = select(table)
    if wish.kinds:
        query = query.where(table.c.kind.in_(sorted(wish.kinds)))
    if wish.without:
        query = query.where(table.c.kind.not_in(sorted(wish.without)))
    if wish.who:
        query = query.where(table.c.who == wish.who)
    if wish.word:
        part = f"%{_plain(wish.word)}%"
        query = query.where(or_(table.c.what.like(part, escape="\\"), table.c.place.like(part, escape="\\")))
    if wish.since is not None:
        query = query.where(table.c.at >= wish.since)
    if wish.until is not None:
        query = query.where(table.c.at <= wish.until)
    if wish.pinned:
        now = select(table.c.about).where(table.c.id.in_(_last_pins()), table.c.kind == PINNED)
        query = query.where(table.c.id.in_(now))
    return query


def _plain(word: str) -> str:
    """Let a word mean itself: `%` and `_` are no wild cards here."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _row(row: Row[tuple[object, ...]]) -> LogRow:
    return LogRow(row.id, entry_of(row))
