"""From the outbox through a real channel to a stand-in: once, marked, and not to those who are gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from disaster_hub.config import Config, Folder, Mail
from disaster_hub.config_outside import Push
from disaster_hub.configfile import load
from disaster_hub.jobs.deliver import LEASE, deliver_due
from disaster_hub.rehearsal.twins.mailbox import Mailbox
from disaster_hub.rehearsal.twins.pushservice import PushService
from disaster_hub.store import outbox
from disaster_hub.store.session import Store
from disaster_hub.store.tables import attempt
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.notice import Delivery, Notice
from disaster_hub.terms.world import World, WorldKind
from tests.rules.said import at
from timelines.channel import Channel, channel
from timelines.vapid import read

CONFIG = Path(__file__).parents[2] / "config.toml"
HOUSE = "a1/1"


class Contacts:
    """Addresses of households, which stand in no outbox."""

    def __init__(self, **known: str) -> None:
        self.known = known

    def find(self, delivery: Delivery) -> str:
        if delivery.channel not in self.known:
            raise Undeliverable("no such contact any more", forever=True)
        return self.known[delivery.channel]

    def gone(self, delivery: Delivery) -> None:
        del self.known[delivery.channel]


def told(tmp_path: Path, box: Mailbox) -> Config:
    (tmp_path / "config.toml").write_text(CONFIG.read_text(encoding="utf-8"), encoding="utf-8")
    return replace(
        load(tmp_path / "config.toml", {}),
        world=World(WorldKind.REPLAY, "架空の夜", at(0), at(0), None, 1.0),
        keys=replace(load(tmp_path / "config.toml", {}).keys, folder=Folder(tmp_path / "keys")),
        mail=Mail("127.0.0.1", "hub@city.example.jp", box.port, security="none", timeout_s=5),
        push=Push("mailto:hub@city.example.jp"),
    )


def maker(config: Config, wall: Callable[[], datetime]) -> Callable[[str], Channel]:
    known: dict[str, Channel] = {}
    return lambda kind: known.get(kind) or known.setdefault(kind, channel(kind, config, wall))


def ask(store: Store, key: str, *kinds: str) -> None:
    text = "この電話に届いたら「届いた」を押してください"
    one = Notice(key, WorldKind.REPLAY, "test", "届きましたか", text, at(0), at(30), 5)
    with store.write() as tx:
        outbox.enqueue(tx, one, [(kind, HOUSE) for kind in kinds])


def reasons(store: Store) -> list[tuple[str, str]]:
    with store.read() as tx:
        return [(row.outcome, row.reason) for row in tx.execute(select(attempt).order_by(attempt.c.at))]


def test_a_test_goes_out_by_mail_and_push_once(store: Store, tmp_path: Path) -> None:
    with Mailbox() as box, PushService(wall=lambda: at(1)) as service:
        config = told(tmp_path, box)
        give = maker(config, lambda: at(1))
        give("webpush")
        phone = service.subscribe(read(config.keys.folder).public)
        people = Contacts(email="hanako@example.jp", webpush=phone)
        ask(store, "test:a1:1", "email", "webpush")
        ask(store, "test:a1:1", "email", "webpush")
        for minutes in (1, 2, 3):
            deliver_due(store, at(minutes), at(minutes), "here:1", give, None, people)
        (mail,) = box.mails
        (push,) = service.read(phone.split('"')[3])
    assert mail.message["Subject"] == push["title"] == "【訓練】【テスト】届きましたか"
    assert mail.text.startswith("【訓練】【テスト】この電話に")
    with store.read() as tx:
        assert outbox.counts(tx) == {"sent": 2}
        written = f"{list(tx.execute(select(attempt)))}"
    assert "hanako" not in written
    assert "/push/" not in written


def test_who_dies_after_sending_sends_the_same_message_again(store: Store, tmp_path: Path) -> None:
    with Mailbox() as box:
        give = maker(told(tmp_path, box), lambda: at(1))

        class Dies:
            def send(self, notice: Notice, address: str, key: str) -> None:
                give("email").send(notice, address, key)
                raise KeyboardInterrupt

        ask(store, "test:a1:1", "email")
        people = Contacts(email="hanako@example.jp")
        with pytest.raises(KeyboardInterrupt):
            deliver_due(store, at(1), at(1), "here:1", lambda _: Dies(), None, people)
        later = at(1) + LEASE + timedelta(seconds=1)
        assert deliver_due(store, later, later, "here:2", give, None, people) == 1
        one, two = box.mails
    assert one.raw == two.raw


def test_a_given_up_subscription_is_taken_off_the_list(store: Store, tmp_path: Path) -> None:
    with Mailbox() as box, PushService(wall=lambda: at(1)) as service:
        config = told(tmp_path, box)
        give = maker(config, lambda: at(1))
        give("webpush")
        phone = service.subscribe(read(config.keys.folder).public)
        service.remove(phone.split('"')[3])
        people = Contacts(webpush=phone)
        ask(store, "test:a1:1", "webpush")
        deliver_due(store, at(1), at(1), "here:1", give, None, people)
        assert people.known == {}
        ask(store, "test:a1:2", "webpush")
        deliver_due(store, at(2), at(2), "here:1", give, None, people)
    assert [outcome for outcome, _ in reasons(store)] == ["refused", "refused"]
    assert "gone" in reasons(store)[0][1]


def test_what_expired_in_the_queue_is_not_sent(store: Store, tmp_path: Path) -> None:
    with Mailbox() as box:
        give = maker(told(tmp_path, box), lambda: at(40))
        ask(store, "test:a1:1", "email")
        deliver_due(store, at(1), at(1), "here:1", give, lambda: at(31), Contacts(email="hanako@example.jp"))
        assert box.mails == []
    with store.read() as tx:
        assert outbox.counts(tx) == {"expired": 1}
