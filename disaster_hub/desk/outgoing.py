"""What a draft, an update or a cancel becomes outside: an alert for its households, the texts that are handed over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import shapely
from shapely.geometry.base import BaseGeometry

from disaster_hub.alerts import issuing, lapsed, releases
from disaster_hub.alerts.plan_updates import MARK
from disaster_hub.config import Config
from disaster_hub.desk import grounds, ordering
from disaster_hub.desk.call import without_numbers
from disaster_hub.store import alerts, decisions, drafts, spreading
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind, AlertState, Audience
from disaster_hub.terms.decision import Decision, DecisionState
from disaster_hub.terms.draft import Draft, Whom
from disaster_hub.terms.errors import BadInput

URGENCY = {5: 8, 4: 7, 3: 6}
CALM_URGENCY = 5
INFORMATION_URGENCY = 3
CONFIRM = "取消"
"""What is typed before an alert is taken back."""
LONGEST_WHY = 120


def send(tx: Transaction, draft: Draft, config: Config, now: datetime, wall: datetime) -> Alert:
    """Put what an approved draft says on its way, with its hand-over texts; nothing leaves the house in here."""
    if draft.kind is AlertKind.UPDATE:
        alert = issuing.update(
            tx, draft.earlier, config, now, why=draft.why, who=draft.author, approver=draft.approver, note=draft.note
        )
    else:
        replaced = _replaced(tx, draft)
        alert = alert_of(tx, draft, replaced[0] if draft.kind is AlertKind.LIFT and replaced else None, config, now)
        for old in replaced:  # what still waits of it would come after this, and say less
            for part in alerts.chain(tx, old):
                spreading.withdraw(tx, part.id, now, wall)
        if not issuing.issue(tx, alert, config, now):
            raise BadInput("この起案はもう発信されています")
        _partly_over(tx, draft, now, wall)
    releases.prepare(tx, alert, config, now)
    return alert


def alert_of(tx: Transaction, draft: Draft, earlier: Alert | None, config: Config, now: datetime) -> Alert:
    """Say a draft as an alert, as it would go out now."""
    live = decisions.live(tx)
    over = grounds.overlapping(grounds.of(tx, draft, config).values(), draft)
    there = {*draft.areas, *(area.code for area in over)}
    standing = [one.order for area in there for one in ordering.in_force(live, area, draft.hazard)]
    beside = max(standing, default=None)
    if draft.kind is AlertKind.LIFT:  # what is lifted says nothing of another danger there
        beside = _beside(live, draft, there)
    urgency = URGENCY.get(draft.level or 0, INFORMATION_URGENCY)
    return Alert(
        id=draft.id, world=draft.world, kind=draft.kind, areas=draft.areas, area_name=draft.area_name,
        audience=audience_of(tx, draft, config), issuer=config.sending.names or config.city.name,
        why=draft.why, decided_at=now, expires_at=now + timedelta(hours=config.sending.order_hours),
        urgency=CALM_URGENCY if draft.kind is AlertKind.LIFT else urgency, level=draft.level, hazard=draft.hazard,
        note=draft.note, earlier="" if earlier is None else earlier.id, author=draft.author, approver=draft.approver,
        evidence=" ".join((*draft.issued, *draft.ended)),
        city_order=draft.level if draft.kind is AlertKind.ORDER else beside,
    )  # fmt: skip


def _beside(live: Sequence[Decision], draft: Draft, there: Collection[str]) -> int | None:
    """Give the highest order that stands in a lift's areas, or over them, against another hazard."""
    mine = (one for one in live if one.area in there and one.hazard is not draft.hazard and _stands(one))
    return max((one.order for one in mine), default=None)


def audience_of(tx: Transaction, draft: Draft, config: Config) -> Audience:
    """Say whom a draft is for; BadInput where nobody knows the ground of one of its areas."""
    if draft.kind is AlertKind.UPDATE:
        return Audience(same_as=draft.earlier)
    hazards = frozenset({draft.hazard} if draft.whom is Whom.HAZARD and draft.hazard is not None else ())
    shape = shape_of(tx, draft, config)
    return Audience(shape, hazards, frozenset(draft.leave_levels), frozenset(draft.needs))


def shape_of(tx: Transaction, draft: Draft, config: Config) -> BaseGeometry | None:
    """Give the ground of a draft; None is everybody, and that only where the town has loaded no areas at all."""
    here = grounds.of(tx, draft, config)
    chosen = [here[code] for code in draft.areas if code in here]
    shapes = [area.shape for area in chosen if area.shape is not None]
    if len(shapes) == len(chosen) and shapes:
        return shapely.union_all(shapes)
    if len(chosen) == 1 and chosen[0].code == config.city.area:
        return None
    names = "、".join(area.name for area in chosen if area.shape is None)
    raise BadInput(f"{names or 'この区域'} は区域の形が読み込まれていないため、だれに送るか決められません")


def cancel(
    tx: Transaction, identity: str, typed: str, why: str, config: Config, who: str, now: datetime, wall: datetime
) -> Alert:
    """Take a wrong alert back, on the word of one officer: it is said to exactly those who got it, first."""
    if "".join(typed.split()).strip("「」") != CONFIRM:
        raise BadInput(f"確かめるために「{CONFIRM}」と入力してください")
    said = " ".join(why.split())
    if not said:
        raise BadInput("何が誤りだったかを書いてください（住民への取消の知らせと記録に入ります）")
    if len(said) > LONGEST_WHY:
        raise BadInput(f"理由が長すぎます（{len(said)}字。{LONGEST_WHY}字まで）")
    without_numbers(said)
    earlier = alerts.find(tx, identity)
    if earlier is None:
        raise BadInput("この知らせは見つかりません")
    if MARK in identity:
        raise BadInput("これは計画の見直しを伝えた知らせです。発令が誤りなら、もとの知らせから取り消してください")
    parts = [drafts.of_alert(tx, part.id) for part in alerts.chain(tx, earlier)]
    again = [ordering.take_back(tx, draft, who, now, said).issued for draft in parts if draft is not None]
    if any(again):
        said = f"{said}。{earlier.area_name}には、前に出した避難情報が引き続き出ています"
    alert = issuing.cancel(tx, identity, config, now, why=said, who=who, wall=wall)
    releases.prepare(tx, alert, config, now)
    return alert


def _replaced(tx: Transaction, draft: Draft) -> list[Alert]:
    """Give the alerts of orders that this draft has ended altogether, the newest first."""
    found = []
    for one in alerts.in_force(tx, draft.decided_at or draft.made_at):
        if one.kind is not AlertKind.ORDER or one.state is AlertState.CANCELLED or one.id == draft.id:
            continue
        before = drafts.of_alert(tx, one.id)
        if before is None or not set(before.issued) & set(draft.ended):
            continue
        if not any(_stands(decisions.find(tx, name)) for name in before.issued):
            found.append(one)
    return found


def _partly_over(tx: Transaction, draft: Draft, now: datetime, wall: datetime) -> None:
    """Take back what still waits of an order for homes where this draft has ended it, though it stands elsewhere."""
    if not draft.ended:
        return
    for one in alerts.in_force(tx, now):
        if one.kind is AlertKind.ORDER and one.id != draft.id and set(one.areas) & set(draft.areas):
            for part in alerts.chain(tx, one):
                over = lapsed.homes(tx, part, spreading.waiting(tx, part.id))
                spreading.withdraw_from(tx, part.id, sorted(over), now, wall)


def _stands(one: Decision | None) -> bool:
    return one is not None and one.state is DecisionState.ISSUED
