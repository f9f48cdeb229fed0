"""Alerts are issued, updated, ended and taken back: each with its notice and its row of the log, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from disaster_hub.alerts import city_word, lapsed, releases
from disaster_hub.config import Config
from disaster_hub.store import alerts, journal, outbox, spreading
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind, AlertState, Audience
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry, Notice

FIRST = 9
"""What takes back or corrects goes before everything else."""
CANCEL_LIFE = timedelta(hours=24)
CALM_LIFE = timedelta(hours=6)
LEVEL_WORDS = {3: "高齢者等避難", 4: "避難指示", 5: "緊急安全確保"}
TITLES = {
    AlertKind.LIFT: "解除",
    AlertKind.AUTOMATIC: "自動のお知らせ",
    AlertKind.CALM: "自動のお知らせの終わり",
    AlertKind.UPDATE: "訂正",
    AlertKind.CANCEL: "取消",
    AlertKind.INFORMATION: "お知らせ",
    AlertKind.HELPER: "支援のお願い",
}
ROWS = {AlertKind.AUTOMATIC: "alert_automatic", AlertKind.CALM: "alert_automatic", AlertKind.CANCEL: "alert_cancelled"}
"""Kind of the journal row; every other alert is decided by people, and a helper's has its own (`alerts.helping`)."""


def issue(tx: Transaction, alert: Alert, config: Config, now: datetime) -> bool:
    """Put an alert on its way; False where one of that id is there already. Nothing is sent in here."""
    if alert.world is not config.world.kind:
        raise BadInput(f"alert {alert.id}: of the world {alert.world.value}, not of {config.world.kind.value}")
    if alert.expires_at <= alert.decided_at:
        raise BadInput(f"alert {alert.id}: it would expire before it is decided")
    if not alerts.add(tx, replace(alert, state=AlertState.SPREADING)):
        return False
    outbox.enqueue(tx, general(alert), _programs(alert, config))
    if alert.kind is not AlertKind.HELPER:
        who = alert.approver or alert.author or alert.rule or "clock"
        # What names its households one by one was decided by nobody: their plans have changed.
        kind = "alert_automatic" if alert.audience.households else ROWS.get(alert.kind, "alert_decided")
        where = alert.areas[0] if len(alert.areas) == 1 else None
        entry = JournalEntry(now, kind, who, _line(alert), where, alert.evidence or None, f"alert:{alert.id}")
        journal.add(tx, entry)
    releases.prepare(tx, alert, config, now)
    return True


def update(
    tx: Transaction, earlier: str, config: Config, now: datetime, *, why: str, who: str, note: str = "",
    approver: str = "", expires_at: datetime | None = None,
) -> Alert:  # fmt: skip
    """Say it in other words to exactly those who got the earlier one; who has not yet got it gets this one instead."""
    one = _known(tx, earlier)
    if lapsed.wholly(tx, one):
        raise BadInput("この発令はもう終わっています（引き上げ・引き下げ・解除）。新しい知らせを出してください")
    new = replace(
        _next(tx, one, AlertKind.UPDATE, why, who, now),
        note=note or one.note,
        approver=approver,
        expires_at=expires_at or one.expires_at,
    )
    _issued(tx, new, config, now)
    return new


def cancel(
    tx: Transaction, earlier: str, config: Config, now: datetime, *, why: str, who: str, approver: str = "",
    wall: datetime | None = None,
) -> Alert:  # fmt: skip
    """Take an alert back, and what it had updated: what waits never goes, who may have got it gets the correction.

    *wall* is the wall's clock, which the leases of the outbox run on; the world's own where that is the same.
    """
    one = _known(tx, earlier)
    new = replace(_next(tx, one, AlertKind.CANCEL, why, who, now), approver=approver, expires_at=now + CANCEL_LIFE)
    for part in alerts.chain(tx, one):
        alerts.cancelled(tx, part.id)
        spreading.withdraw(tx, part.id, now, wall or now)
    _issued(tx, new, config, now)
    return new


def lift(
    tx: Transaction, earlier: str, config: Config, now: datetime, *, why: str, who: str, approver: str = "",
    expires_at: datetime | None = None, wall: datetime | None = None,
) -> Alert:  # fmt: skip
    """End an order: an order of its own, to everybody in its area; what still waits of it never goes."""
    one = _known(tx, earlier)
    first = alerts.chain(tx, one)[-1]
    new = replace(
        _next(tx, one, AlertKind.LIFT, why, who, now),
        audience=first.audience,
        city_order=city_word.highest(tx, config, first.areas),
        urgency=5,
        approver=approver,
        expires_at=expires_at or now + CALM_LIFE,
    )
    for part in alerts.chain(tx, one):
        spreading.withdraw(tx, part.id, now, wall or now)
    _issued(tx, new, config, now)
    return new


def calm(
    tx: Transaction, earlier: str, config: Config, now: datetime, *, why: str, evidence: str = "",
    issuer: str = "", wall: datetime | None = None,
) -> Alert:  # fmt: skip
    """Say to those who got an automatic alert that what it spoke of is over; what still waits of it never goes."""
    one = _known(tx, earlier)
    new = replace(
        _next(tx, one, AlertKind.CALM, why, "", now),
        urgency=5, evidence=evidence, issuer=issuer or one.issuer, rule=one.rule, expires_at=now + CALM_LIFE,
        city_order=city_word.highest(tx, config, one.areas),
    )  # fmt: skip
    for part in alerts.chain(tx, one):
        spreading.withdraw(tx, part.id, now, wall or now)
    _issued(tx, new, config, now)
    return new


def title(alert: Alert) -> str:
    """Name an alert in a few words: 「避難指示 北部・東部」."""
    word = TITLES.get(alert.kind) or LEVEL_WORDS.get(alert.level or 0, "お知らせ")
    return f"{word} {alert.area_name}".strip()


def _issued(tx: Transaction, new: Alert, config: Config, now: datetime) -> None:
    if not issue(tx, new, config, now):
        raise BadInput("ほかの人が先に送りました。最新の内容を確かめてください")


def _known(tx: Transaction, identity: str) -> Alert:
    one = alerts.find(tx, identity)
    if one is None:
        raise BadInput("この知らせは見つかりません")
    if one.state is AlertState.CANCELLED:
        raise BadInput("この知らせはもう取り消されています")
    if one.kind in {AlertKind.CANCEL, AlertKind.LIFT, AlertKind.CALM}:
        raise BadInput("取消・解除そのものは取り消せません。新しい知らせを出してください")
    ended = next((o for o in alerts.after(tx, identity) if o.kind in {AlertKind.LIFT, AlertKind.CALM}), None)
    if ended is not None:
        raise BadInput("この知らせはもう終わっています")
    return one


def _next(tx: Transaction, one: Alert, kind: AlertKind, why: str, who: str, now: datetime) -> Alert:
    """Give the alert that speaks of *one*, for the same people; its id comes of what it follows: two taps are one."""
    if not why.strip():
        raise BadInput("理由を書いてください（記録に残ります）")
    revision = one.revision + 1 + sum(1 for other in alerts.after(tx, one.id) if other.kind is AlertKind.UPDATE)
    return replace(
        one,
        id=f"{one.id.partition('~')[0]}~{kind.value}{revision}", kind=kind, audience=Audience(same_as=one.id),
        why=why.strip(), decided_at=now, urgency=FIRST, revision=revision, earlier=one.id, author=who, approver="",
        note="", state=AlertState.SPREADING,
    )  # fmt: skip


def _programs(alert: Alert, config: Config) -> list[tuple[str, str]]:
    """Give the programs of others that are told of the city's alerts; what is for a helper is nobody else's."""
    if alert.kind is AlertKind.HELPER:
        return []
    return [("webhook", f"webhook:{one.name}") for one in config.webhooks]


def general(alert: Alert) -> Notice:
    """Give the one general notice of an alert: what is said where a household's own words cannot be."""
    return Notice(
        f"alert:{alert.id}", alert.world, alert.kind.value, title(alert), alert.why, alert.decided_at,
        alert.expires_at, alert.urgency, alert=alert.id,
    )  # fmt: skip


def _line(alert: Alert) -> str:
    level = f"警戒レベル{alert.level} " if alert.level is not None and alert.kind is not AlertKind.CANCEL else ""
    return f"{level}{title(alert)}：{alert.why}"
