"""Whether it is dark: the sun's height by the short formulas of the Astronomical Almanac, good to a minute or two."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from disaster_hub.terms.place import LonLat

SUNSET_DEG = -0.833
"""The sun's middle at sunset: its half width and what the air lifts it by. Twilight already counts as dark."""
J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
STEP = timedelta(minutes=15)


def height(at: datetime, spot: LonLat) -> float:
    """Give the sun's height above the horizon, degrees.

    Low-precision formulas of The Astronomical Almanac (section C): a hundredth of a degree between 1950 and 2050.
    """
    days = (at - J2000) / timedelta(days=1)
    mean = math.radians(357.528 + 0.9856003 * days)
    longitude = math.radians(280.460 + 0.9856474 * days + 1.915 * math.sin(mean) + 0.020 * math.sin(2 * mean))
    tilt = math.radians(23.439 - 0.0000004 * days)
    ascension = math.atan2(math.cos(tilt) * math.sin(longitude), math.cos(longitude))
    declination = math.asin(math.sin(tilt) * math.sin(longitude))
    sidereal = math.radians((280.46062 + 360.98564737 * days + spot.lon) % 360)
    lat = math.radians(spot.lat)
    sine = math.sin(lat) * math.sin(declination)
    return math.degrees(math.asin(sine + math.cos(lat) * math.cos(declination) * math.cos(sidereal - ascension)))


def dark(first: datetime, last: datetime, spot: LonLat) -> bool:
    """Tell whether the sun is down at any time from *first* to *last*."""
    at = min(first, last)
    while at < last:
        if height(at, spot) < SUNSET_DEG:
            return True
        at += STEP
    return height(last, spot) < SUNSET_DEG
