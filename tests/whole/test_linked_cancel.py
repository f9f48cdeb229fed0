"""A wrong order is taken back: what waits never goes, exactly who got it gets the correction, on the same channel."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from disaster_hub.alerts import issuing
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.store import alerts, outbox
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import AlertState
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.world import World, WorldKind
from tests.desk.alert_town import Folk, deliveries, keyring, order, settle
from tests.jobs.hub import config
from tests.whole.sender import Handsets, beside

HOMES, PACE, SPEED = 100, 25.0, 20.0
ALL = {"line": HOMES, "email": HOMES // 2}
HALF = {"line": HOMES // 2, "email": HOMES // 4}
"""So much goes out before it is taken back, and no more, however fast the machine is."""
LIMIT_S = 120.0
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@dataclass
class Siren:
    """One store, its clock in this process, and `post` processes that can be killed."""

    store: Store
    address: str
    keys: Keyring
    world: World
    file: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spreader = Spreader(self.store, self.keys)

    @property
    def now(self) -> datetime:
        return self.world.now(utc_now())

    def tick(self) -> None:
        self.spreader.run(Moment(self.now, utc_now()))

    def post(self) -> None:
        command = [sys.executable, "-m", "tests.whole.sender", self.address, str(self.file), str(PACE)]
        self.running.append(subprocess.Popen(command, cwd=ROOT))

    def kill(self) -> None:
        one = self.running.pop()
        one.kill()
        one.wait()

    def gate(self, may: dict[str, int] | None) -> None:
        """Let so many arrive by each channel, counted from the beginning; None takes the gate away."""
        path = beside(self.file, "gate")
        if may is None:
            path.unlink()
            return
        new = beside(self.file, "new")
        new.write_text(json.dumps(may))
        new.replace(path)

    def looked(self, alert: str) -> bool:
        """Tell whether `post` has seen that an alert was taken back."""
        path = beside(self.file, "looked")
        return path.exists() and alert in path.read_text().split()

    def arrived(self, alert: str) -> list[tuple[str, str]]:
        """Give channel and address of everything of an alert that arrived at a handset, in order."""
        lines = self.file.read_text().split("\n")[:-1] if self.file.exists() else []  # the last is perhaps half written
        return [(kind, to) for kind, to, key in (line.split() for line in lines) if key == f"alert:{alert}"]

    def until(self, true: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
        end = time.monotonic() + limit_s
        while not true():
            assert time.monotonic() < end, "it did not come"
            self.tick()
            time.sleep(0.05)

    def over(self, alert: str) -> bool:
        """Tell whether everything of an alert has gone where it goes."""
        with self.store.read() as tx:
            one = alerts.find(tx, alert)
            waits = any(states.get("due") for states in outbox.progress(tx, alert).values())
        return one is not None and one.state is AlertState.SPREAD and not waits


@pytest.fixture(name="siren")
def a_siren(address: str, tmp_path: Path) -> Iterator[Siren]:
    wall = utc_now()
    world = World(WorldKind.REPLAY, "架空の夜", wall, wall, None, SPEED)
    store = prepare(address, world)
    made = Siren(store, address, keyring(tmp_path), world, tmp_path / "handsets.txt")
    with store.write() as tx:
        for n in range(HOMES):
            two = (("line", f"U{n}"), ("email", f"{n}@example.jp"))
            settle(tx, made.keys, Folk(channels=two if n % 2 else two[:1]), made.now)
    yield made
    for one in made.running:
        one.kill()
        one.wait()
    store.close()


def sent_wrong(siren: Siren, *, kills: int) -> float:
    """Send, let half of it go out, take it back after at least a minute; give when that was, by the machine's clock.

    The gate is still shut then: nothing more arrives until the test takes it away.
    """
    began = siren.now
    with siren.store.write() as tx:
        assert issuing.issue(tx, order(began, urgency=6), config(siren.address, siren.world), began)
    dice = random.Random(7)
    may = {"line": 0, "email": 0}
    siren.gate(may)
    siren.post()
    for _ in range(kills):
        may = {kind: may[kind] + dice.randrange(3, 9) for kind in may}
        siren.gate(may)
        siren.until(lambda may=may: len(siren.arrived("a1")) >= sum(may.values()))  # type: ignore[misc]
        siren.kill()
        siren.post()
    siren.gate(HALF)
    siren.until(lambda: len(siren.arrived("a1")) == sum(HALF.values()) and siren.now - began >= timedelta(seconds=60))
    now = siren.now
    with siren.store.write() as tx:
        more = order(now, id="other", urgency=5, level=3)
        issuing.issue(tx, more, config(siren.address, siren.world), now)
        new = issuing.cancel(
            tx, "a1", config(siren.address, siren.world), now, why="区域を間違えました", who="佐藤", wall=utc_now()
        )
    assert new.id == "a1~cancel2"
    return time.monotonic()


def held(siren: Siren, states: set[str]) -> set[tuple[str, str]]:
    return {(row.channel, row.address) for row in deliveries(siren.store, "a1") if row.state in states}


def written(siren: Siren, alert: str) -> int:
    """Count what was written for an alert, whether or not it has gone out."""
    with siren.store.read() as tx:
        return sum(sum(states.values()) for states in outbox.progress(tx, alert).values())


def test_pending_ones_never_go_and_exactly_who_got_it_is_corrected_first(siren: Siren) -> None:
    taken_back = sent_wrong(siren, kills=0)
    known = set(siren.arrived("a1"))
    assert len(known) == sum(HALF.values())
    # `post` has looked, and the corrections wait beside the other order: whatever goes now goes by what is known.
    siren.until(lambda: siren.looked("a1") and written(siren, "a1~cancel2") >= len(known))
    siren.gate(None)
    siren.until(lambda: siren.over("a1~cancel2"))
    took = time.monotonic() - taken_back
    assert took < LIMIT_S
    got, corrected = siren.arrived("a1"), siren.arrived("a1~cancel2")
    assert sorted(corrected) == sorted(got), "who got it gets the correction on the same channel; nobody else does"
    assert len(set(got)) == len(got)
    assert len(set(corrected)) == len(corrected)
    assert len(set(got) - known) <= len(HALF) * Handsets.parallel, "only what hung on its way comes after all"
    pending = held(siren, {"withdrawn"})
    assert len(pending) == sum(ALL.values()) - len(got)
    assert not pending & set(got)
    assert held(siren, {"due"}) == set()
    siren.until(lambda: siren.over("other"))
    assert len(siren.arrived("a1")) == len(got), "nothing of it goes later"
    for kind in HALF:
        came = [line.split() for line in siren.file.read_text().splitlines() if line.startswith(f"{kind} ")]
        last = max(n for n, (_, to, key) in enumerate(came) if key == "alert:a1~cancel2" and (kind, to) in known)
        before = sum(key == "alert:other" for _, _, key in came[:last])
        assert before < Handsets.parallel, "the correction goes before what else waits"
    assert [row.urgency for row in deliveries(siren.store, "a1~cancel2")] == [9] * len(corrected)


def test_the_same_with_killed_processes_in_between(siren: Siren) -> None:
    taken_back = sent_wrong(siren, kills=2)
    siren.gate(None)
    siren.kill()
    siren.tick()
    seen = len(siren.arrived("a1~cancel2"))
    siren.post()
    siren.until(lambda: len(siren.arrived("a1~cancel2")) > seen + 5)
    siren.kill()
    siren.post()
    siren.until(lambda: siren.over("a1~cancel2"))
    assert time.monotonic() - taken_back < LIMIT_S
    got, corrected = set(siren.arrived("a1")), set(siren.arrived("a1~cancel2"))
    assert got <= corrected, "who got it, even from a process that died before it could say so, is corrected"
    unsure = {(row.channel, row.address) for row in deliveries(siren.store, "a1") if row.tries}
    assert corrected - got <= unsure, "nobody else, but those of whom nobody knows"
    assert not (held(siren, {"withdrawn"}) - unsure) & got
    assert held(siren, {"due"}) == set()
