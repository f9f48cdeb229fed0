"""CAP for other people's programs: a feed of what holds now, and each message by its id."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from urllib.parse import quote

from flask import Response, abort, current_app, request, url_for
from lxml import etree

from disaster_hub.alerts import releases as desk
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.hub import hub
from disaster_hub.store import alerts, cap_again, releases
from disaster_hub.terms.alert import Alert
from disaster_hub.terms.clock import local
from disaster_hub.terms.release import Form, Release
from timelines.releases.cap import MEDIA

room = Room("api_cap", __name__, door=Door.ANYONE, url_prefix="/api")
ATOM = "http://www.w3.org/2005/Atom"
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@room.get("/cap.atom")
def feed() -> Response:
    """Give what holds now, the newest change first; nothing of another world is ever in it."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = desk.in_force(tx, shared.config, Form.CAP, shared.now)
    found.sort(key=lambda pair: pair[1].written_at, reverse=True)
    return _answer(_feed(found), "application/atom+xml")


@room.get("/cap/<name>.xml")
def message(name: str) -> Response:
    """Give one message as it was written; what a later one replaced is still here, for those who follow references."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        file = f"{name}-cap.xml"
        one = releases.by_file(tx, Form.CAP, file) or cap_again.by_file(tx, file)
        alert = None if one is None else alerts.find(tx, one.alert)
    if one is None or alert is None or alert.world is not shared.config.world.kind:
        abort(404)
    return _answer(one.content.encode(), MEDIA)


def _answer(body: bytes, kind: str) -> Response:
    made = Response(body, content_type=f"{kind}; charset=utf-8")
    made.set_etag(hashlib.sha256(body).hexdigest()[:32])
    made.headers["Cache-Control"] = "public, max-age=10"
    made.headers["Access-Control-Allow-Origin"] = "*"
    made.make_conditional(request)
    return made


def _feed(found: list[tuple[Alert, Release]]) -> bytes:
    config = hub(current_app).config
    who = desk.town(config)
    first = "【訓練】" if config.world.exercise else ""
    base = config.portal.address or request.url_root.rstrip("/")
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    address = f"{base}{url_for('api_cap.feed')}"
    _add(root, "id", address)
    _add(root, "title", f"{first}{who.name} 防災情報（CAP 1.2）")
    _add(root, "updated", local(max((one.written_at for _, one in found), default=BEGINNING)))
    _add(_add(root, "author"), "name", who.name)
    _add(root, "link", rel="self", type="application/atom+xml", href=address)
    for alert, one in found:
        entry = _add(root, "entry")
        page = f"{base}{url_for('api_cap.message', name=one.file.removesuffix('-cap.xml'))}"
        _add(entry, "id", f"urn:cap:{quote(one.reference, safe='')}")
        _add(entry, "title", one.parts[0].text if one.parts else alert.area_name)
        _add(entry, "updated", local(one.written_at))
        _add(entry, "link", rel="alternate", type=MEDIA, href=page)
    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _add(above: etree._Element, name: str, text: str | None = None, **said: str) -> etree._Element:
    made = etree.SubElement(above, f"{{{ATOM}}}{name}", said)
    made.text = text
    return made
