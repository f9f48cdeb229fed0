"""`disaster-hub home --at LON,LAT`: what can happen at one place, as JSON; the facts that the resident's page shows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from disaster_hub.store import places
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Danger, Depth, Hazard, Hours
from disaster_hub.terms.household import Home, Household
from disaster_hub.terms.place import Feature, LonLat, Plane
from timelines.home import ZoneIndex, dangers
from timelines.upstairs import level_of, upstairs

JAPAN = (122.0, 20.0, 155.0, 46.5)
"""West, south, east, north."""
PLACE = re.compile(r"\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*,\s*(-?\d{1,3}(?:\.\d{1,12})?)\s*", re.ASCII)
NEAREST = 3


def spot_of(text: str) -> LonLat:
    """Read `LON,LAT` in degrees; anything else raises BadInput."""
    found = PLACE.fullmatch(text)
    if found is None:
        raise BadInput(f"--at {text[:40]!r}: wanted are two numbers, LON,LAT in degrees, such as 139.8267,38.7273")
    lon, lat = float(found[1]), float(found[2])
    west, south, east, north = JAPAN
    if not (west <= lon <= east and south <= lat <= north):
        turned = "; longitude comes first" if west <= lat <= east and south <= lon <= north else ""
        raise BadInput(f"--at {text[:40]!r}: lies outside Japan{turned}")
    return LonLat(lon, lat)


def at_home(tx: Transaction, home: Home, household: Household) -> dict[str, Any]:
    """Say what loaded data say about one home; what is not loaded is said as not known."""
    index = ZoneIndex.build(places.features(tx, "hazards"))
    shelters = list(places.features(tx, "shelters"))
    found = dangers(index, home.spot)
    return {
        "place": {"lon": home.spot.lon, "lat": home.spot.lat, **_municipality(tx, home.spot)},
        "hazards": [_hazard(one) | {"shelters": _nearest(one.hazard, home.spot, shelters, index)} for one in found],
        "upstairs": _upstairs(found, home, household),
        "loaded": {
            "zones": [
                {"hazard": hazard.value, "kind": kind, "scale": scale.value if scale else None}
                for hazard, kind, scale in sorted(index.loaded, key=lambda one: (one[0], one[1], one[2] or ""))
            ],
            **{name: count for name, count in places.count(tx).items() if name not in {"hazards", "stations"}},
        },
    }


def _municipality(tx: Transaction, spot: LonLat) -> dict[str, Any]:
    """Name the municipality whose loaded boundary covers the place; null where none does."""
    area = next(iter(places.containing(tx, "areas", spot)), None)
    return {"area": area.columns.get("code") if area else None, "name": area.columns.get("name") if area else None}


def _hazard(one: Danger) -> dict[str, Any]:
    """Give one hazard; null is always not known or not there, and its neighbour says which."""
    worst = one.reckoned
    return {
        "hazard": one.hazard.value,
        "known": one.known.value,
        "planned": _depth(one.planned),
        "planned_known": one.planned_known,
        "maximum": _depth(one.maximum),
        "depth_unknown": one.depth_unknown,
        "reckoned_m": worst if one.inside and math.isfinite(worst) and (one.planned or one.maximum) else None,
        "hours": _hours(one.hours),
        "duration_known": one.duration_known,
        "collapse": list(one.collapse),
        "collapse_known": one.collapse_known,
        "special": one.special,
        "phenomena": list(one.phenomena),
        "rivers": list(one.rivers),
    }


def _depth(depth: Depth | None) -> dict[str, float | None] | None:
    return None if depth is None else {"low_m": depth.low, "high_m": depth.high, "metres": depth.exact}


def _hours(hours: Hours | None) -> dict[str, float | None] | None:
    return None if hours is None else {"low_h": hours.low, "high_h": hours.high}


def _upstairs(found: Sequence[Danger], home: Home, household: Household) -> dict[str, Any]:
    """Give the three conditions, and what the answer assumes of house and household."""
    said = upstairs(found, home, household)
    return {
        "allowed": said.allowed,
        "collapse_ok": said.collapse_ok,
        "above_water": said.above_water,
        "endures": said.endures,
        "other_hazard": said.other_hazard,
        "assumed": {
            "storeys": home.storeys,
            "floor": home.floor,
            "top_floor_level_m": level_of(max(home.storeys, home.floor)),
            "endure_hours": household.endure_hours,
        },
    }


def _nearest(hazard: Hazard, spot: LonLat, shelters: Iterable[Feature], index: ZoneIndex) -> list[dict[str, Any]]:
    """Give the nearest places that are designated for *hazard*, straight as the crow flies; an empty flag is a no."""
    plane = Plane(spot)
    right = [
        (math.hypot(*plane.metres(one.geometry.x, one.geometry.y)), one)
        for one in shelters
        if one.columns.get("designation") == "emergency" and one.columns.get(hazard.value) is True
    ]
    rows = []
    for metres, one in sorted(right, key=lambda pair: (pair[0], pair[1].id))[:NEAREST]:
        there = dangers(index, LonLat(one.geometry.x, one.geometry.y))
        zone = next(danger.known.value for danger in there if danger.hazard is hazard)
        rows.append({"id": one.id, "name": one.columns.get("name"), "straight_m": round(metres), "zone": zone})
    return rows
