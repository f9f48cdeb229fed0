"""Reports: entered once however often they are sent, changed only by who saw the newest version, never lost."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, Text, case, func, insert, or_, select, text, type_coerce, update

from disaster_hub.store import journal
from disaster_hub.store.report_tables import report as table
from disaster_hub.store.report_tables import report_version as versions
from disaster_hub.store.report_wording import changed_words
from disaster_hub.terms.errors import BadInput, HubError
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import METRES_A_DEGREE, LonLat, metres_between
from disaster_hub.terms.report import OPEN_STATES, URGENT, Report, ReportKind, ReportSource, ReportState, akin

CHANGEABLE = frozenset(
    {"kind", "state", "spot", "place", "said", "seen_at", "department", "joined_to", "person", "photos", "links"}
)
CLOSED_OVER = frozenset({ReportState.JOINED, ReportState.MISTAKEN})
"""States that are no end of a thing, but say that there is no thing of its own."""


class Conflict(HubError):
    """Somebody else changed the report first; `standing` is what stands now."""

    def __init__(self, standing: Report, who: str) -> None:
        super().__init__(f"report {standing.number}: changed in the meantime")
        self.standing = standing
        self.who = who


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a report: what it took away and put there, as plain values."""

    version: int
    at: datetime
    who: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def words(self) -> str:
        """Say it in one line."""
        return changed_words(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which reports to list; what is empty narrows nothing."""

    open_only: bool = False
    kinds: frozenset[ReportKind] = frozenset()
    states: frozenset[ReportState] = frozenset()
    department: str = ""
    since: datetime | None = None


def add(tx: Connection, report: Report, now: datetime) -> Report:
    """Enter *report* and number it; one that is there already is given back as it stands and changes nothing."""
    lock(tx)
    known = find(tx, report.id)
    if known is not None:
        return known
    newest = tx.execute(select(func.max(table.c.number))).scalar_one() or 0
    made = replace(report, number=newest + 1, version=1, received_at=now, changed_at=now)
    tx.execute(insert(table).values(**_row(made)))
    journal.add(tx, JournalEntry(now, "report_received", made.who, made.line, made.id, key=f"report {made.id}"))
    return made


def lock(tx: Connection) -> None:
    """Let one report be entered at a time, until the end of *tx*; SQLite has one writer anyway."""
    if tx.dialect.name != "sqlite":
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('disaster-hub report ' || current_schema()))"))


def find(tx: Connection, identity: str) -> Report | None:
    """Give a report; None where there is none."""
    row = tx.execute(select(table).where(table.c.id == identity)).first()
    return None if row is None else _report(row)


def numbered(tx: Connection, number: int) -> Report | None:
    """Give the report that people call by *number*."""
    row = tx.execute(select(table).where(table.c.number == number)).first()
    return None if row is None else _report(row)


def reports(
    tx: Connection, open_only: bool = False, since: datetime | None = None, limit: int | None = None
) -> list[Report]:
    """Give all reports, the most urgent and newest first."""
    return listed(tx, Wish(open_only=open_only, since=since), limit)


def listed(tx: Connection, wish: Wish, limit: int | None = None, offset: int = 0) -> list[Report]:
    """Give the reports that *wish* asks for: open before done, danger to people and unseen first, then the newest."""
    going = case((table.c.state.in_([s.value for s in OPEN_STATES]), 0), else_=1)
    urgent = case((table.c.kind.in_([k.value for k in URGENT]), 0), else_=1)
    unseen = case((table.c.state == ReportState.RECEIVED.value, 0), else_=1)
    query = _narrowed(select(table), wish).order_by(
        going, case((going == 0, urgent), else_=0), case((going == 0, unseen), else_=0)
    )
    query = query.order_by(table.c.received_at.desc(), table.c.number.desc())
    return [_report(row) for row in tx.execute(query.limit(limit).offset(offset or None))]


def newest(tx: Connection, limit: int) -> list[Report]:
    """Give the reports that came in last, the newest first."""
    rows = tx.execute(select(table).order_by(table.c.number.desc()).limit(limit))
    return [_report(row) for row in rows]


def count(tx: Connection, wish: Wish) -> int:
    """Count the reports that *wish* asks for."""
    return int(tx.execute(_narrowed(select(func.count()).select_from(table), wish)).scalar_one())


def stamp(tx: Connection) -> str:
    """Give a token that changes with every report that comes in or is changed."""
    said = tx.execute(select(func.count(), func.coalesce(func.sum(table.c.version), 0))).one()
    return f"{said[0]} {said[1]}"


def by_state(tx: Connection) -> dict[ReportState, int]:
    """Count the reports of each state."""
    rows = tx.execute(select(table.c.state, func.count()).group_by(table.c.state))
    return {ReportState(state): int(number) for state, number in rows}


def open_by_kind(tx: Connection) -> dict[ReportKind, int]:
    """Count the open reports of each kind, the most first."""
    open_ones = table.c.state.in_([state.value for state in OPEN_STATES])
    query = select(table.c.kind, func.count()).where(open_ones).group_by(table.c.kind)
    rows = tx.execute(query.order_by(func.count().desc(), table.c.kind))
    return {ReportKind(kind): int(number) for kind, number in rows}


def departments(tx: Connection) -> list[str]:
    """Name the departments that some report was given to."""
    return list(tx.execute(select(table.c.department).where(table.c.department != "").distinct()).scalars())


def several(tx: Connection, identities: Collection[str]) -> dict[str, Report]:
    """Give the reports of these ids, by id, in one question."""
    if not identities:
        return {}
    rows = tx.execute(select(table).where(table.c.id.in_(list(identities))))
    return {row.id: _report(row) for row in rows}


def joined(tx: Connection, identity: str) -> list[Report]:
    """Give the reports that were joined to this one, oldest first."""
    rows = tx.execute(select(table).where(table.c.joined_to == identity).order_by(table.c.number))
    return [_report(row) for row in rows]


def change(tx: Connection, identity: str, version: int, who: str, now: datetime, **said: Any) -> Report:
    """Change a report that stands at *version*; where somebody was faster, Conflict names who and what stands now."""
    known = find(tx, identity)
    if known is None:
        raise BadInput("report: no such report")
    if said.keys() - CHANGEABLE:
        raise TypeError(f"not to be changed: {sorted(said.keys() - CHANGEABLE)}")
    if known.version != version:
        raise Conflict(known, _last(tx, identity, known.who))
    wanted = replace(known, **said)
    before, after = _difference(known, wanted)
    if not after:
        return known
    made = replace(wanted, version=version + 1, changed_at=now)
    mine = update(table).where(table.c.id == identity, table.c.version == version).values(**_row(made))
    if tx.execute(mine.returning(table.c.id)).first() is None:
        standing = find(tx, identity)
        raise Conflict(standing or known, _last(tx, identity, known.who))
    tx.execute(insert(versions).values(
        report=identity, version=made.version, at=now, who=who, before=before, after=after
    ))  # fmt: skip
    journal.add(tx, _entry(tx, made, before, after, who, now))
    return made


def join(tx: Connection, identity: str, version: int, to: str, who: str, now: datetime) -> Report:
    """Say that a report tells of the same thing as *to*, which goes on; what was joined to it moves along."""
    head = find(tx, to)
    if head is None:
        raise BadInput("report: there is nothing to join it to")
    if head.joined_to:
        head = find(tx, head.joined_to) or head
    if head.id == identity:
        raise BadInput("report: it cannot be joined to itself")
    made = change(tx, identity, version, who, now, state=ReportState.JOINED, joined_to=head.id)
    for other in joined(tx, identity):
        change(tx, other.id, other.version, who, now, joined_to=head.id)
    return made


def forgotten(tx: Connection, known: Report, who: str, now: datetime) -> Report:
    """Write down that the personal data of a report was destroyed; the random id stays where it stands."""
    what = f"報告{known.number} の連絡先を消しました"
    journal.add(tx, JournalEntry(now, "personal_emptied", who, what, known.id, known.person or None))
    return known


def part(tx: Connection, identity: str, version: int, who: str, now: datetime) -> Report:
    """Let a joined report stand for itself again."""
    return change(tx, identity, version, who, now, state=ReportState.RECEIVED, joined_to="")


def history(tx: Connection, identity: str) -> list[Change]:
    """Give every change of a report, oldest first."""
    rows = tx.execute(select(versions).where(versions.c.report == identity).order_by(versions.c.version))
    return [Change(row.version, row.at, row.who, row.before, row.after) for row in rows]


def near(tx: Connection, spot: LonLat, kind: ReportKind | None, metres: float, since: datetime) -> list[Report]:
    """Give the reports seen since then that may tell of the same thing within *metres*, the nearest first."""
    north = metres / METRES_A_DEGREE
    east = north / max(0.1, math.cos(math.radians(spot.lat)))
    query = select(table).where(
        table.c.seen_at >= since,
        table.c.lat.between(spot.lat - north, spot.lat + north),
        table.c.lon.between(spot.lon - east, spot.lon + east),
        table.c.state.not_in([state.value for state in CLOSED_OVER]),
    )
    if kind is not None:
        query = query.where(table.c.kind.in_([one.value for one in akin(kind)]))
    found = [(metres_between(spot, one.spot), one) for one in map(_report, tx.execute(query))]
    return [one for far, one in sorted(found, key=lambda pair: (pair[0], pair[1].number)) if far <= metres]


def of_link(tx: Connection, link: str) -> list[Report]:
    """Give the reports that closed this road link, oldest first."""
    rows = tx.execute(select(table).where(type_coerce(table.c.links, Text).contains(f'"{link}"', autoescape=True)))
    return [one for one in sorted(map(_report, rows), key=lambda r: r.number) if link in one.links]


def _narrowed(query: Select[Any], wish: Wish) -> Select[Any]:
    if wish.open_only:
        query = query.where(table.c.state.in_([state.value for state in OPEN_STATES]))
    if wish.kinds:
        query = query.where(table.c.kind.in_([kind.value for kind in wish.kinds]))
    if wish.states:
        query = query.where(table.c.state.in_([state.value for state in wish.states]))
    if wish.department:
        query = query.where(table.c.department == wish.department)
    if wish.since is not None:
        query = query.where(or_(table.c.received_at >= wish.since, table.c.changed_at >= wish.since))
    return query


def _entry(
    tx: Connection, made: Report, before: Mapping[str, Any], after: Mapping[str, Any], who: str, now: datetime
) -> JournalEntry:
    """Write one change for the room's log; of free text it says only that it changed."""
    kind = "report_joined" if after.get("joined_to") else "report_changed"
    if after.get("joined_to"):
        head = find(tx, str(after["joined_to"]))
        what = f"報告{made.number} は報告{head.number if head else '?'}と同じ"
    else:
        what = f"{made.line} {changed_words(before, after)}"
    return JournalEntry(now, kind, who, what, made.id)


def _last(tx: Connection, identity: str, first: str) -> str:
    query = select(versions.c.who).where(versions.c.report == identity).order_by(versions.c.version.desc()).limit(1)
    return str(tx.execute(query).scalar() or first)


def _difference(known: Report, wanted: Report) -> tuple[dict[str, Any], dict[str, Any]]:
    old, new = _plain(known), _plain(wanted)
    changed = [name for name in new if old[name] != new[name]]
    return {name: old[name] for name in changed}, {name: new[name] for name in changed}


def _plain(report: Report) -> dict[str, Any]:
    """Give the changeable columns as values that JSON can hold."""
    row = _row(report)
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if name in CHANGEABLE | {"lon", "lat"}
    }


def _row(report: Report) -> dict[str, Any]:
    row = {field.name: getattr(report, field.name) for field in fields(report) if field.name != "spot"}
    row |= {"kind": report.kind.value, "state": report.state.value, "source": report.source.value}
    row |= {"photos": list(report.photos), "links": list(report.links)}
    return row | {"lon": report.spot.lon, "lat": report.spot.lat}


def _report(row: Row[Any]) -> Report:
    said = row._asdict()
    spot = LonLat(said.pop("lon"), said.pop("lat"))
    said |= {"kind": ReportKind(row.kind), "state": ReportState(row.state), "source": ReportSource(row.source)}
    return Report(**said | {"spot": spot, "photos": tuple(row.photos), "links": tuple(row.links)})
