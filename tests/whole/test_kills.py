"""kill -9 of any process at many moments: afterwards the store holds exactly what an undisturbed run holds."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from disaster_hub.demo import free_port
from tests.whole.rig import Night, differences

START, END, SPEED = "20:15", "21:05", 60.0
KILLS = 24
"""The night's part holds a full hour: there the long feed is made anew, which heals what a dead clock has missed."""


@pytest.mark.slow
def test_killed_processes_lose_and_double_nothing(tmp_path: Path) -> None:
    port = free_port()
    calm = Night(tmp_path / "calm", START, END, SPEED, feed_port=port).begin()
    calm.wait(calm.over, 120, "the night did not end")
    expected = calm.settle()
    calm.end_all()
    assert len(expected["bulletins"]) >= 10
    assert len(expected["readings"]) >= 200

    rough = Night(tmp_path / "rough", START, END, SPEED, feed_port=port).begin()
    dice, kills = random.Random(20260918), 0
    while not rough.over():
        kills += rough.kill(dice.choice(("web", "clock", "listen", "post")))
        time.sleep(dice.uniform(0.2, 2.2))
    found = rough.settle()
    rough.end_all()
    assert kills >= KILLS // 2
    different = differences(expected, found)
    assert not different, "\n".join(different)
