"""The demo: a made-up city's flood night, over real protocols, in one process tree on this machine alone."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

from disaster_hub.configfile import load as load_config
from disaster_hub.furnish import furnish
from disaster_hub.jobs.jump import Jump
from disaster_hub.jobs.process import stop_on_signals
from disaster_hub.jobs.supervise import Child, Supervisor, die_with_parent
from disaster_hub.rehearsal import phones
from disaster_hub.rehearsal.build import build
from disaster_hub.rehearsal.feedserver import run_feeds
from disaster_hub.rehearsal.gateway import run_gateway
from disaster_hub.rehearsal.handsets import run_handsets
from disaster_hub.rehearsal.officers import OFFICERS
from disaster_hub.rehearsal.outside import sections
from disaster_hub.rehearsal.phones import Phone
from disaster_hub.rehearsal.settings import config_toml
from disaster_hub.store import levels, pulse, worlds
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import JAPAN, utc_now
from disaster_hub.terms.errors import BadConfig, Unreachable
from disaster_hub.terms.world import World, WorldKind

NAME = "架空の夜"
NIGHT = datetime(2026, 9, 18, tzinfo=JAPAN)
FIRST, LAST = NIGHT + timedelta(hours=15), NIGHT + timedelta(hours=26)
"""The night is played from 15:00 to 02:00; there the clock stops and the state stays."""
SLOWEST, FASTEST = 1.0, 600.0
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
HOST = "127.0.0.1"
PROCESSES = ("web", "clock", "listen", "post")
FOLLOWERS = ("feeds", "gateway", "clock", "listen", "post")
"""Who runs by the night's clock and must be told when it is put forward."""
WHO = {"admin": "the administrator"} | {one.name: one.who for one in OFFICERS}


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person may set."""

    port: int
    speed: float
    start: datetime


def choices(environ: Mapping[str, str]) -> Choices:
    """Read PORT, DEMO_SPEED and DEMO_START; what is wrong is named in one line."""
    port, speed = environ.get("PORT", "8080"), environ.get("DEMO_SPEED", "60")
    try:
        chosen = Choices(int(port), float(speed), night_time(environ.get("DEMO_START", "17:00")))
    except ValueError:
        raise BadConfig(f"PORT={port} DEMO_SPEED={speed}: both are numbers") from None
    if not 0 < chosen.port < 65536:
        raise BadConfig(f"PORT: {port} is no port")
    if not SLOWEST <= chosen.speed <= FASTEST:
        raise BadConfig(f"DEMO_SPEED: {speed} is not between 1 and 600")
    return chosen


def night_time(text: str) -> datetime:
    """Give the time of that night; what is before 15:00 belongs to the next morning, until 01:59."""
    found = CLOCK.fullmatch(text)
    if found is None:
        raise BadConfig(f"DEMO_START: {text!r} is no time such as 17:00")
    at = NIGHT + timedelta(hours=int(found[1]), minutes=int(found[2]))
    at = at if at >= FIRST else at + timedelta(days=1)
    if at >= LAST:
        raise BadConfig(f"DEMO_START: {text} is not of that night: 15:00 to 01:59")
    return at


def run_demo(folder: Path) -> int:
    """Make the city, load it, play the night; Ctrl-C ends it."""
    stop = stop_on_signals()
    chosen = choices(os.environ)
    _free(chosen.port)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    say("making the city and its night ...")
    build(folder, progress=say)
    world = World(WorldKind.REPLAY, NAME, None, chosen.start.astimezone(UTC), LAST.astimezone(UTC), chosen.speed)
    store = prepare(f"sqlite:///{folder / 'hub.gpkg'}", world)
    ports = {"feeds": free_port(), "mqtt": free_pair(), "mail": free_pair()}
    ports |= {name: free_port() for name in ("push", "bot", "sms", "replies", "handsets")}
    handsets = phones.handsets(ports["push"])
    write = partial(_write, folder, ports, chosen.port, handsets)
    write(replace(world, opened=utc_now()))
    people = furnish(store, folder, load_config(folder / "config.toml", {}), ports["push"], handsets, say)
    world = replace(world, opened=utc_now())
    with store.write() as tx:
        worlds.set_clock(tx, world)
    write(world)
    _play(_Stage(folder, store, ports, chosen, people, write), stop)
    store.close()
    return 0


def _write(folder: Path, ports: Mapping[str, int], portal: int, handsets: Sequence[Phone], world: World) -> None:
    """Write the demo's configuration for a world."""
    text = config_toml(
        folder,
        feed_port=ports["feeds"],
        mqtt_port=ports["mqtt"],
        portal_port=portal,
        mail_port=ports["mail"],
        world=world,
        outside=list(sections(ports, handsets)),
    )
    (folder / "config.toml").write_text(text, encoding="utf-8")


def say(line: str) -> None:
    """Tell the person how far it is."""
    print(line, flush=True)  # noqa: T201  # the demo speaks to a person at a terminal


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the playing needs to know."""

    folder: Path
    store: Store
    ports: Mapping[str, int]
    chosen: Choices
    accounts: Mapping[str, str]
    write: Callable[[World], None]


def _play(stage: _Stage, stop: Event) -> None:
    folder, ports = stage.folder, stage.ports
    environ = {k: v for k, v in os.environ.items() if not k.startswith("DISASTER_HUB_")}
    environ["DISASTER_HUB_CONFIG"] = str(folder / "config.toml")
    night = str(folder / "night")
    outside = [
        Child("broker", ["broker"]),
        Child("feeds", ["feeds", night, str(ports["feeds"])]),
        Child("handsets", ["handsets", str(folder), str(ports["handsets"])]),
    ]
    gateway = Child("gateway", ["gateway", night, str(ports["mqtt"])])
    supervisor = Supervisor(outside, environ)
    guide = _Guide(supervisor, gateway, stage)
    jump = Jump(folder, stage.store, supervisor, FOLLOWERS, night_time, say, stage.write)
    say("starting broker, feeds, portal, clock, listener and post ...")
    # The outside first: a clock that finds no feed asks again a minute later, and at DEMO_SPEED=1 that is a minute.
    for child, port in zip(outside, (ports["mqtt"], ports["feeds"], ports["handsets"]), strict=True):
        supervisor.start(child.name)
        _wait_for(port, stop)
    supervisor.children += [Child(name, [name]) for name in PROCESSES]

    def look() -> None:
        guide.look()
        if guide.ready:
            jump.look()

    supervisor.run(stop, look)


def _wait_for(port: int, stop: Event) -> None:
    """Wait until something answers at *port*, for a while; the supervisor deals with what never does."""
    for _ in range(100):
        if _answers(port) or stop.wait(0.1):
            return


class _Guide:
    """Starts the sensors once somebody listens, and says when there is something to see."""

    def __init__(self, supervisor: Supervisor, gateway: Child, stage: _Stage) -> None:
        self.supervisor, self.gateway, self.stage = supervisor, gateway, stage
        self.ready = False

    def look(self) -> None:
        """Look once; what was missing last time may be there now."""
        if self.ready and self.gateway in self.supervisor.children:
            return
        with self.stage.store.read() as tx:
            heard = any(b.process == "listen" and b.note == "subscribed" for b in pulse.heartbeats(tx))
            warned = any((change.after or 0) >= 2 for change in levels.current(tx).values())
        if heard and self.gateway not in self.supervisor.children:
            self.supervisor.children.append(self.gateway)
        if warned and not self.ready and _answers(self.stage.chosen.port):
            self.ready = True
            say(self._greeting())

    def _greeting(self) -> str:
        stage = self.stage
        rows = (f"{name:<12} {password:<26} {WHO.get(name, '')}" for name, password in stage.accounts.items())
        return GREETING.format(
            port=stage.chosen.port,
            accounts="\n             ".join(rows),
            speed=stage.chosen.speed,
            mailbox=stage.ports["mail"] + 1,
            handsets=stage.ports["handsets"],
            folder=stage.folder,
        )


GREETING = """
  【訓練】 架空の夜: a made-up city, a replay of a night that never was. Nothing leaves this machine.

  map        http://127.0.0.1:{port}/           (English: http://127.0.0.1:{port}/?lang=en)
  my plan    http://127.0.0.1:{port}/my         (a resident's My-Timeline; best at phone size)
  phones     http://127.0.0.1:{handsets}/           (what the households' phones got: push, LINE, mail, SMS)
  mailbox    http://127.0.0.1:{mailbox}/           (where the mails of this replay end up)
  sign-in    http://127.0.0.1:{port}/hq/sign-in
             {accounts}

  What to look at, on the clock at the top of the map (it runs {speed:g} times as fast as yours):
    17:25  a gauge falls silent while the river rises: its value is hatched, 不明
    17:30  a drill telegram of level 5 comes in the feed, and changes nothing
    18:10  heavy rain, level 3; 18:40 the river too; 19:00 landslide
    19:40  a telegram with a code that nobody knows, and 19:50 one that is cut off: kept, counted, shown
    20:20  the river reaches level 4; 20:35 landslide level 4
    21:10  the levee breaks; 21:15 level 5
  echo "18:40 1" > {folder}/jump plays fast to 18:40 and goes on at the pace of your own clock.
  Ctrl-C ends it.
"""


def _answers(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((HOST, port)) == 0


def _free(port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as fault:
            raise BadConfig(f"PORT: {port} is in use; choose another: PORT=8081 make demo") from fault


def free_port() -> int:
    """Give a port of this machine that nobody uses now."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def free_pair() -> int:
    """Give a port whose next one is free too: the broker speaks MQTT 3.1.1 on the first and MQTT 5 on the second."""
    for _ in range(100):
        port = free_port()
        with closing(socket.socket()) as probe:
            if port < 65535 and probe.connect_ex((HOST, port + 1)) != 0:
                return port
    raise Unreachable("no two neighbouring ports are free on this machine")


def run_rehearsal(part: str, night: Path, port: int) -> None:
    """Run the feed server, the gateway or the households' phones of a rehearsal until told to stop."""
    die_with_parent()
    config = load_config()
    if part == "feeds":
        run_feeds(night, config.world, port)
    elif part == "handsets":
        run_handsets(config, night, port, stop_on_signals())
    else:
        run_gateway(night, config.world, config.mqtt.host, port)
