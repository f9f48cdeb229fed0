"""屋内安全確保: all three conditions hold and are known, or one leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from disaster_hub.terms.hazard import Danger, Depth, Hazard, Hours, Known
from disaster_hub.terms.household import Home, Household
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Upstairs
from timelines.upstairs import dry_floor, upstairs

HOME = Home(LonLat(139.3, 38.9), storeys=2, floor=1)
READY = Household(endure_hours=72)
OUTSIDE = {h: Danger(h, Known.OUTSIDE) for h in Hazard}
FLOOD = Danger(
    Hazard.FLOOD, Known.INSIDE, maximum=Depth(0.0, 0.5), hours=Hours(12, 24), duration_known=True, collapse_known=True
)


def asked(*said: Danger, home: Home = HOME, household: Household = READY) -> Upstairs:
    return upstairs(tuple((OUTSIDE | {d.hazard: d for d in said}).values()), home, household)


def test_all_three_hold_and_are_known() -> None:
    assert asked(FLOOD) == Upstairs(True, True, True, True, False)


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"collapse": ("flow",)}, "collapse_ok", False),
        ({"collapse": ("bank",)}, "collapse_ok", False),
        ({"collapse_known": False}, "collapse_ok", None),
        ({"maximum": Depth(3.0, 5.0)}, "above_water", False),
        ({"maximum": Depth(20.0, None)}, "above_water", False),
        ({"depth_unknown": True}, "above_water", None),
        ({"known": Known.NO_DATA}, "above_water", None),
        ({"hours": Hours(72, 168)}, "endures", False),
        ({"hours": Hours(672, None)}, "endures", False),
        ({"hours": None}, "endures", None),
        ({"duration_known": False}, "endures", None),
    ],
)
def test_one_that_fails_or_is_not_known_forbids_it(change: dict[str, object], field: str, says: bool | None) -> None:
    said = asked(replace(FLOOD, **change))  # type: ignore[arg-type]
    assert getattr(said, field) is says
    assert not said.allowed


def test_the_household_that_does_not_know_how_long_it_lasts_does_not_stay() -> None:
    assert asked(FLOOD, household=Household()).endures is None
    assert asked(FLOOD, household=Household(endure_hours=23)).endures is False


@pytest.mark.parametrize("hazard", [Hazard.LANDSLIDE, Hazard.TSUNAMI])
def test_landslide_and_tsunami_forbid_it_whatever_the_water_does(hazard: Hazard) -> None:
    said = asked(FLOOD, Danger(hazard, Known.INSIDE))
    assert said.other_hazard
    assert not said.allowed


@pytest.mark.parametrize(
    ("depth", "storeys", "floor"),
    [
        (Depth(0.0, 0.5), 1, 1), (Depth(0.5, 3.0), 1, None), (Depth(0.5, 3.0), 2, 2), (Depth(3.0, 5.0), 2, None),
        (Depth(3.0, 5.0), 3, 3), (Depth(5.0, 10.0), 3, None), (Depth(5.0, 10.0), 5, 5), (Depth(20.0, None), 50, None),
        (Depth(0.5, 3.0, 0.5), 1, None), (Depth(0.5, 3.0, 2.99), 2, 2), (Depth(0.5, 3.0, 3.0), 2, None),
    ],
)  # fmt: skip
def test_the_lowest_dry_floor(depth: Depth, storeys: int, floor: int | None) -> None:
    assert dry_floor([depth], storeys) == floor


def test_of_two_floods_the_deeper_one_decides() -> None:
    assert asked(replace(FLOOD, planned=Depth(0.0, 0.5), maximum=Depth(0.5, 3.0))).above_water is True
    assert asked(replace(FLOOD, planned=Depth(0.5, 3.0), maximum=Depth(3.0, 5.0))).above_water is False


def test_who_cannot_climb_stairs_stays_on_the_own_floor() -> None:
    deep = replace(FLOOD, maximum=Depth(0.5, 2.0))
    lame = replace(READY, stairs=False)
    assert asked(deep).above_water is True
    assert asked(deep, household=lame).above_water is False
    assert asked(deep, home=replace(HOME, floor=2), household=lame).above_water is True


def test_a_higher_surge_decides_over_a_shallow_flood() -> None:
    surge = Danger(Hazard.SURGE, Known.INSIDE, maximum=Depth(3.0, 5.0), hours=Hours(0, 12), duration_known=True)
    assert asked(FLOOD, surge).above_water is False


def test_a_home_outside_every_zone_needs_nothing_but_known_layers() -> None:
    flood = Danger(Hazard.FLOOD, Known.OUTSIDE, collapse_known=True)
    assert asked(flood, household=Household()).allowed
