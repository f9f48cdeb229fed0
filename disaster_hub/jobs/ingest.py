"""Pulled sources into the store: one transaction an answer, a failed fetch clears nothing."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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

    def poll(self, now: datetime) -> int:
        """Ask once and give how many facts were new; what fails is counted, said once, and tried again."""
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
                self.long_due = now + timedelta(seconds=self.feed.long_every_s)
                with self.store.write() as tx:
                    pulse.success(tx, self.feed.name, now, long=True)
        fetched, missing_too = self._feed(self.feed.url, now)
        if missing or missing_too:
            raise Unreachable(str(missing or missing_too))
        with self.store.write() as tx:
            pulse.success(tx, self.feed.name, now, long=self.feed.long_url is None)
        return new + fetched

    def _feed(self, url: str, now: datetime) -> tuple[int, str | None]:
        """Fetch one feed and the bodies it names; give (new telegrams, why a body is still missing)."""
        answer = self.door.get(url)
        if answer is None:
            return 0, None
        found = reader("jma-feed")(answer.body)
        if found.kind is None:
            self.door.forget(url)
            self._refuse(answer, url, "; ".join(found.problems), now)
            raise Unreachable(f"{url}: {'; '.join(found.problems)}")
        new, missing = self._bodies([e for e in found.entries if self._wanted(e)], url, now)
        if missing:
            self.door.forget(url)
        return new, missing

    def _wanted(self, entry: Entry) -> bool:
        """Tell whether an entry is of an office that this city watches: `…_VPWW55_060000.xml`."""
        office = PurePosixPath(urlsplit(entry.id).path).stem.rpartition("_")[2]
        return not self.feed.offices or office in self.feed.offices

    def _bodies(self, entries: list[Entry], base: str, now: datetime) -> tuple[int, str | None]:
        """Fetch the bodies not stored yet, oldest first; one that fails blocks none of the others."""
        wanted = {e.id: e for e in sorted(entries, key=lambda e: (e.updated, e.id)) if e.id not in self.seen}
        with self.store.read() as tx:
            self.seen |= raws.known(tx, self.feed.name, wanted)
        new, missing = 0, None
        for identity in [i for i in wanted if i not in self.seen]:
            try:
                answer = self.door.get(urljoin(base, identity), again=True)
            except Unreachable as fault:
                missing = self._missing(wanted[identity], str(fault), now) or missing
                continue
            if answer is not None:
                new += self._telegram(identity, answer, now)
                self.seen.add(identity)
        return new, missing

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
        if said is None or said.reported_at > now + FUTURE:
            reason = "; ".join(found.problems) or "reported more than 15 minutes in the future: a clock is wrong"
            self._refuse(answer, identity, reason, now, kind="telegram")
            return False
        try:
            with self.store.write() as tx:
                raw = self._raw(tx, identity, "telegram", answer, now)
                fresh = bulletins.add(tx, identity, self.feed.name, raw, said, now, found.problems)
                if said.status is Status.ACTUAL:
                    self._facts(tx, found, raw, now)
                if found.problems and said.type is not None:
                    self._count(tx, raw, identity, "; ".join(found.problems), now)
                return fresh
        except WrongWorld as fault:
            self._refuse(answer, identity, str(fault), now, kind="telegram")
            return False

    def _gauges(self, now: datetime) -> int:
        """Read a file of gauges; the stale rows in it keep their own old times."""
        answer = self.door.get(self.feed.url)
        if answer is None:
            with self.store.write() as tx:
                pulse.success(tx, self.feed.name, now, long=True)
            return 0
        found = reader(self.feed.kind)(answer.body)
        if found.kind is None:
            raise self._unreadable(answer, "; ".join(found.problems), now)
        try:
            with self.store.write() as tx:
                raw = self._raw(tx, self.feed.url, "river", answer, now)
                new = self._facts(tx, found, raw, now)
                if found.problems:
                    self._count(tx, raw, self.feed.url, "; ".join(found.problems), now, len(found.problems))
                pulse.success(tx, self.feed.name, now, long=True)
                return new
        except WrongWorld as fault:
            raise self._unreadable(answer, str(fault), now) from fault

    def _unreadable(self, answer: Answer, reason: str, now: datetime) -> Unreachable:
        """Keep an answer that cannot be read, and give what to raise: the source is as good as down."""
        self.door.forget(answer.url)
        self._refuse(answer, answer.url, reason, now)
        return Unreachable(f"{answer.url}: {reason}")

    def _facts(self, tx: Transaction, found: Findings, raw: int, now: datetime) -> int:
        for station in found.stations:
            stations.upsert(tx, station, source=self.feed.name, seen_at=now)
        return observations.add(tx, found.observations, raw_id=raw)

    def _raw(self, tx: Transaction, identity: str, kind: str, answer: Answer, now: datetime) -> int:
        return raws.keep(tx, source=self.feed.name, identity=identity, kind=kind, body=answer.body, received_at=now)

    def _refuse(self, answer: Answer, identity: str, reason: str, now: datetime, *, kind: str = "feed") -> None:
        """Keep what cannot be read, count it and write it down; nothing is dropped."""
        with self.store.write() as tx:
            self._count(tx, self._raw(tx, identity, kind, answer, now), identity, reason, now)

    def _count(self, tx: Transaction, raw: int, identity: str, reason: str, now: datetime, number: int = 1) -> None:
        if raws.refuse(tx, raw, reason):
            pulse.count_refusals(tx, self.feed.name, number, reason)
            self._journal(tx, f"{identity}#{raw}", f"読めない電文・データ: {reason[:200]}", now)

    def _journal(self, tx: Transaction, key: str, what: str, now: datetime) -> bool:
        entry = JournalEntry(now, "refused", self.feed.name, what, key=f"refused:{self.feed.name}:{key}")
        return journal.add(tx, entry)
