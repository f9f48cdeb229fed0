"""Gauges that pass one of their thresholds, or fall silent while high: one journal row each, up and down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from disaster_hub.config import Config, Sensor
from disaster_hub.rules import gauges
from disaster_hub.rules.gauges import MARK_WORDS, Above, Crossing, Standing
from disaster_hub.rules.health import SKEW
from disaster_hub.rules.water import Own
from disaster_hub.store import journal, observations, sensors, stations, witness
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.doubt import DoubtKind
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.quantity import Quality

LOOK_BACK = timedelta(hours=2)
"""At the first look: what was passed while no clock ran is written too."""
HOUR = timedelta(hours=1)
DAY = timedelta(hours=26)
"""Older silence is no news."""
DAY_S = 86_400.0


@dataclass(slots=True)
class Gauge:
    """One gauge as the stations and the registry describe it now."""

    name: str
    marks: Mapping[str, float]
    own: Own
    mine: bool
    quantity: str


@dataclass(slots=True)
class Memory:
    """What was seen of one gauge at the last look."""

    last: datetime
    above: Above = field(default_factory=Above)
    silent: datetime | None = None


class Crossings:
    """Looks at what came in since the last look; one a clock. Its memory can be lost: every row has a key."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config
        self._seen: dict[str, Memory] = {}
        self._met: set[str] = set()
        self._latest: Mapping[str, Sequence[Observation]] = {}
        self._window: Mapping[str, Sequence[Observation]] = {}
        self._doubts: Mapping[tuple[str, str, datetime], DoubtKind] = {}

    def run(self, now: datetime) -> int:
        """Write what was passed since the last look; give how many rows."""
        with self.store.read() as tx:
            known = self._gauges(tx, now)
            # Read at once: one by one, a start beside two thousand gauges took seven seconds.
            fresh = (known.keys() & self._latest.keys()) - self._met
            self._met |= fresh
            self._window = observations.recent(tx, now - LOOK_BACK) if fresh else {}
            self._doubts = witness.marks(tx, now - DAY)
            found = [entry for name, gauge in known.items() for entry in self._look(tx, name, gauge, now)]
        if not found:
            return 0
        with self.store.write() as tx:
            return sum(journal.add(tx, entry) for entry in found)

    def _gauges(self, tx: Transaction, now: datetime) -> dict[str, Gauge]:
        self._latest = observations.latest(tx, now + SKEW)
        at_work = sensors.maintained(tx, now)
        intervals = {gauge.id: gauge.interval_s for gauge in self.config.gauges}
        names = {gauge.id: gauge.name for gauge in self.config.gauges}
        found: dict[str, Gauge] = {}
        for stored in stations.all_stations(tx):
            one = stored.station
            start = one.thresholds.get("start")
            low = None if start is None else DAY_S
            own = Own(intervals.get(one.id, 600.0), low, start, maintained=one.id in at_work)
            found[one.id] = Gauge(one.name or names.get(one.id, one.id), one.thresholds, own, False, one.quantity)
        for device in sensors.current(tx, self.config.sensors):
            found[device.id] = _device(device, maintained=device.id in at_work)
        return {name: gauge for name, gauge in found.items() if gauge.marks}

    def _look(self, tx: Transaction, name: str, gauge: Gauge, now: datetime) -> Sequence[JournalEntry]:
        last = next((o for o in self._latest.get(name, ()) if o.quantity == gauge.quantity), None)
        if last is None or gauge.own.maintained:
            return ()
        memory = self._seen.get(name)
        entries: list[JournalEntry] = []
        if memory is None or last.at > memory.last:
            memory, entries = self._news(tx, name, gauge, last, memory)
        doubted = last.quality is Quality.SUSPECT or (name, gauge.quantity, last.at) in self._doubts
        if not gauge.mine and not doubted and memory.silent != last.at and now - last.at < DAY:
            entries += self._silence(tx, name, gauge, last, memory, now)
        return entries

    def _news(
        self, tx: Transaction, name: str, gauge: Gauge, last: Observation, memory: Memory | None
    ) -> tuple[Memory, list[JournalEntry]]:
        if memory is None:
            seen = [o for o in self._window.get(name, ()) if o.quantity == gauge.quantity and o.at <= last.at] or [last]
            memory = self._seen[name] = Memory(last.at, _standing(gauge.marks, witness.marked(seen, self._doubts)))
            seen = witness.marked(seen[1:], self._doubts)
        else:
            hours = observations.of_station(tx, name, gauge.quantity, memory.last, last.at)
            seen = witness.marked([o for o in hours if o.issued_at is None and o.at > memory.last], self._doubts)
        memory.last = last.at
        passed = gauges.crossings(memory.above, gauge.marks, seen)
        return memory, [_said(name, gauge, one) for one in passed]

    def _silence(
        self, tx: Transaction, name: str, gauge: Gauge, last: Observation, memory: Memory, now: datetime
    ) -> list[JournalEntry]:
        """Say once that a public gauge fell silent while high; the town's own devices are told of by `watch`."""
        quiet = gauges.look(gauges.Gauge(gauge.own, gauge.marks, last), now)
        if quiet.standing not in {Standing.SILENT, Standing.SILENT_DANGER}:
            return []
        memory.silent = last.at
        hour = observations.of_station(tx, name, gauge.quantity, last.at - HOUR, last.at)
        seen = [o for o in hour if o.issued_at is None]
        quiet = gauges.look(gauges.Gauge(gauge.own, gauge.marks, last, seen), now)
        if quiet.standing is not Standing.SILENT_DANGER:
            return []
        since = last.at.astimezone(self.config.city.zone)
        what = f"{gauge.name}：{quiet.reason}（{since:%H:%M}の{_value(last)}が最後）。不明＝危険側として扱います"
        key = f"gauge_silent:{name}:{last.at.isoformat()}"
        return [JournalEntry(now, "gauge_silent", "hub", what, name, None, key)]


def _device(device: Sensor, *, maintained: bool) -> Gauge:
    marks = {mark: height for mark, height in (("near", device.near), ("met", device.met)) if height is not None}
    levels = (device.start_m, device.near, device.met)
    own = Own(device.interval_s, device.interval_low_s, *levels, maintained=maintained)
    return Gauge(device.name, marks, own, True, "rainfall" if device.kind == "rain" else "water_level")


def _standing(marks: Mapping[str, float], seen: Sequence[Observation]) -> Above:
    """Begin with the marks that the first reading stands above."""
    first = next((o.value for o in seen if o.value is not None and o.quality is Quality.OK), None)
    return Above({mark for mark, height in marks.items() if first is not None and first >= height})


def _said(name: str, gauge: Gauge, one: Crossing) -> JournalEntry:
    word = MARK_WORDS.get(one.mark, one.mark)
    verb = "に達しました" if one.up else "を下回りました"
    what = f"{gauge.name}：{word}（{one.height:g}{one.seen.unit}）{verb}。水位 {_value(one.seen)}"
    if gauge.quantity != "water_level":
        what = what.replace("水位 ", "値 ")
    kind = "gauge_crossed" if one.up else "gauge_fell"
    key = f"{kind}:{name}:{one.mark}:{one.seen.at.isoformat()}"
    return JournalEntry(one.seen.at, kind, "hub", what, name, None, key)


def _value(one: Observation) -> str:
    return f"{one.value:.2f}{one.unit}" if one.value is not None else "値なし"
