"""The last 24 hours as they stood: levels, readings, closed roads, shelters and reports, frame by frame."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from disaster_hub.store import journal, levels, observations, report_history, sketches, stills
from disaster_hub.store.session import Transaction
from disaster_hub.terms.clock import local
from disaster_hub.terms.level import LevelChange
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.shelter import STATE_WORDS

SPAN = timedelta(hours=24)
STEP = timedelta(minutes=15)
OLDER = timedelta(hours=3)
"""A reading that is older than this at a frame is not said there: nothing was known."""
MOST_WORDS = 5000
SHELTER_STATES = {word: state.value for state, word in STATE_WORDS.items()}

Curve = Sequence[tuple[datetime, float | None]]
Said = dict[str, Any]


def past(
    tx: Transaction, shown: Mapping[str, str], areas: Mapping[str, int | None], now: datetime, zone: ZoneInfo
) -> Said:
    """Give the frames up to *now*; *shown* is the quantity that each station shows, *areas* the levels of now.

    Frames stand on whole quarters of an hour, the last of them before *now*.
    """
    times = frames(now)
    curves = observations.curves(tx, times[0] - OLDER)
    stations = {one: _readings(curves.get((one, quantity), ()), times) for one, quantity in shown.items()}
    return {
        "now": local(now, zone),
        "times": [local(at, zone) for at in times],
        "areas": _levels(levels.changes(tx, since=times[0]), areas, times),
        "stations": {one: said for one, said in stations.items() if said is not None},
        "roads": _words(journal.entries(tx, kinds=("road_closed", "road_opened"), limit=MOST_WORDS), zone),
        "shelters": _words(journal.entries(tx, kinds=("shelter_state",), limit=MOST_WORDS), zone),
        "reports": report_history.spans(tx, times[0], zone),
        "sketches": sorted({one.id for at in times for one in sketches.standing(tx, at)}),
    }


def frames(now: datetime) -> list[datetime]:
    """Give the times of the frames, oldest first."""
    last = datetime.fromtimestamp(now.timestamp() // STEP.total_seconds() * STEP.total_seconds(), now.tzinfo)
    return [last - STEP * n for n in range(SPAN // STEP, -1, -1)]


def _readings(curve: Curve, times: Sequence[datetime]) -> list[list[float | int | None] | None] | None:
    """Give for each frame the reading that stood then and its age in minutes; None where nothing was known."""
    if not curve:
        return None
    seen = [at for at, _ in curve]
    found: list[list[float | int | None] | None] = []
    for at in times:
        number = bisect_right(seen, at) - 1
        old = at - seen[number] if number >= 0 else OLDER
        found.append([curve[number][1], int(old.total_seconds() // 60)] if number >= 0 and old < OLDER else None)
    return found if any(found) else None


def _levels(
    changes: Iterable[LevelChange], areas: Mapping[str, int | None], times: Sequence[datetime]
) -> dict[str, list[int | None]]:
    """Give each area's level at each frame: by its changes, and as it is now where none was."""
    mine: dict[str, list[LevelChange]] = {}
    for one in changes:
        mine.setdefault(one.area, []).append(one)
    found: dict[str, list[int | None]] = {}
    for code, level in areas.items():
        steps = sorted(mine.get(code, ()), key=lambda one: one.at)
        first = steps[0].before if steps else level
        at = [one.at for one in steps]
        found[code] = [steps[n - 1].after if (n := bisect_right(at, time)) else first for time in times]
    return found


def _words(entries: Iterable[JournalEntry], zone: ZoneInfo) -> dict[str, list[list[str]]]:
    """Give what was said of each place, oldest first, as (time, state)."""
    found: dict[str, list[list[str]]] = {}
    for one in sorted(entries, key=lambda entry: entry.at):
        state = {"road_closed": "closed", "road_opened": "open"}.get(one.kind) or _state(one.what)
        found.setdefault(one.where or "", []).append([local(one.at, zone), state])
    return found


def _state(what: str) -> str:
    """Read a shelter's state from the journal's line, which ends with it."""
    word = what.rpartition("：")[2].strip()
    return SHELTER_STATES.get(word, word)


def stills_of(tx: Transaction, cameras: Iterable[str], now: datetime, zone: ZoneInfo) -> dict[str, list[Said]]:
    """Give the times of each camera's pictures of the last 24 hours."""
    return {
        one: [
            {"received": local(s.received_at, zone), "taken": None if s.taken_at is None else local(s.taken_at, zone)}
            for s in stills.times(tx, one, now - SPAN)
        ]
        for one in cameras
    }
