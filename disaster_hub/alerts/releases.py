"""Hand-over texts, written in the very transaction that decides; files and ticks come after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from disaster_hub.config import Config
from disaster_hub.store import alerts, cap_again, decisions, journal, releases
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind, AlertState
from disaster_hub.terms.decision import Decision, DecisionState
from disaster_hub.terms.errors import BadInput, WrongWorld
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.release import FORM_WORDS, Form, Release
from disaster_hub.terms.world import WorldKind
from timelines.phrases import FIRST, LANGUAGES, Reviews
from timelines.releases import area_mail, cap, lalert, loudspeaker, social
from timelines.releases.info import PHRASES
from timelines.releases.words import Matter, Town, handle, public

REVIEWS = "reviews.toml"
"""What a city's own people have reviewed, beside the configuration."""
LONGEST_CHAIN = 100


def town(config: Config) -> Town:
    """Say who speaks, and within which lengths."""
    said = config.sending
    host = urlsplit(config.portal.address).netloc.rpartition("@")[2]
    return Town(
        name=said.names or config.city.name, code=config.city.area, sender=host or f"disaster-hub.{config.city.area}",
        address=config.portal.address.rstrip("/"), mail_title=said.area_mail_title, mail_body=said.area_mail_body,
        social=said.social_most, spoken_per_second=said.spoken_per_second,
    )  # fmt: skip


def languages(config: Config, *, actual: bool) -> list[str]:
    """Give the languages whose texts may stand in public: reviewed ones, and all of them where nothing is actual.

    Japanese always: the people who decided have read that very text.
    """
    folder = config.source.absolute().parent if config.source is not None else Path()
    reviews = Reviews(folder / REVIEWS)
    return [one for one in LANGUAGES if one == FIRST or reviews.sendable(PHRASES, one, actual=actual)]


def prepare(tx: Transaction, alert: Alert, config: Config, now: datetime) -> list[Release]:
    """Write every text of *alert* and keep them; the same alert again writes nothing."""
    if alert.world is not config.world.kind:
        raise WrongWorld(f"alert {alert.id}: of the world {alert.world.value}, not of {config.world.kind.value}")
    found = written(tx, alert, config, now)
    for one in found:
        releases.add(tx, one)
    return found


def written(tx: Transaction, alert: Alert, config: Config, now: datetime) -> list[Release]:
    """Write the texts without keeping them: what the composer shows beforehand is what is written afterwards."""
    chain = earlier(tx, alert)
    before = chain[0] if chain else None
    if not public(alert) or (alert.audience.same_as and before is not None and not releases.of_alert(tx, before.id)):
        return []  # what went to single households stays among them, corrections included
    ground = next((one for one in chain if one.audience.shape is not None), None)
    if alert.audience.shape is None and ground is not None:
        alert = replace(alert, audience=replace(alert.audience, shape=ground.audience.shape))
    matter, who = Matter(alert, before), town(config)
    said = languages(config, actual=alert.world is WorldKind.REAL)
    texts: Sequence[Release | None] = (
        area_mail.write(matter, who),
        loudspeaker.write(matter, who),
        lalert.write(matter, who),
        social.post(matter, who),
        social.page(matter, who, said),
        cap.write(matter, who, said, references(tx, alert, chain)),
    )
    name = handle(alert.id)
    return [replace(one, file=f"{name}-{one.file}", written_at=now) for one in texts if one is not None]


def earlier(tx: Transaction, alert: Alert) -> list[Alert]:
    """Give the alerts that this one speaks of, the nearest first: the one before, and the one before that."""
    found: list[Alert] = []
    identity = alert.earlier
    while identity and len(found) < LONGEST_CHAIN:
        one = alerts.find(tx, identity)
        if one is None or any(one.id == other.id for other in found):
            break
        found.append(one)
        identity = one.earlier
    return found


def references(tx: Transaction, alert: Alert, chain: Sequence[Alert]) -> list[str]:
    """Name every message of the chain that has not expired when this one is decided, the oldest first."""
    family = {one.id: one for one in chain}
    for one in chain:
        family |= {other.id: other for other in alerts.after(tx, one.id)}
    family |= {one.id: one for one in _covered(tx, alert)}
    family.pop(alert.id, None)
    return alive(tx, list(family), alert.decided_at)


def alive(tx: Transaction, names: Sequence[str], at: datetime) -> list[str]:
    """Name every CAP message of these alerts that has not expired at *at*, the oldest first."""
    every = [*releases.of_form(tx, Form.CAP, names), *cap_again.of_alerts(tx, names)]
    live = [one for one in every if one.valid_until is None or one.valid_until > at]
    return [one.reference for one in sorted(live, key=lambda one: (one.written_at, one.alert))]


def in_force(tx: Transaction, config: Config, form: Form, now: datetime) -> list[tuple[Alert, Release]]:
    """Give the texts of one form that hold now, the gravest first; none taken back or replaced is among them."""
    found: list[tuple[Alert, Release]] = []
    for one in cap_again.newest(tx, now) if form is Form.CAP else releases.holding(tx, form, now):
        alert = alerts.find(tx, one.alert)
        if alert is not None and alert.world is config.world.kind and not replaced(tx, alert):
            found.append((alert, one))
    return sorted(found, key=lambda pair: (-(pair[0].level or 0), -pair[0].decided_at.timestamp()))


def _covered(tx: Transaction, alert: Alert) -> list[Alert]:
    """Give the orders whose place another order takes (raised, lowered, lifted): same hazard, no area left over."""
    if alert.kind not in {AlertKind.ORDER, AlertKind.LIFT} or alert.rule:
        return []
    lately = alerts.since(tx, alert.decided_at - cap.ORDER_LIFE)
    return [one for one in lately if _takes_the_place(alert, one)]


def _takes_the_place(alert: Alert, of: Alert) -> bool:
    orders = of.kind in {AlertKind.ORDER, AlertKind.UPDATE} and not of.rule and of.id != alert.id
    covered = bool(of.areas) and set(of.areas) <= set(alert.areas)
    return orders and covered and of.hazard == alert.hazard and of.decided_at <= alert.decided_at


def replaced(tx: Transaction, alert: Alert) -> bool:
    """Tell whether an alert no longer holds: taken back, followed by another, or its orders have ended."""
    if alert.state is AlertState.CANCELLED:
        return True
    if any(later.kind is not AlertKind.HELPER for later in alerts.after(tx, alert.id)):
        return True
    if alert.kind not in {AlertKind.ORDER, AlertKind.UPDATE} or alert.rule:
        return False
    mine = _decisions(tx, alert)
    return bool(mine) and all(one.state is not DecisionState.ISSUED for one in mine)


def decided(tx: Transaction, alert: Alert) -> bool:
    """Tell whether a decision that an alert rests on is in force: the order stands."""
    return any(one.state is DecisionState.ISSUED for one in _decisions(tx, alert))


def _decisions(tx: Transaction, alert: Alert) -> list[Decision]:
    named = (decisions.find(tx, name) for name in alert.evidence.split())
    return [one for one in named if one is not None and one.order == alert.level]


def hand(tx: Transaction, alert: str, form: Form, who: str, now: datetime) -> bool:
    """Write down that *who* has handed a text over; False where somebody had already."""
    one = releases.find(tx, alert, form)
    if one is None:
        raise BadInput("この文面は見つかりません")
    if not releases.hand(tx, alert, form, who, now):
        return False
    title = next((part.text for part in one.parts if part.text.strip()), "").splitlines()[0][:40]
    what = f"{FORM_WORDS[form]}の文面を渡しました：{title}"
    journal.add(tx, JournalEntry(now, "alert_released", who, what, None, None, f"released:{alert}:{form}"))
    return True
