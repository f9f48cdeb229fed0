"""From the outbox to people: urgent first, nothing late, nothing twice on purpose."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from disaster_hub.config import Config, Mail
from disaster_hub.config_outside import Gateway, LineBot, Push, Webhook
from disaster_hub.configfile import load
from disaster_hub.jobs.deliver import LEASE, deliver_due
from disaster_hub.store import outbox
from disaster_hub.store.session import Store
from disaster_hub.store.tables import attempt
from disaster_hub.terms.errors import BadConfig, Undeliverable
from disaster_hub.terms.notice import Delivery, Notice
from disaster_hub.terms.world import WorldKind
from tests.rules.said import at
from timelines.channel import CHANNELS, channel
from timelines.channels.console import Console

TSURUOKA = Path(__file__).parents[2] / "config.toml"


def notice(key: str, urgency: int = 3, minutes: float = 0, life: float = 60) -> Notice:
    decided = at(minutes)
    end = decided + timedelta(minutes=life)
    return Notice(key, WorldKind.REPLAY, "level_changed", key, f"{key}の本文", decided, end, urgency)


class Twin:
    """A channel that writes down what it was given, and fails when told to."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.said: list[str] = []
        self.keys: list[str] = []
        self.fault = fault

    def send(self, notice: Notice, address: str, key: str) -> None:
        self.said.append(notice.key)
        self.keys.append(key)
        if self.fault:
            raise self.fault
        assert address == "当直"


def post(store: Store, *notices: Notice) -> None:
    with store.write() as tx:
        for one in notices:
            outbox.enqueue(tx, one, [("twin", "当直")])


def deliver(store: Store, twin: Twin, minutes: float, clock: Callable | None = None) -> int:
    return deliver_due(store, at(minutes), at(minutes), "here:1", lambda _: twin, clock)


def counts(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return outbox.counts(tx)


def test_urgent_ones_go_first_and_each_goes_once(store: Store) -> None:
    post(store, notice("a", 2), notice("b", 5), notice("a", 2))
    twin = Twin()
    assert deliver(store, twin, 1) == 2
    assert deliver(store, twin, 2) == 0
    assert twin.said == ["b", "a"]
    assert twin.keys == ["b/twin/当直", "a/twin/当直"]


def test_what_has_expired_is_not_sent_even_after_it_was_claimed(store: Store) -> None:
    post(store, notice("old", life=5), notice("slow", life=30))
    twin = Twin()
    deliver(store, twin, 6, clock=lambda: at(31))
    assert twin.said == []
    assert counts(store) == {"expired": 2}


def test_a_failure_is_tried_again_later_each_time_and_given_up_in_the_end(store: Store) -> None:
    post(store, notice("a", life=60 * 24 * 7))
    twin = Twin(Undeliverable("busy"))
    minutes = 0.0
    tries = []
    while counts(store) == {"due": 1}:
        if deliver(store, twin, minutes):
            tries.append(minutes)
        minutes += 0.25
    gaps = [b - a for a, b in pairwise(tries)]
    assert gaps == sorted(gaps)
    assert len(tries) == 8
    assert counts(store) == {"refused": 1}


@pytest.mark.parametrize("fault", [Undeliverable("gone", forever=True), BadConfig("no such channel")])
def test_what_can_never_work_is_given_up_at_once(store: Store, fault: Exception) -> None:
    post(store, notice("a"))
    deliver(store, Twin(fault), 0)
    assert counts(store) == {"refused": 1}


def test_a_bug_in_a_channel_does_not_hold_up_the_others(store: Store) -> None:
    post(store, notice("a", 5), notice("b", 1))
    twin = Twin(ZeroDivisionError())
    assert deliver(store, twin, 0) == 2
    assert twin.said == ["a", "b"]
    twin.fault = None
    assert deliver(store, twin, 10) == 2
    assert counts(store) == {"sent": 2}


def test_who_dies_while_sending_leaves_the_work_to_the_next(store: Store) -> None:
    post(store, notice("a"))
    with pytest.raises(KeyboardInterrupt):
        deliver(store, Twin(KeyboardInterrupt()), 0)
    twin = Twin()
    assert deliver(store, twin, LEASE.total_seconds() / 60 - 0.1) == 0
    assert deliver(store, twin, LEASE.total_seconds() / 60 + 0.1) == 1
    assert counts(store) == {"sent": 1}


class TestConsole:
    def said(self, one: Notice, encoding: str = "utf-8") -> str:
        raw = io.BytesIO()
        out = io.TextIOWrapper(raw, encoding=encoding)
        Console(out).send(one, "当直", "key")
        return raw.getvalue().decode(encoding)

    def test_a_world_that_is_not_real_says_so_first(self) -> None:
        assert self.said(notice("a")) == "【訓練】[当直] aの本文 (key)\n"

    def test_the_real_world_bears_no_mark(self) -> None:
        one = Notice("a", WorldKind.REAL, "level_changed", "a", "本文", at(0), at(1), 3)
        assert self.said(one) == "[当直] 本文 (key)\n"

    def test_it_stays_one_line_whatever_the_text(self) -> None:
        one = Notice("a", WorldKind.REAL, "k", "a", "一\n二\x1b[2J", at(0), at(1), 3)
        assert self.said(one) == "[当直] 一 二 [2J (key)\n"
        assert self.said(one, "ascii").count("\n") == 1

    def test_a_closed_terminal_is_no_crash(self) -> None:
        out = io.StringIO()
        out.close()
        with pytest.raises(Undeliverable):
            Console(out).send(notice("a"), "当直", "key")


@pytest.fixture(name="config")
def a_configuration(tmp_path: Path) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(TSURUOKA.read_text(encoding="utf-8"), encoding="utf-8")
    return load(path, {})


def test_every_kind_of_channel_can_be_made(config: Config) -> None:
    told = replace(
        config,
        mail=Mail("mail.example.jp", "hub@example.jp"),
        push=Push("mailto:hub@example.jp"),
        line_bot=LineBot("token", "secret"),
        gateways=(Gateway("https://sms.example.jp/"), Gateway("https://voice.example.jp/", "voice")),
        webhooks=(Webhook("town", "https://hook.example.jp/", "secret"),),
    )
    for kind in CHANNELS:
        assert channel(kind, told)
    with pytest.raises(BadConfig, match="console"):
        channel("smoke signals", told)


def test_a_channel_that_is_not_set_up_is_named(config: Config) -> None:
    bare = replace(config, mail=None, push=None)
    for kind, section in (("email", "mail"), ("webpush", "push")):
        with pytest.raises(BadConfig, match=f"{section}: missing"):
            channel(kind, bare)


A_WEEK = 7 * 24 * 60


def test_a_wait_that_was_asked_for_is_kept(store: Store) -> None:
    post(store, notice("a", life=A_WEEK))
    twin = Twin(Undeliverable("busy", after_s=600))
    assert deliver(store, twin, 0) == 1
    assert deliver(store, twin, 9.9) == 0
    assert deliver(store, twin, 10.1) == 1


def test_nobody_makes_us_wait_for_ever(store: Store) -> None:
    post(store, notice("a", life=A_WEEK))
    twin = Twin(Undeliverable("busy", after_s=1e9))
    assert deliver(store, twin, 0) == 1
    assert deliver(store, twin, 59.9) == 0
    assert deliver(store, twin, 60.1) == 1


def test_what_is_soon_over_is_not_kept_waiting_for_an_hour(store: Store) -> None:
    """A call to a helper, a task for the staff: after an hour it is of no use to anybody."""
    post(store, notice("a", life=30))
    twin = Twin(Undeliverable("busy", after_s=3600))
    assert deliver(store, twin, 0) == 1
    assert deliver(store, twin, 4.9) == 0
    assert deliver(store, twin, 5.1) == 1


def test_what_is_of_use_for_a_day_is_tried_until_it_is_over_and_an_invitation_is_not(store: Store) -> None:
    post(store, notice("call", life=24 * 60))
    post(store, notice("invitation", life=A_WEEK))
    twin = Twin(Undeliverable("no answer"))
    tries = [deliver(store, twin, minute) for minute in range(0, 24 * 60, 60)]
    assert tries == [2] * 8 + [1] * 16
    assert deliver(store, twin, 24 * 60) == 0, "what has expired is not tried"


def test_an_alert_is_not_kept_waiting_for_an_hour_by_a_channel_that_may_be_well_in_a_minute(store: Store) -> None:
    post(store, replace(notice("a", life=600), alert="a1"))
    twin = Twin(Undeliverable("busy", after_s=3600))
    assert deliver(store, twin, 0) == 1
    assert deliver(store, twin, 4.9) == 0
    assert deliver(store, twin, 5.1) == 1


class Households:
    """Addresses that do not stand in the outbox."""

    def __init__(self, **known: str) -> None:
        self.known = known

    def find(self, delivery: Delivery) -> str:
        if delivery.address not in self.known:
            raise Undeliverable("no such contact any more", forever=True)
        return self.known[delivery.address]

    def gone(self, delivery: Delivery) -> None:
        del self.known[delivery.address]


def test_an_address_is_looked_up_at_the_last_moment(store: Store) -> None:
    with store.write() as tx:
        outbox.enqueue(tx, notice("a"), [("twin", "c1"), ("twin", "c2")])
    twin = Twin()
    assert deliver_due(store, at(1), at(1), "here:1", lambda _: twin, None, Households(c1="当直")) == 2
    assert twin.keys == ["a/twin/c1"]
    assert counts(store) == {"sent": 1, "refused": 1}


def test_who_is_gone_is_taken_off_the_list(store: Store) -> None:
    with store.write() as tx:
        outbox.enqueue(tx, notice("a"), [("twin", "c1")])
    people = Households(c1="当直")
    deliver_due(store, at(1), at(1), "here:1", lambda _: Twin(Undeliverable("410", gone=True)), None, people)
    assert people.known == {}
    assert counts(store) == {"refused": 1}


def test_a_bug_in_a_channel_tells_no_address(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    post(store, notice("a"))
    deliver(store, Twin(ValueError("cannot write to hanako@example.jp")), 0)
    with store.read() as tx:
        reasons = list(tx.execute(select(attempt.c.reason)).scalars())
    assert reasons == ["ValueError"]
    assert "ValueError at " in caplog.text
    assert "hanako" not in caplog.text
