"""A small made-up town for the portal's tests: config, store, shapes, readings, warnings."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shapely import LineString, Point, Polygon

from disaster_hub.config import Area, City, Config, Feed, Keys, Mqtt, Outgoing, Portal, River, Sensor
from disaster_hub.store import journal, levels, observations, places, pulse, stations
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.level import AreaKind, LevelChange, Official
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.observation import Basis, Observation, Station, StationKind
from disaster_hub.terms.place import Feature
from disaster_hub.terms.world import World, WorldKind

NOW = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)
"""18:00 in Japan, a Friday."""
LON, LAT = 139.30, 38.90
CITY, NEIGHBOUR, RIVER = "9920100", "9920200", "990099000100"
DRILL = World(WorldKind.REPLAY, "架空の夜", NOW, NOW, NOW + timedelta(hours=9), 1.0)
FEED = "jma"


def config_for(
    folder: Path, world: World = DRILL, *, port: int = 0, extra: int = 0, portal: Portal | None = None
) -> Config:
    door = Portal("127.0.0.1", port, None, None, 0, 60, None, "")
    sensors = (
        Sensor("fe99000000000001", "EM500-UDL", "柳橋", "Yanagi Bridge", LON + 0.012, LAT + 0.004, near=1.5, met=2.0),
        Sensor("fe99000000000002", "EM500-UDL", "東の水路", "East Canal", LON - 0.02, LAT - 0.01, near=0.8, met=1.2),
        Sensor("fe99plain01", "plain", "丘の雨量計", "Hill Rain Gauge", LON - 0.03, LAT + 0.02, kind="rain"),
    )
    return Config(
        store=f"sqlite:///{folder / 'hub.gpkg'}",
        world=world,
        city=City("みなも市", "Minamo City", CITY, "990000", LON, LAT, 12, JAPAN),
        areas=(Area(NEIGHBOUR, "たにかわ市", "Tanikawa City"),),
        rivers=(River(RIVER, "みなも川", "Minamo River"),),
        feeds=(Feed(FEED, "jma-feed", "http://127.0.0.1:1/", 60, stale_after_s=600),),
        gauges=(),
        sensors=sensors + tuple(_extra(extra)),
        mqtt=Mqtt(True, "127.0.0.1", 1883, None, None, False, None, None, None, "hub", None, True, ("hub/#",)),
        portal=portal or door,
        outgoing=Outgoing(None, None, 10, 10_000_000),
        staff=(),
        keep_raw_days=30,
        judge_every_s=1,
        keys=Keys(folder / "keys"),
    )


def _extra(count: int) -> list[Sensor]:
    side = max(1, math.isqrt(count))
    return [
        Sensor(
            f"fe99plain{n:05d}",
            "plain",
            f"水位 {n:04d}",
            f"Gauge {n:04d}",
            LON + 0.16 * (n % side) / side - 0.08,
            LAT + 0.12 * (n // side) / side - 0.06,
        )
        for n in range(count)
    ]


def outline(west: float, south: float, east: float, north: float, waves: int = 40) -> Polygon:
    """A box with a shore that is not ruled."""
    points = []
    for n in range(waves):
        turn = 2 * math.pi * n / waves
        wave = 1 + 0.05 * math.sin(5 * turn) + 0.03 * math.cos(11 * turn)
        points.append(
            (
                (west + east) / 2 + (east - west) / 2 * wave * math.cos(turn),
                (south + north) / 2 + (north - south) / 2 * wave * math.sin(turn),
            )
        )
    return Polygon(points)


def river_line() -> LineString:
    return LineString([(LON - 0.09 + 0.0045 * n, LAT + 0.03 * math.sin(n / 6) - 0.001 * n) for n in range(42)])


def make_store(config: Config) -> Store:
    store = prepare(config.store, config.world)
    with store.write() as tx:
        _places(tx)
        _facts(tx, config)
    return store


def _places(tx) -> None:
    here = {"name": "みなも市", "code": CITY, "jis5": "99201", "pref": "架空県"}
    there = {"name": "たにかわ市", "code": NEIGHBOUR, "jis5": "99202", "pref": "架空県"}
    third = {"name": "おかの町", "code": "9930100", "jis5": "99301", "pref": "架空県"}
    places.replace(tx, "areas", "ksj-n03:n03", [
        Feature("areas", "99201", outline(LON - 0.09, LAT - 0.07, LON + 0.09, LAT + 0.07), here),
        Feature("areas", "99202", outline(LON + 0.10, LAT - 0.06, LON + 0.24, LAT + 0.07), there),
        Feature("areas", "99301", outline(LON - 0.07, LAT + 0.08, LON + 0.12, LAT + 0.18), third),
    ])  # fmt: skip
    places.replace(
        tx, "rivers", "osm:x", [Feature("rivers", "1", river_line(), {"name": "みなも川", "waterway": "river"})]
    )
    roads = []
    for n in range(-6, 7):
        kind = "primary" if n == 0 else "residential"
        roads.append(
            Feature(
                "roads",
                f"a{n}",
                LineString([(LON - 0.06, LAT + n * 0.008), (LON + 0.06, LAT + n * 0.008)]),
                {"highway": kind, "length_m": 1.0},
            )
        )
        roads.append(
            Feature(
                "roads",
                f"b{n}",
                LineString([(LON + n * 0.01, LAT - 0.05), (LON + n * 0.01, LAT + 0.05)]),
                {"highway": kind, "length_m": 1.0},
            )
        )
    places.replace(tx, "roads", "osm:x", roads)
    line = river_line()
    zones = [
        Feature(
            "hazards",
            f"d{rank}",
            line.buffer(0.018 - 0.005 * rank),
            {"hazard": "flood", "scale": "maximum", "rank": rank, "rank_kind": "depth", "river": "みなも川"},
        )
        for rank in (1, 2, 3)
    ]
    zones.append(
        Feature(
            "hazards",
            "c",
            line.buffer(0.002),
            {"hazard": "flood", "scale": "maximum", "rank": 1, "rank_kind": "collapse"},
        )
    )
    zones.append(
        Feature(
            "hazards",
            "l",
            Point(LON - 0.03, LAT + 0.045).buffer(0.006),
            {
                "hazard": "landslide",
                "rank": 2,
                "rank_kind": "landslide",
                "phenomenon": "土石流",
                "zone": "特別警戒区域",
            },
        )
    )
    places.replace(tx, "hazards", "ksj-a31:x", zones)
    shelters = [
        Feature(
            "shelters",
            f"E9920100000{n}",
            Point(LON + 0.02 * n - 0.03, LAT + 0.015 * (-1) ** n),
            {
                "name": f"みなも第{n}小学校",
                "designation": "emergency",
                "address": "架空県みなも市1",
                "flood": n != 2,
                "landslide": True,
            },
        )
        for n in range(1, 4)
    ]
    places.replace(tx, "shelters", "gsi-emergency:x", shelters)
    journal.add(tx, JournalEntry(NOW, "dataset_loaded", "load", "n03: areas", because="ksj-n03:n03"))


def official(
    level: int | None, name: str, hazard: str = "landslide", area: str = CITY, kind=AreaKind.MUNICIPALITY, at=NOW
) -> Official:
    return Official(
        area,
        "みなも市",
        kind,
        hazard,
        level,
        name,
        "架空地方気象台",
        at - timedelta(minutes=40),
        at - timedelta(minutes=40),
        None,
        f"telegram-{area}-{hazard}",
    )


def _facts(tx, config: Config) -> None:
    pulse.success(tx, FEED, NOW)
    pulse.failure(tx, "k-river", NOW, "timed out")
    levels.put_official(tx, official(4, "レベル４土砂災害危険警報"))
    levels.put_official(tx, official(3, "レベル３大雨警報", "rain"))
    levels.put_official(tx, official(2, "レベル２氾濫注意報", "flood", RIVER, AreaKind.RIVER))
    levels.put_official(tx, official(0, "発表なし", "rain", NEIGHBOUR))
    levels.append_change(
        tx,
        LevelChange(
            CITY,
            "みなも市",
            AreaKind.MUNICIPALITY,
            NOW - timedelta(hours=2),
            2,
            3,
            "架空地方気象台",
            "レベル３大雨警報",
            "e1",
        ),
    )
    levels.append_change(
        tx,
        LevelChange(
            CITY,
            "みなも市",
            AreaKind.MUNICIPALITY,
            NOW - timedelta(minutes=40),
            3,
            4,
            "架空地方気象台",
            "レベル４土砂災害危険警報",
            "e2",
        ),
    )
    marks = {"standby": 1.5, "advisory": 2.5, "judgement": 2.8, "danger": 3.1}
    _gauge(tx, "99009900010000001", "上みなも", LON - 0.06, LAT + 0.028, marks, rise=1.2)
    _gauge(tx, "99009900010000002", "大橋", LON + 0.05, LAT - 0.03, marks, rise=0.1, silent=timedelta(hours=2))
    readings = []
    for n in range(36):
        at = NOW - timedelta(minutes=10 * n)
        readings.append(Observation("fe99000000000001", "water_level", at, round(2.1 - 0.04 * n, 2), "m"))
        readings.append(Observation("fe99plain01", "rainfall", at, max(0.0, 6.5 - 0.4 * n), "mm"))
        if n >= 9:
            readings.append(Observation("fe99000000000002", "water_level", at, round(1.3 - 0.03 * n, 2), "m"))
    observations.add(tx, readings, raw_id=None)
    extra = [s for s in config.sensors if s.id.startswith("fe99plain0") and s.id != "fe99plain01"]
    observations.add_batch(
        tx, "mqtt", [], [Observation(s.id, "water_level", NOW - timedelta(seconds=60), 1.0, "m") for s in extra], NOW
    ) if extra else None


def _gauge(tx, code, name, lon, lat, marks, *, rise, silent=timedelta()) -> None:
    stations.upsert(tx, Station(code, name, StationKind.RIVER, lon, lat, marks, river=RIVER), source="jma", seen_at=NOW)
    seen = [
        Observation(code, "water_level", NOW - timedelta(minutes=10 * n), round(1.4 + rise * math.exp(-n / 30), 2), "m")
        for n in range(140)
        if timedelta(minutes=10 * n) >= silent and not 60 < n < 75
    ]
    ahead = [
        Observation(
            code,
            "water_level",
            NOW + timedelta(hours=n),
            round(1.4 + rise + 0.12 * n, 2),
            "m",
            basis=Basis.FORECAST,
            issued_at=NOW - timedelta(minutes=20),
        )
        for n in range(1, 7)
    ]
    observations.add(tx, seen + ahead, raw_id=None)


def real(world_name: str = "鶴岡市") -> World:
    return World(WorldKind.REAL, world_name)


def at_speed(world: World, speed: float) -> World:
    return replace(world, speed=speed)
