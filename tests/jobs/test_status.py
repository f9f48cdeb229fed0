"""The status, as the operator reads it."""

from __future__ import annotations

import json

from disaster_hub.config import Feed
from disaster_hub.jobs.status import status_dict, status_text
from disaster_hub.store import observations, pulse
from disaster_hub.store.session import Store
from disaster_hub.terms.observation import Observation
from tests.jobs.hub import config
from tests.rules.said import at

FEED = Feed("extra", "jma-feed", "http://feed.invalid/", 60, stale_after_s=600)


def line(text: str, name: str) -> str:
    return next(one for one in text.splitlines() if one[2:].startswith(f"{name}:"))


def test_names_every_process_and_source(store: Store) -> None:
    with store.write() as tx:
        pulse.beat(tx, "web", "here:1", at(0), wall=at(0))
        pulse.beat(tx, "clock", "here:2", at(9), wall=at(9))
        pulse.success(tx, "extra", at(0))
        pulse.failure(tx, "extra", at(9), "HTTP 503")
        pulse.count_refusals(tx, "mqtt", 3, "payload: not JSON")
    text = status_text(store, config(store.url, feeds=[FEED]), at(9.1))
    assert line(text, "web").startswith("! web: LATE")
    assert line(text, "clock").startswith("  clock: alive")
    assert "never seen" in line(text, "post")
    source = line(text, "extra")
    assert source.startswith("!")
    for words in ("good 9 min ago", "tried 6 s ago", "1 failures in a row", "0 refused", "HTTP 503"):
        assert words in source
    assert "3 refused" in line(text, "mqtt")
    assert "no rule per topic" in line(text, "broker")
    assert "GB free" in line(text, "disk")
    assert line(text, "time").startswith("  ")


def test_a_fact_from_the_future_puts_the_clock_in_doubt(store: Store) -> None:
    with store.write() as tx:
        observations.add(tx, [Observation("9900000001", "water_level", at(10), 1.0, "m")], raw_id=None)
    text = status_text(store, config(store.url), at(4))
    assert line(text, "time").startswith("! time: a fact is stamped 6 min ahead")
    assert line(status_text(store, config(store.url), at(6)), "time").startswith("  ")


def test_programs_get_the_same(store: Store) -> None:
    found = json.loads(json.dumps(status_dict(store, config(store.url, feeds=[FEED]), at(0)), ensure_ascii=False))
    assert [p["name"] for p in found["processes"]] == ["web", "clock", "listen", "post"]
    assert found["sources"] == [{"name": "extra", "good": False, "words": "not tried yet"}]
    assert found["clock"]["good"]
