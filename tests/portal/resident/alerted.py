"""An alert that was spread to the one household of a hamlet, as the spread writes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.store import alerts, briefs, households
from disaster_hub.terms.alert import Alert, AlertKind, Audience, Because, Brief, Told
from disaster_hub.terms.way import Turn, Word
from tests.portal.resident.hamlet import Hamlet

BRIEF = Brief(
    1, "ja", Word.LEAVE_BY, leave_level=4, place="北小学校", metres=900, minutes=14, storeys=2,
    turns=(Turn("start", "3番通り", 100), Turn("left", "5筋", 300)),
)  # fmt: skip


def desk_of(hamlet: Hamlet) -> Desk:
    with hamlet.app.app_context():
        return desk()


def household_of(hamlet: Hamlet) -> str:
    here = desk_of(hamlet)
    with hamlet.store.read() as tx:
        ((name, _),) = households.everyone(tx, here.keys)
    return name


def alert_of(hamlet: Hamlet, name: str = "a1", kind: AlertKind = AlertKind.ORDER, **more: Any) -> Alert:
    now = desk_of(hamlet).now
    made = Alert(
        name, hamlet.config.world.kind, kind, ("X1",), "北部・東部", Audience(), "みなも市", "川の水位が上がっています",
        now, now + timedelta(hours=6), 7, 4,
    )  # fmt: skip
    return replace(made, **more)


def spread(hamlet: Hamlet, alert: Alert, brief: Brief | None = None) -> str:
    """Write what the spread writes, and give the token of the household's page."""
    here, household = desk_of(hamlet), household_of(hamlet)
    key = here.keys.key(household)
    token = briefs.answer_token(key, alert.id)
    sent = brief or replace(BRIEF, leave_at=alert.decided_at + timedelta(minutes=29))
    with hamlet.store.write() as tx:
        alerts.add(tx, alert)
        sealed = briefs.sealed_brief(key, household, sent)
        alerts.tell(tx, [Told(alert.id, household, Because.CHOSEN, 1, sealed, briefs.token_hash(token))])
    return token
