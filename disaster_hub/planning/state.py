"""The state of things that plans are made in: official water, closed roads, shelters, day or night."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from disaster_hub.config import Config
from disaster_hub.planning.source import official_source
from disaster_hub.rules import zero_hour
from disaster_hub.rules.zero_hour import Gauge
from disaster_hub.store import conditions, levels, observations, pulse, stations, zero_hours
from disaster_hub.store.session import Transaction
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import Official
from disaster_hub.terms.way import Water
from timelines.conditions import State

LOOK_BACK = timedelta(hours=24)
ALWAYS_NIGHT = True
"""Every way of a household is reckoned at night's pace: floods come in the dark, and no dawn lengthens a countdown."""
SAID_AS = {
    Hazard.FLOOD: frozenset({"flood", "rain"}),
    Hazard.INLAND: frozenset({"rain", "flood"}),
    Hazard.LANDSLIDE: frozenset({"landslide"}),
    Hazard.SURGE: frozenset({"surge"}),
    Hazard.TSUNAMI: frozenset[str](),
}
"""Which hazards of the municipality's warnings speak of which zones. No tsunami warning is judged yet: not known."""


def state_of(tx: Transaction, config: Config, now: datetime) -> State:
    """Give the state at the world's time *now*; what was said before holds until newer official word."""
    return State(
        now=now,
        night=ALWAYS_NIGHT,
        closed=frozenset(conditions.closed_roads(tx)),
        shelters=conditions.shelter_states(tx),
        waters=tuple(waters(tx, config, now)),
    )


def waters(tx: Transaction, config: Config, now: datetime) -> list[Water]:
    """Give every governed area's water, then the municipality's for each hazard."""
    before = {(w.hazard, w.area): w for w in zero_hours.known(tx)}
    said = [*_governed(tx, config, now), *((w, ()) for w in _of_city(tx, config, now))]
    return [zero_hour.held(before.get((w.hazard, w.area)), w, gauges) for w, gauges in said]


def keep_waters(tx: Transaction, said: Iterable[Water]) -> None:
    """Write down the zero hours, so that a later look, or another process, never reckons with a later one."""
    for one in said:
        zero_hours.put(tx, one)


def _governed(tx: Transaction, config: Config, now: datetime) -> Iterable[tuple[Water, Sequence[Gauge]]]:
    """Give each governed area's water once, with its gauges: where there are several, the worst word counts."""
    words = levels.officials(tx)
    stale = _stale(tx, config, now)
    for name, area in dict.fromkeys((r.hazard, r.area) for r in config.governs):
        hazard = Hazard(name)
        mine = [w for w in words if w.area == area and (len(area) == 12 or w.hazard in SAID_AS[hazard])]
        named = dict.fromkeys(r.gauge for r in config.governs if (r.hazard, r.area) == (name, area))
        gauges = [_gauge(tx, gauge, config, now) if gauge else None for gauge in named]
        said = [zero_hour.water(hazard, area, mine, gauge, now, stale=stale) for gauge in gauges]
        yield zero_hour.worst(said), [gauge for gauge in gauges if gauge is not None]


def _of_city(tx: Transaction, config: Config, now: datetime) -> Iterable[Water]:
    """Give what holds for zones that no row of the configuration names."""
    words: Sequence[Official] = [w for w in levels.officials(tx) if w.area == config.city.area]
    stale = _stale(tx, config, now)
    ruled = {(r.hazard, r.area) for r in config.governs}
    for hazard in Hazard:
        if (hazard.value, config.city.area) not in ruled:
            mine = [w for w in words if w.hazard in SAID_AS[hazard]]
            yield zero_hour.water(hazard, config.city.area, mine, None, now, stale=stale)


def _gauge(tx: Transaction, identity: str, config: Config, now: datetime) -> Gauge:
    """Read the governing gauge: a day of readings up to now and the newest forecast."""
    found = next((s.station for s in stations.all_stations(tx) if s.station.id == identity), None)
    named = next((g.name for g in config.gauges if g.id == identity), "")
    series = observations.of_station(tx, identity, "water_level", now - LOOK_BACK)
    seen = [o for o in series if o.issued_at is None and o.at <= now + zero_hour.SKEW]
    ahead = [o for o in series if o.issued_at is not None]
    danger = found.thresholds.get("danger") if found else None
    return Gauge(identity, (found.name if found else "") or named, danger, seen, ahead)


def _stale(tx: Transaction, config: Config, now: datetime) -> bool:
    source = official_source(config.feeds, pulse.sources(tx))
    return source.last_success is None or (now - source.last_success).total_seconds() > source.stale_after_s
