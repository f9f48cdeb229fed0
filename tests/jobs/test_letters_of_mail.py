"""A mail of an alert: the household's words, its own answer page, and a link that ends this one address."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from disaster_hub.config import Keys, Mail
from disaster_hub.config_outside import Replies
from disaster_hub.jobs.letters import Household
from disaster_hub.store import alerts, briefs, households, unsubscribe
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Because, Told
from disaster_hub.terms.notice import Delivery, Notice, of_contact
from tests.desk.alert_town import Folk, brief_for, order, settle
from tests.jobs import hub
from timelines.channel import Letter
from timelines.channels.email import Email, mailbox, mark

NOW = datetime(2026, 9, 18, 11, 29, tzinfo=UTC)


def test_a_mail_has_its_own_page_and_its_own_end(store: Store, tmp_path: Path) -> None:
    keys = Keyring.open(tmp_path / "keys")
    config = hub.config(hub.url(tmp_path))
    config = replace(
        config, keys=Keys(tmp_path / "keys"), portal=replace(config.portal, address="https://hub.example.jp"),
        replies=Replies(imap_host="imap.example.jp"),
    )  # fmt: skip
    with store.write() as tx:
        home = settle(tx, keys, Folk(), NOW)
        (contact,) = households.contacts(tx, keys, home)
        alerts.add(tx, order(NOW))
        key = keys.key(home)
        sealed = briefs.sealed_brief(key, home, brief_for(tx, keys, home, Folk(), NOW))
        token = briefs.answer_token(key, "a1")
        alerts.tell(tx, [Told("a1", home, Because.CHOSEN, 1, sealed, briefs.token_hash(token))])
    general = Notice("alert:a1", config.world.kind, "order", "x", "x", NOW, NOW + timedelta(hours=1), 7, alert="a1")
    letters = Household(store, config)
    (letter,) = letters.write([Delivery(1, general, "email", of_contact(contact.id), 1, home)], NOW)
    letters.close()
    assert isinstance(letter, Letter)
    assert letter.notice.url == f"https://hub.example.jp/a/{token}"
    assert letter.notice.unsubscribe == f"https://hub.example.jp/u/{unsubscribe.token(key, contact.id)}"
    mail = Email(Mail("h", "bousai@example.jp"), config.world.kind).write(
        letter.notice, mailbox("a@example.jp"), letter.key
    )
    assert mail["List-Unsubscribe"] == f"<{letter.notice.unsubscribe}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Message-ID"] == f"<{mark(f'alert:a1/email/{of_contact(contact.id)}')}@example.jp>", "answers name it"
    text = str(mail.get_content())
    for line in (
        "今すぐ第一小へ",
        "20:59までに出る",
        "返信で答える：1 出た 2 着いた 3 助けて 4 残る",
        letter.notice.url,
    ):
        assert line in text
    assert not any(secret in text for secret in (home, "a@example.jp"))
    keys.close()
