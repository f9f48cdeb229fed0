"""The registry of the city's own sensors: what the desk entered goes before what the configuration says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from disaster_hub.config import Sensor
from disaster_hub.store import journal
from disaster_hub.store.sensor_tables import sensor_entry, sensor_maintenance, sensor_stranger
from disaster_hub.store.worlds import guard
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.errors import BadInput, HubError
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.sensor import Maintenance, SensorEntry, Stranger, Version, checked

LONGEST = timedelta(days=31)
"""No maintenance without an end: a forgotten one would be a deaf sensor."""
MOST_STRANGERS = 1000
TIMES = ("cleaned_at", "moved_at")


class Changed(HubError):
    """Somebody else has changed this sensor since the form was opened."""


def current(tx: Connection, configured: Sequence[Sensor]) -> list[Sensor]:
    """Give every device that counts: those of the configuration, each replaced by its newest entry, and the rest."""
    entries = newest(tx)
    found = [entries[s.id.lower()].entry if s.id.lower() in entries else s for s in configured]
    known = {s.id.lower() for s in configured}
    found += [version.entry for device, version in sorted(entries.items()) if device not in known]
    return [one if isinstance(one, Sensor) else as_sensor(one) for one in found if not getattr(one, "retired", False)]


def newest(tx: Connection) -> dict[str, Version]:
    """Give the newest version of every entry, by device."""
    last = select(sensor_entry.c.device, func.max(sensor_entry.c.number)).group_by(sensor_entry.c.device).subquery()
    query = select(sensor_entry).join(
        last, (last.c.device == sensor_entry.c.device) & (last.c[1] == sensor_entry.c.number)
    )
    return {row.device: _version(row) for row in tx.execute(query)}


def versions(tx: Connection, device: str) -> list[Version]:
    """Give every version of one entry, oldest first."""
    query = select(sensor_entry).where(sensor_entry.c.device == device).order_by(sensor_entry.c.number)
    return [_version(row) for row in tx.execute(query)]


def stamp(tx: Connection) -> tuple[int, datetime | None]:
    """Give a token that changes with every new version."""
    row = tx.execute(select(func.count(), func.max(sensor_entry.c.at))).one()
    return int(row[0]), row[1]


def save(tx: Connection, entry: SensorEntry, who: str, note: str, now: datetime, expected: int) -> Version:
    """Save a new version; Changed where the newest is not the *expected* one, BadInput where it cannot be true."""
    guard(tx, (checked(entry).id,))
    before = versions(tx, entry.id)
    if (before[-1].number if before else 0) != expected:
        raise Changed(f"{before[-1].who if before else '?'}さんが、このセンサーをさきほど変えました")
    old = before[-1].entry if before else None
    if old is not None and entry != old and not note.strip():
        raise BadInput("変更の理由: 空です。あとの人のために、なぜ変えるのかを書いてください")
    version = Version(expected + 1, now, who, note.strip(), entry)
    row = {"device": entry.id, "number": version.number, "at": now, "who": who, "note": version.note}
    tx.execute(sensor_entry.insert().values(**row, said=_written(entry)))
    what = f"センサー {entry.name}：{_difference(old, entry)}"
    journal.add(tx, JournalEntry(now, "sensor_changed", who, what, entry.id, version.note or None))
    return version


def begin_maintenance(tx: Connection, device: str, ends: datetime, who: str, why: str, now: datetime) -> None:
    """Begin a span in which the device counts for nothing; BadInput without a good end or a reason."""
    if not now < ends <= now + LONGEST:
        raise BadInput("保守の終わり: いまより後で、31日以内にしてください")
    if not why.strip():
        raise BadInput("保守の理由: 空です")
    end_maintenance(tx, device, who, now)
    row = {"device": device, "begun": now, "ends": ends, "who": who, "why": why.strip()}
    tx.execute(sensor_maintenance.insert().values(**row))
    journal.add(
        tx, JournalEntry(now, "maintenance_begun", who, f"センサー {device}：保守を始めました", device, why.strip())
    )


def end_maintenance(tx: Connection, device: str, who: str, now: datetime) -> bool:
    """End what runs now; False where nothing does."""
    t = sensor_maintenance.c
    running = update(sensor_maintenance).where(t.device == device, t.ends > now, t.begun <= now)
    if tx.execute(running.values(ends=now)).rowcount == 0:
        return False
    journal.add(tx, JournalEntry(now, "maintenance_ended", who, f"センサー {device}：保守を終えました", device))
    return True


def maintained(tx: Connection, now: datetime) -> dict[str, Maintenance]:
    """Give the spans that run at *now*, by device."""
    t = sensor_maintenance.c
    rows = tx.execute(select(sensor_maintenance).where(t.begun <= now, t.ends > now).order_by(t.id))
    return {row.device: _maintenance(row) for row in rows}


def maintenances(tx: Connection, device: str) -> list[Maintenance]:
    """Give every span of one device, newest first."""
    query = select(sensor_maintenance).where(sensor_maintenance.c.device == device)
    return [_maintenance(row) for row in tx.execute(query.order_by(sensor_maintenance.c.id.desc()))]


def hear_strangers(tx: Connection, heard: Mapping[str, int], network: str, now: datetime) -> None:
    """Count the messages of devices that nobody has entered; past MOST_STRANGERS no new name is kept."""
    t = sensor_stranger.c
    for device, times in heard.items():
        mine = update(sensor_stranger).where(t.device == device)
        if tx.execute(mine.values(last_heard=now, heard=t.heard + times)).rowcount:
            continue
        if tx.execute(select(func.count()).select_from(sensor_stranger)).scalar_one() < MOST_STRANGERS:
            row = {"device": device, "network": network, "first_heard": now, "last_heard": now, "heard": times}
            tx.execute(sensor_stranger.insert().values(**row))


def strangers(tx: Connection, known: Iterable[str]) -> list[Stranger]:
    """Give the devices that speak and are not among the *known* ones, the newest word first."""
    ours = set(known)
    rows = tx.execute(select(sensor_stranger).order_by(sensor_stranger.c.last_heard.desc()))
    return [
        Stranger(row.device, row.first_heard, row.last_heard, row.heard, row.network)
        for row in rows
        if row.device not in ours
    ]


def as_entry(sensor: Sensor) -> SensorEntry:
    """Give what the configuration says of a device as an entry, for the form."""
    names = {f.name for f in fields(SensorEntry)} & {f.name for f in fields(Sensor)}
    return SensorEntry(**{name: getattr(sensor, name) for name in names})


def as_sensor(entry: SensorEntry) -> Sensor:
    """Give an entry as the readers of messages want it."""
    names = {f.name for f in fields(SensorEntry)} & {f.name for f in fields(Sensor)}
    return Sensor(**{name: getattr(entry, name) for name in names})


def _written(entry: SensorEntry) -> dict[str, Any]:
    said = asdict(entry)
    return said | {name: None if said[name] is None else zulu(said[name]) for name in TIMES}


def _version(row: Row[Any]) -> Version:
    known = {f.name for f in fields(SensorEntry)}
    said = {name: value for name, value in row.said.items() if name in known}
    said |= {name: datetime.fromisoformat(said[name]) for name in TIMES if said.get(name)}
    return Version(row.number, row.at, row.who, row.note, SensorEntry(**said))


def _maintenance(row: Row[Any]) -> Maintenance:
    return Maintenance(row.id, row.device, row.begun, row.ends, row.who, row.why)


WORDS = {
    "name": "名前", "model": "機種", "lon": "経度", "lat": "緯度", "kind": "種類", "zero_m": "零点高",
    "interval_s": "間隔", "interval_low_s": "低いときの間隔", "start_m": "観測開始水位", "near": "注意の目安",
    "met": "到達の目安", "owner": "管理者", "cleaned_at": "清掃日", "moved_at": "移設日", "retired": "廃止",
    "name_en": "英語名",
}  # fmt: skip


def _difference(old: SensorEntry | None, new: SensorEntry) -> str:
    if old is None:
        return "登録しました"
    lines = [
        f"{WORDS[name]} {_shown(getattr(old, name))}→{_shown(getattr(new, name))}"
        for name in WORDS
        if getattr(old, name) != getattr(new, name)
    ]
    return "、".join(lines) or "変更なし"


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return "なし" if value is None or value == "" else f"{value:g}" if isinstance(value, float) else str(value)
