"""The road graph of the made-up city: streets of every class, bridges, an underpass, steps into the hills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from disaster_hub.rehearsal.city import HEIGHT_M, WIDTH_M, river_y
from disaster_hub.rehearsal.terrain import CREST_FROM_M, CREST_TO_M, Array, height

SEED = 990201
SPACING_M = 120.0
JITTER_M = 16.0
MISSING = 0.1
"""The share of streets that a grid would have and this city has not."""
FIRST_ID = 9_900_000_000
LEVEE_M = (CREST_FROM_M + CREST_TO_M) / 2
HILL_FROM_Y = 1400.0
BRIDGES = {7: "しも浜橋", 20: "新みなも大橋", 24: "みなも橋", 35: "さくら橋", 43: "うえの橋"}
"""Columns of the grid that cross the river."""
UNDER_COLUMN, UNDER_ROW = 21, 24
MAIN_ROWS = {16: "南環状線", 23: "駅前通り", 28: "中央通り", 34: "北台通り"}
MAIN_COLUMNS = {7: "しも浜街道", 20: "新みなも通り", 24: "みなも大通り", 35: "さくら通り", 43: "うえの街道"}
MINOR = ("柳", "桜", "松", "梅", "楓", "萩", "菊", "藤", "椿", "桐", "栗", "柿")
WIDTHS = {"secondary": "12", "tertiary": "8", "residential": "5", "unclassified": "4"}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Way:
    """One OSM way: its id, its nodes in order, its tags."""

    id: int
    nodes: tuple[int, ...]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """What the loader makes of a way between two crossings; *id* is way/segment."""

    id: str
    points: tuple[Point, ...]
    bridge: bool
    under: bool
    tags: Mapping[str, str]


@dataclass
class Streets:
    """Nodes (metres east and north) and ways."""

    nodes: dict[int, Point] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)

    def node(self, x: float, y: float) -> int:
        """Add a node and give its id."""
        number = FIRST_ID + len(self.nodes) + 1
        self.nodes[number] = (round(x, 2), round(y, 2))
        return number

    def way(self, nodes: list[int], **tags: str) -> None:
        """Add a way; a tag that is empty is left out."""
        kept = {key: value for key, value in tags.items() if value}
        self.ways.append(Way(FIRST_ID + 500_000 + len(self.ways) + 1, tuple(nodes), kept))

    def links(self) -> list[Link]:
        """Cut the ways where they meet, as a reader of the file does."""
        used = Counter(node for way in self.ways for node in way.nodes)
        return [link for way in self.ways for link in self._links(way, used)]

    def _links(self, way: Way, used: Counter[int]) -> Iterator[Link]:
        start, number = 0, 0
        for at in range(1, len(way.nodes)):
            if at == len(way.nodes) - 1 or used[way.nodes[at]] > 1:
                points = tuple(self.nodes[node] for node in way.nodes[start : at + 1])
                under = "tunnel" in way.tags
                yield Link(f"{way.id}/{number}", points, "bridge" in way.tags, under, way.tags)
                start, number = at, number + 1


def streets() -> Streets:
    """Build the whole graph, the same every time."""
    town = Streets()
    chance = np.random.default_rng(SEED)
    grid = _grid(town, chance)
    levees = {side: _levee(town, side) for side in (-1, 1)}
    _rows(town, grid, chance)
    _columns(town, grid, levees, chance)
    _hills(town, grid, chance)
    return _connected(town)


Grid = dict[tuple[int, int], int]


def _grid(town: Streets, chance: np.random.Generator) -> Grid:
    """Place the crossings, off the river's corridor and off the hills."""
    grid: Grid = {}
    for row in range(12, int(HEIGHT_M // SPACING_M)):
        for column in range(1, int(WIDTH_M // SPACING_M)):
            east, north = chance.uniform(-JITTER_M, JITTER_M, 2)
            x, y = column * SPACING_M + float(east), row * SPACING_M + float(north)
            if abs(y - river_y(x)) > CREST_TO_M + 35:
                grid[row, column] = town.node(x, y)
    return grid


def _levee(town: Streets, side: int) -> Array:
    """Lay a road on one levee's crest; give its nodes by column."""
    columns = range(1, int(WIDTH_M // SPACING_M))
    nodes = [
        town.node(c * SPACING_M, river_y(c * SPACING_M) + side * LEVEE_M)
        for c in columns
    ]  # fmt: skip
    name = "みなも川右岸堤防道路" if side > 0 else "みなも川左岸堤防道路"
    for start in range(0, len(nodes) - 1, 12):
        town.way(nodes[start : start + 13], highway="unclassified", name=name, width="4", surface="asphalt")
    return np.array([0, *nodes])


def _class(number: int, main: Mapping[int, str], row: bool) -> tuple[str, str]:
    """Give class and name of a row or column of the grid."""
    if number in main:
        return "secondary", main[number]
    if number % 3 == 0:
        tree = MINOR[number // 3 % len(MINOR)]
        return "tertiary", f"{tree}{'小路' if row else '通り'}"
    return "residential", ""


def _rows(town: Streets, grid: Grid, chance: np.random.Generator) -> None:
    """Draw the streets that run east and west."""
    for row in sorted({row for row, _ in grid}):
        columns = [column for r, column in grid if r == row]
        kind, name = _class(row, MAIN_ROWS, row=True)
        for run in _runs(columns, kind, chance):
            nodes = [grid[row, column] for column in run]
            town.way(nodes, highway=kind, name=name, width=WIDTHS[kind], surface="asphalt")


def _columns(town: Streets, grid: Grid, levees: Mapping[int, Array], chance: np.random.Generator) -> None:
    """Draw the streets that run north and south, their ramps to the levees, the bridges and the underpass."""
    for column in sorted({column for _, column in grid}):
        kind, name = _class(column, MAIN_COLUMNS, row=False)
        rows = sorted(row for row, c in grid if c == column)
        south = [row for row in rows if town.nodes[grid[row, column]][1] < river_y(column * SPACING_M)]
        north = [row for row in rows if row not in south]
        for side, part in ((-1, south), (1, north)):
            for run in _runs(part, kind, chance):
                _street(town, [grid[row, column] for row in run], column, run, kind, name)
            near = (part[-1] if side < 0 else part[0]) if part else None
            if near is not None and (column in BRIDGES or column % 2 == 0):
                ramp = [grid[near, column], int(levees[side][column])]
                town.way(ramp, highway=kind, name=name, width=WIDTHS[kind], surface="asphalt")
        if column in BRIDGES:
            deck = [int(levees[-1][column]), int(levees[1][column])]
            town.way(deck, highway=kind, name=BRIDGES[column], width=WIDTHS[kind], bridge="yes", layer="1")


def _street(town: Streets, nodes: list[int], column: int, run: list[int], kind: str, name: str) -> None:
    """Draw one run of a column; where the railway passes over it, a piece is an underpass."""
    tags = {"highway": kind, "name": name, "width": WIDTHS[kind], "surface": "asphalt"}
    if column == UNDER_COLUMN and UNDER_ROW in run and UNDER_ROW + 1 in run:
        at = run.index(UNDER_ROW)
        for part, more in (
            (nodes[: at + 1], {}),
            (nodes[at : at + 2], {"name": "駅西アンダーパス", "tunnel": "yes", "layer": "-1"}),
            (nodes[at + 1 :], {}),
        ):
            if len(part) > 1:
                town.way(part, **(tags | more))
    else:
        town.way(nodes, **tags)


def _runs(numbers: list[int], kind: str, chance: np.random.Generator) -> Iterator[list[int]]:
    """Split a street where the grid has a hole, and where chance takes a piece of a small street away."""
    run: list[int] = []
    for number in numbers:
        gone = bool(chance.random() < MISSING) and kind == "residential"
        if run and (number != run[-1] + 1 or gone):
            if len(run) > 1:
                yield run
            run = []
        run.append(number)
    if len(run) > 1:
        yield run


def _hills(town: Streets, grid: Grid, chance: np.random.Generator) -> None:
    """Lay lanes and steps from the lowest street up the hills, as far as a temple or a look-out."""
    lowest = {column: row for row, column in sorted(grid, reverse=True)}
    for column in sorted(lowest)[::3]:
        start = grid[lowest[column], column]
        x, y = town.nodes[start]
        lane = [start]
        for _ in range(int(chance.integers(3, 7))):
            x, y = x + float(chance.uniform(-40, 40)), y - float(chance.uniform(60, 110))
            lane.append(town.node(min(max(x, 20), WIDTH_M - 20), max(y, 60)))
        town.way(lane, highway="unclassified", width="3", surface="asphalt")
        top = lane[-1]
        x, y = town.nodes[top]
        climb = [top, *(town.node(x + 12 * n, max(20.0, y - 18 * n)) for n in range(1, 4))]
        rise = float(height(*town.nodes[climb[-1]]) - height(x, y))
        town.way(climb, highway="steps" if rise > 3 else "footway", width="1.5")


def _connected(town: Streets) -> Streets:
    """Leave out every way that the greatest connected piece does not touch."""
    group: dict[int, int] = {}

    def top(node: int) -> int:
        while group.setdefault(node, node) != node:
            group[node] = group[group[node]]
            node = group[node]
        return node

    for way in town.ways:
        for node in way.nodes[1:]:
            group[top(node)] = top(way.nodes[0])
    sizes = Counter(top(node) for node in list(group))
    main = sizes.most_common(1)[0][0]
    ways = [way for way in town.ways if top(way.nodes[0]) == main]
    kept = {node for way in ways for node in way.nodes}
    return Streets({node: place for node, place in town.nodes.items() if node in kept}, ways)
