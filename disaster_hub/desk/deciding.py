"""People's acts on proposals: begin, put off, decline; each with its row of the log. Orders go out by `composing`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from disaster_hub.desk.acting import Act
from disaster_hub.desk.call import without_numbers
from disaster_hub.desk.ordering import HAND, PENDING
from disaster_hub.desk.say_decisions import ORDERS, STATES, about, posture_words
from disaster_hub.rules.criteria_words import HAZARD_WORDS
from disaster_hub.store import decisions, journal, posture
from disaster_hub.store.decisions import Conflict
from disaster_hub.store.session import Transaction
from disaster_hub.terms.decision import Decision, DecisionState, EvacuationArea, Posture
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.notice import JournalEntry

LONGEST_NOTE = 500
LONGEST_WAIT = timedelta(hours=24)
MOST_PRESENT = 80


def wait(tx: Transaction, act: Act, until: datetime, reason: str, said: str) -> Decision:
    """Put a proposal off until a time, at which it comes back; *said* is that time as people read it."""
    one = _seen(tx, act, *PENDING)
    if not act.now < until <= act.now + LONGEST_WAIT:
        raise BadInput("見直す時刻は、いまより後、24時間以内にしてください")
    why = _reason(reason)
    new = replace(one, state=DecisionState.WAITING, who=act.who, note=why, look_again_at=until)
    return _write(tx, act, new, "decision_made", f"{about(one)} の案：{said}に見直します：{why}", why)


def decline(tx: Transaction, act: Act, reason: str) -> Decision:
    """Close a proposal without an order."""
    one = _seen(tx, act, *PENDING)
    why = _reason(reason)
    new = replace(one, state=DecisionState.DECLINED, who=act.who, note=why, decided_at=act.now, look_again_at=None)
    return _write(tx, act, new, "decision_made", f"{about(one)} の案：見送りました：{why}", why)


def begin(
    tx: Transaction, order: int, hazard: Hazard, area: EvacuationArea, reason: str, who: str, now: datetime
) -> Decision:
    """Begin a decision by hand: people may see more than any criterion does."""
    if order not in ORDERS:
        raise BadInput("避難情報の種類を選んでください")
    why = _reason(reason)
    one = Decision(
        secrets.token_hex(8), order, hazard, area.code, area.name, DecisionState.OPEN, now, HAND, who=who, note=why
    )
    if not decisions.open_once(tx, one):
        word = f"{ORDERS[order]} {area.name}（{HAZARD_WORDS[hazard.value]}）"
        raise BadInput(f"{word} の案か発令がすでにあります。そちらを使ってください")
    what = f"{about(one)} の案を手で起こしました：{why}"
    key = f"proposal_opened:{one.id}:{one.version}"
    journal.add(tx, JournalEntry(now, "proposal_opened", who, what, one.area, why, key))
    return one


def take_posture(tx: Transaction, one: Posture, note: str, now: datetime) -> None:
    """Write how the headquarters stands from now on."""
    if len(one.present) > MOST_PRESENT:
        raise BadInput(f"在席者が多すぎます（{MOST_PRESENT}人まで）")
    if one.since > now + timedelta(minutes=1):
        raise BadInput("開始の時刻が、いまより後になっています")
    said = _text(note)
    posture.add(tx, one, said, now)
    what = f"体制：{posture_words(one)}{f'（{said}）' if said else ''}"
    journal.add(tx, JournalEntry(now, "posture", one.who, what, None, said or None))


def present(chosen: Sequence[str], typed: str) -> tuple[str, ...]:
    """Give who is in, once each: names that were chosen, then those that were typed with commas or on lines."""
    lines = typed.replace("、", "\n").replace(",", "\n").replace("，", "\n").splitlines()
    return tuple(dict.fromkeys(name.strip()[:40] for name in (*chosen, *lines) if name.strip()))


def _seen(tx: Transaction, act: Act, *states: DecisionState) -> Decision:
    """Give the decision as the person saw it; Conflict where it has moved on."""
    one = decisions.find(tx, act.id)
    if one is None:
        raise BadInput("この案は見つかりません")
    if one.version != act.version or one.state not in states:
        who = decisions.steps(tx, one.id)[-1].who
        by = "" if who in {"", "hub"} else f"（{who}）"
        state = STATES[one.state]
        raise Conflict(
            f"この案はほかの人が先に変更しました{by}。いまは「{state}」です。下の最新の内容を確かめてください"
        )
    return one


def _write(tx: Transaction, act: Act, new: Decision, kind: str, what: str, note: str) -> Decision:
    kept = decisions.change(tx, new, act.who, act.now, note)
    key = f"{kind}:{kept.id}:{kept.version}"
    journal.add(tx, JournalEntry(act.now, kind, act.who, what, kept.area, note or None, key))
    return kept


def _reason(text: str) -> str:
    if not text.strip():
        raise BadInput("理由を書いてください（記録に残ります）")
    return _text(text)


def _text(text: str) -> str:
    if len(text.strip()) > LONGEST_NOTE:
        raise BadInput(f"文が長すぎます（{len(text.strip())}字。{LONGEST_NOTE}字まで）")
    return without_numbers(text.strip())
