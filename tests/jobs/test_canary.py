"""The canary: it goes by the same outbox to a test handset alone, and a channel that breaks shows within one period."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from disaster_hub.alerts import sirens
from disaster_hub.config import Staff
from disaster_hub.config_outside import Canary
from disaster_hub.configfile import load
from disaster_hub.jobs.canary import KIND, Canaries, normal
from disaster_hub.jobs.deliver import deliver_due
from disaster_hub.store import canary as kept
from disaster_hub.store import households, journal
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.store.tables import delivery
from disaster_hub.store.tables import notice as notices
from disaster_hub.terms.errors import BadConfig, Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.siren import Round, SirenState
from disaster_hub.terms.world import WorldKind
from tests.jobs.hub import config as hub_config
from tests.rules.said import at
from timelines.mark import marked

PERIOD = 300.0
CANARY = Canary("twin", "試験機1", "本部の試験機", PERIOD, 120)
TOKEN = re.compile(r"/api/canary/([A-Za-z0-9_-]{20,})$")
WALL = at(0)


def seconds(number: float) -> datetime:
    return WALL + timedelta(seconds=number)


class Handset:
    """A channel with a test handset at its end that answers by itself, after a while, or breaks."""

    def __init__(self) -> None:
        self.got: list[Notice] = []
        self.to: list[str] = []
        self.broken = False
        self.silent = False

    def send(self, notice: Notice, address: str, key: str) -> None:
        del key
        if self.broken:
            raise Undeliverable("twin: our fault: HTTP 401", forever=True)
        self.got.append(notice)
        self.to.append(address)


class Rig:
    """A hub with one canary, run by hand over the seconds of the wall."""

    def __init__(self, store: Store, folder: Path, **more: Any) -> None:
        said: dict[str, Any] = {
            "canaries": (CANARY,),
            "staff": (Staff("twin", "当直"), Staff("console", "当直")),
        } | more
        self.store, self.config = store, hub_config(store.url, **said)
        self.keys = Keyring.open(folder / "keys")
        self.job = Canaries(store, self.config, self.keys)
        self.handset, self.console = Handset(), Handset()

    def step(self, number: float) -> None:
        """Do what the clock, the post and the handset do in one moment."""
        now = seconds(number)
        if not self.job.run(now, now) and number % 20:
            return  # nothing new in the outbox
        given_to = {"twin": self.handset, "console": self.console}
        deliver_due(self.store, now, now, "w", lambda kind: given_to[kind])
        while self.handset.got and not self.handset.silent:
            found = TOKEN.search(self.handset.got.pop().url)
            if found is not None:
                with self.store.write() as tx:
                    kept.receive(tx, found[1], now + timedelta(seconds=1))

    def run(self, start: int, end: int) -> None:
        for number in range(start, end, 2):
            self.step(number)

    def state(self, number: float) -> SirenState:
        with self.store.read() as tx:
            return sirens.state(tx, self.config, seconds(number))[0].state

    def rows(self) -> list[str]:
        with self.store.read() as tx:
            return [e.kind for e in journal.entries(tx, kinds=("canary_late", "canary_back"))][::-1]


@pytest.fixture(name="rig")
def a_rig(store: Store, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(store, tmp_path)
    yield made
    made.keys.close()


def test_never_measured_is_not_well(rig: Rig) -> None:
    assert rig.state(0) is SirenState.UNKNOWN


def test_a_receipt_makes_it_well_and_is_measured(rig: Rig) -> None:
    rig.step(0)
    with rig.store.read() as tx:
        (one,) = sirens.state(tx, rig.config, seconds(5))
    assert one.state is SirenState.OK
    assert one.seconds == 1.0
    assert one.last_ok == seconds(1)
    assert rig.rows() == []


@pytest.mark.parametrize("breaks_at", [60, *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 1, 179, 181, 299))])
@pytest.mark.parametrize("how", ["broken", "silent"])
def test_a_channel_that_breaks_is_seen_within_one_period_whenever_it_breaks(rig: Rig, how: str, breaks_at: int) -> None:
    rig.run(0, 600 + breaks_at)
    assert rig.state(600 + breaks_at) is SirenState.OK
    setattr(rig.handset, how, True)
    rig.run(600 + breaks_at, 600 + breaks_at + int(PERIOD) + 1)
    expected = SirenState.BROKEN if how == "broken" else SirenState.LATE
    assert rig.state(600 + breaks_at + PERIOD) is expected
    assert rig.rows() == ["canary_late"]


def test_it_comes_back_and_both_are_said_by_another_channel(rig: Rig) -> None:
    rig.run(0, 200)
    rig.handset.broken = True
    rig.run(200, 600)
    told = [one.text for one in rig.console.got]
    assert len(told) == 1
    assert "経路に異常" in told[0]
    assert told[0].startswith("【訓練】")
    assert rig.handset.got == []
    rig.handset.broken = False
    rig.run(600, 1000)
    assert rig.rows() == ["canary_late", "canary_back"]
    assert "復旧" in rig.console.got[1].text
    assert rig.state(1000) is SirenState.OK


def test_where_the_staff_has_no_other_channel_it_is_said_by_the_broken_one(store: Store, tmp_path: Path) -> None:
    rig = Rig(store, tmp_path, staff=(Staff("twin", "当直"),))
    rig.run(0, 200)
    rig.handset.broken = True
    rig.run(200, 600)
    rig.keys.close()
    with store.read() as tx:
        query = "SELECT count(*) FROM delivery d JOIN notice n ON n.id = d.notice_id WHERE n.kind = 'canary_late'"
        assert tx.execute(text(query)).scalar_one() == 1


def test_a_post_that_stands_still_is_seen_too(rig: Rig) -> None:
    rig.run(0, 100)
    for number in range(100, 600, 2):
        rig.job.run(seconds(number), seconds(number))
    assert rig.state(500) is SirenState.BROKEN


def test_a_clock_that_stands_still_is_not_well(rig: Rig) -> None:
    rig.step(0)
    assert rig.state(PERIOD) is SirenState.OK
    assert rig.state(PERIOD + 31) is SirenState.UNKNOWN


def test_a_receipt_after_its_time_is_late_and_counted_once(rig: Rig) -> None:
    rig.handset.silent = True
    rig.step(0)
    found = TOKEN.search(rig.handset.got[0].url)
    assert found is not None
    with rig.store.write() as tx:
        assert kept.receive(tx, found[1], seconds(150))
        assert kept.receive(tx, found[1], seconds(160)) is False
        assert kept.receive(tx, "x" * 32, seconds(160)) is None
    with rig.store.read() as tx:
        (one,) = sirens.state(tx, rig.config, seconds(151))
    assert one.state is SirenState.LATE
    assert one.seconds == 150


def test_a_residents_address_never_gets_one(rig: Rig) -> None:
    with rig.store.write() as tx:
        home = households.create(tx, rig.keys, None, WALL)
        contact = households.add_contact(tx, rig.keys, home.household, "twin", CANARY.address, WALL)
        households.confirm_contact(tx, rig.keys, home.household, contact, WALL)
    rig.run(0, 200)
    assert rig.handset.got == []
    with rig.store.read() as tx:
        (one,) = sirens.state(tx, rig.config, seconds(5))
        assert tx.execute(select(notices).where(notices.c.kind == KIND)).all() == []
    assert one.state is SirenState.BROKEN
    assert "住民の連絡先" in one.why


def test_somebody_who_enrols_later_is_found_at_the_next_one(rig: Rig) -> None:
    rig.run(0, 100)
    with rig.store.write() as tx:
        home = households.create(tx, rig.keys, None, WALL)
        contact = households.add_contact(tx, rig.keys, home.household, "twin", CANARY.address, WALL)
        households.confirm_contact(tx, rig.keys, home.household, contact, WALL)
    before = len(rig.handset.to)
    rig.run(100, 700)
    assert rig.handset.to[before:] == [one for one in rig.handset.to[before:] if one == "当直"]
    assert rig.rows() == ["canary_late"]


def test_an_address_that_is_an_id_of_a_contact_is_none(store: Store, tmp_path: Path) -> None:
    rig = Rig(store, tmp_path, canaries=(replace(CANARY, address="contact:abc"),))
    rig.step(0)
    assert rig.handset.got == []
    assert rig.state(1) is SirenState.BROKEN
    rig.keys.close()


def test_it_is_marked_as_a_test_in_every_world(rig: Rig) -> None:
    rig.handset.silent = True
    rig.step(0)
    one = rig.handset.got[0]
    assert marked(one, one.text).startswith("【訓練】【テスト】")
    real = replace(one, world=WorldKind.REAL)
    assert marked(real, real.text).startswith("【テスト】")


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    addresses=st.lists(st.sampled_from(["a", "b", "c", "contact:x", "試験機"]), min_size=1, max_size=4, unique=True),
    residents=st.sets(st.sampled_from(["a", "b", "c"])),
    moments=st.lists(st.integers(0, 2000), min_size=1, max_size=6),
)
def test_no_canary_ever_has_a_household(
    tmp_path_factory: pytest.TempPathFactory, addresses: list[str], residents: set[str], moments: list[int]
) -> None:
    from disaster_hub.store.prepare import prepare
    from tests.jobs.hub import REPLAY

    folder = tmp_path_factory.mktemp("canary")
    store = prepare(f"sqlite:///{folder / 'hub.gpkg'}", REPLAY)
    rig = Rig(store, folder, canaries=tuple(replace(CANARY, address=one, name=one) for one in addresses))
    with store.write() as tx:
        for address in sorted(residents):
            home = households.create(tx, rig.keys, None, WALL)
            contact = households.add_contact(tx, rig.keys, home.household, "twin", address, WALL)
            households.confirm_contact(tx, rig.keys, home.household, contact, WALL)
    for number in sorted(moments):
        rig.step(number)
    with store.read() as tx:
        query = select(delivery, notices.c.alert).join(notices).where(notices.c.kind == KIND)
        rows = tx.execute(query).all()
    for row in rows:
        assert not row.household
        assert not row.alert
        assert row.address not in residents
        assert not row.address.startswith("contact:")
    rig.keys.close()
    store.close()


def test_the_token_is_in_the_address_alone(rig: Rig) -> None:
    rig.handset.silent = True
    rig.step(0)
    found = TOKEN.search(rig.handset.got[0].url)
    assert found is not None
    assert found[1] not in rig.handset.got[0].key
    assert found[1] not in rig.handset.got[0].text


def test_a_channel_in_use_without_a_test_handset_is_named(store: Store, tmp_path: Path) -> None:
    from disaster_hub.config import Mail

    rig = Rig(store, tmp_path, mail=Mail("mail.example.jp", "a@example.jp"))
    with store.read() as tx:
        found = {one.channel: one.state for one in sirens.state(tx, rig.config, WALL)}
    assert found == {"twin": SirenState.UNKNOWN, "email": SirenState.NOT_SET}
    rig.keys.close()


def test_an_address_is_written_as_a_residents_would_be() -> None:
    config = hub_config("sqlite://")
    assert normal(Canary("email", " Shiken@Example.JP"), config) == "Shiken@example.jp"
    assert normal(Canary("sms", "090-1234-5678"), config) == "+819012345678"
    assert normal(Canary("line", "U123"), config) == "U123"


@pytest.mark.parametrize("rows", [
    'channel = "email"\naddress = ""', 'channel = ""\naddress = "a"', 'channel = "email"\naddress = "contact:1"',
    'channel = "email"\naddress = "a"\nevery_s = 2', 'channel = "email"\naddress = "a"\nevery_s = 300\nwithin_s = 299',
    'channel = "email"\naddress = "a"\nwithin_s = 0',
])  # fmt: skip
def test_a_canary_that_could_not_do_its_work_is_refused_at_the_start(tmp_path: Path, rows: str) -> None:
    whole = (Path(__file__).parents[2] / "config.toml").read_text(encoding="utf-8")
    path = tmp_path / "config.toml"
    path.write_text(f"{whole}\n[[canaries]]\n{rows}\n", encoding="utf-8")
    with pytest.raises(BadConfig, match=r"canaries\[0\]"):
        load(path, {})


def test_the_gap_leaves_room_for_the_receipt_within_the_period() -> None:
    for every in (5, 6, 20, 60, 300, 3600):
        for share in (0.01, 0.2, 0.5, 0.75):
            one = Canary("twin", "a", "", every, max(0.1, every * share - 2))
            worst = sirens.gap(one).total_seconds() + one.within_s + sirens.LOOK_S
            assert worst <= every + 1e-6, (every, one.within_s)


def test_one_on_its_way_says_nothing_and_the_one_before_counts() -> None:
    good = Round(1, seconds(0), seconds(120), seconds(3), state="sent")
    fresh = Round(2, seconds(176), seconds(296), state="due")
    assert sirens.judge([fresh, good], CANARY, seconds(200))[0] is SirenState.OK
    assert sirens.judge([fresh, good], CANARY, seconds(296))[0] is SirenState.BROKEN


def test_a_reply_that_bears_the_address_counts_too(rig: Rig) -> None:
    rig.handset.silent = True
    rig.step(0)
    url = rig.handset.got[0].url
    with rig.store.write() as tx:
        assert not sirens.receipt(tx, "届いた", seconds(3))
        assert not sirens.receipt(tx, "/api/canary/" + "x" * 30, seconds(3))
        assert sirens.receipt(tx, f"Re: 経路の確認\n> {url}\n> 届いた", seconds(3))
    assert rig.state(4) is SirenState.OK


@pytest.mark.parametrize(("reason", "word"), [
    ("sms: our fault: the gateway refuses our key (HTTP 401)", "鍵か設定"), ("webpush: no answer (ConnectionError)", "応答が"),
    ("webpush: the subscription is gone (HTTP 410)", "登録がなく"), ("", "post が止まって"), ("odd", "送れませんでした"),
])  # fmt: skip
def test_a_channels_reason_is_said_in_words(reason: str, word: str) -> None:
    late = Round(1, seconds(0), seconds(120), state="refused", reason=reason)
    state, why, _ = sirens.judge([late], CANARY, seconds(130))
    assert state is SirenState.BROKEN
    assert word in why
    assert reason in why
