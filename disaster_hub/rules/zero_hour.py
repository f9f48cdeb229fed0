"""The zero hour of a water: when 氾濫危険水位 is reached, or officially forecast to be, read pessimistically.

Future water comes from official forecasts alone (気象業務法): nothing here extrapolates. A reading or forecast that is
missing is no evidence of dryness, and only newer official word moves a zero hour that was once said to a later time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import Official
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.quantity import Quality
from disaster_hub.terms.way import Basis, Water

WET_LEVEL = {Hazard.FLOOD: 4, Hazard.LANDSLIDE: 3, Hazard.INLAND: 3, Hazard.SURGE: 3, Hazard.TSUNAMI: 3}
"""The official level from which a hazard's zones count as wet, where nothing says it sooner."""
UNGOVERNED_FLOOD_LEVEL = 3
"""A flood zone that no gauge governs follows the municipality's level, one level sooner."""
SKEW = timedelta(minutes=5)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Gauge:
    """The gauge that governs an area: its readings and its newest forecast, each oldest first, metres."""

    id: str
    name: str
    danger: float | None
    """氾濫危険水位; None where the source does not say it."""
    seen: Sequence[Observation] = ()
    ahead: Sequence[Observation] = ()


def water(
    hazard: Hazard, area: str, words: Sequence[Official], gauge: Gauge | None, now: datetime, *, stale: bool
) -> Water:
    """Say when one area's water begins, from its official *words* and its gauge; *issued_at* is the newest evidence."""
    wet_level = UNGOVERNED_FLOOD_LEVEL if hazard is Hazard.FLOOD and gauge is None else WET_LEVEL[hazard]
    force = [w for w in words if w.level != 0 and not _ended(w, now)]
    known = [w.level for w in force if w.level is not None]
    level = max(known) if known else None if force or stale or not words else 0
    issuer = next((w.issuer for w in words if w.issuer), "")
    said = Water(hazard, area, level=level, stale=stale, issuer=issuer)
    if gauge is not None:
        said = replace(said, gauge=gauge.id, gauge_name=gauge.name)
    found = [_by_level(said, w) for w in force if (w.level or 0) >= wet_level]
    if gauge is not None and gauge.danger is not None:
        good = [o for o in gauge.seen if _good(o) and o.at <= now + SKEW]
        found += _by_reading(said, gauge.danger, good)
        found += _by_forecast(said, gauge.danger, good, gauge.ahead, now)
    if found:
        return min(found, key=lambda one: one.zero or now)
    return replace(said, issued_at=_newest(words, gauge, now))


def worst(said: Sequence[Water]) -> Water:
    """Put what several gauges say of one area together: the first beginning, the highest level, the oldest dryness."""
    wet = [one for one in said if one.basis is not Basis.UNKNOWN]
    levels = [one.level for one in said if one.level is not None]
    if wet:
        # A beginning that is reached at a time nobody said lies before every time.
        first = min(wet, key=lambda one: one.zero or LONG_AGO)
    else:
        first = min(said, key=lambda one: one.issued_at or LONG_AGO)
    return replace(first, level=max(levels, default=None), stale=any(one.stale for one in said))


def held(before: Water | None, said: Water, gauges: Sequence[Gauge] = ()) -> Water:
    """Keep what was said *before*, unless *said* is sooner or is newer official word of later water or none.

    A forecast beginning is taken back by nothing but its gauge: by a newer whole forecast, or by readings after it.
    """
    if before is None or before.zero is None or (before.hazard, before.area) != (said.hazard, said.area):
        return said
    if said.zero is None and said.basis is Basis.REACHED:
        return said
    newer = said.issued_at is not None and (before.issued_at is None or said.issued_at > before.issued_at)
    if said.zero is None:
        dry = newer and not said.stale and said.level is not None
        if before.basis is Basis.FORECAST:
            mine = [gauge for gauge in gauges if gauge.id == before.gauge]
            dry = dry and all(_taken_back(before, gauge) for gauge in mine)
    else:
        dry = said.zero <= before.zero or (newer and before.basis is Basis.FORECAST)
    return said if dry else replace(before, level=said.level, stale=said.stale)


def _taken_back(before: Water, gauge: Gauge) -> bool:
    """Tell whether a gauge has newer word of the time that *before* was forecast for: steps left out are none."""
    good = [o for o in gauge.seen if _good(o)]
    steps = sorted((o for o in gauge.ahead if o.issued_at is not None), key=lambda o: o.at)
    if good and before.zero is not None and good[-1].at > max((o.at for o in steps), default=before.zero):
        return good[-1].at > before.zero
    if not steps or before.zero is None or not all(_good(o) for o in steps):
        return False
    issued = steps[-1].issued_at
    return (
        steps[-1].at >= before.zero and issued is not None and (before.issued_at is None or issued > before.issued_at)
    )


def _by_level(said: Water, word: Official) -> Water:
    """Read a level in force: wet from the minute it came into force."""
    zero = min(filter(None, (word.since, word.confirmed)), default=None)
    return replace(said, zero=zero, basis=Basis.REACHED, issuer=word.issuer, issued_at=word.confirmed)


def _by_reading(said: Water, danger: float, good: Sequence[Observation]) -> Iterable[Water]:
    """Read the gauge: reached since the last reading that lay below, until a newer one lies below again."""
    if not good or (good[-1].value or 0.0) < danger:
        return
    first = len(good) - 1
    while first > 0 and (good[first - 1].value or 0.0) >= danger:
        first -= 1
    zero = good[max(0, first - 1)].at
    yield replace(said, zero=zero, basis=Basis.REACHED, issued_at=good[-1].at)


def _by_forecast(
    said: Water, danger: float, good: Sequence[Observation], ahead: Sequence[Observation], now: datetime
) -> Iterable[Water]:
    """Read the newest forecast: the water may be there from the step before the first one at danger.

    A reading below danger, made after a step, says that this step did not come true; the later ones still may.
    """
    steps = sorted((o for o in ahead if o.issued_at is not None and o.issued_at <= now + SKEW), key=lambda o: o.at)
    if not steps:
        return
    issued = max(o.issued_at for o in steps if o.issued_at is not None)
    before = max((o.at for o in good if o.at <= issued), default=issued)
    for step in steps:
        if not _good(step):
            continue  # 欠測 and 未計算 are no evidence: the step before them still stands
        if (step.value or 0.0) >= danger:
            if not (good and good[-1].at > step.at):
                yield replace(said, zero=before, basis=Basis.FORECAST, issued_at=issued)
                return
            before = good[-1].at
        else:
            before = max(before, step.at)


def _newest(words: Sequence[Official], gauge: Gauge | None, now: datetime) -> datetime | None:
    """Give the time of the newest evidence that nothing is wet."""
    times = [w.confirmed for w in words if w.confirmed is not None]
    if gauge is not None:
        times += [o.at for o in gauge.seen if _good(o) and o.at <= now + SKEW]
        times += [o.issued_at for o in gauge.ahead if o.issued_at is not None and o.issued_at <= now + SKEW]
    return max(times, default=None)


def _ended(word: Official, now: datetime) -> bool:
    return word.until is not None and word.until <= now


def _good(one: Observation) -> bool:
    return one.value is not None and one.quality is Quality.OK
