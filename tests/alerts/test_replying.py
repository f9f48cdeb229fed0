"""Answers by mail: believed where they answer a message of ours and come from whom we sent it to; once, and quietly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from disaster_hub.alerts import replying
from disaster_hub.alerts.replying import Outcome
from disaster_hub.config import Config, Mail
from disaster_hub.store import alerts, briefs, households, journal, outbox
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import AlertAnswer, Because, Told
from disaster_hub.terms.notice import Notice, of_contact
from disaster_hub.terms.world import WorldKind
from sensors.mail_reply import Reply, Returned
from tests.desk.alert_town import Folk, keyring, order, settle
from tests.jobs import hub
from timelines.channels.email import Email, mailbox, mark
from timelines.phrases import Reviews

SENDER = "a@example.jp"


@dataclass
class Town:
    store: Store
    keys: Keyring
    config: Config
    reviews: Reviews
    home: str
    contact: str
    token: str
    now: datetime

    @property
    def id(self) -> str:
        """Give the name of the message that this household got, as the mail bears it."""
        return mark(f"alert:a1/email/{of_contact(self.contact)}")

    def take(self, words: str, about: bool = True, **more: object) -> Outcome:
        fields = {"id": "m1", "sender": SENDER, "about": (self.id,) if about else (), "links": (), "text": words}
        with self.store.write() as tx:
            reply = Reply(**fields | more)  # type: ignore[arg-type]
            return replying.take(tx, self.keys, self.config, self.reviews, reply, self.now)

    def answer(self, alert: str = "a1") -> AlertAnswer | None:
        with self.store.read() as tx:
            return alerts.answer_of(tx, alert, self.home)

    def waiting(self) -> list[str]:
        """Give what waits to be sent to this contact."""
        query = text(
            "SELECT n.kind FROM delivery d JOIN notice n ON n.id = d.notice_id WHERE d.address = :a ORDER BY 1"
        )
        with self.store.read() as tx:
            return [row.kind for row in tx.execute(query, {"a": of_contact(self.contact)})]


@pytest.fixture(name="town")
def a_town(store: Store, now: datetime, tmp_path: Path) -> Iterator[Town]:
    keys = keyring(tmp_path)
    alert = order(now)
    with store.write() as tx:
        home = settle(tx, keys, Folk(), now)
        settle(tx, keys, Folk(channels=(("email", "b@example.jp"),)), now)
        (contact,) = households.contacts(tx, keys, home)
        alerts.add(tx, alert)
        token = briefs.answer_token(keys.key(home), "a1")
        alerts.tell(tx, [Told("a1", home, Because.CHOSEN, 1, None, briefs.token_hash(token))])
        sent = Notice("alert:a1", WorldKind.REPLAY, "order", "x", "x", now, now + timedelta(hours=1), 7, alert="a1")
        number = outbox.announce(tx, sent)
        assert number is not None
        outbox.address(tx, number, sent, [("email", of_contact(contact.id), home)])
    config = hub.config("sqlite://")
    yield Town(store, keys, config, Reviews(tmp_path / "reviews.toml"), home, contact.id, token, now)
    keys.close()


def test_a_mails_own_name_says_to_what_it_answers(town: Town) -> None:
    notice = Notice("alert:a1", WorldKind.REPLAY, "order", "x", "x", town.now, town.now, 7)
    key = f"alert:a1/email/{of_contact(town.contact)}"
    mail = Email(Mail("h", "bousai@example.jp"), WorldKind.REPLAY).write(notice, mailbox(SENDER), key)
    assert mail["Message-ID"] == f"<{town.id}@example.jp>"


@pytest.mark.parametrize(
    ("words", "word"), [("1", "left"), ("着いた", "arrived"), ("help me", "help"), ("4 残る", "staying")]
)
def test_an_answer_counts_once_and_leaves_a_quiet_row(town: Town, words: str, word: str) -> None:
    assert town.take(words) is Outcome.TAKEN
    assert town.take(words) is Outcome.AGAIN
    found = town.answer()
    assert found is not None
    assert (found.word, found.via) == (word, "mail")
    with town.store.read() as tx:
        rows = [one for one in journal.entries(tx) if one.kind == "alert_answered"]
        kept = households.answers(tx, town.keys, town.home)
    assert len(rows) == len(kept) == 1
    assert not any(secret in str(rows) for secret in (town.home, SENDER, town.contact))


def test_the_link_that_is_quoted_proves_it_too(town: Town) -> None:
    assert town.take("出た", about=False, links=(town.token,)) is Outcome.TAKEN
    assert town.answer() is not None


def test_a_forged_sender_cannot_say_that_somebody_is_well(town: Town) -> None:
    assert town.take("着いた", about=False) is Outcome.UNREAD
    assert town.take("着いた", about=False, id="m2", links=("A" * 22,)) is Outcome.UNREAD
    assert town.take("着いた", id="m3", sender="b@example.jp") is Outcome.UNREAD, "another household's message"
    assert town.take("着いた", id="m4", sender="stranger@example.jp") is Outcome.STRANGER
    assert town.answer() is None


def test_a_cry_for_help_is_believed_without_any_proof(town: Town) -> None:
    assert town.take("助けてください。水が来ています", about=False) is Outcome.TAKEN
    found = town.answer()
    assert found is not None
    assert found.word == "help"


def test_capital_letters_of_an_address_are_no_other_address(town: Town) -> None:
    assert town.take("出た", sender="A@Example.JP") is Outcome.TAKEN


def test_when_it_was_written_counts_where_its_clock_can_be_right(town: Town) -> None:
    for n, (minutes, said) in enumerate(((-10, -10), (-60 * 24, 0), (30, 0))):
        town.take("出た", id=f"t{n}", sent_at=town.now + timedelta(minutes=minutes))
        with town.store.read() as tx:
            given = {one.id: one.given_at for one in households.answers(tx, town.keys, town.home)}
        assert given[f"mail:t{n}"] == town.now + timedelta(minutes=said)


def test_what_cannot_be_read_is_asked_again_once_a_day(town: Town) -> None:
    for n in range(5):
        assert town.take("わかりました、気をつけます", id=f"u{n}") is Outcome.UNREAD
    assert town.waiting() == ["order", "unread"]
    with town.store.read() as tx:
        assert sum(one.kind == "alert_unread" for one in journal.entries(tx)) == 5


def test_a_stranger_gets_no_answer(town: Town) -> None:
    assert town.take("hello", sender="stranger@example.jp") is Outcome.STRANGER
    assert town.waiting() == ["order"]


def test_a_mail_that_came_back_reached_nobody(town: Town) -> None:
    with town.store.write() as tx:
        tx.execute(text("UPDATE delivery SET state = 'sent'"))
    for outcome in (Outcome.RETURNED, Outcome.AGAIN):
        with town.store.write() as tx:
            said = Returned("r1", SENDER, "5.1.1", (town.id,))
            assert replying.returned(tx, town.keys, said, town.now) is outcome
    with town.store.read() as tx:
        assert tx.execute(text("SELECT state FROM delivery")).scalars().all() == ["returned"]
        assert [one.because for one in journal.entries(tx) if one.kind == "alert_returned"] == ["a1"]


def test_a_return_of_a_message_that_we_did_not_send_changes_nothing(town: Town) -> None:
    with town.store.write() as tx:
        tx.execute(text("UPDATE delivery SET state = 'sent'"))
        said = Returned("r2", SENDER, "5.1.1", ("f" * 40,))
        assert replying.returned(tx, town.keys, said, town.now) is Outcome.STRANGER
        assert tx.execute(text("SELECT state FROM delivery")).scalars().all() == ["sent"]
