"""The board: the situation and the layers as finished bytes, made again when the store has changed."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from disaster_hub.config import Config
from disaster_hub.portal import layers, points, situation, trouble
from disaster_hub.portal.facts import Facts, read
from disaster_hub.portal.packed import Packed, pack
from disaster_hub.store import worlds
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import local
from disaster_hub.terms.world import World

AT_MOST_S = 1.0
"""No answer is older than this on the wall clock, so that ages stay true."""
REST = 3.0
"""After a reading of the store, rest this many times the CPU it took, and as long as it lasted: never over a quarter
of a core. What it waited for others on a busy machine is not held against it."""
HEADERS = (("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff"))
JSON = "application/json; charset=utf-8"
GEOJSON = "application/geo+json"
LAYERS = ("areas", "stations", "shelters", "hazards", "rivers", "roads")


class Board:
    """The public facts of one store; safe to ask from several threads."""

    def __init__(self, config: Config, store: Store, wall: Callable[[], datetime]) -> None:
        with store.read() as tx:
            self.world = worlds.current(tx)
            self._salt = worlds.secret(tx)
        self.config = replace(config, world=self.world)
        self.store = store
        self.wall = wall
        self.begun = wall()
        self.watched = False
        """True while a watcher calls `refresh`; then requests never ask the store themselves."""
        self._lock = threading.Lock()
        self._places_lock = threading.Lock()
        self._version: str | None = None
        self._facts: Facts | None = None
        self._rest_until = 0.0
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._situation: Packed | None = None
        self._made = float("-inf")
        self._tag = ""
        self._layers: dict[str, tuple[str, Packed]] = {}
        self._said: str | None = None
        self._unwritable: str | None = None

    @property
    def now(self) -> datetime:
        """Give this world's time."""
        return self.world.now(self.wall())

    @property
    def places(self) -> str:
        """Give the token of the open data that is loaded, as the word says it."""
        return _short(self.facts().places.encode())

    @property
    def token(self) -> str:
        """Give what changes with every change of the facts, the journal or the open data."""
        facts = self.facts()
        return f"{self._tag} {facts.desk} {facts.places}"

    def refresh(self) -> None:
        """Read the store again if anything was committed since, and judge again."""
        with self._lock:
            self._read()
            if time.monotonic() - self._made > AT_MOST_S:
                self._judge()

    def say_trouble(self, said: str | None) -> None:
        """Remember a trouble of the store or the portal itself, to be shown until the next good reading."""
        self._said = said

    def say_unwritable(self, said: str | None) -> None:
        """Remember that nothing can be written (a full disk), or that it can again."""
        self._unwritable = said

    def situation(self) -> Packed:
        """Give /api/situation, at most a second old."""
        made = self._situation
        if made is not None and self.watched and time.monotonic() - self._made <= AT_MOST_S:
            return made
        with self._lock:
            if not self.watched:
                self._read()
            if self._situation is None or time.monotonic() - self._made > AT_MOST_S:
                self._judge()
            assert self._situation is not None  # _judge makes it
            return self._situation

    def rows(self) -> Mapping[str, list[dict[str, Any]]]:
        """Give the areas and stations of the newest situation, as rows."""
        self.situation()
        return self._rows

    def facts(self) -> Facts:
        """Give what the newest situation was judged from."""
        self.situation()
        assert self._facts is not None  # the situation was made from it
        return self._facts

    def layer(self, name: str) -> Packed:
        """Give one of LAYERS as GeoJSON, made again when what it shows has changed."""
        self.situation()
        facts = self.facts()
        stamp = f"{facts.places} {self._tag}" if name in {"areas", "stations"} else facts.places
        stamp += f" {facts.shelters}" if name == "shelters" else ""
        held = self._layers.get(name)
        if held is not None and held[0] == stamp:
            return held[1]
        with self._places_lock:
            held = self._layers.get(name)
            if held is None or held[0] != stamp:
                held = (stamp, pack(self._layer(name, facts), GEOJSON, HEADERS))
                self._layers[name] = held
        return held[1]

    def word(self) -> bytes:
        """Say in one line of JSON which facts, places and stations stand now, and what is wrong."""
        said_so = filter(None, (self._said, self._unwritable))
        wrong: list[trouble.Trouble] = [{"code": "store", "what": what, "since": None} for what in said_so]
        facts = self._facts
        if facts is not None:
            now, wall = self.now, self.wall()
            wrong += trouble.of_processes(facts.heartbeats, wall, self.begun, self.config)
            wrong += trouble.of_sources(facts.pulses, self.config, now)
            wrong += trouble.of_clock(facts.newest, now)
        places = "" if facts is None else _short(facts.places.encode())
        fixed = "" if facts is None else _short(points.fixed(facts.points))
        desk = "" if facts is None else _short(self._salt + str(facts.desk).encode())
        shelters = "" if facts is None or not facts.shelters else _short(facts.shelters.encode())
        said = {"facts": self._tag, "places": places, "stations": fixed, "desk": desk, "clock": self._clock()}
        return msgspec.json.encode({**said, "shelters": shelters, "trouble": wrong})

    def _clock(self) -> str:
        """Name the clock that this world runs by: an open page must follow where it was put forward."""
        return f"{self.world.speed:g} {_short(repr((self.world.opened, self.world.starts)).encode())}"

    def _read(self) -> None:
        begun, worked = time.monotonic(), time.thread_time()
        if begun < self._rest_until and self.watched:
            return
        version = self.store.version()
        if version == self._version:
            self._said = None
            return
        with self.store.read() as tx:
            self._set_clock(worlds.current(tx))
            self._facts = read(tx, self.config, self.now)
        self._version = version
        self._said = None
        ended = time.monotonic()
        self._rest_until = ended + max(REST * (time.thread_time() - worked), ended - begun)
        self._made = float("-inf")

    def _set_clock(self, world: World) -> None:
        """Follow a replay's clock where somebody has put it forward."""
        if world != self.world:
            self.world, self.config = world, replace(self.config, world=world)

    def _judge(self) -> None:
        facts, now = self._facts, self.now
        if facts is None:
            self._read()
            facts = self._facts
        assert facts is not None  # just read, or Unreachable was raised
        rows = {
            "areas": situation.areas(facts, self.config, now),
            "stations": situation.stations(facts, now),
        }
        ageless = [{k: v for k, v in area.items() if k != "age_s"} for area in rows["areas"]]
        self._tag = _short(msgspec.json.encode([ageless, rows["stations"]]))
        situation.with_ages(rows["stations"], facts.points, now)
        head = {"now": local(now, self.config.city.zone), "world": situation.world(self.config)}
        body = msgspec.json.encode(head | rows)
        self._rows, self._situation = rows, pack(body, JSON, HEADERS, level=4)
        self._made = time.monotonic()

    def _layer(self, name: str, facts: Facts) -> bytes:
        if name == "stations":
            return points.stations_layer(facts.points, self._rows["stations"])
        with self.store.read() as tx:
            if name == "areas":
                return points.areas_layer(tx, self._rows["areas"], self.config)
            if name == "rivers":
                return points.rivers_layer(tx, self.config)
            if name == "shelters":
                return points.shelters_layer(tx, self.config)
            return layers.place_layer(tx, name)


def _short(said: bytes) -> str:
    return hashlib.blake2b(said, digest_size=8).hexdigest()
