"""Who opened whose personal data, when and why: every view is a row of the journal, and nothing else counts here."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, render_template, request
from werkzeug.wrappers import Response

from disaster_hub.portal.doors import Room
from disaster_hub.portal.hq.opening import KIND
from disaster_hub.portal.hub import hub
from disaster_hub.portal.limits import costs
from disaster_hub.store import personal_views
from disaster_hub.terms.clock import local
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.role import Right

SHOWN, EXPORTED = 200, 100_000
room = Room("hq_audit", __name__, door=Right.AUDIT, url_prefix="/hq")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for; empty texts look for everything."""

    who: str = ""
    about: str = ""
    since: str = ""
    until: str = ""
    """Days, the last one included."""


@room.get("/audit")
def audit() -> Any:
    """Show the views, the newest first."""
    wish, wrong = _wish()
    found = [] if wrong else _found(wish, SHOWN + 1)
    with hub(current_app).store.read() as tx:
        viewers = personal_views.viewers(tx, KIND)
    page = render_template(
        "hq/audit.html", rows=found[:SHOWN], more=len(found) > SHOWN, wish=wish, wrong=wrong, viewers=viewers,
        zone=_zone(),
    )  # fmt: skip
    return (page, 400) if wrong else page


@room.get("/audit.csv")
@costs(1, reading=20)
def as_csv() -> Any:
    """Give the views as a table."""
    wish, wrong = _wish()
    if wrong:
        return Response(wrong, 400, mimetype="text/plain")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("時刻", "見た人", "何を", "番号", "理由"))
    for row in _found(wish, EXPORTED):
        cells = (local(row.at, _zone()), row.who, row.what, row.where or "", row.because or "")
        writer.writerow([_safe(cell) for cell in cells])
    answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=personal-views.csv"
    return answer


def _wish() -> tuple[Wish, str | None]:
    wish = Wish(*(request.args.get(name, "").strip()[:100] for name in ("who", "about", "since", "until")))
    try:
        for text in filter(None, (wish.since, wish.until)):
            _midnight(text, _zone())
    except (ValueError, OverflowError):
        return wish, "日付は 2026-09-18 のように書いてください。"
    return wish, None


def _found(wish: Wish, limit: int) -> list[JournalEntry]:
    zone = _zone()
    since = _midnight(wish.since, zone) if wish.since else None
    until = _midnight(wish.until, zone) + timedelta(days=1) if wish.until else None
    with hub(current_app).store.read() as tx:
        return personal_views.views(tx, KIND, who=wish.who, about=wish.about, since=since, until=until, limit=limit)


def _midnight(text: str, zone: ZoneInfo) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone).astimezone(UTC)


def _zone() -> ZoneInfo:
    return hub(current_app).config.city.zone


def _safe(text: str) -> str:
    """Keep a spreadsheet from taking a reason for a formula."""
    return f"'{text}" if text[:1] in set("=+-@\t\r") else text
