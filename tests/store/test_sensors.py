"""The registry of the city's own sensors."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disaster_hub.config import Sensor
from disaster_hub.store import journal, sensors
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput, WrongWorld
from disaster_hub.terms.sensor import SensorEntry, unseen_after_move

NOW = datetime(2026, 9, 18, 8, tzinfo=UTC)
GATE = SensorEntry("fe99000000000001", "EM500-UDL", "水門", 139.28, 38.91, zero_m=3.2, near=1.3, met=1.7)
CONFIGURED = Sensor("fe99000000000001", "EM500-UDL", "Old name", "", 139.28, 38.91, zero_m=3.0)
OTHER = Sensor("fe99000000000002", "EM500-UDL", "橋", "", 139.29, 38.91)


def save(store: Store, entry: SensorEntry, expected: int, note: str = "点検") -> None:
    with store.write() as tx:
        sensors.save(tx, entry, "doboku", note, NOW + timedelta(minutes=expected), expected)


def test_what_the_desk_entered_goes_before_the_configuration(store: Store) -> None:
    with store.read() as tx:
        assert sensors.current(tx, [CONFIGURED, OTHER]) == [CONFIGURED, OTHER]
    save(store, GATE, 0)
    new = replace(GATE, id="fe99000000000009", name="新しい")
    save(store, new, 0)
    with store.read() as tx:
        found = sensors.current(tx, [CONFIGURED, OTHER])
    assert [(s.id, s.name, s.zero_m) for s in found] == [
        ("fe99000000000001", "水門", 3.2), ("fe99000000000002", "橋", None), ("fe99000000000009", "新しい", 3.2),
    ]  # fmt: skip


def test_a_retired_device_counts_no_more(store: Store) -> None:
    save(store, GATE, 0)
    save(store, replace(GATE, retired=True), 1)
    with store.read() as tx:
        assert sensors.current(tx, [CONFIGURED, OTHER]) == [OTHER]


def test_every_version_stays_and_the_journal_says_what_changed(store: Store) -> None:
    save(store, GATE, 0)
    save(store, replace(GATE, met=1.9), 1, "堤防を高くした")
    with store.read() as tx:
        found = sensors.versions(tx, GATE.id)
        entry = journal.entries(tx, limit=1)[0]
    assert [(v.number, v.entry.met) for v in found] == [(1, 1.7), (2, 1.9)]
    assert (entry.kind, entry.because) == ("sensor_changed", "堤防を高くした")
    assert "到達の目安 1.7→1.9" in entry.what


def test_a_second_editor_is_told(store: Store) -> None:
    save(store, GATE, 0)
    with pytest.raises(sensors.Changed, match="doboku"):
        save(store, replace(GATE, met=2.0), 0)
    with store.read() as tx:
        assert len(sensors.versions(tx, GATE.id)) == 1


def test_a_change_without_a_reason_is_refused(store: Store) -> None:
    save(store, GATE, 0)
    with pytest.raises(BadInput, match="変更の理由"):
        save(store, replace(GATE, met=2.0), 1, " ")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"near": 2.0}, "市の目安"),
        ({"lon": 38.9, "lat": 139.2}, "位置"),
        ({"interval_s": 0}, "間隔"),
        ({"interval_low_s": 3600}, "低いとき"),
        ({"zero_m": 3200.0}, "高さ"),
        ({"name": " "}, "名前"),
        ({"id": "AB CD"}, "装置ID"),
        ({"kind": "camera"}, "種類"),
    ],
)
def test_what_cannot_be_true_is_refused_with_its_field(store: Store, wrong: dict, field: str) -> None:
    with pytest.raises(BadInput, match=field):
        save(store, replace(GATE, **wrong), 0)


def test_a_moved_sensor_whose_heights_nobody_looked_at_is_named(store: Store) -> None:
    save(store, GATE, 0)
    save(store, replace(GATE, moved_at=NOW, lon=139.281), 1)
    with store.read() as tx:
        assert unseen_after_move(sensors.versions(tx, GATE.id))
    save(store, replace(GATE, moved_at=NOW, lon=139.281, zero_m=3.05), 2)
    with store.read() as tx:
        assert not unseen_after_move(sensors.versions(tx, GATE.id))


def test_maintenance_always_ends(store: Store) -> None:
    with store.write() as tx:
        with pytest.raises(BadInput, match="終わり"):
            sensors.begin_maintenance(tx, GATE.id, NOW, "doboku", "清掃", NOW)
        with pytest.raises(BadInput, match="終わり"):
            sensors.begin_maintenance(tx, GATE.id, NOW + timedelta(days=40), "doboku", "清掃", NOW)
        with pytest.raises(BadInput, match="理由"):
            sensors.begin_maintenance(tx, GATE.id, NOW + timedelta(hours=1), "doboku", " ", NOW)
        sensors.begin_maintenance(tx, GATE.id, NOW + timedelta(hours=1), "doboku", "清掃", NOW)
    with store.read() as tx:
        assert sensors.maintained(tx, NOW + timedelta(minutes=59)).keys() == {GATE.id}
        assert not sensors.maintained(tx, NOW + timedelta(minutes=60))
    with store.write() as tx:
        assert sensors.end_maintenance(tx, GATE.id, "doboku", NOW + timedelta(minutes=30))
        assert not sensors.end_maintenance(tx, GATE.id, "doboku", NOW + timedelta(minutes=31))
        assert not sensors.maintained(tx, NOW + timedelta(minutes=31))


def test_strangers_are_counted_and_bounded(store: Store) -> None:
    with store.write() as tx:
        sensors.hear_strangers(tx, {"fe99aa": 2}, "mqtt", NOW)
        sensors.hear_strangers(tx, {"fe99aa": 3}, "mqtt", NOW + timedelta(minutes=1))
        sensors.hear_strangers(tx, {f"x{n}": 1 for n in range(1200)}, "mqtt", NOW + timedelta(minutes=2))
    with store.read() as tx:
        found = {s.device: s for s in sensors.strangers(tx, known=["x1"])}
    assert (found["fe99aa"].heard, found["fe99aa"].first_heard) == (5, NOW)
    assert "x1" not in found
    assert len(found) == sensors.MOST_STRANGERS - 1


def test_a_real_store_refuses_a_made_up_device(real_store: Store) -> None:
    with real_store.write() as tx, pytest.raises(WrongWorld):
        sensors.save(tx, GATE, "doboku", "", NOW, 0)


def test_a_height_that_is_no_number_is_refused_for_no_water_ever_reaches_it(store: Store) -> None:
    with pytest.raises(BadInput, match="高さ"):
        save(store, replace(GATE, met=float("nan")), 0)
