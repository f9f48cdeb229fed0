"""`disaster-hub read`: what one file says, as JSON; needs no store, no configuration and no network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from disaster_hub.terms.clock import zulu
from disaster_hub.terms.findings import Findings
from disaster_hub.terms.observation import Observation, Station
from sensors.feeds.xml import MAX_BYTES
from sensors.recognise import read


def run(paths: Sequence[str], device: str | None, out: TextIO, err: TextIO) -> int:
    """Print one JSON object a file, in order; 0 where all was understood, else 1."""
    code = 0
    for path in paths:
        said = described(path, read_file(Path(path), device))
        out.write(json.dumps(said, ensure_ascii=False, indent=1) + "\n")
        for problem in said["problems"]:
            code = 1
            err.write(f"{path}: {problem}\n")
    return code


def read_file(path: Path, device: str | None) -> Findings:
    """Read a file's findings; one that cannot be opened is a problem, not an end."""
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as fault:
        return Findings(None, problems=(f"file: {fault.strerror or fault}",))
    return read(body, device=device)


def described(path: str, found: Findings) -> dict[str, Any]:
    """Give the object of contract 1 for one file; every key is always there."""
    said = found.bulletin
    return {
        "file": path,
        "kind": found.kind.value if found.kind else None,
        "title": found.title,
        "status": said.status.value if said else None,
        "info_type": said.info_type.value if said else None,
        "office": said.office if said else None,
        "reported_at": zulu(said.reported_at) if said else None,
        "event_id": said.event_id if said else None,
        "serial": said.serial if said else None,
        "warnings": [_warning(w) for w in said.warnings] if said else [],
        "rivers": [_fields(r, "area area_name code name level active") for r in said.rivers] if said else [],
        "stations": [_station(s, found.observations) for s in found.stations],
        "observations": [] if found.stations else [_observation(o) for o in found.observations],
        "entries": [
            _fields(e, "id title") | {"updated": zulu(e.updated)} | _fields(e, "office content") for e in found.entries
        ],
        "problems": list(found.problems),
    }


def _fields(thing: object, names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names.split()}


def _warning(warning: object) -> dict[str, Any]:
    said = _fields(warning, "area area_name hazard code name level active change")
    return said | {"hazard": said["hazard"].value, "code": said["code"] or None, "name": said["name"] or None}


def _station(station: Station, observations: Sequence[Observation]) -> dict[str, Any]:
    series = [
        {
            "at": zulu(o.at),
            "value": o.value,
            "unit": o.unit,
            "quality": o.quality.value,
            "kind": o.basis.value,
            "issued_at": zulu(o.issued_at) if o.issued_at else None,
        }
        for o in observations
        if o.station == station.id
    ]
    return {"id": station.id, "name": station.name, "thresholds": dict(station.thresholds), "series": series}


def _observation(seen: Observation) -> dict[str, Any]:
    said = {"device": seen.station, "quantity": seen.quantity, "at": zulu(seen.at)}
    return said | {"value": seen.value, "unit": seen.unit, "quality": seen.quality.value}
