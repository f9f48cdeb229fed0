"""A night that nobody disturbs, played once for all whose nights are disturbed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from tests.whole.rig import Night

START, END, SPEED = "20:15", "21:05", 60.0
"""The night's part holds a full hour: there the long feed is made anew, which heals what a dead clock has missed."""


@dataclass(frozen=True)
class Calm:
    """What an undisturbed run holds, and the port of its feeds: telegrams are known by their address."""

    port: int
    facts: dict[str, Counter[str]]

    def night(self, folder: Path, **more: Any) -> Night:
        """Give the same part of the night, not begun yet."""
        return Night(folder, START, END, SPEED, feed_port=self.port, **more)


@pytest.fixture(name="calm", scope="session")
def a_calm_night(tmp_path_factory: pytest.TempPathFactory) -> Calm:
    port = free_port()
    night = Calm(port, {}).night(tmp_path_factory.mktemp("calm")).begin()
    night.wait(night.over, 400, "the night did not end")
    found = night.settle()
    night.end_all()
    assert len(found["bulletins"]) >= 10
    assert len(found["readings"]) >= 200
    return Calm(port, found)
