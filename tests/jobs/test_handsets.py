"""A browser that the staff enrolled: one test proves it, nothing is judged by it before, and a resident's never is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from disaster_hub.alerts import sirens
from disaster_hub.config_outside import Push
from disaster_hub.jobs.canary import RESIDENT, TRIAL, Canaries
from disaster_hub.store import canary, handsets, households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.store.tables import delivery
from disaster_hub.store.tables import notice as notices
from disaster_hub.terms.siren import Handset, SirenState
from tests.jobs.hub import config as hub_config
from tests.rules.said import at

TOKEN = re.compile(r"/api/canary/([A-Za-z0-9_-]{20,})$")
WALL = at(0)
BROWSER = (
    '{"endpoint":"https://fcm.googleapis.com/fcm/send/abc","keys":{"auth":"BTBZMqHH6r4Tts7J_aSIgg",'
    '"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"}}'
)


class Rig:
    """A hub whose only test handset is what a test enrols."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.config = replace(hub_config(store.url), push=Push("mailto:a@example.jp"), canaries=())
        self.keys = Keyring.open(folder / "keys")
        self.job = Canaries(store, self.config, self.keys)

    def enrol(self, name: str = "本部の試験スマホ", wall: datetime = WALL) -> Handset:
        with self.store.write() as tx:
            made = handsets.add(tx, "webpush", BROWSER, name, "kanri", wall, wall)
        assert made is not None
        return made

    def run(self, wall: datetime) -> int:
        return self.job.run(wall, wall)

    def tokens(self) -> list[str]:
        with self.store.read() as tx:
            query = select(notices.c.url).join(delivery, delivery.c.notice_id == notices.c.id).order_by(notices.c.id)
            found = [TOKEN.search(url) for (url,) in tx.execute(query)]
        return [one[1] for one in found if one is not None]

    def state(self, wall: datetime) -> dict[str, SirenState]:
        with self.store.read() as tx:
            return {one.name: one.state for one in sirens.state(tx, self.config, wall)}


@pytest.fixture(name="rig")
def a_rig(store: Store, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(store, tmp_path)
    yield made
    made.keys.close()


def seconds(number: float) -> datetime:
    return WALL + timedelta(seconds=number)


def test_one_test_goes_out_and_its_receipt_proves_the_handset(rig: Rig) -> None:
    rig.enrol()
    assert [rig.run(seconds(n)) for n in (1, 2, 200, 599)] == [1, 0, 0, 0], "one test, and no other until it is proved"
    assert rig.state(seconds(300)) == {"": SirenState.NOT_SET}, "nothing is judged by what was never seen to work"
    with rig.store.write() as tx:
        assert canary.receive(tx, rig.tokens()[0], seconds(3)) is True
        (one,) = handsets.every(tx)
    assert one.proved_wall == seconds(3)
    assert rig.state(seconds(4)) == {"本部の試験スマホ": SirenState.OK}
    assert rig.run(seconds(400)) == 1, "from now on as every other"


def test_a_second_receipt_leaves_the_first_proof(rig: Rig) -> None:
    rig.enrol()
    rig.run(seconds(1))
    for wall in (3, 9):
        with rig.store.write() as tx:
            canary.receive(tx, rig.tokens()[0], seconds(wall))
    rig.run(seconds(400))
    with rig.store.write() as tx:
        canary.receive(tx, rig.tokens()[1], seconds(402))
        (one,) = handsets.every(tx)
    assert one.proved_wall == seconds(3)


def test_a_proved_handset_that_falls_silent_stays_on_the_board(rig: Rig) -> None:
    rig.enrol()
    rig.run(seconds(1))
    with rig.store.write() as tx:
        canary.receive(tx, rig.tokens()[0], seconds(3))
    later = seconds(0) + timedelta(days=40)
    rig.job.forget(later)
    assert rig.state(later) == {"本部の試験スマホ": SirenState.UNKNOWN}


def test_another_test_is_sent_when_somebody_asks_and_not_hours_later(rig: Rig) -> None:
    one = rig.enrol()
    rig.run(seconds(1))
    with rig.store.write() as tx:
        assert handsets.ask_again(tx, one.id, seconds(700))
    assert rig.run(seconds(701)) == 1
    assert rig.run(seconds(702)) == 0
    with rig.store.write() as tx:
        handsets.ask_again(tx, one.id, seconds(800))
    assert rig.run(seconds(800) + TRIAL + timedelta(seconds=1)) == 0


def test_the_same_browser_and_the_same_name_are_there_once(rig: Rig) -> None:
    rig.enrol()
    with rig.store.write() as tx:
        assert handsets.add(tx, "webpush", BROWSER, "another", "kanri", WALL, WALL) is None
        assert handsets.add(tx, "webpush", BROWSER + " ", "本部の試験スマホ", "kanri", WALL, WALL) is None
        (one,) = handsets.every(tx)
        assert handsets.remove(tx, one.id)
        assert not handsets.remove(tx, one.id)
        assert not handsets.ask_again(tx, one.id, WALL)
        assert handsets.find(tx, one.id) is None
    assert rig.run(seconds(1)) == 0


@pytest.mark.parametrize("first", ["household", "handset"])
def test_whoever_enrols_as_a_resident_gets_no_canary(rig: Rig, first: str) -> None:
    def live_here(tx: Any) -> None:
        home = households.create(tx, rig.keys, None, WALL).household
        made = households.add_contact(tx, rig.keys, home, "webpush", BROWSER, WALL)
        households.confirm_contact(tx, rig.keys, home, made, WALL)

    if first == "handset":
        rig.enrol()
        rig.run(seconds(1))
        with rig.store.write() as tx:
            canary.receive(tx, rig.tokens()[0], seconds(2))
            live_here(tx)
        assert rig.run(seconds(400)) == 0
        with rig.store.read() as tx:
            (siren,) = sirens.state(tx, rig.config, seconds(401))
        assert (siren.state, siren.why) == (SirenState.BROKEN, RESIDENT)
        return
    with rig.store.write() as tx:
        live_here(tx)
    rig.enrol()
    assert rig.run(seconds(1)) == 0
    assert rig.tokens() == []
