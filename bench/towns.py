"""A made-up town of any number of stations, for the portal's benches."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shapely import LineString, box

from disaster_hub.config import City, Config, Feed, Mqtt, Outgoing, Portal, River, Sensor
from disaster_hub.store import levels, observations, places, pulse
from disaster_hub.store.prepare import prepare
from disaster_hub.terms.clock import JAPAN, utc_now
from disaster_hub.terms.level import AreaKind, Official
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.place import Feature
from disaster_hub.terms.world import World, WorldKind

LON, LAT = 139.30, 38.90
CITY = "9920100"
STARTS = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)


def device(number: int) -> str:
    """Name the sensor with this number."""
    return f"fe99plain{number:05d}"


def config_for(folder: Path, *, port: int, stations: int) -> Config:
    """Give the configuration of a replay world at the wall's own speed."""
    side = max(1, math.isqrt(stations))
    sensors = tuple(
        Sensor(
            device(n), "plain", f"水位 {n:04d}", f"Gauge {n:04d}",
            LON + 0.16 * (n % side) / side - 0.08, LAT + 0.12 * (n // side) / side - 0.06, interval_s=3600,
        )
        for n in range(stations)
    )  # fmt: skip
    return Config(
        store=f"sqlite:///{folder / 'hub.gpkg'}",
        world=World(WorldKind.REPLAY, "計測", utc_now(), STARTS),
        city=City("みなも市", "Minamo", CITY, "990000", LON, LAT, 12, JAPAN),
        areas=(),
        rivers=(River("990099000100", "みなも川", "Minamo River"),),
        feeds=(Feed("jma", "jma-feed", "http://127.0.0.1:1/", 60),),
        gauges=(),
        sensors=sensors,
        mqtt=Mqtt(True, "127.0.0.1", 1883, None, None, False, None, None, None, "hub", None, True, ("hub/#",)),
        portal=Portal("127.0.0.1", port, None, None, 0, 60, None, ""),
        outgoing=Outgoing(None, None, 10, 10_000_000),
        staff=(),
        keep_raw_days=30,
        judge_every_s=1,
    )


def fill(config: Config) -> None:
    """Make the store: one city, one river, a warning, and two readings of every sensor."""
    store = prepare(config.store, config.world)
    old = STARTS - timedelta(minutes=20)
    office = "架空地方気象台"
    word = Official(
        CITY, "みなも市", AreaKind.MUNICIPALITY, "rain", 3, "レベル３大雨警報", office, old, old, None, "t1"
    )
    columns = {"name": "みなも市", "code": CITY, "jis5": "99201", "pref": "架空県"}
    city = box(LON - 0.09, LAT - 0.07, LON + 0.09, LAT + 0.07)
    river = LineString([(LON - 0.09, LAT), (LON + 0.09, LAT - 0.02)])
    readings = [
        Observation(s.id, "water_level", STARTS - timedelta(minutes=m), 1.0 + 0.01 * m, "m")
        for s in config.sensors
        for m in (5, 15)
    ]
    with store.write() as tx:
        places.replace(tx, "areas", "ksj-n03:bench", [Feature("areas", "99201", city, columns)])
        places.replace(
            tx, "rivers", "osm:bench", [Feature("rivers", "1", river, {"name": "みなも川", "waterway": "river"})]
        )
        pulse.success(tx, "jma", STARTS)
        levels.put_official(tx, word)
        observations.add(tx, readings, raw_id=None)
    store.close()
