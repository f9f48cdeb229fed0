"""The gazetteer: every place that somebody may name in one word on the telephone, found while it is being typed."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from disaster_hub.config import Config
from disaster_hub.desk.sounds import Sounds
from disaster_hub.store import checkpoints, named_roads, places, stations
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.place import LonLat
from timelines.find_address import AddressBook, fold

GLANCE_S = 3.0
MOST_HITS = 300
SHORTEST = 2
"""Of a longer text, a name counts that is at least so long: 「芦原橋の下」 is 芦原橋."""
CHECK, SHELTER, BRIDGE, UNDERPASS, GAUGE, TOWN, ROAD, BLOCK = (
    "重点確認箇所", "避難所", "橋", "地下道・トンネル", "観測所", "町", "道路", "番地",
)  # fmt: skip
ORDER = (CHECK, BRIDGE, UNDERPASS, SHELTER, TOWN, GAUGE, ROAD, BLOCK)


@dataclass(frozen=True, slots=True)
class Place:
    """One place with a name."""

    id: str
    name: str
    what: str
    """One of ORDER."""
    spot: LonLat
    near: str = ""
    """The address next to it, to tell two of the same name apart."""
    keys: tuple[str, ...] = ()
    """What people type for it besides its name: its reading."""


@dataclass(slots=True)
class Gazetteer:
    """All places of a city in one text that is searched at once."""

    stamp: str
    addresses: AddressBook
    _places: Sequence[Place] = ()
    """The place of each key, the best first."""
    _text: str = ""
    _starts: Sequence[int] = field(default_factory=list)
    _exact: dict[str, list[Place]] = field(default_factory=dict)

    @classmethod
    def build(cls, stamp: str, addresses: AddressBook, found: Iterable[Place]) -> Gazetteer:
        """Make the text of every name and reading."""
        towns = {town.name: town.kana for town in addresses.towns.values() if town.kana}
        said = Sounds(towns)
        keys = [(key, one) for one in found for key in _keys(one, said) if key]
        keys.sort(key=lambda row: (ORDER.index(row[1].what), len(row[0]), row[0]))
        starts = list(accumulate((len(key) + 1 for key, _ in keys), initial=1))[:-1]
        exact: dict[str, list[Place]] = {}
        for key, one in keys:
            exact.setdefault(key, []).append(one)
        text = "\n" + "".join(f"{key}\n" for key, _ in keys)
        return cls(stamp, addresses, [one for _, one in keys], text, starts, exact)

    def find(self, text: str, limit: int = 8) -> list[Place]:
        """Give the places that *text* may mean: the very name, then names beginning with it, then holding it."""
        wish = fold(text[:60])
        for prefix in self.addresses.prefixes:  # 架空県みなも市本町 is 本町
            if wish.startswith(prefix) and len(wish) > len(prefix):
                wish = wish.removeprefix(prefix)
        if not wish:
            return []
        found = [*self._exact.get(wish, ()), *self._holding(f"\n{wish}"), *self._holding(wish)]
        found = found or self._within(wish)
        if not found or wish[-1:].isdigit():
            blocks = self.addresses.find(text, limit)
            found += [Place(b.id, b.label, BLOCK, b.spot) for b in blocks]
        unique: dict[tuple[str, str, float, float], Place] = {}
        for one in found:
            unique.setdefault((one.name, one.what, round(one.spot.lon, 3), round(one.spot.lat, 3)), one)
        return [self._told_apart(one) for one in list(unique.values())[:limit]]

    def address(self, spot: LonLat) -> str:
        """Name the address next to *spot*; empty where no addresses are loaded."""
        block = self.addresses.nearest(spot)
        return "" if block is None else block.label

    def _told_apart(self, one: Place) -> Place:
        return one if one.near or one.what in {TOWN, BLOCK} else replace(one, near=self.address(one.spot))

    def _holding(self, wish: str) -> list[Place]:
        """Give the places whose key holds *wish* (with a line feed before it: begins with it)."""
        found: list[Place] = []
        at = self._text.find(wish)
        while at >= 0 and len(found) < MOST_HITS:
            number = max(0, bisect_right(self._starts, at + wish.startswith("\n")) - 1)
            found.append(self._places[number])
            at = self._text.find(wish, self._starts[number + 1] - 1) if number + 1 < len(self._starts) else -1
        return found

    def _within(self, wish: str) -> list[Place]:
        """Give the places whose whole name stands in *wish*, the longest name first."""
        parts = {wish[a:b] for a in range(len(wish)) for b in range(a + SHORTEST, len(wish) + 1)}
        hits = sorted(parts & self._exact.keys(), key=lambda key: (-len(key), wish.index(key)))
        return [one for key in hits for one in self._exact[key]]


class Finder:
    """Keeps the gazetteer of one store, and makes it again where places were loaded or check points changed."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self._held: Gazetteer | None = None
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def gazetteer(self) -> Gazetteer:
        """Give the places as they were last loaded."""
        held = self._held
        if held is not None and time.monotonic() - self._looked < GLANCE_S:
            return held
        with self._lock, self.store.read() as tx:
            newest = _stamp(tx)
            if self._held is None or self._held.stamp != newest:
                self._held = gathered(tx, self.config, newest)
            self._looked = time.monotonic()
            return self._held


def gathered(tx: Transaction, config: Config, stamp: str) -> Gazetteer:
    """Read every named place of the store."""
    book = AddressBook.build(places.features(tx, "addresses"))
    found = [Place(p.id, p.name, CHECK, p.spot) for p in checkpoints.points(tx)]
    for one in places.features(tx, "shelters"):
        if one.columns.get("name") and one.geometry is not None:
            spot = LonLat(one.geometry.centroid.x, one.geometry.centroid.y)
            found.append(Place(one.id, str(one.columns["name"]), SHELTER, spot))
    return Gazetteer.build(stamp, book, [*found, *_gauges(tx, config), *_roads(tx), *_addresses(book)])


def _keys(one: Place, sounds: Sounds) -> Iterable[str]:
    """Give what people may type for a place, folded; the address book has folded its blocks already."""
    return one.keys if one.what == BLOCK else dict.fromkeys(map(fold, sounds.of(one.name, one.keys)))


def _stamp(tx: Transaction) -> str:
    listed = [(p.id, p.version) for p in checkpoints.points(tx)]
    known = sorted(s.station.id for s in stations.all_stations(tx))
    return f"{places.stamp(tx)} {hash((tuple(listed), tuple(known)))}"


def _gauges(tx: Transaction, config: Config) -> Iterable[Place]:
    """Give the gauges; the configuration says more of some than their source."""
    named = {g.id: (g.name, g.name_en, g.lon, g.lat) for g in config.gauges}
    named |= {s.id: (s.name, s.name_en, s.lon, s.lat) for s in config.sensors}
    for stored in stations.all_stations(tx):
        one = stored.station
        name, english, lon, lat = named.pop(one.id, ("", "", None, None))
        lon, lat = lon if lon is not None else one.lon, lat if lat is not None else one.lat
        if lon is not None and lat is not None and (name or one.name):
            yield Place(one.id, name or one.name, GAUGE, LonLat(lon, lat), keys=(one.name, english))
    for identity, (name, english, lon, lat) in named.items():
        if name and lon is not None and lat is not None:
            yield Place(identity, name, GAUGE, LonLat(lon, lat), keys=(english,))


def _roads(tx: Transaction) -> Iterable[Place]:
    """Give each named bridge, underpass and road once: the middle of its links."""
    groups: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for road in named_roads.named(tx):
        what = BRIDGE if road.bridge else UNDERPASS if road.under else ROAD
        middle = road.line.interpolate(0.5, normalized=True)
        groups.setdefault((road.name, what), []).append((middle.x, middle.y, road.line.length))
    for (name, what), links in groups.items():
        lon = sum(x for x, _, _ in links) / len(links)
        lat = sum(y for _, y, _ in links) / len(links)
        # The link next to the middle: the middle of a bent road lies beside it.
        x, y, _ = min(links, key=lambda link: (link[0] - lon) ** 2 + (link[1] - lat) ** 2)
        yield Place(f"{what} {name}", name, what, LonLat(x, y))


def _addresses(book: AddressBook) -> Iterable[Place]:
    """Give each town (the middle of its blocks) and each block that has a name of its own."""
    kana = dict[str, list[str]]()
    for key, block in book.keys:
        kana.setdefault(block.id, []).append(key)
    for identity, town in book.towns.items():
        blocks = book.by_town[identity]
        spot = LonLat(
            sum(b.spot.lon for b in blocks) / len(blocks), sum(b.spot.lat for b in blocks) / len(blocks)
        )  # fmt: skip
        first = min(blocks, key=lambda b: (b.spot.lon - spot.lon) ** 2 + (b.spot.lat - spot.lat) ** 2)
        yield Place(identity, town.name, TOWN, first.spot, keys=(town.kana,))
        for block in blocks:
            if block.label != town.name:
                yield Place(block.id, block.label, BLOCK, block.spot, keys=tuple(kana[block.id]))
