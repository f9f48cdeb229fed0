"""The canary: every few minutes a test through every channel to a test handset, and never to a resident."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta

from disaster_hub.alerts import sirens
from disaster_hub.config import Config
from disaster_hub.config_outside import Canary, Push
from disaster_hub.store import canary as canaries
from disaster_hub.store import handsets, households, journal, outbox
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import CONTACT, JournalEntry, Notice
from disaster_hub.terms.siren import Handset, Siren, SirenState
from timelines.channels.email import mailbox
from timelines.phone_number import number
from timelines.subscription import subscription

log = logging.getLogger(__name__)
KIND = "canary"
LATE, BACK = "canary_late", "canary_back"
URGENCY = 9
"""One message every few minutes does not hold up an order; behind a hundred thousand it would call the channel dead."""
LIFE = timedelta(hours=2)
STAFF_URGENCY = 3
TRIAL = timedelta(minutes=10)
"""A test that was asked for while the clock stood still is not sent hours later."""
KEEP = timedelta(days=30)
RESIDENT = "この宛先は住民の連絡先です。試験用の端末だけを書いてください"


class Canaries:
    """Sends what is due and writes down which channels break and come back."""

    def __init__(self, store: Store, config: Config, keys: Keyring) -> None:
        self.store, self.config, self.keys = store, config, keys

    def run(self, now: datetime, wall: datetime) -> int:
        """Look once; give how many canaries were sent. Where nothing is to be written, nothing is locked."""
        with self.store.read() as tx:
            known = sirens.canaries_of(tx, self.config)
            waiting = [one for one in handsets.every(tx) if one.proved_wall is None]
        sent = sum(self._try(one, now, wall) for one in waiting)
        for one in known:
            with self.store.read() as tx:
                due, changed = self._due(tx, one, wall), self._changed(tx, one, wall) is not None
            if due:
                with self.store.write() as tx:
                    sent += self._send(tx, one, now, wall)
            if due or changed:
                with self.store.write() as tx:
                    self._tell(tx, self._changed(tx, one, wall), now)
        return sent

    def forget(self, wall: datetime) -> None:
        """Forget the rounds of last month."""
        with self.store.write() as tx:
            canaries.forget(tx, wall - KEEP)

    def _try(self, one: Handset, now: datetime, wall: datetime) -> int:
        """Send an enrolled handset the one test that proves it, each time somebody asks for one."""
        with self.store.read() as tx:
            last = canaries.rounds(tx, one.channel, one.mark, limit=1)
        if (last and last[0].sent_wall >= one.asked_wall) or wall - one.asked_wall > TRIAL:
            return 0
        with self.store.write() as tx:
            return self._put(tx, sirens.as_canary(one), now, wall)

    def _due(self, tx: Transaction, one: Canary, wall: datetime) -> bool:
        last = canaries.rounds(tx, one.channel, canaries.mark(one.channel, one.address), limit=1)
        return not last or wall - last[0].sent_wall >= sirens.gap(one)

    def _send(self, tx: Transaction, one: Canary, now: datetime, wall: datetime) -> int:
        return self._put(tx, one, now, wall) if self._due(tx, one, wall) else 0

    def _put(self, tx: Transaction, one: Canary, now: datetime, wall: datetime) -> int:
        handset, due = canaries.mark(one.channel, one.address), wall + timedelta(seconds=one.within_s)
        if self._resident(tx, one):
            canaries.refuse(tx, one.channel, handset, RESIDENT, now, wall, due)
            return 0
        token = secrets.token_urlsafe(24)
        notice = self._notice(one, token, now)
        outbox.enqueue(tx, notice, [(one.channel, one.address)])
        canaries.send(tx, one.channel, handset, notice.key, token, now, wall, due)
        return 1

    def _resident(self, tx: Transaction, one: Canary) -> bool:
        """Tell whether the address is that of a household: looked up each time, for people enrol on any day."""
        if one.address.startswith(CONTACT):
            return True
        return households.find_contact(tx, self.keys, one.channel, normal(one, self.config)) is not None

    def _notice(self, one: Canary, token: str, now: datetime) -> Notice:
        # In the world's own time: what is still waiting when its receipt is overdue says nothing any more.
        life = timedelta(seconds=one.within_s * self.config.world.speed)
        key = f"{KIND}:{one.channel}:{canaries.digest(token).hex()[:24]}"
        text = "経路の確認です。試験用の端末だけに届きます。住民には送っていません。"
        url = f"{self.config.portal.address}/api/canary/{token}"
        return Notice(key, self.config.world.kind, KIND, "経路の確認", text, now, now + life, URGENCY, url)

    def _changed(self, tx: Transaction, one: Canary, wall: datetime) -> tuple[str, Siren] | None:
        """Tell whether a disturbance begins or ends that is not written yet."""
        siren = sirens.of_canary(tx, one, wall)
        entries = journal.entries(tx, kinds=(LATE, BACK), limit=200)
        last = next((entry.kind for entry in entries if entry.where == _where(siren)), BACK)
        if siren.wrong and last == BACK:
            return LATE, siren
        return (BACK, siren) if siren.state is SirenState.OK and last == LATE else None

    def _tell(self, tx: Transaction, change: tuple[str, Siren] | None, now: datetime) -> None:
        """Write the beginning or the end of a disturbance, once, and tell the staff by the other channels."""
        if change is None:
            return
        kind, siren = change
        took = "" if siren.seconds is None else f"（{siren.seconds:.0f}秒で届きました）"
        what = f"{siren.word}の経路に異常：{siren.why}" if kind == LATE else f"{siren.word}の経路が復旧しました{took}"
        key = f"{kind}:{_where(siren)}:{siren.round}"
        if not journal.add(tx, JournalEntry(now, kind, "hub", what, _where(siren), None, key)):
            return
        first = "【訓練】" if self.config.world.exercise else ""
        text = f"{first}{what}"
        notice = Notice(key, self.config.world.kind, kind, text[:60], text, now, now + LIFE, STAFF_URGENCY)
        # Never by the channel that is broken: it would be the last to say so.
        # But where the staff has no other, better by it than not at all: it may be the handset alone that is gone.
        staff = [(s.channel, s.address) for s in self.config.staff]
        outbox.enqueue(tx, notice, [to for to in staff if to[0] != siren.channel] or staff)


def _where(siren: Siren) -> str:
    return f"{siren.channel}/{siren.handset}"


def normal(one: Canary, config: Config) -> str:
    """Write an address as a household's contact is written, so that the same one is found to be the same."""
    try:
        if one.channel == "email":
            to = mailbox(one.address)
            return f"{to.local}@{to.domain}"
        if one.channel in {"sms", "voice"}:
            return number(one.address, one.channel)
        if one.channel == "webpush":
            return subscription(one.address, config.push or Push(""), config.world.kind).text()
    except BadInput:
        return one.address
    return one.address
