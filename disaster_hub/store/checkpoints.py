"""The town's check points (重点確認箇所) and the looks at them: a list with its versions, ticks that stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from disaster_hub.store import journal
from disaster_hub.store.round_tables import check_look, check_point, check_point_version, check_undone
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.rounds import UNDO_WITHIN, CheckPoint, Look

FIELDS = {
    "name": "名前",
    "spot": "場所",
    "look_at": "見るもの",
    "goes": "行く人",
    "every_min": "間隔",
    "from_level": "始めるレベル",
    "turn": "順番",
    "photo_wanted": "写真",
    "closed_at": "終了",
}


class Changed(BadInput):
    """Somebody else has changed the same check point meanwhile."""


def add(tx: Connection, point: CheckPoint, who: str, now: datetime) -> bool:
    """Put a check point on the list; False where its id is there already."""
    if not add_once(tx, check_point, _row(point), ("id",)):
        return False
    _keep(tx, point, who, now)
    what = f"重点確認箇所に「{point.name}」を加えました（{point.every_min}分ごと・レベル{point.from_level}から）"
    journal.add(tx, JournalEntry(now, "check_listed", who, what, point.id))
    return True


def change(tx: Connection, point: CheckPoint, who: str, now: datetime) -> CheckPoint:
    """Write *point* over the version that it carries; another one there raises Changed."""
    before = find(tx, point.id)
    if before is None:
        raise BadInput(f"重点確認箇所 {point.id[:40]} はありません")
    if before.version != point.version:
        raise Changed(f"「{before.name}」は、開いている間にほかの人が変えました")
    if before == point:
        return before
    after = replace(point, version=point.version + 1)
    wanted = check_point.c.id == point.id, check_point.c.version == point.version
    if tx.execute(update(check_point).where(*wanted).values(**_row(after))).rowcount != 1:
        raise Changed(f"「{before.name}」は、開いている間にほかの人が変えました")
    _keep(tx, after, who, now)
    if after.closed_at is not None and before.closed_at is None:
        what = f"重点確認箇所から「{after.name}」を外しました"
    else:
        parts = "・".join(word for field, word in FIELDS.items() if getattr(before, field) != getattr(after, field))
        what = f"重点確認箇所「{after.name}」を変えました（{parts}）"
    journal.add(tx, JournalEntry(now, "check_listed", who, what, after.id))
    return after


def find(tx: Connection, identity: str) -> CheckPoint | None:
    """Give one check point as it stands now."""
    row = tx.execute(select(check_point).where(check_point.c.id == identity)).first()
    return None if row is None else _point(row)


def points(tx: Connection, *, closed: bool = False) -> list[CheckPoint]:
    """Give the list in the order of the round; with *closed* what was taken off it too."""
    query = select(check_point).order_by(check_point.c.turn, check_point.c.name, check_point.c.id)
    if not closed:
        query = query.where(check_point.c.closed_at.is_(None))
    return [_point(row) for row in tx.execute(query)]


def versions(tx: Connection, identity: str) -> list[tuple[int, datetime, str, Mapping[str, Any]]]:
    """Give what a check point was before: version, when, who, and the fields as they were."""
    query = select(check_point_version).where(check_point_version.c.point == identity)
    rows = tx.execute(query.order_by(check_point_version.c.version))
    return [(row.version, row.at, row.who, row.said) for row in rows]


def tick(tx: Connection, look: Look) -> bool:
    """Write that somebody looked; False where this look is known already. A place not on the list raises BadInput."""
    point = find(tx, look.point)
    if point is None:
        raise BadInput(f"重点確認箇所 {look.point[:40]} はありません")
    row = {name: getattr(look, name) for name in ("id", "point", "seen_at", "received_at", "who", "fine", "said")}
    spot = {"lon": look.spot.lon if look.spot else None, "lat": look.spot.lat if look.spot else None}
    if not add_once(tx, check_look, row | spot | {"photo": look.photo, "report": look.report}, ("id",)):
        return False
    what = f"{point.name}：{'異常なし' if look.fine else '異常あり'}"
    more = [word for word, there in (("写真", look.photo), ("ひとこと", look.said)) if there]
    what += f"（{'・'.join(more)}あり）" if more else ""
    entry = JournalEntry(look.seen_at, "check_done", look.who, what, point.id, key=f"look {look.id}")
    journal.add(tx, replace(entry, noted_at=look.received_at))
    return True


def undo(tx: Connection, look: str, who: str, at: datetime, now: datetime, within: timedelta = UNDO_WITHIN) -> bool:
    """Take a look back, *at* the moment of the tap; False where that is done already. Too late raises BadInput.

    *within* is a minute of the person who taps, which is longer in a world that runs faster.
    """
    found = tx.execute(select(check_look).where(check_look.c.id == look)).first()
    if found is None:
        raise BadInput("その確認はまだ届いていません")
    if found.who != who:
        raise BadInput("ほかの人の確認は取り消せません")
    if not found.seen_at <= at <= found.seen_at + within:
        raise BadInput("取り消せるのは1分以内です。もう一度見て、記録してください")
    if not add_once(tx, check_undone, {"look": look, "at": now, "who": who}, ("look",)):
        return False
    name = tx.execute(select(check_point.c.name).where(check_point.c.id == found.point)).scalar_one()
    what = f"{name}：確認の取り消し（まちがって押した）"
    journal.add(tx, JournalEntry(at, "check_undone", who, what, found.point, None, f"undo {look}"))
    return True


def last_looks(tx: Connection) -> dict[str, Look]:
    """Give the newest look at each check point, those that were taken back left out."""
    gone = select(check_undone.c.look)
    place = func.row_number().over(
        partition_by=check_look.c.point, order_by=(check_look.c.seen_at.desc(), check_look.c.id)
    )
    inner = select(check_look, place.label("place")).where(check_look.c.id.not_in(gone)).subquery()
    rows = tx.execute(select(inner).where(inner.c.place == 1))
    return {row.point: _look(row, undone=False) for row in rows}


def looks(tx: Connection, point: str, limit: int = 20) -> list[Look]:
    """Give the newest looks at one check point, those that were taken back marked."""
    gone = set(tx.execute(select(check_undone.c.look)).scalars())
    query = select(check_look).where(check_look.c.point == point).order_by(check_look.c.seen_at.desc()).limit(limit)
    return [_look(row, undone=row.id in gone) for row in tx.execute(query)]


def look(tx: Connection, identity: str) -> Look | None:
    """Give one look."""
    row = tx.execute(select(check_look).where(check_look.c.id == identity)).first()
    if row is None:
        return None
    gone = tx.execute(select(check_undone.c.look).where(check_undone.c.look == identity)).first()
    return _look(row, undone=gone is not None)


def _keep(tx: Connection, point: CheckPoint, who: str, now: datetime) -> None:
    said = asdict(point) | {"closed_at": point.closed_at.isoformat() if point.closed_at else None}
    row = {"point": point.id, "version": point.version, "at": now, "who": who, "said": said}
    tx.execute(check_point_version.insert().values(**row))


def _row(point: CheckPoint) -> dict[str, Any]:
    row = {name: getattr(point, name) for name in check_point.columns.keys() if name not in {"lon", "lat"}}  # noqa: SIM118
    return row | {"lon": point.spot.lon, "lat": point.spot.lat}


def _point(row: Row[Any]) -> CheckPoint:
    fields = {name: value for name, value in row._mapping.items() if name not in {"lon", "lat"}}  # noqa: SLF001  # SQLAlchemy's public spelling
    return CheckPoint(**fields, spot=LonLat(row.lon, row.lat))


def _look(row: Row[Any], *, undone: bool) -> Look:
    spot = None if row.lon is None or row.lat is None else LonLat(row.lon, row.lat)
    return Look(
        row.id, row.point, row.seen_at, row.received_at, row.who, row.fine,
        row.said, spot, row.photo, row.report, undone,
    )  # fmt: skip
