"""What plans are reckoned in, the time of day left out: as long as it stays the same, so do they."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b

from disaster_hub.terms.way import ShelterState, Water
from timelines.conditions import State

NO_PLACE_FOR_MORE = frozenset({ShelterState.FULL, ShelterState.CLOSED})


@dataclass(frozen=True, slots=True)
class Cause:
    """One state of things, comparable part by part."""

    places: str
    """The stamp of the open data that is loaded."""
    closed: frozenset[str]
    shelters: frozenset[tuple[str, ShelterState]]
    waters: tuple[Water, ...]

    @property
    def digest(self) -> str:
        """Name it in a few letters."""
        said = (self.places, sorted(self.closed), sorted(self.shelters), self.waters)
        return blake2b(repr(said).encode(), digest_size=12).hexdigest()

    def only_roads_closed(self, before: Cause) -> frozenset[str] | None:
        """Give the links that were closed since *before* where nothing else happened; else None."""
        same = replace(self, closed=before.closed) == before
        return self.closed - before.closed if same and self.closed > before.closed else None

    def only_shelters_shut(self, before: Cause) -> frozenset[str] | None:
        """Give the shelters that were filled or closed since *before* where nothing else happened; else None."""
        if replace(self, shelters=before.shelters) != before:
            return None
        new = dict(self.shelters - before.shelters)
        opened = {name for name, _ in before.shelters - self.shelters} - new.keys()
        return frozenset(new) if new and not opened and set(new.values()) <= NO_PLACE_FOR_MORE else None


def cause_of(places: str, state: State) -> Cause:
    """Take out of *state* what plans depend on; the same word said again is the same."""
    waters = tuple(replace(w, issued_at=None) for w in state.waters)
    return Cause(places, state.closed, frozenset(state.shelters.items()), waters)
