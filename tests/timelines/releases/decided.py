"""Alerts as the tests of hand-over texts decide them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shapely.geometry import Point

from disaster_hub.terms.alert import Alert, AlertKind, Audience
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.world import WorldKind
from timelines.releases.words import Matter, Town

NOW = datetime(2026, 9, 18, 11, 29, tzinfo=UTC)
"""20:29 in the city."""
TOWN = Town("みなも市", "9920100", "bousai.minamo.example.jp", "https://bousai.minamo.example.jp")
NORTH = Point(139.83, 38.73).buffer(0.01)


def order(level: int | None = 4, **changes: Any) -> Alert:
    """Give an order of the city of a real world."""
    said = Alert(
        id="a1b2", world=WorldKind.REAL, kind=AlertKind.ORDER, areas=("minamo-n", "minamo-e"), area_name="北部・東部",
        audience=Audience(NORTH), issuer="みなも市", why="赤川の水位が氾濫危険水位を超えました", decided_at=NOW,
        expires_at=NOW + timedelta(hours=6), urgency=7, level=level, hazard=Hazard.FLOOD, author="sato",
        approver="suzuki", city_order=level,
    )  # fmt: skip
    return replace(said, **changes)


def follow(before: Alert, kind: AlertKind, **changes: Any) -> Alert:
    """Give one that speaks of *before*, two minutes later."""
    later = replace(
        before, id=f"{before.id}~{kind.value}{before.revision + 1}", kind=kind, audience=Audience(same_as=before.id),
        decided_at=before.decided_at + timedelta(minutes=2), revision=before.revision + 1, earlier=before.id,
        why="区域を誤りました", urgency=9, note="",
    )  # fmt: skip
    return replace(later, **changes)


def matters(world: WorldKind = WorldKind.REAL) -> list[Matter]:
    """Give one matter of every kind and level that the public hears of."""
    first = order(world=world)
    found = [Matter(order(level, world=world)) for level in (3, 4, 5)]
    found += [Matter(follow(first, kind), first) for kind in (AlertKind.UPDATE, AlertKind.CANCEL, AlertKind.LIFT)]
    by_rule = order(
        4, world=world, kind=AlertKind.AUTOMATIC, rule="level@1", issuer="気象庁", city_order=None, author="",
        approver="",
    )  # fmt: skip
    found += [Matter(by_rule), Matter(follow(by_rule, AlertKind.CALM), by_rule)]
    plain = order(
        None, world=world, kind=AlertKind.INFORMATION, hazard=None, why="給水車が市役所に来ています", city_order=None
    )
    return [*found, Matter(plain)]
