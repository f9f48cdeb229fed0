"""What falls silent is told once, and what comes back too; what was silent while nobody looked is not late yet."""

from __future__ import annotations

from datetime import timedelta

from disaster_hub.config import Config, Feed, Sensor
from disaster_hub.jobs.watch import Moment, watch, watch_clock
from disaster_hub.store import journal, observations, outbox, pulse
from disaster_hub.store.session import Store
from disaster_hub.terms.observation import Observation
from tests.jobs.hub import config
from tests.rules.said import at

FEED = Feed("extra", "jma-feed", "http://feed.invalid/", 60, stale_after_s=600)
SENSOR = Sensor(
    "fe99000000000001", "EM500-UDL", "みなも橋", "Minamo Bridge", 139.3, 38.9, interval_low_s=86_400, start_m=0.5, near=1.0, met=1.5
)  # fmt: skip


def hub(store: Store) -> Config:
    return config(store.url, feeds=[FEED], sensors=(SENSOR,))


def moment(minutes: float, since: float = 0) -> Moment:
    return Moment(at(minutes), at(minutes), at(since), at(since))


def told(store: Store) -> list[str]:
    with store.read() as tx:
        return [e.kind for e in reversed(journal.entries(tx)) if e.kind != "refused"]


def good(store: Store, minutes: float, source: str = "extra") -> None:
    with store.write() as tx:
        pulse.success(tx, source, at(minutes))


def bad(store: Store, minutes: float) -> None:
    with store.write() as tx:
        pulse.failure(tx, "extra", at(minutes), "HTTP 503")


def test_a_source_down_is_told_once_and_its_return_once(store: Store) -> None:
    good(store, 1)
    watch(store, hub(store), moment(10.9))
    assert told(store) == []
    bad(store, 5)
    for minutes in (11.1, 12, 60):
        watch(store, hub(store), moment(minutes))
    assert told(store) == ["source_down"]
    good(store, 61)
    for minutes in (61.1, 62):
        watch(store, hub(store), moment(minutes))
    assert told(store) == ["source_down", "source_back"]
    watch(store, hub(store), moment(90))
    assert told(store) == ["source_down", "source_back", "source_down"], "the next silence is another one"
    with store.read() as tx:
        assert outbox.counts(tx)["due"] == 3
        assert "HTTP 503" in journal.entries(tx)[-1].what


def test_a_source_that_never_answered_is_told(store: Store) -> None:
    bad(store, 0)
    watch(store, hub(store), moment(11))
    assert told(store) == ["source_down"]


def test_an_outage_of_our_own_is_not_the_sources(store: Store) -> None:
    good(store, 0)
    watch(store, hub(store), moment(301, since=300))
    assert told(store) == []


def test_a_hiccup_in_a_fast_replay_is_no_outage(store: Store) -> None:
    good(store, 0)
    look = Moment(at(11), at(0) + timedelta(seconds=1), at(0), at(0))
    fast = config(store.url, feeds=[FEED])
    object.__setattr__(fast.world, "speed", 600.0)
    try:
        watch(store, fast, look)
    finally:
        object.__setattr__(fast.world, "speed", 1.0)
    assert told(store) == []


def test_the_broker_is_a_source_too(store: Store) -> None:
    good(store, 0, "mqtt")
    watch(store, hub(store), moment(2))
    assert told(store) == ["source_down"]


def test_a_late_process_is_told_once_and_post_looks_after_the_clock(store: Store) -> None:
    with store.write() as tx:
        for name in ("web", "clock"):
            pulse.beat(tx, name, "here:1", at(0), wall=at(0))
    watch(store, hub(store), moment(0.4))
    assert told(store) == []
    for minutes in (0.6, 1):
        watch(store, hub(store), moment(minutes))
    assert told(store) == ["process_late"]
    watch_clock(store, hub(store), moment(1))
    watch_clock(store, hub(store), moment(1, since=0.9))
    assert told(store) == ["process_late", "process_late"]
    with store.read() as tx:
        assert {e.where for e in journal.entries(tx)} == {"web", "clock"}


def level(store: Store, minutes: float, value: float) -> None:
    with store.write() as tx:
        observations.add(tx, [Observation(SENSOR.id, "water_level", at(minutes), value, "m")], raw_id=None)


def test_a_sensor_that_dies_high_is_told_and_one_that_dies_low_is_not(store: Store) -> None:
    level(store, 0, 0.2)
    watch(store, hub(store), moment(600))
    assert told(store) == []
    level(store, 700, 1.6)
    watch(store, hub(store), moment(720))
    assert told(store) == []
    for minutes in (721, 730):
        watch(store, hub(store), moment(minutes))
    assert told(store) == ["sensor_silent"]
    with store.read() as tx:
        assert "最後の値 1.60" in journal.entries(tx)[0].what
