"""A draft becomes an alert: by another person, or by one who is alone, twice; orders, alert and log in one commit."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

from disaster_hub.config import Config
from disaster_hub.desk import chronology as room_log
from disaster_hub.desk import grounds, ordering, outgoing
from disaster_hub.desk.acting import Act
from disaster_hub.desk.call import without_numbers
from disaster_hub.desk.composing import same_name, title
from disaster_hub.desk.ordering import Moves
from disaster_hub.desk.preview import answers
from disaster_hub.store import chronology, decisions, drafts, journal, outbox
from disaster_hub.store.chronology import Wish
from disaster_hub.store.drafts import Moved
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind
from disaster_hub.terms.draft import Draft, DraftState
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry, Notice

LONGEST_REASON = 300
STAFF_LIFE = timedelta(hours=12)
STAFF_URGENCY = 9


def approve(tx: Transaction, act: Act, typed: str, config: Config, wall: datetime) -> Alert:
    """Send a draft: never by its author, never too late, and only with the area's name typed."""
    one = _seen(tx, act)
    if act.who == one.author:
        raise BadInput("起案した本人は承認できません。もう一人の承認者が確認してください")
    _named(typed, one)
    return _send(tx, one, act, config, wall)


def send_back(tx: Transaction, act: Act, reason: str) -> Draft:
    """Give a draft back, or take one's own back; a draft that has run out may be put away like this too."""
    one = _seen(tx, act, late=True)
    why = _reason(reason)
    kept = drafts.change(tx, replace(one, state=DraftState.SENT_BACK, approver=act.who, reason=why, decided_at=act.now))
    word = "取り下げました" if act.who == one.author else "差し戻しました"
    key = f"alert_sent_back:{one.id}:{kept.version}"
    what = f"{title(one)} の起案を{word}：{why}"
    journal.add(tx, JournalEntry(act.now, "alert_sent_back", act.who, what, one.areas[0], why, key))
    return kept


def alone_first(tx: Transaction, act: Act, reason: str, typed: str, wall: datetime) -> Draft:
    """Confirm one's own draft for the first time, alone; nothing is sent yet."""
    one = _seen(tx, act)
    _mine(act, one)
    why = _reason(reason)
    _named(typed, one)
    kept = drafts.change(tx, replace(one, state=DraftState.ALONE_FIRST, reason=why, alone_at=wall))
    what = f"{title(one)} を一人で緊急に発信しようとしています（1回目の確認）：{why}"
    key = f"alert_alone:{one.id}:1:{kept.version}"
    journal.add(tx, JournalEntry(act.now, "alert_alone", act.who, what, one.areas[0], why, key))
    return kept


def pause_left(one: Draft, config: Config, wall: datetime) -> int:
    """Give the seconds of the wall's clock that one officer alone still has to wait before the second confirmation."""
    if one.alone_at is None:
        return math.ceil(config.sending.alone_pause_s)
    return max(0, math.ceil(config.sending.alone_pause_s - (wall - one.alone_at).total_seconds()))


def alone_second(tx: Transaction, act: Act, typed: str, config: Config, wall: datetime) -> Alert:
    """Send one's own draft after the pause; written large in the log, and told to those who approve."""
    one = _seen(tx, act)
    _mine(act, one)
    if one.state is not DraftState.ALONE_FIRST:
        raise Moved("1回目の確認がまだです")
    left = pause_left(one, config, wall)
    if left > 0:
        raise BadInput(f"2回目の確認はあと{left}秒待ってください。そのあいだに文面と区域を見直してください")
    _named(typed, one)
    alert = _send(tx, one, act, config, wall)
    what = f"{title(one)} を {act.who} が一人で緊急に発信しました。承認者の確認を待っています。理由：{one.reason}"
    key = f"alert_alone:{one.id}:2"
    journal.add(tx, JournalEntry(act.now, "alert_alone", act.who, what, one.areas[0], one.reason, key))
    for row in chronology.rows(tx, Wish(kinds=["alert_alone"]), limit=10):
        if row.entry.key == key:
            room_log.pin(tx, row.id, act.who, act.now, on=True)
    mark = "【訓練】" if config.world.exercise else ""
    notice = Notice(
        key, config.world.kind, "alert_alone", f"{mark}一人で緊急発信：{title(one)}", f"{mark}{what}", act.now,
        act.now + STAFF_LIFE, STAFF_URGENCY, url=f"/hq/compose/{one.id}",
    )  # fmt: skip
    outbox.enqueue(tx, notice, [(said.channel, said.address) for said in config.staff])
    return alert


def looked_at(tx: Transaction, act: Act) -> Draft:
    """Write that an approver has looked at what one officer sent alone."""
    one = drafts.find(tx, act.id)
    if one is None or not one.alone:
        raise BadInput("一人で発信された知らせではありません")
    if act.who == one.author:
        raise BadInput("発信した本人は確認できません。ほかの承認者が確認してください")
    if one.seen_by:
        raise Moved(f"もう {one.seen_by} が確認しました")
    kept = drafts.change(tx, replace(one, seen_by=act.who))
    what = f"{title(one)}（{one.author} が一人で発信）を承認者が確認しました"
    journal.add(tx, JournalEntry(act.now, "alert_alone", act.who, what, one.areas[0], None, f"alert_alone:{one.id}:3"))
    return kept


def _send(tx: Transaction, one: Draft, act: Act, config: Config, wall: datetime) -> Alert:
    """Do everything that a draft says, in this one transaction."""
    moves = Moves((), ())
    grounds.refuse_contradiction(tx, one, config)
    if one.kind is AlertKind.ORDER:
        names = {code: area.name for code, area in grounds.of(tx, one, config).items()}
        gone = [code for code in one.areas if code not in names]
        if gone:
            raise BadInput(f"区域 {'、'.join(gone)} はもう読み込まれていません。起案し直してください")
        one = replace(one, decisions=tuple(d.id for d in answers(decisions.live(tx), one)))
        moves = ordering.issue(tx, one, [names[code] for code in one.areas], act.who, act.now)
    elif one.kind is AlertKind.LIFT:
        moves = ordering.lift(tx, one, act.who, act.now)
    done = replace(
        one, state=DraftState.APPROVED, approver=act.who, decided_at=act.now, issued=moves.issued, ended=moves.ended,
        level=one.level or moves.highest,
    )  # fmt: skip
    alert = outgoing.send(tx, done, config, act.now, wall)
    drafts.change(tx, replace(done, alert=alert.id))
    return alert


def _seen(tx: Transaction, act: Act, *, late: bool = False) -> Draft:
    """Give the draft as the person saw it; Moved where somebody was faster, BadInput where it is too old."""
    one = drafts.find(tx, act.id)
    if one is None:
        raise BadInput("この起案は見つかりません")
    if not one.open:
        word = "発信しました" if one.state is DraftState.APPROVED else "差し戻しました"
        raise Moved(f"この起案はもう {one.approver} が{word}")
    if one.expired(act.now) and not late:
        raise BadInput(
            "この起案は期限が切れています。古い内容が出ないように、承認できません。いまの状況を見て起案し直してください"
        )
    if one.version != act.version:
        raise Moved("この起案はほかの人が先に処理しました。最新の内容を確かめてください")
    return one


def _mine(act: Act, one: Draft) -> None:
    if act.who != one.author:
        raise BadInput("一人での発信は、起案した本人だけができます")


def _named(typed: str, one: Draft) -> None:
    if not same_name(typed, one.area_name):
        raise BadInput(f"区域の名前が違います。「{one.area_name}」と入力してください")


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise BadInput("理由を書いてください（記録に残ります）")
    if len(said) > LONGEST_REASON:
        raise BadInput(f"理由が長すぎます（{len(said)}字。{LONGEST_REASON}字まで）")
    return without_numbers(said)
