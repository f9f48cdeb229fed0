"""What the city says now, for everybody, in eight languages: the very texts that were handed over."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template

from disaster_hub.alerts import releases
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.talk import NAMES, chosen, say, tag, unfilled
from disaster_hub.terms.alert import Alert
from disaster_hub.terms.release import Form, Release

room = Room("alerts", __name__, door=Door.ANYONE)


@room.context_processor
def _words() -> dict[str, Any]:
    city = hub(current_app).config.city
    name = city.name if chosen().startswith("ja") else city.name_en
    return {"say": say, "unfilled": unfilled, "tag": tag, "chosen": chosen, "tongues": NAMES, "city_name": lambda: name}


@room.get("/alerts")
def alerts() -> str:
    """Show every text that holds now, the gravest first; the reader's language stands open, the others behind it."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        found = releases.in_force(tx, shared.config, Form.WEB, shared.now)
    return render_template("public/alerts.html", rows=[_row(alert, one) for alert, one in found], now=shared.now)


def _row(alert: Alert, one: Release) -> dict[str, Any]:
    texts = {part.name: part.text.splitlines() for part in one.parts}
    first = chosen() if chosen() in texts else "ja"
    others = {name: lines for name, lines in texts.items() if name != first}
    return {"alert": alert, "first": first, "lines": texts[first], "others": others}
