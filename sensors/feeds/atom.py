"""Atom feeds of the JMA: one entry a telegram, its id is the telegram's address."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from disaster_hub.terms.clock import aware
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.findings import Entry, Findings, Kind
from sensors.feeds.xml import ATOM, parse, words


def read(body: bytes) -> Findings:
    """Read a feed; an entry without id or time is a problem, the others are kept."""
    try:
        root = parse(body)
    except BadInput as fault:
        return Findings(None, problems=(str(fault),))
    if root.tag != f"{ATOM}feed":
        return Findings(None, problems=(f"{etree.QName(root).localname}: not an Atom feed",))
    return read_root(root)


def read_root(root: etree._Element) -> Findings:
    """Read a parsed feed."""
    entries: list[Entry] = []
    problems: list[str] = []
    for number, element in enumerate(root.iterchildren(f"{ATOM}entry"), 1):
        try:
            entries.append(_entry(element))
        except BadInput as fault:
            problems.append(f"entry {number}: {fault}")
    return Findings(
        Kind.FEED,
        title=words(root.find(f"{ATOM}title")) or None,
        updated=_updated(root, problems),
        entries=tuple(entries),
        problems=tuple(problems),
    )


def _updated(root: etree._Element, problems: list[str]) -> datetime | None:
    try:
        return aware(words(root.find(f"{ATOM}updated")))
    except BadInput as fault:
        problems.append(f"feed/updated: {fault}")
        return None


def _entry(element: etree._Element) -> Entry:
    identity = words(element.find(f"{ATOM}id"))
    if not identity:
        raise BadInput("id: empty")
    try:
        updated = aware(words(element.find(f"{ATOM}updated")))
    except BadInput as fault:
        raise BadInput(f"updated: {fault} ({identity[:80]})") from None
    return Entry(
        id=identity,
        title=words(element.find(f"{ATOM}title")),
        updated=updated,
        office=words(element.find(f"{ATOM}author/{ATOM}name")),
        content=words(element.find(f"{ATOM}content")),
    )
