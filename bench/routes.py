"""Ways and minutes for a whole city: every home's nearest reachable shelter; the plans that a closed road cuts."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import networkx as nx
import numpy as np
from shapely import LineString, Point, box

from bench.telegram import spread
from disaster_hub.config import Governs
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Home, Household, Mode, Need
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.way import Basis, Water
from timelines.latest import NOT
from timelines.outlook import Asked, State, outlooks, route_table, warm
from timelines.pace import Pace
from timelines.reach import Found, Ground, doors, reach
from timelines.roads import DRY, Roads, Snaps
from timelines.town import Town

SIDE = 316
"""99,856 crossings."""
BLOCK_DEG = 0.001
DROPPED = 0.25
HOMES = 100_000
SHELTERS = 100
ROUNDS = 5
LIMIT_S = 5.0
GOAL = 10.0
LON, LAT = 139.0, 38.7
RIVER = "990099000100"
NOW = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)
WALK = Pace(Mode.FOOT, 0.9, 0.36)


def leave_by() -> dict[str, Mapping[str, Any]]:
    """Find every home's nearest reachable shelter and latest safe minute, beside networkx's plain search."""
    chance = np.random.default_rng(4)
    roads = Roads.build(streets(chance))
    dry = water(roads, chance)
    began = time.perf_counter()
    warm()
    compiled = time.perf_counter() - began
    places = roads.snap(spots(chance, SHELTERS))
    homes = roads.snap(spots(chance, HOMES))
    ground = Ground.of(roads, WALK, dry, np.zeros(0, np.int32))
    until = np.full(HOMES, DRY, np.int32)

    def ours() -> Found:
        return doors(reach(ground, places, 1), homes, until)

    graph, sources = peer_graph(roads, ground, places)

    def peer() -> dict[int, float]:
        found: dict[int, float] = nx.multi_source_dijkstra_path_length(graph, sources, weight="weight")
        return found

    ours()
    mine, theirs = by_turns(ours, peer)
    found = ours()
    cut = int((found.latest[:, 0] == NOT).sum())
    size = (
        f"{len(roads.nodes):,} nodes, {len(roads.arc_link):,} directed edges, {HOMES:,} homes, {SHELTERS} shelters; "
        f"{cut:,} homes cut off; compiling {compiled:.1f} s, not counted"
    )
    name = "networkx multi_source_dijkstra_path_length, fastest ways alone, no water, no homes"
    return {"leave_by": entry(mine, theirs, GOAL, size, name)}


def replan() -> dict[str, Mapping[str, Any]]:
    """Reckon anew, among 100,000 plans, those whose ways a closed road cuts; the limit is 5 s."""
    chance = np.random.default_rng(6)
    town = made_town(chance)
    asked = households(chance, HOMES)
    state = State(NOW, night=True, waters=(flood(3600),))
    began = time.perf_counter()
    table = route_table(town, asked, state)
    built = time.perf_counter() - began
    uses = np.bincount(table.links, minlength=len(town.roads))
    busy = np.argsort(uses)[::-1]
    times, counts = [], []
    for n in range(ROUNDS):
        link = int(busy[(len(busy) // 200) * (n + 1)])
        began = time.perf_counter()
        affected = table.affected([link])
        shut = replace(state, closed=frozenset({town.roads.ids[link]}))
        mine = [asked[int(home)] for home in affected]
        outlooks(town, mine, shut)
        route_table(town, mine, shut)
        times.append(time.perf_counter() - began)
        counts.append(len(affected))
    size = (
        f"{HOMES:,} plans, {len(town.roads.nodes):,} nodes; {statistics.median(counts):,.0f} plans affected (median); "
        f"the table of all ways: {built:.1f} s, {table.links.nbytes / 1e6:.0f} MB"
    )
    return {"replan": entry(times, [LIMIT_S] * ROUNDS, 1.0, size, "limit of issue 4: 5 s")}


def streets(chance: np.random.Generator) -> list[Feature]:
    """Lay a grid with holes; about 300,000 directed edges."""
    found = []
    metres = (BLOCK_DEG * 111_195 * math.cos(math.radians(LAT)), BLOCK_DEG * 111_195)
    for x in range(SIDE):
        for y in range(SIDE):
            for number, (dx, dy) in enumerate(((1, 0), (0, 1))):
                if x + dx >= SIDE or y + dy >= SIDE or chance.random() < DROPPED:
                    continue
                ends = [(x, y), (x + dx, y + dy)]
                line = LineString([(LON + east * BLOCK_DEG, LAT + north * BLOCK_DEG) for east, north in ends])
                said = {
                    "from_node": x * SIDE + y, "to_node": (x + dx) * SIDE + y + dy, "highway": "residential",
                    "name": f"通り{x if dy else y}", "length_m": metres[number] * float(chance.uniform(1.0, 1.4)),
                }  # fmt: skip
                found.append(Feature("roads", f"{x * SIDE + y}/{number}", line, said))
    return found


def water(roads: Roads, chance: np.random.Generator) -> Any:
    """Let water come to eight links in a hundred, within four hours."""
    until = np.full(len(roads), DRY, np.int32)
    wet = chance.random(len(roads)) < 0.08
    until[wet] = chance.integers(0, 4 * 36_000, int(wet.sum()))
    return until


def spots(chance: np.random.Generator, count: int) -> list[LonLat]:
    """Scatter points over the grid."""
    wide = (SIDE - 1) * BLOCK_DEG
    return [LonLat(LON + float(x), LAT + float(y)) for x, y in chance.uniform(0, wide, (count, 2))]


def peer_graph(roads: Roads, ground: Ground, places: Snaps) -> tuple[Any, set[int]]:
    """Give networkx the same links; its search knows no water, which is less work than ours."""
    graph = nx.DiGraph()
    for (one, other), seconds in zip(roads.ends.tolist(), (ground.along / 10).tolist(), strict=True):
        graph.add_edge(one, other, weight=seconds)
        graph.add_edge(other, one, weight=seconds)
    return graph, {int(roads.ends[link, 0]) for link in places.link}


def made_town(chance: np.random.Generator) -> Town:
    """Build a town of the same size, a flood along its middle, shelters all over it."""
    wide = (SIDE - 1) * BLOCK_DEG
    low, high = LAT + 0.35 * wide, LAT + 0.6 * wide
    said = {"hazard": "flood", "rank_kind": "depth", "rank": 2, "scale": "maximum"}
    zone = Feature("hazards", "f", box(LON - 1, low, LON + 1, high), said)
    flags = {h.value: True for h in Hazard}
    shelters = [
        Feature("shelters", f"s{n}", Point(s.lon, s.lat), flags | {"name": f"避難所{n}", "designation": "emergency"})
        for n, s in enumerate(spots(chance, SHELTERS))
    ]
    return Town.build([zone], streets(chance), shelters, [], [Governs("flood", RIVER)], "9920100")


def households(chance: np.random.Generator, count: int) -> list[Asked]:
    """Make households of six paces."""
    kinds = [
        Household(),
        Household(ten_minutes_m=600),
        Household(ten_minutes_m=420),
        Household(ten_minutes_m=300, needs=frozenset({Need.ELDER})),
        Household(mode=Mode.WHEELCHAIR),
        Household(mode=Mode.CAR),
    ]
    which = chance.integers(0, len(kinds), count)
    return [Asked(Home(at), kinds[k]) for at, k in zip(spots(chance, count), which, strict=True)]


def flood(seconds: float) -> Water:
    """Say when the water comes."""
    return Water(Hazard.FLOOD, RIVER, NOW + timedelta(seconds=seconds), Basis.FORECAST, level=3)


def by_turns(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Time both, one after the other, so that a busy machine is busy for both."""
    mine, theirs = [], []
    for _ in range(ROUNDS):
        for do, times in ((ours, mine), (peer, theirs)):
            began = time.perf_counter()
            do()
            times.append(time.perf_counter() - began)
    return mine, theirs


def entry(mine: list[float], theirs: list[float], goal: float, size: str, peer: str) -> Mapping[str, Any]:
    """Write one result."""
    ours, other = statistics.median(mine), statistics.median(theirs)
    return {
        "ours": round(ours, 4), "peer": round(other, 4), "unit": "s", "ratio": round(other / ours, 2), "goal": goal,
        "noise": spread(mine), "size": size, "peer_name": peer,
    }  # fmt: skip
