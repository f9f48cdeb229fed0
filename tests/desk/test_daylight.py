"""Sunrise and sunset against the almanac of the National Astronomical Observatory for Tokyo and Naha, to two minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from disaster_hub.desk.daylight import SUNSET_DEG, dark, height
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.place import LonLat

TOKYO = LonLat(139.7447, 35.6544)
TWO = timedelta(minutes=2)


@pytest.mark.parametrize(
    ("rise", "sets"),
    [
        (datetime(2024, 6, 21, 4, 25, tzinfo=JAPAN), datetime(2024, 6, 21, 19, 0, tzinfo=JAPAN)),
        (datetime(2024, 12, 21, 6, 47, tzinfo=JAPAN), datetime(2024, 12, 21, 16, 32, tzinfo=JAPAN)),
    ],
)
def test_the_sun_rises_and_sets_when_the_almanac_says(rise: datetime, sets: datetime) -> None:
    assert height(rise - TWO, TOKYO) < SUNSET_DEG < height(rise + TWO, TOKYO)
    assert height(sets - TWO, TOKYO) > SUNSET_DEG > height(sets + TWO, TOKYO)


def test_at_noon_in_june_the_sun_stands_as_high_as_latitude_and_tilt_say() -> None:
    noon = datetime(2024, 6, 21, 11, 43, tzinfo=JAPAN)
    assert height(noon, TOKYO) == pytest.approx(90 - TOKYO.lat + 23.44, abs=0.1)


def test_a_walk_that_ends_in_the_dark_or_lasts_through_the_night_is_a_walk_by_night() -> None:
    noon = datetime(2026, 9, 18, 12, 0, tzinfo=JAPAN)
    assert not dark(noon, noon + timedelta(hours=4), TOKYO)
    assert dark(noon, noon + timedelta(hours=7), TOKYO)
    assert dark(noon, noon + timedelta(hours=24), TOKYO)
    assert dark(noon + timedelta(hours=12), noon + timedelta(hours=12), TOKYO)
