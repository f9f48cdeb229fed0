"""`disaster-hub read`: what one file says, as JSON; needs no store, no configuration and no network."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from disaster_hub.terms.bulletin import AreaWarning, Bulletin
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.findings import Findings
from disaster_hub.terms.observation import Observation, Station
from sensors.feeds.xml import MAX_BYTES
from sensors.recognise import read

NO_BULLETIN: dict[str, Any] = {
    "status": None, "info_type": None, "office": None, "reported_at": None, "event_id": None, "serial": None,
    "warnings": [], "rivers": [],
}  # fmt: skip
BREAKS = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Characters that split a line, steer a terminal, or cannot be written at all."""


def run(paths: Sequence[str], device: str | None, out: TextIO, err: TextIO) -> int:
    """Print one JSON object a file, a line each, in order; 0 where all was understood, else 1; 2 without a file."""
    if not paths:
        err.write("read: name at least one file\n")
        return 2
    code = 0
    for path in paths:
        said = described(path, read_file(path, device))
        out.write(_line(said, out))
        for problem in said["problems"]:
            code = 1
            err.write(_plain(f"{path}: {problem}"))
    return code


def read_file(path: str, device: str | None) -> Findings:
    """Read a file's findings; one that cannot be opened is a problem, not an end."""
    try:
        with Path(path).open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as fault:
        return Findings(None, problems=(f"file: {fault.strerror or fault}",))
    return read(body, device=device)


def _line(said: dict[str, Any], out: TextIO) -> str:
    """Give one line of JSON that *out* can write."""
    text = BREAKS.sub(lambda c: f"\\u{ord(c[0]):04x}", json.dumps(said, ensure_ascii=False, allow_nan=False))
    try:
        text.encode(out.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(said, allow_nan=False)
    return text + "\n"


def _plain(words: str) -> str:
    """Give one line for people, whatever stood in the file."""
    return ascii(words)[1:-1] + "\n" if not words.isprintable() else words + "\n"


def described(path: str, found: Findings) -> dict[str, Any]:
    """Give the object of contract 1 for one file; every key is always there."""
    return {
        "file": path,
        "kind": found.kind.value if found.kind else None,
        "title": found.title,
        **(_bulletin(found.bulletin) if found.bulletin else NO_BULLETIN),
        "stations": [_station(station, values) for station, values in found.series],
        "observations": [] if found.series else [_observation(o) for o in found.observations],
        "entries": [
            {"id": e.id, "title": e.title, "updated": zulu(e.updated), "office": e.office, "content": e.content}
            for e in found.entries
        ],
        "problems": list(found.problems),
    }


def _bulletin(said: Bulletin) -> dict[str, Any]:
    return {
        "status": said.status.value,
        "info_type": said.info_type.value,
        "office": said.office or None,
        "reported_at": zulu(said.reported_at),
        "event_id": said.event_id,
        "serial": said.serial,
        "warnings": [_warning(w) for w in said.warnings],
        "rivers": [
            {"area": r.area, "area_name": r.area_name, "code": r.code, "name": r.name}
            | {"level": r.level, "active": r.active}
            for r in said.rivers
        ],
    }


def _warning(said: AreaWarning) -> dict[str, Any]:
    return {
        "area": said.area,
        "area_name": said.area_name,
        "hazard": said.hazard.value,
        "code": said.code or None,
        "name": said.name or None,
        "level": said.level,
        "active": said.active,
        "change": said.change,
    }


def _station(station: Station, values: Sequence[Observation]) -> dict[str, Any]:
    series = [
        {
            "at": zulu(o.at),
            "value": o.value,
            "unit": o.unit,
            "quality": o.quality.value,
            "kind": o.basis.value,
            "issued_at": zulu(o.issued_at) if o.issued_at else None,
        }
        for o in values
    ]
    return {"id": station.id, "name": station.name, "thresholds": dict(station.thresholds), "series": series}


def _observation(seen: Observation) -> dict[str, Any]:
    said = {"device": seen.station, "quantity": seen.quantity, "at": zulu(seen.at)}
    return said | {"value": seen.value, "unit": seen.unit, "quality": seen.quality.value}
