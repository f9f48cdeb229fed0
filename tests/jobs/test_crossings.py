"""A gauge that passes a threshold is one row, however often the clock looks and however often it is started again."""

from __future__ import annotations

from disaster_hub.config import Config, Sensor
from disaster_hub.jobs.crossings import Crossings
from disaster_hub.store import journal, observations, stations
from disaster_hub.store.session import Store
from disaster_hub.terms.observation import Observation, Station, StationKind
from disaster_hub.terms.quantity import Quality
from tests.jobs.hub import config
from tests.rules.said import at

GAUGE = "99009900010000001"
MARKS = {"advisory": 2.0, "danger": 3.0}
SENSOR = Sensor("fe99000000000001", "EM500-UDL", "柳橋", "Yanagi", 139.3, 38.9, near=1.0, met=1.5)


def hub(store: Store) -> Config:
    with store.write() as tx:
        stations.upsert(tx, Station(GAUGE, "大橋", StationKind.RIVER, 139.3, 38.9, MARKS), source="jma", seen_at=at(0))
    return config(store.url, sensors=(SENSOR,))


def seen(
    store: Store, minutes: float, value: float | None, station: str = GAUGE, quality: Quality = Quality.OK
) -> None:
    with store.write() as tx:
        observations.add(tx, [Observation(station, "water_level", at(minutes), value, "m", quality)], raw_id=None)


def told(store: Store) -> list[tuple[str, str | None]]:
    with store.read() as tx:
        return [(e.kind, e.where) for e in reversed(journal.entries(tx))]


def test_up_and_down_once_each(store: Store) -> None:
    clock = Crossings(store, hub(store))
    for minutes, value in ((0, 1.5), (10, 2.1), (20, 2.2), (30, 1.8)):
        seen(store, minutes, value)
        clock.run(at(minutes + 1))
        clock.run(at(minutes + 2))
    assert told(store) == [("gauge_crossed", GAUGE), ("gauge_fell", GAUGE)]
    with store.read() as tx:
        words = [e.what for e in reversed(journal.entries(tx))]
        times = [e.at for e in reversed(journal.entries(tx))]
    assert words[0] == "大橋：氾濫注意水位（2m）に達しました。水位 2.10m"
    assert times == [at(10), at(30)], "when the water was there, not when the clock looked"


def test_a_clock_that_was_down_tells_what_was_passed_meanwhile(store: Store) -> None:
    settings = hub(store)
    seen(store, 0, 1.5)
    Crossings(store, settings).run(at(1))
    for minutes, value in ((10, 2.1), (20, 3.1)):
        seen(store, minutes, value)
    Crossings(store, settings).run(at(21))
    Crossings(store, settings).run(at(22))
    assert told(store) == [("gauge_crossed", GAUGE), ("gauge_crossed", GAUGE)]


def test_water_that_was_high_when_we_began_is_no_crossing(store: Store) -> None:
    settings = hub(store)
    for minutes in (0, 10):
        seen(store, minutes, 2.5)
    assert Crossings(store, settings).run(at(11)) == 0


def test_a_spike_that_is_not_believed_crosses_nothing(store: Store) -> None:
    clock = Crossings(store, hub(store))
    seen(store, 0, 1.5)
    clock.run(at(1))
    seen(store, 10, 26.48, quality=Quality.SUSPECT)
    clock.run(at(11))
    assert told(store) == []


def test_the_citys_own_marks_count_too(store: Store) -> None:
    clock = Crossings(store, hub(store))
    for minutes, value in ((0, 0.9), (10, 1.6)):
        seen(store, minutes, value, SENSOR.id)
        clock.run(at(minutes + 1))
    assert told(store) == [("gauge_crossed", SENSOR.id), ("gauge_crossed", SENSOR.id)]


def test_a_public_gauge_that_dies_while_high_is_told_once_and_one_that_is_low_is_not(store: Store) -> None:
    clock = Crossings(store, hub(store))
    seen(store, 0, 2.1)
    for minutes in (1, 19):
        clock.run(at(minutes))
    assert told(store) == []
    for minutes in (21, 22, 40):
        clock.run(at(minutes))
    assert told(store) == [("gauge_silent", GAUGE)]
    with store.read() as tx:
        assert "不明＝危険側" in journal.entries(tx)[0].what
    seen(store, 50, 1.0)
    for minutes in (51, 80, 200):
        clock.run(at(minutes))
    assert told(store) == [("gauge_silent", GAUGE), ("gauge_fell", GAUGE)]
