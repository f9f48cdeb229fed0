"""What an open-data file turned out to hold, and the counting of what was odd in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from disaster_hub.terms.place import Feature


@dataclass(frozen=True, slots=True)
class Dataset:
    """One file's features; loading it again replaces everything of the same *kind* and *name*."""

    kind: str
    """A key of `sensors.datasets.recognise.READERS`."""
    name: str
    """What the file is called wherever it lies, so that a second loading finds the first."""
    layers: tuple[str, ...]
    """Every layer that this kind can fill: all of them are replaced together."""
    features: tuple[Feature, ...]
    credit: str
    """The attribution that the publisher asks for."""
    problems: tuple[str, ...] = ()
    """What was odd but readable: counted, each with its first place."""


@dataclass(slots=True)
class Tally:
    """Counts oddities by their words and remembers where each was first met."""

    seen: dict[str, tuple[int, str]] = field(default_factory=dict)

    def note(self, words: str, where: str, times: int = 1) -> None:
        """Count *words* once more (or *times* more); *where* is kept for the first one."""
        count, first = self.seen.get(words, (0, where))
        self.seen[words] = (count + times, first)

    def lines(self) -> tuple[str, ...]:
        """Give one sentence an oddity: how often, what, and where first."""
        return tuple(f"{count} × {words} (first: {first})" for words, (count, first) in self.seen.items())
