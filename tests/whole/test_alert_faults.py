"""What goes wrong on a bad night, on real processes: nothing lost, nothing late, nothing twice that a key can prevent."""

from __future__ import annotations

import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from disaster_hub.store import outbox, pulse
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.store.tables import attempt, delivery
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from tests.jobs.hub import REPLAY
from tests.whole.alert_stand import Stand
from timelines.gateway import PARALLEL

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
MANY, KILLS = 10_000, 8


@pytest.fixture(name="store")
def a_store(address: str) -> Iterator[Store]:
    store = prepare(address, REPLAY)
    yield store
    store.close()


@pytest.fixture(name="hub")
def a_hub(store: Store, address: str, tmp_path: Path) -> Hub:
    return Hub(store, address, tmp_path)


class Hub:
    """A store, and the `post` processes that a test starts and kills."""

    def __init__(self, store: Store, address: str, folder: Path) -> None:
        self.store, self.address, self.folder = store, address, folder

    def put(self, number: int, channel: str = "sms", life_s: float = 3600, key: str = "alert:n") -> datetime:
        """Put one message to so many people into the outbox, and give when its time is over."""
        now = utc_now()
        one = Notice(key, WorldKind.REPLAY, "order", "避難", "本文", now, now + timedelta(seconds=life_s), 7)
        where = (lambda n: f"U{n:032x}") if channel == "line" else (lambda n: f"+8190{n:08d}")
        with self.store.write() as tx:
            outbox.enqueue(tx, one, [(channel, where(n)) for n in range(number)])
        return one.expires_at

    def states(self) -> dict[str, int]:
        with self.store.read() as tx:
            return outbox.counts(tx)

    def over(self, number: int) -> Callable[[], bool]:
        return lambda: self.states() == {"sent": number}

    @contextmanager
    def posts(self, stand: Stand, number: int = 1, off: Path | None = None) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Run so many; they are up, and hear signals, before anything else happens."""
        started = [self.start(stand, off) for _ in range(number)]
        try:
            wait(lambda: self.up() == number, 120, "post did not come up")
            yield started
        finally:
            for one in started:
                one.terminate()
            assert [one.wait(60) for one in started] == [0] * len(started)

    def up(self) -> int:
        with self.store.read() as tx:
            return sum(one.process == "post" for one in pulse.heartbeats(tx))

    def start(self, stand: Stand, off: Path | None = None) -> subprocess.Popen[bytes]:
        words = [
            sys.executable,
            "-m",
            "tests.whole.post_alone",
            self.address,
            str(stand.port),
            str(self.folder / "keys"),
        ]
        environ = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        return subprocess.Popen(
            [*words, *([str(off)] if off else [])], cwd=ROOT, env=environ | {"PYTHONPATH": str(ROOT)}
        )

    def tried(self, outcome: str) -> int:
        with self.store.read() as tx:
            query = select(func.count()).select_from(attempt).where(attempt.c.outcome == outcome)
            return int(tx.execute(query).scalar_one())


def wait(holds: Callable[[], bool], limit_s: float, words: str) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, words
        time.sleep(0.1)


@pytest.mark.parametrize("channel", ["sms", "line"])
def test_killed_at_any_moment_nothing_is_lost_and_no_key_is_taken_twice(hub: Hub, channel: str) -> None:
    """The stand-in takes ever a part more, so that each kill falls into the sending, however fast that is."""
    chance = random.Random(6)
    hub.put(MANY, channel)
    part = 2 if channel == "line" else MANY // (KILLS + 2)  # LINE: up to 500 people are one message
    with Stand(line=channel == "line", most=part) as stand:
        post = hub.start(stand)
        try:
            for _ in range(KILLS):
                before = len(stand.taken)
                stand.take(before + part)
                wait(lambda n=before: len(stand.taken) > n, 120, "nothing goes out any more")  # type: ignore[misc]
                time.sleep(chance.uniform(0, 0.25))
                post.send_signal(signal.SIGKILL)
                post.wait()
                assert "due" in hub.states(), "it was over before the last kill"
                post = hub.start(stand)
            stand.take(math.inf)
            wait(hub.over(MANY), 240, "not everything went out")
        finally:
            post.send_signal(signal.SIGKILL)
            post.wait()
        if channel == "sms":  # LINE is sent equal words in bulk
            assert len(stand.taken) == MANY
            assert sum(stand.asked.values()) - MANY <= 700 * KILLS, "more went twice than was in hand at the kills"
        assert set(stand.said) <= {200, 409}
    with hub.store.read() as tx:
        doubled = select(attempt.c.delivery_id).where(attempt.c.outcome == "sent").group_by(attempt.c.delivery_id)
        assert tx.execute(doubled.having(func.count() > 1)).first() is None
        assert tx.execute(select(func.count()).select_from(delivery)).scalar_one() == MANY


def test_two_posts_by_mistake_or_on_purpose_share_the_work(hub: Hub) -> None:
    hub.put(3000)
    with Stand(delay_s=0.01) as stand, hub.posts(stand, 2):
        wait(hub.over(3000), 90, "not everything went out")
        assert max(stand.asked.values()) == 1
        assert len(stand.taken) == 3000


def test_a_stall_past_the_expiry_sends_nothing_late(hub: Hub) -> None:
    with Stand(most=100) as stand, hub.posts(stand):
        ends = hub.put(500, life_s=6).timestamp()
        wait(lambda: time.time() > ends + 1, 30, "the time did not pass")
        opened = time.time()
        stand.take(math.inf)
        wait(lambda: "due" not in hub.states(), 90, "what came too late is not settled")
        assert all(at <= opened for at in stand.came), "the rest was not even begun"
        states = hub.states()
        sent = states.get("sent", 0)
        assert sent + states["expired"] == 500
        assert states["expired"] >= 400 - PARALLEL
        assert sent <= len(stand.taken) <= sent + hub.tried("retry"), "what was taken counts as sent, or nobody waited"


def test_a_storm_of_429_is_waited_out(hub: Hub) -> None:
    with Stand(storm=True) as stand, hub.posts(stand):
        hub.put(1000)
        wait(lambda: stand.said[429] > 0, 60, "nobody asked")
        time.sleep(5)
        assert stand.said[429] <= 20 + 4, "the channel rests, and one letter knocks"
        stand.storm = False
        wait(hub.over(1000), 120, "not everything went out after the storm")
        assert max(stand.asked.values()) == 1


def test_sockets_that_hang_half_open_hold_nobody_else_up(hub: Hub) -> None:
    with Stand(hangs=0.02) as stand, hub.posts(stand):
        hub.put(1000)
        wait(lambda: len(stand.taken) > 940, 60, "the others are held up")
        wait(hub.over(1000), 90, "those that hung were not tried again")
        hung = {key for key, times in stand.asked.items() if times > 1}
        assert 5 <= len(hung) <= 50
        assert len(stand.taken) == 1000


@pytest.mark.parametrize("line", [False, True])
def test_a_service_that_lies(hub: Hub, line: bool) -> None:
    """Taken and cut off; 200 over the body of an error; 409 for what it has: each message is taken once."""
    channel = "line" if line else "sms"
    number = 1 if line else 1000
    with Stand(cuts=1.0 if line else 0.02, lies=0.05, line=line) as stand, hub.posts(stand):
        hub.put(number, channel)
        wait(hub.over(number), 90, "what was cut off was not settled")
        assert len(stand.taken) == number
        again = {key for key, times in stand.asked.items() if times > 1}
        assert {stand.asked[key] for key in again} <= {2}
        assert 0 < len(again) <= 50
        assert stand.said[409] == (1 if line else 0)
    assert hub.tried("retry") == len(again)


def test_a_wall_clock_that_jumps_back_and_forth(hub: Hub, tmp_path: Path) -> None:
    off = tmp_path / "off"
    off.write_text("0")
    with Stand(delay_s=0.05) as stand, hub.posts(stand, 1, off):
        hub.put(6000)
        for jump in (7 * 3600, -7 * 3600, 90, -90):
            before = len(stand.taken)
            wait(lambda n=before: len(stand.taken) > n + 50 or hub.over(6000)(), 40, f"stopped before {jump}")
            off.write_text(str(jump))
            time.sleep(1.5)
            off.write_text("0")
        off.write_text("-3600")  # and this time it stays so
        wait(hub.over(6000), 90, "not everything went out")
        assert max(stand.asked.values()) == 1
    assert hub.tried("expired") == 0
