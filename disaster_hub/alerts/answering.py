"""Answers that come back: one transaction keeps the word for the boards, the place sealed, and a quiet journal row."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from disaster_hub.store import alerts, households, journal
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.terms.alert import Alert, AlertAnswer, AlertKind, AlertState, Because, Told
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Answer
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import LonLat

WORDS: Mapping[str, str] = {"left": "出た", "arrived": "着いた", "help": "助けて", "staying": "残る"}
"""The four answers, as the desk reads them."""
BY_OTHERS: Mapping[str, str] = {"leader": "町内会が代わりに", "desk": "本部が代わりに", "helper": "支援者が代わりに"}
VIAS = frozenset({"link", "plan", "line", "mail", "sms", *BY_OTHERS})
ASKING = frozenset({AlertKind.ORDER, AlertKind.AUTOMATIC, AlertKind.UPDATE})
"""What a general answer ("I have left") speaks of; an answer to one alert by name counts for any."""
REACHED = frozenset({Because.CHOSEN, Because.NO_CHANNEL})
ANSWERED = "alert_answered"
LONGEST_TOKEN = 64


def by_token(tx: Connection, token: str) -> Told | None:
    """Give whose answer page *token* opens; None for every other, as for one whose household is gone."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    return alerts.by_token(tx, hashlib.sha256(token.encode()).digest())


def take(  # who, to what, which word, when twice, by which way, where
    tx: Connection,
    keys: Keyring,
    alert_id: str,
    household: str,
    word: str,
    given_at: datetime,
    now: datetime,
    via: str,
    spot: LonLat | None = None,
    id: str | None = None,  # noqa: A002  # named so in the design; channels pass their own event's id
) -> bool:
    """Take one answer to one alert; False where it was taken before, or its household is gone."""
    _known(word, via)
    if alerts.find(tx, alert_id) is None:
        return False  # of another world, or of none: nothing here was asked
    answer = Answer(id or secrets.token_hex(16), word, min(given_at, now), spot, f"alert:{alert_id}")
    try:
        keys.key(household)  # who is gone, or lives in another world, is not counted here
        if not _count(tx, answer, answer.id, alert_id, household, now, via):
            return False
        households.add_answer(tx, keys, household, answer, now)
    except KeyGone:
        return False
    return True


def take_general(
    tx: Connection, keys: Keyring, household: str, answer: Answer, now: datetime, via: str = "plan"
) -> int:
    """Take an answer that names no alert: it counts to every one in force for this household; tell to how many.

    What was given before an alert was decided says nothing about it; a call for help always does.
    """
    _known(answer.word, via)
    households.add_answer(tx, keys, household, answer, now)
    given = min(answer.given_at, now)
    mine = [one for one in asked(tx, household, now) if answer.word == "help" or given >= one.decided_at]
    return sum(
        _count(
            tx,
            Answer(answer.id, answer.word, given, about=f"alert:{one.id}"),
            f"{answer.id}:{one.id}",
            one.id,
            household,
            now,
            via,
        )
        for one in mine
    )


def asked(tx: Connection, household: str, now: datetime) -> list[Alert]:
    """Give the alerts in force that wait for this household's answer, the newest first."""
    told = {one.alert for one in alerts.of_household(tx, household) if one.because in REACHED}
    if not told:
        return []
    return [
        one
        for one in alerts.in_force(tx, now)
        if one.id in told and one.kind in ASKING and one.state is not AlertState.CANCELLED
    ]


def _known(word: str, via: str) -> None:
    if word not in WORDS:
        raise BadInput("answer: an unknown word")
    if via not in VIAS:
        raise BadInput(f"answer: {via!r} is none of {', '.join(sorted(VIAS))}")


def _count(  # as take
    tx: Connection, answer: Answer, identity: str, alert_id: str, household: str, now: datetime, via: str
) -> bool:
    """Write the word where boards count it, and that one came; neither says whose it is to a reader of the journal."""
    row = AlertAnswer(identity, alert_id, household, answer.word, answer.given_at, now, via)
    if not alerts.answer(tx, row):
        return False
    what = f"{BY_OTHERS.get(via, '')}知らせへの返事「{WORDS[answer.word]}」を受けました"
    who = via if via in BY_OTHERS else "resident"
    journal.add(tx, JournalEntry(answer.given_at, ANSWERED, who, what, because=alert_id, noted_at=now))
    return True
