"""What the desk enters about a sensor is what the listener and the watch reckon with."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from disaster_hub.jobs.listen import Intake
from disaster_hub.store import observations, sensors
from disaster_hub.store.session import Store
from disaster_hub.terms.sensor import SensorEntry
from disaster_hub.terms.world import World, WorldKind
from sensors.mqtt import Message

NOW = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)
BRIDGE = SensorEntry("fe99bridge", "plain", "橋", 139.3, 38.9, zero_m=4.0)


@pytest.fixture(name="clock")
def a_clock() -> list[datetime]:
    return [NOW]


@pytest.fixture(name="intake")
def an_intake(store: Store, clock: list[datetime]) -> Intake:
    return Intake(store, World(WorldKind.REPLAY, "listening", None), {}, clock=lambda: clock[0])


def distance(minute: int, metres: float) -> Message:
    at = (NOW + timedelta(minutes=minute)).isoformat()
    said = {"device": BRIDGE.id, "quantity": "distance", "at": at, "value": metres, "unit": "m"}
    return f"hub/devices/{BRIDGE.id}/up", json.dumps(said).encode()


def levels(store: Store) -> list[float | None]:
    with store.read() as tx:
        return [o.value for o in observations.of_station(tx, BRIDGE.id, "water_level", NOW - timedelta(days=1))]


def test_a_stranger_is_heard_and_then_enrolled_without_a_restart(store: Store, intake: Intake, clock: list) -> None:
    intake.keep([distance(0, 3.0), distance(1, 3.0)])
    with store.read() as tx:
        assert [(s.device, s.heard) for s in sensors.strangers(tx, ())] == [(BRIDGE.id, 2)]
    assert levels(store) == []
    with store.write() as tx:
        sensors.save(tx, BRIDGE, "doboku", "", NOW, 0)
    clock[0] += timedelta(seconds=3)
    intake.keep([distance(2, 3.0)])
    assert levels(store) == [1.0]


def test_a_new_zero_holds_from_the_next_reading_on(store: Store, intake: Intake, clock: list) -> None:
    with store.write() as tx:
        sensors.save(tx, BRIDGE, "doboku", "", NOW, 0)
    intake.keep([distance(0, 3.0)])
    moved = SensorEntry("fe99bridge", "plain", "橋", 139.3, 38.9, zero_m=4.5, moved_at=NOW)
    with store.write() as tx:
        sensors.save(tx, moved, "doboku", "移設", NOW + timedelta(minutes=1), 1)
    clock[0] += timedelta(seconds=3)
    intake.keep([distance(2, 3.0)])
    assert levels(store) == [1.0, 1.5]


def test_a_retired_device_is_not_used(store: Store, intake: Intake, clock: list) -> None:
    with store.write() as tx:
        sensors.save(tx, BRIDGE, "doboku", "", NOW, 0)
    intake.keep([distance(0, 3.0)])
    with store.write() as tx:
        gone = SensorEntry("fe99bridge", "plain", "橋", 139.3, 38.9, zero_m=4.0, retired=True)
        sensors.save(tx, gone, "doboku", "撤去", NOW, 1)
    clock[0] += timedelta(seconds=3)
    intake.keep([distance(2, 3.0)])
    assert levels(store) == [1.0]
