"""How many an alert would reach: homes, people, channels, before anybody approves it."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from disaster_hub.config import Config
from disaster_hub.planning.briefs import read_briefs
from disaster_hub.rules.audience import Facts, because
from disaster_hub.store import alerts, evacuation_areas, home_points, spreading
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Audience, Because, Brief
from disaster_hub.terms.errors import BadInput

KEPT = 50
"""Audiences whose numbers are kept."""
PART = 2000
REACHED = (Because.CHOSEN, Because.NO_CHANNEL)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an audience is; homes, not devices: a home with three phones counts once."""

    homes: int = 0
    """That it is for, whether or not a message can reach them."""
    people: int = 0
    by_channel: Mapping[str, int] = field(default_factory=dict)
    """Homes that have confirmed each channel; one may stand at several."""
    no_channel: int = 0
    """Of *homes*: nobody there has confirmed any channel; they stand on the board at once."""
    unreadable: int = 0
    """Homes whose plan cannot be opened any more; they are not in *homes*, and nobody can tell whether they should."""
    languages: Mapping[str, int] = field(default_factory=dict)
    deliveries: Mapping[str, int] = field(default_factory=dict)
    """Messages that would go out on each channel."""
    words: Mapping[str, int] = field(default_factory=dict)
    """Homes by what their plan says now (`terms.way.Word`)."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of one household in memory, behind a random id."""

    changed_at: datetime
    brief: Brief | None
    channels: tuple[str, ...]


class Counted:
    """The households of one store as they were last read; who has not changed is not read again."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._reach: OrderedDict[object, Reach] = OrderedDict()
        self._lock = threading.Lock()

    def reach(self, tx: Transaction, keys: Keyring, audience: Audience) -> Reach:
        """Count an audience; one that was asked before, as long as no plan and no channel changed since."""
        with self._lock:
            shape = b"" if audience.shape is None else audience.shape.wkb
            key = (home_points.stamp(tx), replace(audience, shape=None), shape)
            found = self._reach.get(key)
            if found is None:
                found = self._reach[key] = self._count(tx, keys, audience)
                while len(self._reach) > KEPT:
                    self._reach.popitem(last=False)
            return found

    def _count(self, tx: Transaction, keys: Keyring, audience: Audience) -> Reach:
        names = sorted(names_in(tx, audience))
        self._read(tx, keys, names)
        chosen: list[_Known] = []
        unreadable = 0
        for name in names:
            one = self._known.get(name)
            if one is None:
                continue
            reason = because(audience, Facts(inside=True, brief=one.brief, channels=one.channels))
            unreadable += reason is Because.UNREADABLE
            if reason in REACHED:
                chosen.append(one)
        briefs = [one.brief for one in chosen if one.brief is not None]
        return Reach(
            homes=len(chosen),
            people=sum(brief.people for brief in briefs),
            by_channel=Counter(channel for one in chosen for channel in set(one.channels)),
            no_channel=sum(not one.channels for one in chosen),
            unreadable=unreadable,
            languages=Counter(brief.language for brief in briefs),
            deliveries=Counter(channel for one in chosen for channel in one.channels),
            words=Counter(brief.word.value for brief in briefs),
        )

    def _read(self, tx: Transaction, keys: Keyring, names: Sequence[str]) -> None:
        """Read whoever is new or has changed."""
        every = list(spreading.homes(tx, names))
        new = [one for one in every if one.id not in self._known or self._known[one.id].changed_at != one.changed_at]
        for at in range(0, len(new), PART):
            part = new[at : at + PART]
            known = keys.some([one.id for one in part])
            briefs = read_briefs(tx, known, part)
            ways = spreading.ways(tx, known, [one.id for one in part])
            for one in part:
                channels = tuple(way.channel for way in ways.get(one.id, ()))
                self._known[one.id] = _Known(one.changed_at, briefs.get(one.id), channels)
        if len(self._known) > 2 * len(every) + 1000:
            there = {name for name, _ in spreading.everybody(tx)}
            self._known = {name: one for name, one in self._known.items() if name in there}


_COUNTED: dict[Path, Counted] = {}
"""One for each folder of keys that this process has open."""


def count(tx: Transaction, keys: Keyring, audience: Audience, config: Config) -> Reach:
    """Count whom an alert for *audience* would reach; exact, and for the headquarters alone."""
    del config
    return _COUNTED.setdefault(keys.path, Counted()).reach(tx, keys, audience)


def of_areas(tx: Transaction, codes: Collection[str]) -> BaseGeometry:
    """Give the ground of evacuation areas; BadInput names the one that is not loaded or of which nobody knows where."""
    known = {area.code: area for area in evacuation_areas.all_areas(tx)}
    shapes = []
    for code in codes:
        area = known.get(code)
        if area is None:
            raise BadInput(f"避難区域 {code[:40]}: 読み込まれていません")
        if area.shape is None:
            raise BadInput(f"避難区域「{area.name}」: 範囲が読み込まれていません。地図で範囲を描いてください")
        shapes.append(area.shape)
    if not shapes:
        raise BadInput("区域を選んでください")
    return shapely.union_all(shapes)


def names_in(tx: Transaction, audience: Audience) -> list[str]:
    """Name the households with a plan that an audience is held against."""
    return [name for name, _ in homes_in(tx, audience)]


def homes_in(tx: Transaction, audience: Audience) -> Iterable[tuple[str, int]]:
    """Give household and version of those; on the border is inside."""
    if audience.same_as:
        told = alerts.told_to(tx, audience.same_as, REACHED)
        return [(one.id, one.version) for one in spreading.homes(tx, [one.household for one in told])]
    if audience.households:
        return [(one.id, one.version) for one in spreading.homes(tx, audience.households)]
    if audience.shape is None:
        return spreading.everybody(tx)
    return ((name, version) for name, version in home_points.inside(tx, audience.shape) if version > 0)
