"""What a gauge's readings are held against: its marks, its neighbours, the rain, the offices' word, officers' eyes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disaster_hub.config import Config
from disaster_hub.rules import plausible
from disaster_hub.rules.one_gauge import one_gauge
from disaster_hub.rules.witnesses import LONG, LOOKED_FOR, Around, Neighbour, Post
from disaster_hub.store import levels, observations, sensors, stations, witness
from disaster_hub.store.session import Transaction
from disaster_hub.terms.doubt import DoubtKind
from disaster_hub.terms.level import Official
from disaster_hub.terms.observation import Observation, StationKind
from disaster_hub.terms.place import LonLat, metres_between
from disaster_hub.terms.sensor import unseen_after_move

WATER, RAIN = "water_level", "rainfall"
BACK = LONG + timedelta(hours=1)
APART_M = 50.0
"""Two instruments on one pole are cleaned together: they are no two witnesses."""
WATERS_M, RAINS_M = 20_000.0, 15_000.0
MOST_WATERS, MOST_RAINS = 8, 4
ALSO = frozenset({DoubtKind.LEAP, DoubtKind.ALONE})
"""A neighbour that is doubted only because it leapt as well may bear a leap out: two devices say it."""


@dataclass(frozen=True, slots=True)
class Place:
    """One station that can be judged or be asked."""

    post: Post
    at: LonLat | None
    quantity: str
    interval_s: float
    mine: bool


def places(tx: Transaction, config: Config, now: datetime) -> dict[str, Place]:
    """Give every gauge and rain gauge, as the sources and the registry describe them now."""
    at_work = sensors.maintained(tx, now)
    extra = {gauge.id: gauge for gauge in config.gauges}
    found: dict[str, Place] = {}
    for stored in stations.all_stations(tx):
        one, more = stored.station, extra.get(stored.station.id)
        lon, lat = (more.lon, more.lat) if more is not None and more.lon is not None else (one.lon, one.lat)
        post = Post(
            one.id, one.name or (more.name if more else one.id), one.thresholds, one.kind, one.thresholds.get("start"),
            river=one.river or "", maintained=one.id in at_work,
        )  # fmt: skip
        spot = None if lon is None or lat is None else LonLat(lon, lat)
        found[one.id] = Place(post, spot, one.quantity, more.interval_s if more else 600.0, mine=False)
    moved = {device for device, one in sensors.newest(tx).items() if one.entry.moved_at is not None}
    for device in sensors.current(tx, config.sensors):
        unseen = device.id.lower() in moved and unseen_after_move(sensors.versions(tx, device.id.lower()))
        heights = (("near", device.near), ("met", device.met))
        post = Post(
            device.id, device.name, {m: h for m, h in heights if h is not None}, StationKind(device.kind),
            device.start_m, device.zero_m, moved=unseen, maintained=device.id in at_work,
        )  # fmt: skip
        quantity = RAIN if device.kind == "rain" else WATER
        found[device.id] = Place(post, LonLat(device.lon, device.lat), quantity, device.interval_s, mine=True)
    return found


def beside(here: Place, all_: Mapping[str, Place]) -> tuple[list[str], list[str]]:
    """Name the gauges and the rain gauges that can speak for one gauge, the nearest first."""
    if here.at is None:
        mine = here.post.river
        same = (n for n, p in all_.items() if mine and p.post.river == mine and n != here.post.station)
        return [n for n in same if not _one(here, all_[n], None)], []
    tide = here.post.kind is StationKind.TIDE
    waters, rains = [], []
    for name, other in all_.items():
        if name == here.post.station or other.at is None:
            continue
        far = metres_between(here.at, other.at)
        if far < APART_M or _one(here, other, far):
            continue
        if other.quantity == WATER and (other.post.kind is StationKind.TIDE) is tide and far <= WATERS_M:
            waters.append((far, name))
        elif other.quantity == RAIN and far <= RAINS_M:
            rains.append((far, name))
    return [n for _, n in sorted(waters)[:MOST_WATERS]], [n for _, n in sorted(rains)[:MOST_RAINS]]


def _one(here: Place, other: Place, metres: float | None) -> bool:
    """Tell whether two places are one instrument; of its own devices the city knows that they are not."""
    both = here.mine and other.mine
    return not both and here.quantity == other.quantity and one_gauge(here.post, other.post, metres)


class Surroundings:
    """Everything around the gauges that must be looked at now, read at once."""

    def __init__(
        self,
        tx: Transaction,
        config: Config,
        known: Mapping[str, Place],
        wanted: Collection[str],
        now: datetime,
        since: datetime | None = None,
    ) -> None:
        self.known = known
        self.beside = {name: beside(known[name], known) for name in wanted}
        asked = set(wanted).union(*(side for pair in self.beside.values() for side in pair))
        since = since or now - BACK
        kinds = witness.marks(tx, since, asked) if asked else {}
        self._series: dict[str, list[Observation]] = {}
        for name, seen in observations.of_stations(tx, asked, since, (WATER, RAIN)).items():
            good = [o for o in seen if o.quantity == known[name].quantity]
            post = known[name].post
            good = [
                o for o in good if o.value is None or o.quantity != WATER or not plausible.impossible(post, o.value)
            ]
            self._series[name] = witness.marked(good, kinds, ALSO)
        self._words = levels.officials(tx) if asked else []
        self._looks = witness.looks(tx, now - LOOKED_FOR)
        self._city = config.city.area

    def around(self, name: str, *, tilted: bool) -> Around:
        """Give what is known around one gauge."""
        waters, rains = self.beside.get(name, ((), ()))
        return Around(
            self._of(waters), self._rain(rains), self._said(self.known[name].post), self._looks.get(name), tilted,
            self._series.get(name, ()),
        )  # fmt: skip

    def _of(self, names: Iterable[str]) -> list[Neighbour]:
        asked = (n for n in names if not self.known[n].post.maintained and not self.known[n].post.moved)
        return [Neighbour(n, self.known[n].post.name, self._series[n]) for n in asked if self._series.get(n)]

    def _rain(self, names: Iterable[str]) -> list[Neighbour]:
        found = []
        for one in self._of(names):
            interval = self.known[one.station].interval_s
            seen = [o for o in one.seen if o.value is None or plausible.possible_rain(o.value, interval)]
            found.append(replace(one, seen=seen))
        return found

    def _said(self, post: Post) -> list[Official]:
        return [w for w in self._words if w.area == self._city or (post.river and w.area == post.river)]
