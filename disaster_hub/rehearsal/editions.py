"""What stands at each address at each moment of the night: a pure function of the recording and the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

from disaster_hub.rehearsal.recording import Recorded
from disaster_hub.rehearsal.rivers import PREFECTURE
from disaster_hub.rehearsal.telegrams import Telegram
from disaster_hub.terms.clock import JAPAN, local, zulu
from disaster_hub.terms.world import World

SHORT = "/developer/xml/feed/extra.xml"
LONG = "/developer/xml/feed/extra_l.xml"
DATA = "/developer/xml/data/"
RIVERS = f"/swin/files/area_info/current/{PREFECTURE}.json"
KEPT = timedelta(minutes=10)
"""The short feed holds at least this much."""
POLLS_KEPT = 3.0
"""And at least this many wall seconds of a world that runs fast, so that a poll cannot fall into a hole."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One answer: its bytes, their type, and since when (world time) they stand there."""

    body: bytes
    kind: str
    changed: datetime


@dataclass(frozen=True, slots=True)
class Archive:
    """The recording as it is served in one world from one address (`http://host:port`)."""

    recorded: Recorded
    world: World
    base: str

    def at(self, path: str, now: datetime) -> Edition | None:
        """Give what *path* answers at the world time *now*; None where nothing is there (yet)."""
        if path == SHORT:
            return self._short(now)
        if path == LONG:
            return self._long(now)
        if path == RIVERS:
            return self._rivers(now)
        if path.startswith(DATA):
            name = path.removeprefix(DATA)
            found = next((t for t in self.recorded.telegrams if t.name == name and t.at <= now), None)
            return None if found is None else Edition(found.body, "text/xml", found.at)
        return None

    def _short(self, now: datetime) -> Edition:
        """Give the telegrams of the last minutes."""
        kept = max(KEPT, timedelta(seconds=POLLS_KEPT * self.world.speed))
        entries = [t for t in self.recorded.telegrams if now - kept <= t.at <= now]
        times = [t.at for t in self.recorded.telegrams]
        moves = (when for at in times for when in (at, at + kept + timedelta(microseconds=1)) if when <= now)
        changed = max(moves, default=times[0] if times else now)
        return self._feed("高頻度（随時）", SHORT, entries, changed)

    def _long(self, now: datetime) -> Edition:
        """Give everything up to the last full hour, or up to the start of the world."""
        hour = now.astimezone(JAPAN).replace(minute=0, second=0, microsecond=0)
        made = max(hour, self.world.starts) if self.world.starts and self.world.starts <= now else hour
        entries = [t for t in self.recorded.telegrams if t.at <= made]
        return self._feed("長期（随時）", LONG, entries, made)

    def _feed(self, title: str, path: str, telegrams: Sequence[Telegram], changed: datetime) -> Edition:
        """Write an Atom feed as the real one is written, newest first."""
        entries = "".join(self._entry(one) for one in reversed(telegrams))
        mark = f"{'long' if path == LONG else 'short'}_{int(changed.timestamp())}"
        text = (
            '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" lang="ja">\n'
            f"  <title>{title}</title>\n  <subtitle>made-up exercise feed（訓練用の架空のフィード）</subtitle>\n"
            f"  <updated>{local(changed)}</updated>\n  <id>{self.base}{path}#{mark}</id>\n"
            f'  <link rel="self" href="{self.base}{path}"/>\n{entries}</feed>\n'
        )
        return Edition(text.encode(), "text/xml", changed)

    def _entry(self, one: Telegram) -> str:
        """Write one entry: its id is the telegram's address."""
        address = f"{self.base}{DATA}{one.name}"
        return (
            f"  <entry>\n    <title>{escape(one.title)}</title>\n    <id>{address}</id>\n"
            f"    <updated>{zulu(one.updated)}</updated>\n"
            f"    <author>\n      <name>{escape(one.office)}</name>\n    </author>\n"
            f'    <link type="application/xml" href="{address}"/>\n'
            f'    <content type="text">{escape(one.content)}</content>\n  </entry>\n'
        )

    def _rivers(self, now: datetime) -> Edition | None:
        """Give the newest edition of the river file."""
        past = [one for one in self.recorded.rivers if one.at <= now]
        return Edition(past[-1].body, "application/json", past[-1].at) if past else None
