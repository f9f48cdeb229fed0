"""The search against brute force: every way, tried out."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disaster_hub.terms.household import Mode
from tests.timelines.square import link, spot, square
from timelines.latest import NOT
from timelines.outlook import warm
from timelines.pace import Pace
from timelines.reach import FROM, Ground, doors, links, reach
from timelines.roads import DRY, Roads
from timelines.trails import RouteTable, trails

WALK = Pace(Mode.FOOT, 1.0, 0.4)
NONE = np.zeros(0, np.int32)


def ground(roads: Roads, dry: dict[str, int] | None = None, closed: tuple[str, ...] = ()) -> Ground:
    until = np.full(len(roads), DRY, np.int32)
    for name, tenths in (dry or {}).items():
        until[roads.number[name]] = tenths
    return Ground.of(roads, WALK, until, np.array([roads.number[c] for c in closed], np.int32))


def simple_ways(roads: Roads, here: int, seen: tuple[int, ...], goal: int) -> Iterator[list[int]]:
    """Give every way over crossings that no crossing stands on twice, as links."""
    if here == goal:
        yield []
        return
    for n, (a, b) in enumerate(roads.ends.tolist()):
        for one, other in ((a, b), (b, a)):
            if one == here and other not in seen:
                for rest in simple_ways(roads, other, (*seen, other), goal):
                    yield [n, *rest]


def slack(way: list[int], tenths: list[int], dry: list[int], last: int) -> int:
    """Walk a way backwards: the latest set-out that keeps every link dry until its far end is reached."""
    latest = last
    for n in reversed(way):
        latest = min(latest, dry[n]) - tenths[n]
    return latest


SMALL = st.lists(st.one_of(st.just(DRY), st.integers(-2000, 20_000)), min_size=12, max_size=12)


@given(SMALL)
@settings(max_examples=60, deadline=None)
def test_the_search_finds_what_trying_every_way_finds(dry: list[int]) -> None:
    roads = Roads.build(square(3))
    here = Ground.of(roads, WALK, np.array(dry, np.int32), NONE)
    places = roads.snap([spot(195, 200), spot(5, 200)])
    found = reach(here, places, 2)
    for node in range(len(roads.nodes)):
        want = {}
        for n in range(2):
            target = int(places.link[n])
            best = NOT
            for side, part in ((0, places.share[n]), (1, 1 - places.share[n])):
                beside = int(WALK.beside(places.metres[n : n + 1])[0])
                last = min(DRY - beside, dry[target]) - int(np.ceil(here.along[target] * part))
                end = int(roads.ends[target, side])
                for way in simple_ways(roads, node, (node,), end):
                    best = max(best, slack(way, here.along.tolist(), dry, last))
            want[n] = best
        got = dict(zip(found.labels.origin[node].tolist(), found.labels.latest[node].tolist(), strict=True))
        assert got == want


def test_ten_thousand_crossings_agree_with_a_plain_search() -> None:
    """One place: the same as Dijkstra's, written another way."""
    roads = Roads.build(square(40))
    chance = np.random.default_rng(5)
    dry = np.where(chance.random(len(roads)) < 0.3, chance.integers(0, 60_000, len(roads)), DRY).astype(np.int32)
    here = Ground.of(roads, WALK, dry, NONE)
    places = roads.snap([spot(2000, 2003), spot(100, 3500)])
    labels = reach(here, places, 1).labels
    best = np.full(len(roads.nodes), NOT, np.int64)
    near: dict[int, list[tuple[int, int]]] = {}
    for n, (a, b) in enumerate(roads.ends.tolist()):
        near.setdefault(a, []).append((b, n))
        near.setdefault(b, []).append((a, n))
    heap: list[tuple[int, int]] = []
    for n in range(2):
        at = int(places.link[n])
        beside = int(WALK.beside(places.metres[n : n + 1])[0])
        for side, part in ((0, places.share[n]), (1, 1 - places.share[n])):
            last = min(DRY - beside, int(dry[at])) - int(np.ceil(here.along[at] * part))
            heapq.heappush(heap, (-last, int(roads.ends[at, side])))
    while heap:
        minus, v = heapq.heappop(heap)
        if best[v] != NOT:
            continue
        best[v] = -minus
        for u, n in near[v]:
            heapq.heappush(heap, (-(min(-minus, int(dry[n])) - int(here.along[n])), u))
    assert (labels.latest[:, 0] == best).all()


def test_a_way_is_the_links_that_its_minute_was_reckoned_with() -> None:
    roads = Roads.build(square(12))
    chance = np.random.default_rng(7)
    dry = np.where(chance.random(len(roads)) < 0.4, chance.integers(0, 30_000, len(roads)), DRY).astype(np.int32)
    here = Ground.of(roads, WALK, dry, NONE)
    found = reach(here, roads.snap([spot(1095, 500), spot(50, 3), spot(600, 1101)]), 3)
    homes = roads.snap([spot(float(x), float(y)) for x, y in chance.uniform(0, 1100, (200, 2))])
    best = doors(found, homes, np.full(200, DRY, np.int32))
    table = trails(found, homes, best)
    for h in range(200):
        walked = []
        for k in range(3):
            own = int(homes.link[h])
            way, along = links(found, own, int(best.side[h, k]), int(best.slot[h, k]))
            walked += way.tolist()
            assert len(way) == len(along)
            assert way[-1] == found.places.link[best.origin[h, k]]
        assert table.of(h).tolist() == walked


def test_nobody_reaches_a_place_over_a_closed_link() -> None:
    roads = Roads.build([link("a", (0, 0), (1, 0)), link("b", (1, 0), (2, 0)), link("c", (2, 0), (3, 0))])
    homes = roads.snap([spot(50, 0)])
    until = np.full(1, DRY, np.int32)
    places = roads.snap([spot(250, 0)])
    assert doors(reach(ground(roads), places, 1), homes, until).origin[0, 0] == 0
    shut = doors(reach(ground(roads, closed=("1.0/2.0",)), places, 1), homes, until)
    assert shut.origin[0, 0] == -1
    assert shut.latest[0, 0] == NOT


def test_one_is_off_a_link_before_it_gets_wet() -> None:
    roads = Roads.build([link("a", (0, 0), (1, 0)), link("b", (1, 0), (2, 0))])
    here = ground(roads, {"0.0/1.0": 3000})
    best = doors(reach(here, roads.snap([spot(150, 0)]), 1), roads.snap([spot(50, 0)]), np.full(1, DRY, np.int32))
    # 50 m at 1 m/s are left on a link that is wet after 300 s.
    assert best.latest[0, 0] == pytest.approx(2500, abs=3)
    assert best.time[0, 0] == pytest.approx(1000, abs=5)
    assert best.side[0, 0] != FROM


def test_a_home_beside_its_shelter_walks_along_one_link() -> None:
    roads = Roads.build([link("a", (0, 0), (5, 0))])
    here = ground(roads, {"0.0/5.0": 9000})
    best = doors(reach(here, roads.snap([spot(300, 0)]), 1), roads.snap([spot(100, 0)]), np.full(1, DRY, np.int32))
    assert best.latest[0, 0] == pytest.approx(7000, abs=5)


def test_the_same_question_gets_the_same_answer_to_the_bit() -> None:
    """Every street is as long as every other: ties everywhere."""
    roads = Roads.build(square(20))
    places = roads.snap([spot(950, 950), spot(950, 0), spot(0, 950)])
    one, other = (reach(ground(roads), places, 3).labels for _ in range(2))
    for a, b in zip((one.latest, one.arc, one.then), (other.latest, other.arc, other.then), strict=True):
        assert a.tobytes() == b.tobytes()


def test_closing_a_link_that_is_on_no_way_changes_no_way() -> None:
    roads = Roads.build(square(15))
    places = roads.snap([spot(1395, 700), spot(700, 3), spot(3, 1300)])
    chance = np.random.default_rng(3)
    homes = roads.snap([spot(float(x), float(y)) for x, y in chance.uniform(0, 1400, (300, 2))])
    until = np.full(300, DRY, np.int32)
    before = reach(ground(roads), places, 3)
    table = trails(before, homes, doors(before, homes, until))
    for name in ("7.3/8.3", "3.7/3.8", "0.0/1.0"):
        after = reach(ground(roads, closed=(name,)), places, 3)
        new = trails(after, homes, doors(after, homes, until))
        hit = set(table.affected([roads.number[name]]).tolist())
        assert 0 < len(hit) < 300 or name == "0.0/1.0"
        for h in set(range(300)) - hit:
            assert new.of(h).tolist() == table.of(h).tolist()


def test_tables_of_parts_make_one_table() -> None:
    one = RouteTable(np.array([5, 6, 7], np.int32), np.array([0, 2, 3]))
    other = RouteTable(np.array([9], np.int32), np.array([0, 1]))
    whole = RouteTable.joined([(np.array([0, 2]), one), (np.array([2]), other)], 4)
    assert [whole.of(h).tolist() for h in range(4)] == [[5, 6], [], [7, 9], []]
    assert whole.affected([9]).tolist() == [2]
    assert whole.affected([5, 7]).tolist() == [0, 2]
    assert len(whole) == 4


def test_warming_up_compiles_and_nothing_else() -> None:
    warm()
