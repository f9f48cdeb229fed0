"""Hand-over texts as they were written, which of them are in their files, and who handed which over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from disaster_hub.store import worlds
from disaster_hub.store.release_tables import release as table
from disaster_hub.store.upsert import add_once
from disaster_hub.terms.errors import WrongWorld
from disaster_hub.terms.mark import bears
from disaster_hub.terms.release import Form, Part, Release
from disaster_hub.terms.world import WorldKind

ORDER = list(Form)


def add(tx: Connection, one: Release) -> bool:
    """Write a text; False where the alert has one of this form, WrongWorld where it says another world than this."""
    guard(tx, one)
    names = (
        "alert", "written_at", "file", "content", "media", "seconds", "reference", "valid_until", "filed_at",
        "handed_at", "handed_by",
    )  # fmt: skip
    row = {name: getattr(one, name) for name in names}
    row |= {"form": one.form.value, "parts": [asdict(part) for part in one.parts]}
    return add_once(tx, table, row, ("alert", "form"))


def of_alert(tx: Connection, alert: str) -> list[Release]:
    """Give the texts of one alert, the most urgent to hand over first."""
    found = [_release(row) for row in tx.execute(select(table).where(table.c.alert == alert))]
    return sorted(found, key=lambda one: ORDER.index(one.form))


def find(tx: Connection, alert: str, form: Form) -> Release | None:
    """Give one text; None where there is none."""
    row = tx.execute(select(table).where(table.c.alert == alert, table.c.form == form.value)).first()
    return None if row is None else _release(row)


def by_file(tx: Connection, form: Form, name: str) -> Release | None:
    """Give the text whose file has this name; None where there is none."""
    row = tx.execute(select(table).where(table.c.form == form.value, table.c.file == name)).first()
    return None if row is None else _release(row)


def of_form(tx: Connection, form: Form, alerts: Collection[str] | None = None, limit: int = 200) -> list[Release]:
    """Give the texts of one form, the newest first, of all alerts or of these."""
    query = select(table).where(table.c.form == form.value).order_by(table.c.written_at.desc(), table.c.alert)
    if alerts is not None:
        query = query.where(table.c.alert.in_(list(alerts)))
    return [_release(row) for row in tx.execute(query.limit(limit))]


def holding(tx: Connection, form: Form, now: datetime) -> list[Release]:
    """Give the texts of one form whose own time has not passed, the newest first."""
    lasts = table.c.valid_until.is_(None) | (table.c.valid_until > now)
    query = select(table).where(table.c.form == form.value, lasts)
    return [_release(row) for row in tx.execute(query.order_by(table.c.written_at.desc(), table.c.alert))]


def running_out(tx: Connection, form: Form, since: datetime, until: datetime) -> list[Release]:
    """Give the texts of one form written after *since* whose own time has passed by *until*, the oldest first."""
    soon = (table.c.form == form.value, table.c.written_at > since, table.c.valid_until <= until)
    return [_release(row) for row in tx.execute(select(table).where(*soon).order_by(table.c.written_at))]


def unfiled(tx: Connection, limit: int = 50) -> list[Release]:
    """Give the texts whose file nobody has written yet, the oldest first."""
    query = select(table).where(table.c.filed_at.is_(None)).order_by(table.c.written_at, table.c.alert, table.c.form)
    return [_release(row) for row in tx.execute(query.limit(limit))]


def filed(tx: Connection, one: Release, now: datetime) -> None:
    """Write that the file is there."""
    tx.execute(update(table).where(_is(one.alert, one.form), table.c.filed_at.is_(None)).values(filed_at=now))


def hand(tx: Connection, alert: str, form: Form, who: str, now: datetime) -> bool:
    """Write who handed a text over; False where somebody has already, or there is none."""
    mine = update(table).where(_is(alert, form), table.c.handed_at.is_(None))
    return tx.execute(mine.values(handed_at=now, handed_by=who)).rowcount == 1


def guard(tx: Connection, one: Release) -> None:
    """Let no exercise out of the real world's store, and nothing without its mark out of any other."""
    real = worlds.kind(tx) is WorldKind.REAL
    if bears(one.content, *(part.text for part in one.parts)) is real:
        word = "bears the mark of an exercise" if real else "bears no mark of an exercise"
        raise WrongWorld(f"release {one.alert[:40]}/{one.form}: {word}, in a store of the world {worlds.kind(tx)}")


def _is(alert: str, form: Form) -> Any:
    return (table.c.alert == alert) & (table.c.form == form.value)


def _release(row: Any) -> Release:
    return Release(
        alert=row.alert, form=Form(row.form), written_at=row.written_at,
        parts=tuple(Part(**part) for part in row.parts), file=row.file, content=row.content, media=row.media,
        seconds=row.seconds, reference=row.reference, valid_until=row.valid_until, filed_at=row.filed_at,
        handed_at=row.handed_at, handed_by=row.handed_by,
    )  # fmt: skip
