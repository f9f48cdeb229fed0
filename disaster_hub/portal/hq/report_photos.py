"""Photos of reports and check points: shown to the desk alone, and added to a report."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, current_app, flash, redirect, request, url_for
from werkzeug.exceptions import NotFound

from disaster_hub.desk import photo
from disaster_hub.desk.call import MOST_PHOTOS
from disaster_hub.desk.photo import Photo
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.reporting import who
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import photos
from disaster_hub.store import reports as kept
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import metres_between
from disaster_hub.terms.report import Report
from disaster_hub.terms.role import Right

LARGEST = MOST_PHOTOS * photo.MOST_BYTES + 64 * 1024
ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
AWAY_M = 30.0
MOST_OF_ONE = 12
room = Room("hq_photos", __name__, door=Right.SEE, url_prefix="/hq")


@room.record_once
def _prepare(state: Any) -> None:
    """Ask for the token of a form with photos ourselves, once the larger limit holds."""
    state.app.extensions["csrf"].exempt(add)


@room.get("/photos/<identity>")
def one(identity: str) -> Response:
    """Give a photo; it is a picture and nothing else, kept by nobody on the way."""
    with hub(current_app).store.read() as tx:
        found = photos.get(tx, identity)
    if found is None:
        raise NotFound
    answer = Response(found, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = ALONE
    answer.headers["Content-Disposition"] = f'inline; filename="{identity}.jpg"'
    return answer


@room.post("/reports/<identity>/photos")
@only(Right.HANDLE)
def add(identity: str) -> Any:
    """Add photos to a report; what a camera wrote into them is proposed, then gone."""
    request.max_content_length = LARGEST
    current_app.extensions["csrf"].protect()
    shared = hub(current_app)
    back = url_for("hq_report.report", identity=identity)
    try:
        found = pictures("photo")
        with shared.store.write() as tx:
            known = _added(tx, identity, found)
    except BadInput as fault:
        flash(f"{fault} 写真は加えていません。")
        return redirect(back, 303)
    flash(f"写真{len(found)}枚を加えました。位置や機種などの隠れた情報は取り除きました。")
    return redirect(_proposed(back, known, found[0]), 303)


def pictures(field: str) -> list[Photo]:
    """Read and clean the photos of the request at hand, aside from the others' work."""
    files = [f for f in request.files.getlist(field) if f.filename][:MOST_PHOTOS]
    bodies = [f.stream.read(photo.MOST_BYTES + 1) for f in files]
    zone = hub(current_app).config.city.zone
    return [desk().aside(photo.read, body, zone) for body in bodies]


def _added(tx: Transaction, identity: str, found: list[Photo]) -> Report:
    """Put the photos beside those that are there; adding takes nothing away, so any version will do."""
    now, known = hub(current_app).now, kept.find(tx, identity)
    if known is None:
        raise NotFound
    if not found:
        raise BadInput("写真を選んでください。")
    if len(known.photos) + len(found) > MOST_OF_ONE:
        raise BadInput(f"ひとつの報告に付けられる写真は{MOST_OF_ONE}枚までです。")
    made = tuple(photos.put(tx, one.jpeg, identity, now) for one in found)
    return kept.change(tx, identity, known.version, who().name, now, photos=(*known.photos, *made))


def _proposed(back: str, known: Report, first: Photo) -> str:
    """Lead back to the report, with what the photo's record says where it says something else."""
    zone = hub(current_app).config.city.zone
    said: dict[str, Any] = {}
    if first.spot is not None and metres_between(first.spot, known.spot) > AWAY_M:
        said |= {"photo_lon": f"{first.spot.lon:.6f}", "photo_lat": f"{first.spot.lat:.6f}"}
    if _recent(first.taken_at, known):
        assert first.taken_at is not None
        said["photo_seen"] = f"{first.taken_at.astimezone(zone):%H:%M}"
    return url_for("hq_report.report", identity=known.id, **said) + "#words" if said else back


def _recent(taken: datetime | None, known: Report) -> bool:
    """Tell whether the photo was taken on the report's own day, at another minute than it says."""
    if taken is None:
        return False
    return 60 < abs((taken - known.seen_at).total_seconds()) < 12 * 3600
