"""The `listen` process: device messages into the store, a batch a transaction, acknowledged after the commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from disaster_hub.config import Config, Sensor
from disaster_hub.jobs.process import Heart, stop_on_signals
from disaster_hub.jobs.replies import Replies
from disaster_hub.store import journal, observations, pulse, stations, worlds
from disaster_hub.store import sensors as registry
from disaster_hub.store.observations import RawMessage
from disaster_hub.store.session import Store, Transaction, open_store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.codes import made_up
from disaster_hub.terms.errors import BadInput, Unreachable
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.observation import Observation, Station, StationKind
from disaster_hub.terms.world import World, WorldKind
from sensors import uplinks
from sensors.decoders import decode
from sensors.mqtt import Message, Subscriber
from sensors.normalise import water_level

SOURCE = "mqtt"
FUTURE = timedelta(minutes=15)
LATE, LATE_SPREAD, LATE_TIMES = timedelta(minutes=30), timedelta(minutes=5), 3
"""A message so old, always as old, so many times: the device's clock is off."""
PULSE_S = 5.0
LOOK_S = 2.0
LONGEST_IDENTITY = 200
LONGEST_REASON = 500


@dataclass(slots=True)
class Intake:
    """Turns batches of messages into facts; knows the city's devices, and counts what nobody knows."""

    store: Store
    world: World
    devices: dict[str, Sensor]
    clock: Callable[[], datetime] = utc_now
    configured: Sequence[Sensor] = ()
    """What the configuration says of devices; the desk's registry goes before it."""
    _told: datetime | None = None
    _strangers: set[str] = field(default_factory=set)
    _looked: datetime | None = None
    _registry: object = None
    _off: dict[str, tuple[str, timedelta]] = field(default_factory=dict)
    """Devices of this batch whose clock is off: name, and by how much it is ahead."""
    _lateness: dict[str, tuple[Sensor, timedelta]] = field(default_factory=dict)
    """How old the newest reading of each device of this batch is."""
    _behind: dict[str, tuple[timedelta, int, datetime]] = field(default_factory=dict)
    """Devices that speak of a past always as long ago, how often in a row, and when last."""

    def keep(self, batch: Sequence[Message]) -> None:
        """Keep a batch: raw messages, readings, refusals and the pulse, in one transaction."""
        wall = self.clock()
        now = self.world.now(wall)
        self._look(wall)
        self._off.clear()
        self._lateness.clear()
        raws: list[RawMessage] = []
        seen: list[Observation] = []
        refused: list[str] = []
        strangers: Counter[str] = Counter()
        for topic, payload in batch:
            at, problem = self._read(topic, payload, now, seen, strangers)
            if problem is not None:
                refused.append(problem)
            raws.append(RawMessage(topic[:LONGEST_IDENTITY], "uplink", payload, problem, at))
        for device, late in self._lateness.values():
            self._late(device, late, now)
        with self.store.write() as tx:
            observations.add_batch(tx, SOURCE, raws, seen, now)
            if refused:
                pulse.count_refusals(tx, SOURCE, len(refused), refused[-1])
            self._strange(tx, strangers, now)
            self._clocks(tx, now)
            if self._told is None or (wall - self._told).total_seconds() >= PULSE_S:
                pulse.success(tx, SOURCE, now)
                self._told = wall
        self._strangers |= strangers.keys()

    def _look(self, wall: datetime) -> None:
        """Learn what the desk has entered since the last look, a few seconds ago."""
        if self._looked is not None and (wall - self._looked).total_seconds() < LOOK_S:
            return
        self._looked = wall
        with self.store.read() as tx:
            stamp = registry.stamp(tx)
            if stamp == self._registry:
                return
            devices = registry.current(tx, self.configured)
        if stamp[0] or self._registry is not None:
            self.devices = {sensor.id.lower(): sensor for sensor in devices}
            with self.store.write() as tx:
                enrol(tx, devices, self.world.now(wall))
            self._strangers -= self.devices.keys()
        self._registry = stamp

    def _read(
        self, topic: str, payload: bytes, now: datetime, seen: list[Observation], strangers: Counter[str]
    ) -> tuple[datetime | None, str | None]:
        """Read one message into *seen*; give its own time, and why it was refused, wholly or in part."""
        at: datetime | None = None
        stamped: datetime | None = None
        problems: tuple[str, ...] = ()
        try:
            network, named = uplinks.route(topic)
            if network == "plain":
                device = self._known(named.lower(), strangers)
                found: tuple[Observation, ...] = (uplinks.plain(topic, payload),)
                at = found[0].at
            else:
                uplink = uplinks.envelope(topic, payload)
                at = stamped = uplink.received_at
                device = self._known(uplink.device, strangers)
                found, problems = decode(device.model, uplink)
        except BadInput as fault:
            return at, str(fault)[:LONGEST_REASON]
        latest = now + FUTURE
        for one in found:
            if one.at > latest:
                problems = (*problems, f"{one.station}: a reading from the future ({one.at.isoformat()})")
                self._off[device.id] = (device.name, one.at - now)
            else:
                if one.at != stamped:  # what the network stamped says nothing of the device's own clock
                    late = now - one.at
                    before = self._lateness.get(device.id)
                    self._lateness[device.id] = (device, late if before is None else min(late, before[1]))
                seen.append(_level(one, device))
        return at, "; ".join(problems)[:LONGEST_REASON] or None

    def _known(self, device: str, strangers: Counter[str]) -> Sensor:
        """Give what the city has entered about a device; one of a made-up world is nobody here."""
        if self.world.kind is WorldKind.REAL and made_up(device):
            raise BadInput(f"device {device[:64]}: a code of a made-up world, refused by a real store")
        if device not in self.devices:
            strangers[device[:64]] += 1
            raise BadInput(f"device {device[:64]}: not registered; its message is kept, its reading is not used")
        return self.devices[device]

    def _strange(self, tx: Transaction, strangers: Counter[str], now: datetime) -> None:
        registry.hear_strangers(tx, strangers, SOURCE, now)
        for device in sorted(strangers.keys() - self._strangers):
            what = f"登録のないセンサー {device} が話しています"
            journal.add(tx, JournalEntry(now, "unknown_device", SOURCE, what, device, None, f"unknown:{device}"))

    def _late(self, device: Sensor, late: timedelta, now: datetime) -> None:
        """Count messages that speak of the past; those that waited somewhere come later by ever less, all at once."""
        if late < LATE:
            self._behind.pop(device.id, None)
            return
        before, times, last = self._behind.get(device.id, (late, 0, now))
        came = now - last
        as_it_speaks = 2 * came >= (now - late) - (last - before)
        times = times + 1 if as_it_speaks and abs(late - before) <= LATE_SPREAD else 1
        self._behind[device.id] = (late, times, now)
        if times >= LATE_TIMES:
            self._off[device.id] = (device.name, -late)

    def _clocks(self, tx: Transaction, now: datetime) -> None:
        """Say once an hour that a device's clock is off: its readings say nothing of now, and so it looks silent."""
        for device, (name, ahead) in sorted(self._off.items()):
            hours = ahead.total_seconds() / 3600.0
            word = "進んで" if hours > 0 else "遅れて"
            what = f"{name}：時計が{abs(hours):.1f}時間{word}います。いまの値として使いません（不明）"
            key = f"doubt:{device}:clock:{now:%Y-%m-%dT%H}"
            journal.add(tx, JournalEntry(now, "reading_doubted", SOURCE, what, device, None, key))


def _level(one: Observation, device: Sensor) -> Observation:
    if one.quantity == "distance" and device.zero_m is not None:
        return water_level(one, device.zero_m)
    return one


def enrol(tx: Transaction, sensors: Sequence[Sensor], now: datetime) -> None:
    """Bring the stations of the city's own devices up to the configuration."""
    for sensor in sensors:
        limits = {word: value for word, value in (("near", sensor.near), ("met", sensor.met)) if value is not None}
        kind = StationKind(sensor.kind)
        quantity = "rainfall" if kind is StationKind.RAIN else "water_level"
        station = Station(sensor.id, sensor.name, kind, sensor.lon, sensor.lat, thresholds=limits, quantity=quantity)
        stations.upsert(tx, station, source="sensors", seen_at=now)


def run_listen(config: Config) -> None:
    """Listen until told to stop."""
    stop = stop_on_signals()
    store = open_store(config.store)
    with store.write() as tx:
        world = worlds.current(tx)
        enrol(tx, config.sensors, world.now(utc_now()))
    intake = Intake(store, world, {s.id.lower(): s for s in config.sensors}, configured=config.sensors)
    mqtt = config.mqtt
    with Heart(store, world, "listen") as heart, Replies(store, config, world):
        subscriber = Subscriber(
            mqtt.host,
            mqtt.port,
            client_id=mqtt.client_id,
            topics=mqtt.topics,
            keep=intake.keep,
            share=mqtt.share,
            username=mqtt.username,
            password=mqtt.password,
            tls=mqtt.tls,
            ca=mqtt.ca,
        )
        subscriber.run(stop, _Teller(store, world, subscriber, heart))
    store.close()


class _Teller:
    """Tells the pulse how the broker is: once a change, and every few seconds while it is well."""

    def __init__(self, store: Store, world: World, subscriber: Subscriber, heart: Heart) -> None:
        self.store, self.world, self.subscriber, self.heart = store, world, subscriber, heart
        self.said: str | None = None
        self.told: datetime | None = None

    def __call__(self) -> None:
        """Write the pulse where there is something to say."""
        wall = utc_now()
        reason = "" if self.subscriber.subscribed else self.subscriber.reason
        fresh = self.told is not None and (wall - self.told).total_seconds() < PULSE_S
        if reason == self.said and fresh:
            return
        try:
            with self.store.write() as tx:
                if reason:
                    pulse.failure(tx, SOURCE, self.world.now(wall), reason)
                else:
                    pulse.success(tx, SOURCE, self.world.now(wall))
        except Unreachable:
            return  # the heart says so, and the next second tries again
        self.told = wall
        if reason != self.said:
            self.said = reason
            self.heart.note = reason or "subscribed"
            self.heart.beat()
