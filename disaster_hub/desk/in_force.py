"""The official level in force in the city: of the municipality and of its rivers, the highest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.config import Config
from disaster_hub.planning.source import official_source
from disaster_hub.rules.situation import highest
from disaster_hub.store import levels, pulse
from disaster_hub.store.session import Transaction
from disaster_hub.terms.level import Official


@dataclass(frozen=True, slots=True)
class InForce:
    """The highest level that stands now."""

    level: int | None
    """None where nothing stands that is known and something is not known: never to be read as calm."""
    place: str = ""
    since: datetime | None = None
    whole: bool = False
    """True where every area and river is known: else something higher may stand that nobody sees."""


def in_force(tx: Transaction, config: Config, now: datetime) -> InForce:
    """Give the highest official level of the city's own areas and rivers."""
    words: dict[str, list[Official]] = {}
    for word in levels.officials(tx):
        words.setdefault(word.area, []).append(word)
    source = official_source(config.feeds, pulse.sources(tx))
    found = [(name, highest(words.get(code, ()), source, now, config.city.zone)) for code, name in _own(config)]
    known = [(said.level, name, said.since) for name, said in found if said.level is not None]
    top = max(known, key=lambda one: one[0], default=None)
    if top is None or (top[0] == 0 and len(known) < len(found)):
        return InForce(None)
    return InForce(*top, whole=all(said.level is not None and not said.stale for _, said in found))


def _own(config: Config) -> Iterator[tuple[str, str]]:
    yield config.city.area, config.city.name
    for river in config.rivers:
        yield river.code, river.name
