"""An answer that came by mail: believed only where it answers a message of ours and comes from whom we sent it to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, select, update

from disaster_hub.alerts import answering, hearing, unreached
from disaster_hub.alerts.hearing import Incoming
from disaster_hub.config import Config
from disaster_hub.store import alerts, contacts, enrolment, journal, outbox
from disaster_hub.store.households import Contact
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.tables import delivery
from disaster_hub.store.tables import notice as notices
from disaster_hub.terms.notice import JournalEntry, Notice, of_contact
from sensors.mail_reply import Reply, Returned
from timelines import answer_words, phrases
from timelines.answer_words import RECEIVED
from timelines.channels.email import mark
from timelines.phrases import Reviews

CHANNEL = "email"
LOST = "returned"
"""State of a delivery whose mail came back: it reached nobody."""
OLDEST = timedelta(hours=12)
"""A mail's own clock is believed so far back; what says it is older is dated as it came."""
GOOD_FOR = timedelta(hours=1)
URGENCY = 3
UNREAD = ("mail.unread", "mail.unread_how", *(f"answer.{word}" for word in answering.WORDS))


class Outcome(StrEnum):
    """What became of a mail."""

    TAKEN = "taken"
    AGAIN = "again"
    PROVED = "proved"
    UNREAD = "unread"
    """From somebody whom we wrote to, but no answer can be read from it, or nothing proves to what it answers."""
    STRANGER = "stranger"
    RETURNED = "returned"


def take(
    tx: Connection, keys: Keyring, config: Config, reviews: Reviews, reply: Reply, now: datetime
) -> Outcome:  # fmt: skip
    """Take one answer by mail; the same mail again changes nothing."""
    if not enrolment.hear(tx, "mail", reply.id, now):
        return Outcome.AGAIN
    known = [one for name in _spellings(reply.sender) for one in contacts.behind(tx, keys, CHANNEL, name)]
    if not known:
        return Outcome.STRANGER
    word = answer_words.read(reply.text)
    given = _given(config, reply, now)
    if word == RECEIVED:
        here = Incoming(CHANNEL, known[0][1].address, reply.id, given)
        return (
            Outcome.PROVED if hearing.proved(tx, keys, here, now).outcome is hearing.Outcome.PROVED else Outcome.UNREAD
        )
    about = next(_proved(tx, known, reply), None)
    if word is not None and about is not None:
        household, alert = about
        answering.take(tx, keys, alert, household, word, given, now, "mail", id=f"mail:{reply.id}")
        return Outcome.TAKEN
    if word == hearing.HELP:
        # Anybody can write somebody else's name as the sender. A cry for help is believed all the same: the worst that
        # a false one does is that somebody is asked after.
        found = hearing.by_address(tx, keys, Incoming(CHANNEL, known[0][1].address, reply.id, given), word, now)
        if found.outcome is hearing.Outcome.TAKEN:
            return Outcome.TAKEN
    _ask_again(tx, keys, config, reviews, known[0], now)
    return Outcome.UNREAD


def returned(tx: Connection, keys: Keyring, said: Returned, now: datetime) -> Outcome:
    """Write down that a mail of ours came back: its delivery reached nobody, and the board must know."""
    if not enrolment.hear(tx, "mail", said.id, now):
        return Outcome.AGAIN
    for name in _spellings(said.address):
        for household, contact in contacts.behind(tx, keys, CHANNEL, name):
            for told in alerts.of_household(tx, household):
                key = _key(told.alert, contact)
                if mark(key) in said.about:
                    contacts.received(tx, key, LOST, f"the mail came back ({said.status})", now)
                    _lost(tx, told.alert, contact)
                    what = f"知らせのメールが戻ってきました（{said.status}）"
                    journal.add(tx, JournalEntry(now, "alert_returned", "mail", what, because=told.alert))
                    return Outcome.RETURNED
    helper = unreached.returned(tx, keys, _spellings(said.address), said.about, said.status, now)
    return Outcome.RETURNED if helper else Outcome.STRANGER


def _proved(tx: Connection, known: list[tuple[str, Contact]], reply: Reply) -> Iterator[tuple[str, str]]:
    """Give household and alert to which a mail answers, as its headers or the link that it quotes prove."""
    wanted = set(reply.about)
    for household, contact in known:
        for told in reversed(alerts.of_household(tx, household)) if wanted else ():
            if mark(_key(told.alert, contact)) in wanted:
                yield household, told.alert
    homes = {household for household, _ in known}
    for token in reply.links:
        found = answering.by_token(tx, token)
        if found is not None and found.household in homes:
            yield found.household, found.alert


def _key(alert: str, contact: Contact) -> str:
    """Give the key of a delivery, of which its Message-ID is made (`jobs.letters.key_of`)."""
    return f"alert:{alert}/{CHANNEL}/{of_contact(contact.id)}"


def _given(config: Config, reply: Reply, now: datetime) -> datetime:
    """Say when it was written, in this world's time; a clock that cannot be right gives way to ours."""
    if reply.sent_at is None:
        return now
    at = config.world.now(reply.sent_at)
    return at if now - OLDEST < at <= now else now


def _spellings(address: str) -> list[str]:
    """Give an address as it came, and as most write it: mail programmes change capital letters."""
    local, _, domain = address.rpartition("@")
    return list(dict.fromkeys((address, f"{local}@{domain.lower()}", address.lower())))


def _lost(tx: Connection, alert: str, contact: Contact) -> None:
    mine = select(notices.c.id).where(notices.c.key == f"alert:{alert}")
    rows = delivery.c.notice_id.in_(mine) & (delivery.c.channel == CHANNEL)
    to = (delivery.c.address == of_contact(contact.id)) & (delivery.c.state == "sent")
    tx.execute(update(delivery).where(rows & to).values(state=LOST))


def _ask_again(
    tx: Connection, keys: Keyring, config: Config, reviews: Reviews, known: tuple[str, Contact], now: datetime
) -> None:  # fmt: skip
    """Say once a day how to answer; never to a machine, and never to whom we have not written before."""
    household, contact = known
    journal.add(tx, JournalEntry(now, "alert_unread", "mail", "メールの返事を読み取れませんでした"))
    if contact.confirmed_at is None or not enrolment.hear(tx, "unread", f"{contact.id}:{now:%Y%m%d}", now):
        return
    wish = hearing.language(tx, keys, household) or phrases.FIRST
    for language in dict.fromkeys((wish, phrases.FIRST)):
        if reviews.sendable(UNREAD, language, actual=config.real):
            break
    else:
        return
    words = " ".join(
        f"{n} {phrases.say(f'answer.{word}', language)}" for n, word in enumerate(answering.WORDS, 1)
    )  # fmt: skip
    headline, text = phrases.say("mail.unread", language), phrases.say("mail.unread_how", language, answers=words)
    key = f"unread:{contact.id}:{now:%Y%m%d}"
    asked = Notice(key, config.world.kind, "unread", headline, text, now, now + GOOD_FOR, URGENCY)
    outbox.enqueue(tx, asked, [(CHANNEL, of_contact(contact.id))])
