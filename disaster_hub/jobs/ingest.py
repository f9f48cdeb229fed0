"""Pulled sources into the store: one transaction an answer, a failed fetch clears nothing."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

from disaster_hub.config import Feed
from disaster_hub.store import bulletins, journal, observations, pulse, raws, stations
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.bulletin import Status
from disaster_hub.terms.errors import Unreachable, WrongWorld
from disaster_hub.terms.findings import Entry, Findings
from disaster_hub.terms.notice import JournalEntry
from sensors.fetch import Answer, Door
from sensors.source import reader

log = logging.getLogger(__name__)
FUTURE = timedelta(minutes=15)
"""A telegram reported later than this from now is refused: one of two clocks is wrong."""
FORGET = timedelta(days=1)
"""What was not to be had for this long is not asked for again; that it is missing stays in the journal."""
UNKEPT = 100
"""So many editions of a gauges' file are held while the store cannot be written: hours of them."""
GIVE_UP = timedelta(minutes=10)
"""A telegram that the feed names and the server does not give keeps the source down for this long."""


@dataclass(slots=True)
class Poller:
    """Polls one feed; remembers only what may be forgotten in a crash."""

    store: Store
    feed: Feed
    door: Door
    down: bool = False
    long_due: datetime | None = None
    seen: set[str] = field(default_factory=set)
    """Addresses known to be stored, so that the store is not asked about them each minute."""
    owed: dict[str, Entry] = field(default_factory=dict)
    """Telegrams that a feed has named and that are not stored yet: asked for again even where the feed is unchanged."""
    _made: datetime | None = None
    """When the long feed that was read last was made, by its own word."""
    _unkept: deque[tuple[Answer, datetime]] = field(default_factory=lambda: deque(maxlen=UNKEPT))
    _tried: dict[str, str | None] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def poll(self, now: datetime) -> int:
        """Ask once and give how many facts were new; what fails is counted, said once, and tried again."""
        self._tried.clear()
        try:
            new = self._telegrams(now) if self.feed.kind == "jma-feed" else self._gauges(now)
        except Unreachable as fault:
            self._failed(now, str(fault))
            return 0
        if self.down:
            log.info("%s: answers again", self.feed.name)
            self.down = False
        return new

    def _failed(self, now: datetime, reason: str) -> None:
        if not self.down:
            log.error("%s: %s", self.feed.name, reason)
            self.down = True
        with self.store.write() as tx:
            pulse.failure(tx, self.feed.name, now, reason)

    def _telegrams(self, now: datetime) -> int:
        """Read the long feed when it is due (it heals the short one's holes), then the short one."""
        new, missing = 0, None
        if self.feed.long_url and (self.long_due is None or now >= self.long_due):
            new, missing = self._feed(self.feed.long_url, now)
            if missing is None:
                self.long_due = self._next_edition(now)
                with self.store.write() as tx:
                    pulse.success(tx, self.feed.name, now, long=True)
        fetched, missing_too = self._feed(self.feed.url, now)
        if missing or missing_too:
            raise Unreachable(str(missing or missing_too))
        with self.store.write() as tx:
            pulse.success(tx, self.feed.name, now, long=self.feed.long_url is None)
        return new + fetched

    def _next_edition(self, now: datetime) -> datetime:
        """Give when the long feed will have been made anew: until then it cannot heal what came after its making."""
        every = timedelta(seconds=self.feed.long_every_s)
        due = (self._made or now) + every
        return due if now < due <= now + every else now + timedelta(seconds=self.feed.every_s)

    def _feed(self, url: str, now: datetime) -> tuple[int, str | None]:
        """Fetch one feed and the bodies it names; give (new telegrams, why a body is still missing)."""
        answer = self.door.get(url)
        try:
            return self._bodies([] if answer is None else self._entries(answer, url, now), now)
        except Exception:
            self.door.forget(url)  # what it named is not stored: "not modified" must not hide that
            raise

    def _entries(self, answer: Answer, url: str, now: datetime) -> list[Entry]:
        """Read a feed and give the entries to fetch; what is wrong with it is kept and counted once."""
        found = reader("jma-feed")(answer.body)
        reason = "; ".join(found.problems)
        if reason and reason not in self._told:
            self._refuse(answer, url, reason, now)
            self._told.add(reason)
        if found.kind is None:
            raise Unreachable(f"{url}: {reason}")
        if url == self.feed.long_url:
            self._made = found.updated
        return [replace(e, id=urljoin(url, e.id)) for e in found.entries if self._wanted(e) and self._near(e, url, now)]

    def _wanted(self, entry: Entry) -> bool:
        """Tell whether an entry is of an office that this city watches: `…_VPWW55_060000.xml`."""
        office = PurePosixPath(urlsplit(entry.id).path).stem.rpartition("_")[2]
        return not self.feed.offices or office in self.feed.offices

    def _near(self, entry: Entry, url: str, now: datetime) -> bool:
        """Tell whether an entry leads to the feed's own host: a feed is no way to make us ask others."""
        there, here = urlsplit(urljoin(url, entry.id)), urlsplit(url)
        if (there.scheme, there.netloc) == (here.scheme, here.netloc):
            return True
        with self.store.write() as tx:
            if self._journal(tx, entry.id, f"別のホストを指す電文は取得しません: {entry.id[:200]}", now):
                pulse.count_refusals(tx, self.feed.name, 1, f"{entry.id[:200]}: leads to another host")
        return False

    def _bodies(self, entries: list[Entry], now: datetime) -> tuple[int, str | None]:
        """Fetch the bodies not stored yet, oldest first; one that fails blocks none of the others."""
        self.owed |= {e.id: e for e in entries if e.id not in self.seen}
        with self.store.read() as tx:
            self.seen |= raws.known(tx, self.feed.name, self.owed)
        new = 0
        for entry in sorted(self.owed.values(), key=lambda e: (e.updated, e.id)):
            if entry.id not in self.seen and entry.id not in self._tried:
                new += self._body(entry, now)
            if entry.id in self.seen or now - entry.updated > FORGET:
                del self.owed[entry.id]
        return new, next(filter(None, (self._tried.get(identity) for identity in self.owed)), None)

    def _body(self, entry: Entry, now: datetime) -> bool:
        """Fetch and keep one body; what still holds the source down is left in `_tried`."""
        self._tried[entry.id] = None
        try:
            answer = self.door.get(entry.id, again=True)
        except Unreachable as fault:
            self._tried[entry.id] = self._missing(entry, str(fault), now)
            return False
        return answer is not None and self._telegram(entry.id, answer, now)

    def _missing(self, entry: Entry, reason: str, now: datetime) -> str | None:
        """Hold the source down for a body that is missing; given up on after a while, it is counted as refused."""
        if now - entry.updated < GIVE_UP:
            return reason
        with self.store.write() as tx:
            if self._journal(tx, entry.id, f"電文を取得できません: {reason}", now):
                pulse.count_refusals(tx, self.feed.name, 1, reason)
        return None

    def _telegram(self, identity: str, answer: Answer, now: datetime) -> bool:
        """Keep one telegram and the facts in it, in one transaction."""
        found = reader("jma-telegram")(answer.body)
        said = found.bulletin
        if said is not None and said.reported_at > now + FUTURE:
            # Kept under another name, so that it is read again: the wrong clock may be ours, and may be mended.
            reason = "reported more than 15 minutes in the future: a clock is wrong"
            self._refuse(answer, f"{identity}#future", reason, now, kind="telegram")
            return False
        if said is None:
            self._refuse(answer, identity, "; ".join(found.problems) or "no telegram", now, kind="telegram")
            self.seen.add(identity)
            return False
        try:
            with self.store.write() as tx:
                raw = self._raw(tx, identity, "telegram", answer, now)
                fresh = bulletins.add(tx, identity, self.feed.name, raw, said, now, found.problems)
                if said.status is Status.ACTUAL:
                    self._facts(tx, found, raw, now)
                if found.problems and said.type is not None:
                    self._count(tx, raw, answer, identity, "; ".join(found.problems), now)
        except WrongWorld as fault:
            self._refuse(answer, identity, str(fault), now, kind="telegram")
            fresh = False
        self.seen.add(identity)
        return fresh

    def _gauges(self, now: datetime) -> int:
        """Read a file of gauges, after those that could not be stored: such a file keeps no history of its own."""
        answer = self.door.get(self.feed.url)
        if answer is not None:
            self._unkept.append((answer, now))
        new, problem = 0, None
        while self._unkept:
            fresh, problem = self._edition(*self._unkept[0])  # a store that does not answer leaves it where it is
            self._unkept.popleft()
            new += fresh
        if problem is not None:
            self.door.forget(self.feed.url)
            raise Unreachable(f"{self.feed.url}: {problem}")
        with self.store.write() as tx:
            pulse.success(tx, self.feed.name, now, long=True)
        return new

    def _edition(self, answer: Answer, now: datetime) -> tuple[int, str | None]:
        """Store one file of gauges; give (new facts, why it cannot be read). Stale rows keep their own old times."""
        found = reader(self.feed.kind)(answer.body)
        problem = "; ".join(found.problems)
        if found.kind is None:
            self._refuse(answer, self.feed.url, problem, now)
            return 0, problem
        try:
            with self.store.write() as tx:
                raw = self._raw(tx, self.feed.url, "river", answer, now)
                if problem:
                    self._count(tx, raw, answer, self.feed.url, problem, now, len(found.problems))
                return self._facts(tx, found, raw, now), None
        except WrongWorld as fault:
            self._refuse(answer, self.feed.url, str(fault), now)
            return 0, str(fault)

    def _facts(self, tx: Transaction, found: Findings, raw: int, now: datetime) -> int:
        for station in found.stations:
            stations.upsert(tx, station, source=self.feed.name, seen_at=now)
        return observations.add(tx, found.observations, raw_id=raw)

    def _raw(self, tx: Transaction, identity: str, kind: str, answer: Answer, now: datetime) -> int:
        return raws.keep(tx, source=self.feed.name, identity=identity, kind=kind, body=answer.body, received_at=now)

    def _refuse(self, answer: Answer, identity: str, reason: str, now: datetime, *, kind: str = "feed") -> None:
        """Keep what cannot be read, count it and write it down; nothing is dropped."""
        with self.store.write() as tx:
            self._count(tx, self._raw(tx, identity, kind, answer, now), answer, identity, reason, now)

    def _count(
        self, tx: Transaction, raw: int, answer: Answer, identity: str, reason: str, now: datetime, number: int = 1
    ) -> None:
        if raws.refuse(tx, raw, reason):
            pulse.count_refusals(tx, self.feed.name, number, reason)
            self._journal(
                tx, f"{identity}#{sha256(answer.body).hexdigest()[:16]}", f"読めない電文・データ: {reason[:200]}", now
            )

    def _journal(self, tx: Transaction, key: str, what: str, now: datetime) -> bool:
        entry = JournalEntry(now, "refused", self.feed.name, what, key=f"refused:{self.feed.name}:{key}")
        return journal.add(tx, entry)
