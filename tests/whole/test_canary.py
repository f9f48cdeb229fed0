"""Proof that the siren works: break one channel's key or address, and the board is red within one period."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from disaster_hub.config import Config, Mail, Portal
from disaster_hub.config_outside import Canary, Gateway
from disaster_hub.jobs.canary import Canaries
from disaster_hub.jobs.deliver import deliver_due
from disaster_hub.jobs.letters import Household
from disaster_hub.portal import parts
from disaster_hub.portal.app import create_app
from disaster_hub.rehearsal.twins.mailbox import Mailbox
from disaster_hub.rehearsal.twins.smsgateway import SmsGateway
from disaster_hub.store import households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.store.tables import delivery, notice
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.staff import signed_in
from timelines.channel import Channel, channel

pytestmark = pytest.mark.slow
PERIOD, WITHIN, LOOK = 60, 20, 2
MAIL_SET, PHONE_SET = "shiken@example.jp", "+819011112222"
RESIDENT_MAIL, RESIDENT_PHONE = "jumin@example.jp", "+819033334444"
RECEIPT = re.compile(r"/api/canary/[A-Za-z0-9_-]{20,}")


@dataclass
class Night:
    """A hub with two channels, their stand-ins, a test handset and a resident on each."""

    site: Site
    config: Config
    mail: Mailbox
    sms: SmsGateway
    keys: Keyring
    officer: FlaskClient
    known: dict[str, Channel] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.job = Canaries(self.site.store, self.config, self.keys)
        self.letters = Household(self.site.store, self.config)

    @property
    def store(self) -> Store:
        return self.site.store

    def give(self, kind: str) -> Channel:
        return self.known.setdefault(kind, channel(kind, self.config))

    def pass_time(self, seconds: int) -> None:
        """Let the wall go on; clock, post and handsets do what they do, every other second."""
        for _ in range(0, seconds, LOOK):
            self.site.wall[0] += timedelta(seconds=LOOK)
            wall = self.site.wall[0]
            self.job.run(wall, wall)
            deliver_due(self.store, wall, wall, "post", self.give, letters=self.letters)
            self.handsets()

    def handsets(self) -> None:
        """Open what came: a test handset does so by itself."""
        came = [one.text for one in self.mail.since(0)] + [one.text for one in self.sms.inbox.items]
        for path in {found for text in came for found in RECEIPT.findall(text)} - self.answered:
            assert self.site.client.post(path).status_code == 200
            self.answered.add(path)

    def look(self, path: str) -> str:
        """Open a live part anew: the wall here runs faster than the seconds for which the portal keeps one."""
        self.site.app.extensions.pop(parts.NAME, None)
        return self.officer.get(path).get_data(as_text=True)

    def red(self) -> list[str]:
        """Name the channels that the watch board shows in red."""
        html = self.look("/hq/watch/part")
        return re.findall(r'data-siren="(\w+)"', html)

    def states(self) -> dict[str, str]:
        html = self.look("/hq/sirens/part")
        return dict(re.findall(r'data-siren="(\w+)" data-state="(\w+)"', html))


@pytest.fixture(name="night")
def a_night(tmp_path: Path) -> Iterator[Night]:
    with ExitStack() as stack:
        mail = stack.enter_context(Mailbox())
        sms = stack.enter_context(SmsGateway())
        sms.key = "right"
        portal = Portal("127.0.0.1", 0, None, None, 0, 60, None, "", address="http://hub.example.jp")
        config = replace(
            town.config_for(tmp_path, portal=portal),
            mail=Mail("127.0.0.1", "hub@example.jp", mail.port, security="none"),
            gateways=(Gateway(f"{sms.base}/sms", headers={"X-Api-Key": "right"}),),
            canaries=tuple(
                Canary(kind, address, name, PERIOD, WITHIN)
                for kind, address, name in (("email", MAIL_SET, "本部の端末"), ("sms", PHONE_SET, "本部の電話"))
            ),
        )
        store = town.make_store(config)
        stack.callback(store.close)
        keys = Keyring.open(config.keys.folder)
        stack.callback(keys.close)
        with store.write() as tx:
            for kind, address in (("email", RESIDENT_MAIL), ("sms", RESIDENT_PHONE)):
                home = households.create(tx, keys, None, town.NOW)
                contact = households.add_contact(tx, keys, home.household, kind, address, town.NOW)
                households.confirm_contact(tx, keys, home.household, contact, town.NOW)
        wall = [town.NOW]
        site = Site(config, store, create_app(config, store, wall=lambda: wall[0]), "", wall)
        made = Night(site, config, mail, sms, keys, signed_in(site, "viewer"))
        stack.callback(made.letters.close)
        yield made


def everybody(night: Night) -> set[str]:
    return {one for mail in night.mail.since(0) for one in mail.to} | {one.to for one in night.sms.inbox.items}


def test_a_broken_channel_is_red_within_one_period_and_no_resident_gets_a_canary(night: Night) -> None:
    assert night.states() == {"email": "unknown", "sms": "unknown"}
    night.pass_time(PERIOD)
    assert night.states() == {"email": "ok", "sms": "ok"}
    assert night.red() == []
    night.sms.key = "changed"  # the gateway takes our key no more
    night.pass_time(PERIOD)
    assert night.red() == ["sms"]
    assert night.states() == {"sms": "broken", "email": "ok"}
    night.sms.key = "right"
    night.pass_time(PERIOD)
    assert night.red() == []
    night.mail.fail("data", "451 4.3.0 try later")
    night.pass_time(PERIOD)
    assert night.red() == ["email"]
    assert everybody(night) == {MAIL_SET, PHONE_SET}
    with night.store.read() as tx:
        query = select(delivery, notice.c.kind).join(notice)
        rows = [row for row in tx.execute(query) if row.kind == "canary"]
    assert rows
    assert all(not row.household and row.address in {MAIL_SET, PHONE_SET} for row in rows)


def test_a_canary_says_that_it_is_one(night: Night) -> None:
    night.pass_time(LOOK)
    (mail,) = night.mail.since(0)
    (text,) = night.sms.inbox.items
    for said in (str(mail.message["Subject"]), mail.text, text.text):
        assert said.startswith("【訓練】【テスト】")


def test_the_row_of_the_log_says_when_it_broke_and_came_back(night: Night) -> None:
    night.pass_time(PERIOD)
    night.sms.fail(503)
    night.pass_time(PERIOD)
    night.sms.fail(None)
    night.pass_time(PERIOD)
    rows = night.officer.get("/hq/log/part").get_data(as_text=True)
    assert "SMSの経路に異常" in rows
    assert "SMSの経路が復旧しました" in rows
