"""A store takes what is of its own world: an alert, a notice or a text of another one is refused at its door."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from disaster_hub.store import alerts, journal, outbox, releases
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput, WrongWorld
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.release import Form, Part, Release
from disaster_hub.terms.world import WorldKind
from tests.desk.alert_town import order

HERE = [("console", "staff")]


def a_notice(now: datetime, world: WorldKind, text: str = "本文", kind: str = "level_changed") -> Notice:
    return Notice("k1", world, kind, "見出し", text, now, now + timedelta(hours=1), 3)


def a_release(now: datetime, text: str) -> Release:
    return Release("a1", Form.SOCIAL, now, (Part("投稿文", text),), "social.txt", text)


@pytest.mark.parametrize("world", [WorldKind.REAL, WorldKind.DRILL])
def test_a_replay_takes_nothing_of_another_world(store: Store, now: datetime, world: WorldKind) -> None:
    one = a_notice(now, world)
    with store.write() as tx:
        with pytest.raises(WrongWorld):
            alerts.add(tx, order(now, world=world))
        with pytest.raises(WrongWorld):
            outbox.enqueue(tx, one, HERE)
        number = outbox.announce(tx, replace(one, world=WorldKind.REPLAY))
        assert number is not None
        with pytest.raises(WrongWorld):
            outbox.address(tx, number, one, [("console", "staff", "")])
        with pytest.raises(WrongWorld):
            releases.add(tx, a_release(now, "北部に避難指示"))
        assert outbox.counts(tx) == {}


def test_the_real_world_takes_no_exercise(real_store: Store, now: datetime) -> None:
    real = order(now, world=WorldKind.REAL)
    with real_store.write() as tx:
        for world in (WorldKind.REPLAY, WorldKind.DRILL):
            with pytest.raises(WrongWorld):
                alerts.add(tx, replace(real, world=world))
            with pytest.raises(WrongWorld):
                outbox.enqueue(tx, a_notice(now, world), HERE)
        for more in ({"why": "［訓練］水位"}, {"note": "【 訓練 】"}, {"area_name": "北部【テスト】"}):
            with pytest.raises(BadInput, match="訓練"):
                alerts.add(tx, replace(real, **more))
        with pytest.raises(WrongWorld):
            alerts.add(tx, replace(real, areas=("9920100",)))
        with pytest.raises(WrongWorld):
            releases.add(tx, a_release(now, "【訓練】北部に避難指示"))
        assert alerts.since(tx, now) == []
        assert alerts.add(tx, replace(real, note="明日の訓練は中止です"))


def test_an_actual_notice_with_a_mark_is_written_into_the_log_and_stops_nobody(
    real_store: Store, now: datetime
) -> None:
    with real_store.write() as tx:
        assert not outbox.enqueue(tx, a_notice(now, WorldKind.REAL, "水位計【訓\u200b練】"), HERE)
        assert not outbox.enqueue(tx, a_notice(now, WorldKind.REAL, "【訓練】", kind="test"), HERE)
        assert outbox.counts(tx) == {}
        assert [one.kind for one in journal.entries(tx)] == ["alert_refused"]
        assert outbox.enqueue(tx, replace(a_notice(now, WorldKind.REAL, "【テスト】", kind="test"), key="k2"), HERE)
