"""Test 6 of the product: a gauge that falls silent while high is danger within two intervals, while low it is nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from disaster_hub.jobs.crossings import Crossings
from disaster_hub.jobs.watch import Moment, watch
from disaster_hub.store import journal, observations, sensors, stations
from disaster_hub.terms.observation import Observation, Station
from disaster_hub.terms.sensor import SensorEntry
from tests.portal import town
from tests.portal.conftest import Site, site_of
from tests.portal.staff import signed_in

HIGH, LOW, PUBLIC = "fe99silenthigh", "fe99silentlow", "9900000777"
INTERVAL = timedelta(minutes=10)
ALARMS = ("sensor_silent", "gauge_silent")


@pytest.fixture(name="quiet")
def a_site_of_two_gauges(tmp_path: Path) -> Iterator[Site]:
    with site_of(tmp_path, replace(town.DRILL, ends=None)) as site:
        with site.store.write() as tx:
            for name, word in ((HIGH, "高い橋"), (LOW, "低い橋")):
                entry = SensorEntry(
                    name, "plain", word, town.LON, town.LAT, interval_s=600, interval_low_s=86_400,
                    start_m=0.5, near=1.5, met=2.0,
                )  # fmt: skip
                sensors.save(tx, entry, "test", "", town.NOW, 0)
            public = Station(PUBLIC, "県の水位計", lon=town.LON, lat=town.LAT, thresholds={"start": 1.0, "flood": 3.0})
            stations.upsert(tx, public, source="k-river", seen_at=town.NOW)
            for minutes in range(60, -1, -10):
                at = town.NOW - timedelta(minutes=minutes)
                seen = [(HIGH, 1.8), (LOW, 0.2), (PUBLIC, 0.4)]
                rows = [Observation(name, "water_level", at, value, "m") for name, value in seen]
                observations.add(tx, rows, raw_id=None)
        yield site


def at(site: Site, passed: timedelta) -> str:
    """Let the clock of the wall, the watch and the crossings stand so much later; give the watch board."""
    now = site.wall[0] = town.NOW + passed
    watch(site.store, site.config, Moment(now, now, town.NOW, town.NOW))
    Crossings(site.store, site.config).run(now)
    return (
        signed_in(site, "viewer", f"viewer{int(passed.total_seconds())}").get("/hq/watch/part").get_data(as_text=True)
    )


def line(board: str, name: str) -> str:
    """Give the board's own line of a gauge."""
    rows = [part for part in board.split('<div role="row"') if f"<b>{name}</b>" in part]
    assert rows, name
    return rows[0]


def alarms(site: Site) -> list[str | None]:
    with site.store.read() as tx:
        return [entry.where for entry in journal.entries(tx, kinds=ALARMS, limit=100)]


def test_silent_while_high_is_danger_within_two_intervals(quiet: Site) -> None:
    assert "不明＝危険側" not in line(at(quiet, 2 * INTERVAL), "高い橋")
    assert HIGH not in alarms(quiet)
    board = at(quiet, 2 * INTERVAL + timedelta(seconds=1))
    assert "不明＝危険側" in line(board, "高い橋")
    assert "1.80" in line(board, "高い橋")
    assert HIGH in alarms(quiet)
    rows = quiet.client.get("/api/situation").get_json()["areas"]
    observed = {o["station"]: o["state"] for area in rows for o in area["observed"]}
    assert observed[HIGH] == "not_known"


def test_silent_while_low_is_no_alarm_for_a_day(quiet: Site) -> None:
    for hours in (1, 6, 12, 18, 24):
        board = at(quiet, timedelta(hours=hours))
        assert "不明＝危険側" not in line(board, "低い橋")
    assert LOW not in alarms(quiet)
    assert PUBLIC not in alarms(quiet)
