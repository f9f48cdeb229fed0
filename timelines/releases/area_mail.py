"""緊急速報メール (エリアメール): a title and a body within the carriers' lengths, without links and numbers."""

from __future__ import annotations

from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.release import Form, Part, Release
from timelines.releases.words import (
    BRIEFLY,
    Matter,
    Town,
    bare,
    clock,
    ended,
    fitting,
    innocent,
    mark,
    what_to_do,
    width,
)

KINDS = frozenset({AlertKind.ORDER, AlertKind.LIFT, AlertKind.UPDATE, AlertKind.CANCEL})


def write(matter: Matter, town: Town) -> Release | None:
    """Write it; None for what no telephone in a whole area should ring for."""
    alert = matter.alert
    if matter.kind not in KINDS or not matter.orders:
        return None
    first = mark(alert)
    title, body = first + _title(matter, town, first), _body(matter, town, first)
    parts = (
        Part("タイトル", title, town.mail_title, width(title)),
        Part("本文", body, town.mail_body, width(body)),
    )
    return Release(
        alert.id, Form.AREA_MAIL, alert.decided_at, parts, "area_mail.txt", f"{title}\n\n{body}\n"
    )  # fmt: skip


def _title(matter: Matter, town: Town, first: str) -> str:
    """Take the longest name that fits: with the level, without it, and for the longest order its first word."""
    room = town.mail_title - width(first)
    short = matter.title.replace("警戒レベル", "レベル")
    words = (matter.title, short, short.replace(" ", ""), matter.order, matter.order[:4])
    return next((one for one in words if width(one) <= room), words[-1])


def _body(matter: Matter, town: Town, first: str) -> str:
    """Put the sentences together in the order in which people need them; what does not fit is left out whole."""
    alert, room = matter.alert, town.mail_body
    area = f"【{matter.area}】" if width(matter.area) <= room / 3 else f"【{town.name}の一部地域】"
    sentences = [one for one in what_to_do(matter) if innocent(one)]
    head = fitting(f"{first}{area}", sentences, room)
    brief = BRIEFLY.get(matter.level or 0, "")
    if matter.kind in {AlertKind.ORDER, AlertKind.UPDATE} and brief and sentences[-1] not in head:
        head = fitting(head, [brief], room)
    why = f"理由：{ended(bare(alert.why))}" if alert.why.strip() else ""
    more = [f"災害：{matter.hazard}。" if matter.hazard else "", why, ended(bare(alert.note))]
    more = [one for one in more if one and innocent(one)]
    return fitting(head, [*more, f"（{town.name} {clock(alert.decided_at)}）"], room)
