"""People in an area of 100,000 homes beside geopandas, and the decide-by clock over 10,000 plans against its limit."""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import shapely
import shapely.affinity
from sqlalchemy import insert

from bench.telegram import spread
from disaster_hub.config import Folder, Keys
from disaster_hub.configfile import load as load_config
from disaster_hub.desk import people
from disaster_hub.desk.decide_by import DecideByClock
from disaster_hub.desk.renew import renew
from disaster_hub.jobs.load import load
from disaster_hub.planning.plans import Planner
from disaster_hub.planning.town import Library
from disaster_hub.rehearsal import opendata
from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.city import RIVER_CODE, STATIONS
from disaster_hub.rehearsal.homes import plans
from disaster_hub.rehearsal.settings import config_toml
from disaster_hub.store import home_points, levels, observations, stations
from disaster_hub.store.household_tables import household, household_version
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.layers import home
from disaster_hub.store.prepare import prepare
from disaster_hub.store.sealing import seal
from disaster_hub.store.session import Store
from disaster_hub.terms.household import Home, Household, Plan
from disaster_hub.terms.level import AreaKind, Official
from disaster_hub.terms.observation import Basis, Observation, Station
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.world import World, WorldKind

HOMES, VERTICES, PLANS, ROUNDS = 100_000, 500, 10_000, 7
LIMIT_S = 5.0
OPENED = datetime(2026, 11, 21, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WEST, SOUTH, SIZE = 139.30, 38.90, 0.2


def run_people() -> Mapping[str, Mapping[str, Any]]:
    """Count the homes and people in a polygon; the peer joins the same points to the same polygon in memory."""
    chance = np.random.default_rng(5)
    lonlat = np.column_stack([chance.uniform(WEST, WEST + SIZE, HOMES), chance.uniform(SOUTH, SOUTH + SIZE, HOMES)])
    shape = _blob()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = prepare(f"sqlite:///{folder / 'hub.gpkg'}", World(WorldKind.REPLAY, "計測"))
        keys = Keyring.open(folder / "keys")
        spots = [LonLat(float(x), float(y)) for x, y in lonlat]
        _settle(store, keys, [Plan(Home(spot), Household(n % 5 + 1)) for n, spot in enumerate(spots)])
        frame = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*lonlat.T), crs=6668)
        begun = time.perf_counter()
        with store.read() as tx:
            people.inside(tx, shape, keys)
        cold = time.perf_counter() - begun
        ours, peer = [], []
        for n in range(ROUNDS):
            shape = shapely.affinity.translate(_blob(), n * 1e-4)  # another one each time: nothing is kept of it
            area = geopandas.GeoDataFrame(geometry=[shape], crs=6668)
            begun = time.perf_counter()
            with store.read() as tx:
                found = people.inside(tx, shape, keys)
            ours.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            joined = frame.sjoin(area, predicate="intersects")
            peer.append(time.perf_counter() - begun)
            if len(joined) != found.plans:
                raise RuntimeError(f"{found.plans} homes, and the peer finds {len(joined)}")
        begun = time.perf_counter()
        with store.read() as tx:
            people.inside(tx, shape, keys)
        again = time.perf_counter() - begun
        with store.read() as tx:
            boxed = len(home_points.within(tx, shape).households)
        store.close()
    size = (
        f"{HOMES:,} homes, {VERTICES} vertices; {found.plans:,} inside, {boxed:,} in the box; "
        f"first time {cold:.1f} s, asked again {again * 1000:.0f} ms"
    )
    return {
        "people_in_area": _entry(ours, statistics.median(peer), size, "geopandas sjoin, points in memory, no people")
    }


def run_decide_by() -> Mapping[str, Mapping[str, Any]]:
    """Renew every area's minute after new official word: all plans reckoned anew."""
    with tempfile.TemporaryDirectory() as name:
        planner = city_with_plans(Path(name), world(OPENED))
        clock = DecideByClock(planner)
        starts = planner.config.world.starts
        if starts is None:
            raise RuntimeError("the night begins at no time")
        renew(clock, starts)
        took = []
        for n in range(ROUNDS):
            at = starts + MINUTE * n
            _say(planner, at)
            begun = time.perf_counter()
            renew(clock, at)
            took.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        renew(clock, at)
        still = time.perf_counter() - begun
        planner.store.close()
    size = f"{PLANS:,} plans, 10 areas; a round in which nothing happened: {still * 1000:.0f} ms"
    return {"decide_by": _entry(took, LIMIT_S, size, f"limit of {LIMIT_S:.0f} s")}


def _entry(ours: list[float], peer: float, size: str, name: str) -> Mapping[str, Any]:
    middle = statistics.median(ours)
    return {
        "ours": round(middle, 3), "peer": round(peer, 3), "unit": "s", "ratio": round(peer / middle, 2), "goal": None,
        "noise": spread(ours), "size": size, "peer_name": name,
    }  # fmt: skip


def _blob() -> shapely.Polygon:
    """Draw a polygon with a winding shore over about a quarter of the ground."""
    middle, points = (WEST + SIZE / 2, SOUTH + SIZE / 2), []
    for n in range(VERTICES):
        turn = 2 * math.pi * n / VERTICES
        far = SIZE * (0.27 + 0.03 * math.sin(9 * turn) + 0.01 * math.cos(41 * turn))
        points.append((middle[0] + far * math.cos(turn), middle[1] + far * math.sin(turn)))
    return shapely.Polygon(points)


def _settle(store: Store, keys: Keyring, made: list[Plan]) -> None:
    """Save plans in bulk: as `households.save` would, without its questions."""
    names = [f"{n:032x}" for n in range(len(made))]
    keys._link.executemany("INSERT INTO key VALUES (?, ?)", ((name, bytes(32)) for name in names))  # noqa: SLF001  # made one by one, each with its own sync, they take minutes
    keys._link.commit()  # noqa: SLF001  # as above
    pairs = list(zip(names, made, strict=True))
    with store.write() as tx:
        tx.execute(
            insert(household), [{"id": n, "created_at": OPENED, "changed_at": OPENED, "version": 1} for n in names]
        )
        tx.execute(
            insert(household_version),
            [
                {"household": n, "number": 1, "at": OPENED, "sealed": seal(bytes(32), f"plan {n} 1", plan)}
                for n, plan in pairs
            ],
        )
        tx.execute(insert(home), [{"household": n, "geom": plan.home.spot.point} for n, plan in pairs])


def city_with_plans(folder: Path, night: World) -> Planner:
    """Load the made-up city and give it its plans."""
    opendata.write(folder / "opendata")
    text = config_toml(folder, feed_port=1, mqtt_port=2, portal_port=3, world=night)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    config = replace(load_config(folder / "config.toml", {}), keys=Keys(Folder(folder / "keys")))
    store = prepare(config.store, config.world)
    load(store, [folder / "opendata"], now=OPENED, world=config.world, progress=lambda _: None)
    keys = Keyring.open(config.keys.folder)
    _settle(store, keys, plans(PLANS))
    return Planner(store, config, Library(store, config), keys)


def _say(planner: Planner, at: datetime) -> None:
    """Let the river office forecast the danger level anew, a minute later than before: everybody's minute moves."""
    gauge = STATIONS[0]
    station = Station(gauge.code, gauge.name, thresholds={"danger": gauge.thresholds[3]}, river=RIVER_CODE)
    word = Official(RIVER_CODE, "みなも川", AreaKind.RIVER, "flood", 3, "レベル3", "台", at, at, None, f"t{at}")
    steps = [
        Observation(gauge.code, "water_level", at + HOUR * n, n + 0.0, "m", basis=Basis.FORECAST, issued_at=at)
        for n in range(1, 7)
    ]
    with planner.store.write() as tx:
        stations.upsert(tx, station, source="t", seen_at=at)
        levels.put_official(tx, word)
        observations.add(tx, steps, raw_id=None)
