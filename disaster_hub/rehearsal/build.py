"""Building the rehearsal: the city's open data, the night's recording, and the truth that only tests read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from disaster_hub.rehearsal import opendata, recording, rivers, water
from disaster_hub.rehearsal.city import ENDS, STARTS, moment
from disaster_hub.rehearsal.streets import streets
from disaster_hub.rehearsal.telegrams import telegrams
from disaster_hub.rehearsal.terrain import Ground
from disaster_hub.rehearsal.uplinks import uplinks
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.world import World, WorldKind

NAME = "架空の夜"
DEFAULT_START = "17:00"
SPEEDS = (1.0, 600.0)
TRUTH = Path("truth") / "water.csv"


def _silent(_: str) -> None:
    """Say nothing."""


def build(folder: Path, progress: Callable[[str], None] = _silent) -> None:
    """Write `opendata/`, `night/` and `truth/` into *folder*; the same code gives the same bytes."""
    ground, town = Ground(), streets()
    progress("the made-up city: open data")
    opendata.write(folder / "opendata", ground=ground, town=town, progress=progress)
    progress("the night: telegrams, river levels, uplinks")
    build_night(folder / "night")
    progress("the night's true water, for the tests alone")
    water.write(folder / TRUTH, ground, town.links())


def build_night(night: Path, until: datetime | None = None) -> None:
    """Write only the recording of the night, or of its part up to *until* (UTC): under a second for an hour."""
    recording.write(night, telegrams(until=until), rivers.snapshots(until), uplinks(until))


def world(opened: datetime, *, start: str = DEFAULT_START, speed: float = 60.0) -> World:
    """Give the night's world, opened at the wall time *opened*; a time or speed outside it raises BadInput."""
    try:
        starts = moment(start)
    except ValueError:
        raise BadInput(f"start: {start[:20]!r} is no time such as 17:00") from None
    if not moment(STARTS) <= starts <= moment(ENDS):
        raise BadInput(f"start: {start} is not within the night, {STARTS} to {ENDS}")
    if not SPEEDS[0] <= speed <= SPEEDS[1]:
        raise BadInput(f"speed: {speed:g} is not within 1 to 600")
    return World(WorldKind.REPLAY, NAME, opened=opened, starts=starts, ends=moment(ENDS), speed=speed)
