"""The river JSON of the night: only gauges above their start level are listed, and old rows never leave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from disaster_hub.rehearsal import stage
from disaster_hub.rehearsal.city import GAUGES, METRES_PER_LAT, RiverGauge, lonlat, minutes, moment
from disaster_hub.terms.clock import local

BEGINS, FINISHES = "13:00", "02:00"
PREFECTURE = "99000"
HIGH_M = 3.0
"""Depth of the main river from which on the file is made anew every five minutes instead of every ten.

Not oftener: the file keeps no history, so an edition that nobody fetched is gone. Five minutes of the night are five
seconds at 60 times, long enough for a clock that was killed to be back."""
LONG_AGO = (
    ("9900000090", "ふる川（ふる橋）", "2026-03-02T04:10:00+09:00", 2.31, 1.9, 2.6, 3.0),
    ("9900000091", "さび川（さび橋）", "2021-07-12T23:50:00+09:00", 0.94, 0.8, None, 1.8),
)
"""Gauges that spoke months and years ago above their start level and were never taken off the list."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One edition of the file: from *at* (UTC) on the address gives *body*."""

    at: datetime
    body: bytes


def snapshots(until: datetime | None = None) -> Iterator[Snapshot]:
    """Write every edition of the night, each after the gauges' own time."""
    at, end = moment(BEGINS), min(moment(FINISHES), until or moment(FINISHES))
    while at <= end:
        rows = [row for gauge in GAUGES if (row := _row(gauge, at)) is not None]
        rows += [_old_row(*old) for old in LONG_AGO]
        body = json.dumps({"obss": rows}, ensure_ascii=False, separators=(",", ":")).encode()
        yield Snapshot(at, body)
        at += timedelta(minutes=interval_min(at))


def interval_min(at: datetime) -> int:
    """Give the minutes between two readings: 10, and 5 when the main river is high."""
    return 5 if stage.level("river", minutes(at)) >= HIGH_M else 10


def reading(gauge: RiverGauge, at: datetime) -> float:
    """Give what *gauge* reads at *at*, on its own zero, with a centimetre of unrest."""
    depth = stage.level(gauge.water, minutes(at), scale=gauge.scale, lag_min=gauge.lag_min)
    unrest = np.random.default_rng([int(gauge.code), int(at.timestamp())]).normal(0, 0.008)
    return round(gauge.datum + depth + float(unrest), 2)


def _row(gauge: RiverGauge, at: datetime) -> dict[str, Any] | None:
    """Give the gauge's row of the edition at *at*; below its start level it is not in the file."""
    seen = at - timedelta(minutes=1)
    if gauge.silent_after is not None:
        seen = min(seen, moment(gauge.silent_after))
    level = reading(gauge, seen)
    if level < gauge.start:
        return None
    over = 1 + (10 if gauge.warn is not None and level >= gauge.warn else 0) + (100 if level >= gauge.flood else 0)
    lon, lat = lonlat(gauge.x, gauge.y)
    return {
        "code": gauge.code, "name": gauge.name, "obsTime": local(seen), "point": int(gauge.code[-2:]),
        "level": level, "townCode": gauge.town.jis5, "prefCode": PREFECTURE, "over": over,
        "startLevel": gauge.start, "warnLevel": gauge.warn, "fladLevel": gauge.flood,
        "qt": None, "kana": gauge.kana, "addrKana": gauge.place, "lat": round(lat, 5), "lon": round(lon, 5),
    }  # fmt: skip


def _old_row(
    code: str, name: str, seen: str, level: float, start: float, warn: float | None, flood: float
) -> dict[str, Any]:
    """Give a row that has been in the file for ever."""
    lon, lat = lonlat(5200, 1000 + 30_000 * int(code[-1]) / METRES_PER_LAT)
    return {
        "code": code, "name": name, "obsTime": seen, "point": 9, "level": level, "townCode": "99201",
        "prefCode": PREFECTURE, "over": 1, "startLevel": start, "warnLevel": warn, "fladLevel": flood,
        "qt": 8, "kana": "", "addrKana": "", "lat": round(lat, 5), "lon": round(lon, 5),
    }  # fmt: skip
