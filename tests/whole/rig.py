"""A night on the real processes: broker, feeds, gateway and the hub's four, each of which a test may kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sqlalchemy import text

from disaster_hub.demo import LAST, NAME, NIGHT
from disaster_hub.jobs.supervise import Child, Supervisor
from disaster_hub.rehearsal.build import build_night
from disaster_hub.rehearsal.settings import config_toml
from disaster_hub.store import pulse, worlds
from disaster_hub.store.columns import to_micros
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.world import World, WorldKind
from tests.ports import free_port

STARTING_S, AT_ONCE = 8.0, 6
"""The night waits so long for its processes: an edition of the gauges' file that nobody fetched is gone for good."""
ROOT = Path(__file__).parents[2]
FACTS: Mapping[str, str] = {
    "bulletins": "SELECT identity, type, status, info_type, office, event_id, serial, judged FROM bulletin",
    "raws": "SELECT source, kind, identity, sha256, refused FROM raw",
    "readings": "SELECT s.station, s.quantity, s.basis, s.unit, o.at, o.issued_at, o.value, o.quality "
    "FROM observation o JOIN series s ON s.id = o.series_id",
    "stations": "SELECT source, source_id, name, kind, thresholds, town, river FROM station",
    "thresholds": "SELECT station, thresholds FROM station_threshold",
    "officials": "SELECT area, hazard, level, name, issuer, since, confirmed, evidence, unknown FROM official",
    "changes": "SELECT area, at, before, after, issuer, reason, evidence FROM level_change",
    "journal": "SELECT kind, who, what, place, because, key FROM journal "
    "WHERE kind IN ('bulletin', 'level_changed', 'refused', 'unknown_device')",
    "notices": "SELECT key, kind, headline, text FROM notice WHERE kind = 'level_changed'",
}
"""What a store knows, times of receipt and the machine's own troubles aside."""


def facts(store: Store) -> dict[str, Counter[str]]:
    """Give every fact of a store, counted, so that a fact too many shows as well as one too few."""
    with store.read() as tx:
        return {
            name: Counter(
                json.dumps([_plain(v) for v in row], ensure_ascii=False, sort_keys=True)
                for row in tx.execute(text(sql))
            )
            for name, sql in FACTS.items()
        }


def _plain(value: Any) -> Any:
    """Write a value as both databases mean it: SQLite keeps times as microseconds, truth as 0 and 1."""
    if isinstance(value, datetime):
        return to_micros(value)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, dict) or (isinstance(value, str) and value.startswith("{")):
        return json.loads(value) if isinstance(value, str) else value
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


@dataclass(slots=True)
class Night:
    """A part of the night, played on real processes into one store."""

    folder: Path
    start: str
    end: str
    speed: float
    store_url: str = ""
    broker_port: int | None = None
    """A broker that is there already; None for the embedded one."""
    feed_port: int | None = None
    """Telegrams are known by their address: nights to be compared share the port."""
    edit: Callable[[str], str] = lambda said: said
    """Changes the configuration before it is written."""
    names: Mapping[str, Mapping[str, str]] = field(
        default_factory=lambda: {"web": {}, "clock": {}, "listen": {}, "post": {}}
    )
    """The hub's processes, and what each is told besides the configuration; `listen-2` is a second `listen`."""
    supervisor: Supervisor = field(init=False)
    store: Store = field(init=False)
    world: World = field(init=False)
    portal_port: int = field(init=False, default=0)
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def begin(self) -> Night:
        """Prepare the store, start every process, and the sensors once somebody listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        ends = _moment(self.end)
        build_night(self.folder / "night", until=ends.astimezone(UTC))
        self.world = World(
            WorldKind.REPLAY, NAME, None, _moment(self.start).astimezone(UTC), ends.astimezone(UTC), self.speed
        )
        self.store = prepare(self.store_url or f"sqlite:///{self.folder / 'hub.gpkg'}", self.world)
        feeds, self.portal_port = self.feed_port or free_port(), free_port()
        broker = self.broker_port or free_port(2)
        self.world = replace(self.world, opened=utc_now() + starting())
        with self.store.write() as tx:
            worlds.set_clock(tx, self.world)
        said = config_toml(
            self.folder, feed_port=feeds, mqtt_port=broker, portal_port=self.portal_port, world=self.world
        )
        (self.folder / "config.toml").write_text(self.edit(said), encoding="utf-8")
        inner = [Child("feeds", ["feeds", str(self.folder / "night"), str(feeds)])]
        inner += [] if self.broker_port else [Child("broker", ["broker"])]
        inner += [Child(name, [name.partition("-")[0]], environ) for name, environ in self.names.items()]
        self.supervisor = Supervisor(inner, self._environ())
        self._thread = Thread(target=self.supervisor.run, args=(self._stop,), daemon=True)
        self._thread.start()
        listeners = sum(name.startswith("listen") for name in self.names)
        self.wait(lambda: self._heard() >= listeners, 180, "no listener got its subscription")
        gateway = Child("gateway", ["gateway", str(self.folder / "night"), str(broker)])
        self.supervisor.children.append(gateway)
        return self

    def _environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("DISASTER_HUB_")}
        kept |= {"DISASTER_HUB_CONFIG": str(self.folder / "config.toml"), "PYTHONPATH": str(ROOT)}
        if self.store_url:
            kept["DISASTER_HUB_STORE"] = self.store_url
        return kept

    def _heard(self) -> int:
        with self.store.read() as tx:
            return sum(b.process == "listen" and b.note == "subscribed" for b in pulse.heartbeats(tx))

    def kill(self, name: str) -> bool:
        """Kill one process as a power cut would; the supervisor starts it again. False where it is not up now.

        A clock that was never up between two kills is one long darkness, in which an edition of the gauges' file is gone.
        """
        child = next(c for c in self.supervisor.children if c.name == name)
        process = child.process
        if process is None or process.poll() is not None or (name == "clock" and not self._beats(process.pid)):
            return False
        child.early_deaths = 0
        os.kill(process.pid, signal.SIGKILL)
        return True

    def _beats(self, number: int) -> bool:
        with self.store.read() as tx:
            return any(beat.worker.endswith(f":{number}") for beat in pulse.heartbeats(tx))

    def over(self) -> bool:
        """Tell whether the world's clock has come to its end."""
        return self.world.ends is not None and self.world.now(utc_now()) >= self.world.ends

    def settle(self, still_s: float = 6.0, limit_s: float = 60.0) -> dict[str, Counter[str]]:
        """Wait until nothing new has come for a while, and give the facts."""
        deadline, last, since = time.monotonic() + limit_s, facts(self.store), time.monotonic()
        while time.monotonic() < deadline:
            time.sleep(0.5)
            now = facts(self.store)
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since >= still_s:
                return now
        raise AssertionError("the store did not come to rest")

    def wait(self, holds: Callable[[], bool], limit_s: float, words: str) -> None:
        """Wait until *holds*, at most *limit_s* seconds."""
        deadline = time.monotonic() + limit_s
        while not holds():
            assert time.monotonic() < deadline, words
            time.sleep(0.05)

    def end_all(self) -> None:
        """End every process and let go of the store."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(90)
            assert not self._thread.is_alive(), "the process tree did not end"
        self.store.close()


def starting() -> timedelta:
    """Give how long processes take here and now until they are up, so many at once: a busy machine needs longer."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", "import disaster_hub.jobs.schedule"], cwd=ROOT, check=True)
    return timedelta(seconds=max(STARTING_S, AT_ONCE * (time.monotonic() - begun)))


def _moment(clock: str) -> datetime:
    hour, minute = clock.split(":")
    at = NIGHT.replace(hour=int(hour), minute=int(minute))
    return at if at.hour >= 13 else min(at.replace(day=at.day + 1), LAST)


def differences(one: Mapping[str, Counter[str]], other: Mapping[str, Counter[str]]) -> list[str]:
    """Say what one store holds and the other does not."""
    said: list[str] = []
    for name in one:
        for mark, left in (("missing", one[name] - other[name]), ("too many", other[name] - one[name])):
            said += [f"{name}, {mark}: {row} ×{number}" for row, number in list(left.items())[:5]]
    return said


def command(arguments: Iterable[str], environ: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one command of the hub to its end."""
    return subprocess.run(
        [sys.executable, "-m", "disaster_hub", *arguments],
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)} | dict(environ),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
