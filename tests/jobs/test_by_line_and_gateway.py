"""From the outbox through LINE and the gateways to their stand-ins: in groups where words are equal, and once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from disaster_hub.config import Config, Folder
from disaster_hub.config_outside import Gateway, LineBot, Webhook
from disaster_hub.configfile import load
from disaster_hub.jobs.deliver import deliver_due
from disaster_hub.jobs.lane import FEWEST
from disaster_hub.rehearsal.twins.linebot import SECRET, TOKEN
from disaster_hub.rehearsal.twins.linebot import LineBot as Bot
from disaster_hub.rehearsal.twins.smsgateway import SmsGateway
from disaster_hub.store import outbox
from disaster_hub.store.session import Store
from disaster_hub.store.tables import attempt
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import World, WorldKind
from tests.rules.said import at
from timelines.channel import Channel, channel

TSURUOKA = Path(__file__).parents[2] / "config.toml"
USERS = [f"U{number:032x}" for number in range(1, 1300)]
NUMBER = "+819012345678"


@dataclass
class Town:
    """The stand-ins, and a way to send what is due."""

    bot: Bot
    gateway: SmsGateway
    give: Callable[[str], Channel]
    store: Store

    def ask(self, key: str, *to: tuple[str, str], life: float = 60) -> None:
        one = Notice(key, WorldKind.REPLAY, "level_changed", "知らせ", "今すぐ北小学校へ", at(0), at(life), 7)
        with self.store.write() as tx:
            outbox.enqueue(tx, one, list(to))

    def send(self, minutes: float) -> int:
        return deliver_due(self.store, at(minutes), at(minutes), "here:1", self.give)

    def counts(self) -> dict[str, int]:
        with self.store.read() as tx:
            return outbox.counts(tx)

    def reasons(self) -> set[str]:
        with self.store.read() as tx:
            return {row.reason for row in tx.execute(select(attempt.c.reason))}


@pytest.fixture(name="town")
def a_town(store: Store, tmp_path: Path) -> Iterator[Town]:
    with ExitStack() as stack:
        bot, gateway = stack.enter_context(Bot()), stack.enter_context(SmsGateway())
        config = told(tmp_path, bot, gateway)
        known: dict[str, Channel] = {}
        yield Town(bot, gateway, lambda kind: known.setdefault(kind, channel(kind, config, lambda: at(0))), store)


def told(folder: Path, bot: Bot, gateway: SmsGateway) -> Config:
    return replace(
        load(TSURUOKA, {}),
        world=World(WorldKind.REPLAY, "架空の夜", at(0), at(0), None, 1.0),
        keys=replace(load(TSURUOKA, {}).keys, folder=Folder(folder / "keys")),
        line_bot=LineBot(TOKEN, SECRET, bot.base),
        gateways=tuple(Gateway(f"{gateway.base}/{kind}", kind, per_second=1000) for kind in ("sms", "voice")),
        webhooks=(Webhook("signage", f"{gateway.base}/nobody", "s"),),
    )


def test_each_channel_takes_its_own(town: Town) -> None:
    ways = (("line", USERS[0]), ("sms", NUMBER), ("voice", NUMBER), ("webhook", "webhook:signage"))
    town.ask("a", *ways)
    town.send(1)
    assert town.bot.inbox.taken == 1
    assert {one.channel for one in town.gateway.inbox.items} == {"sms", "voice"}
    assert town.counts() == {"sent": 3, "due": 1}, "a program that is not there keeps nobody else's from going"
    assert "webhook signage: our fault: address or secret (HTTP 404)" in town.reasons()


def test_equal_words_go_in_few_requests_and_each_person_gets_them_once(town: Town) -> None:
    town.ask("a", *(("line", user) for user in USERS))
    while town.send(1):
        pass
    assert town.counts() == {"sent": len(USERS)}
    assert town.bot.inbox.taken == len(USERS)
    assert len({one.to for one in town.bot.inbox.items}) == len(USERS)
    assert town.bot.calls <= len(USERS) / FEWEST + 1, "a claim is small at first, and a group no larger than it"


def test_a_month_that_is_used_up_is_refused_and_said(town: Town) -> None:
    town.bot.quota = 1
    town.ask("a", ("line", USERS[0]), ("line", USERS[1]), ("sms", NUMBER))
    town.send(1)
    assert town.counts()["refused"] == 2
    assert any("monthly limit" in reason for reason in town.reasons())
    assert town.gateway.inbox.taken == 1


def test_a_storm_of_429_is_waited_out_and_nobody_is_lost(town: Town) -> None:
    town.bot.per_second = town.bot.multicast_per_second = 0
    town.ask("a", *(("line", user) for user in USERS[:40]), life=600)
    town.send(1)
    assert town.counts() == {"due": 40}
    town.bot.per_second = town.bot.multicast_per_second = None
    for minutes in range(2, 60, 2):
        town.send(minutes)
    assert town.counts() == {"sent": 40}
    assert town.bot.inbox.taken == 40


def test_a_stand_in_that_lies_costs_nobody_a_second_message(town: Town) -> None:
    """It takes the message and says 500: the same key comes back, 409 is success."""
    taking, lies = town.bot.answer, [3]

    def answer(asked: object) -> object:
        said = taking(asked)  # type: ignore[arg-type]
        lies[0] -= 1
        return replace(said, status=500) if lies[0] >= 0 else said

    town.bot.answer = answer  # type: ignore[assignment]
    town.ask("a", ("line", USERS[0]), life=600)
    for minutes in range(1, 60, 2):
        town.send(minutes)
    assert town.counts() == {"sent": 1}
    assert town.bot.inbox.taken == 1
