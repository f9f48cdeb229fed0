"""What stands of what offices said: order, corrections and withdrawals, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.terms.bulletin import AreaWarning, Bulletin, InfoType, RiverWarning, Status

Said = tuple[str, Bulletin]
"""A bulletin with its identity."""
Row = AreaWarning | RiverWarning


@dataclass(frozen=True, slots=True)
class Step:
    """What stood about one area from one ReportDateTime on: the bulletin that decides, and the rows of all copies."""

    said: Said
    rows: tuple[Row, ...]


def order(said: Said) -> tuple[datetime, int, datetime, str]:
    """Give the place of a bulletin in time: a correction repeats report time and serial, only its sending is later."""
    identity, bulletin = said
    serial = bulletin.serial or ""
    number = int(serial) if serial.isascii() and serial.isdigit() else -1
    return bulletin.reported_at, number, bulletin.sent_at, identity


def standing(said: Iterable[Said]) -> list[Said]:
    """Give the bulletins that stand, oldest first: actual ones, each once, less what was withdrawn.

    What stood before a withdrawn bulletin then stands again.
    """
    ordered = _ordered(said)
    gone = _withdrawn(ordered)
    return [s for s in ordered if s not in gone and s[1].info_type is not InfoType.CANCEL]


def withdrawn_to_nothing(said: Iterable[Said], area: str) -> Said | None:
    """Give the newest withdrawal of a word about *area*: where nothing else stands, nothing is known, not safety."""
    ordered = _ordered(said)
    cancels = [cancel for gone, cancel in _withdrawn(ordered).items() if _mentions(gone[1], area)]
    cancels += [s for s in ordered if s[1].info_type is InfoType.CANCEL and _mentions(s[1], area)]
    return max(cancels, key=order, default=None)


def steps(said: Iterable[Said], area: str) -> list[Step]:
    """Say what stood about *area*, step by step: of each type the last word at one ReportDateTime, rows together."""
    moments: dict[datetime, dict[str, Step]] = {}
    for step in _path(standing(said), area):
        bulletin = step.said[1]
        moments.setdefault(bulletin.reported_at, {})[bulletin.type or ""] = step
    joined = []
    for _, copies in sorted(moments.items()):
        decisive = max((step.said for step in copies.values()), key=order)
        joined.append(Step(decisive, tuple(row for _, step in sorted(copies.items()) for row in step.rows)))
    return joined


def _ordered(said: Iterable[Said]) -> list[Said]:
    """Sort the actual ones; the same words under another address are the same bulletin."""
    unique: dict[Bulletin, Said] = {}
    for one in sorted({s[0]: s for s in said if s[1].status is Status.ACTUAL}.values(), key=order):
        unique.setdefault(one[1], one)
    return list(unique.values())


def _withdrawn(ordered: Iterable[Said]) -> dict[Said, Said]:
    """Give what was withdrawn, with the 取消 that did it."""
    gone: dict[Said, Said] = {}
    earlier: dict[tuple[str, str, str], list[Said]] = {}
    for one in ordered:
        same = earlier.setdefault(_names(one[1]), [])
        if one[1].info_type is InfoType.CANCEL:
            for meant in _issue(same):
                gone.setdefault(meant, one)
        else:
            same.append(one)
    return gone


def _names(bulletin: Bulletin) -> tuple[str, str, str]:
    """Give what a 取消 repeats of what it takes back: event and serial; the office where the family has neither."""
    event = bulletin.event_id or ""
    return bulletin.type or "", event or f"office {bulletin.office}", bulletin.serial or ""


def _issue(same: list[Said]) -> Iterator[Said]:
    """Give the newest issue with its corrections. An event's name may stay for ever while its serials start again."""
    corrects = False
    for one in reversed(same):
        if not corrects and one[1].reported_at != same[-1][1].reported_at:
            return
        yield one
        corrects = one[1].info_type is InfoType.CORRECTION


def _path(stack: Iterable[Said], area: str) -> Iterator[Step]:
    """Give what each bulletin says about *area*.

    A warning telegram is the whole state of its prefecture: an area that its office leaves out has nothing. One
    without any area says nothing, and an office that once stood in for another does not go on speaking for it.
    """
    speaker: dict[str | None, str] = {}
    for said in stack:
        bulletin = said[1]
        rows = tuple(row for row in _rows(bulletin) if row.area == area)
        if rows:
            speaker[bulletin.type] = bulletin.office
            yield Step(said, rows)
        elif speaker.get(bulletin.type) == bulletin.office and any(w.area[:2] == area[:2] for w in bulletin.warnings):
            yield Step(said, ())


def _mentions(bulletin: Bulletin, area: str) -> bool:
    """Tell whether a bulletin is about *area*; a 取消 may name a river in its EventID alone."""
    rows = _rows(bulletin)
    return any(row.area == area for row in rows) or (not rows and bulletin.event_id == area)


def _rows(bulletin: Bulletin) -> tuple[Row, ...]:
    return (*bulletin.warnings, *bulletin.rivers)
