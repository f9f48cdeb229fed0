"""Alerts are spread: whoever is in the audience is held against it, part by part, and each way to them is written.

Killed anywhere, the next one goes on where this one stopped: a part is one transaction, and how far it has come lies
with the alert. Two at once are only in each other's way.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from disaster_hub.desk import following
from disaster_hub.desk.audience import homes_in
from disaster_hub.desk.holding import WITH_MINUTES, gives_way, hold, standing
from disaster_hub.desk.issuing import title
from disaster_hub.rules.audience import doubled
from disaster_hub.store import alerts, briefs, journal, spreading
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.alert import Alert, AlertKind, Because
from disaster_hub.terms.notice import JournalEntry

PART = 2000
PATIENCE = timedelta(seconds=15)
"""Of the wall: so long an alert that names minutes waits for the plans to be right for the present state."""
SLICE_S = 4.0
"""How long one round works at most, in seconds of the machine."""
LAST_LEVEL = 5
"""At level 5 nobody is sent out, so that no minute is said."""
Present = Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment: of the world, and of the wall, on which leases and patience run."""

    now: datetime
    wall: datetime


class Spreader:
    """Spreads the alerts of one world; what it keeps in memory can be lost."""

    def __init__(self, store: Store, keys: Keyring, present: Present | None = None, slice_s: float = SLICE_S) -> None:
        """Take *present*, which gives the digest of the state of things; None: plans are as right as they are."""
        self.store, self.keys, self.present, self.slice_s = store, keys, present, slice_s
        self._since: dict[str, datetime] = {}
        self._homes: dict[str, list[tuple[str, int]]] = {}

    def run(self, at: Moment) -> int:
        """Spread what waits, urgent first, for a while; give how many households were looked at."""
        until = time.monotonic() + self.slice_s
        seen = 0
        resting: set[str] = set()
        while True:
            with self.store.read() as tx:
                waiting = [pair for pair in alerts.spreading(tx) if pair[0].id not in resting]
            if not waiting:
                break
            alert, reached = waiting[0]
            done = self._step(alert, reached, at)
            if done is None:
                resting.add(alert.id)  # it waits; what it waits for may be another one's turn
                continue
            seen += done
            if time.monotonic() > until:
                break
        return seen

    def _step(self, alert: Alert, reached: str, at: Moment) -> int | None:
        """Do one part of one alert; None where it must wait."""
        if alert.expires_at <= at.now:
            with self.store.write() as tx:
                self._finish(tx, alert, at.now)
            return 0
        if alert.audience.same_as:
            return self._follow(alert, at)
        old = self._stale(alert, at)
        if old is None:
            return None
        if alert.id not in self._homes:
            with self.store.read() as tx:
                others = [one for one in standing(tx, at.now) if doubled(alert, one)] if gives_way(alert) else []
                if any(spreading.spread_at(tx, one.id) is None for one in others):
                    return None
                self._homes[alert.id] = sorted(homes_in(tx, alert.audience))
        return self._part(alert, reached, at.now, old)

    def _follow(self, alert: Alert, at: Moment) -> int | None:
        with self.store.write() as tx:
            found = following.follow(tx, self.keys, alert, at.now, at.wall)
            if found.ended:
                self._finish(tx, alert, at.now)
        return found.ways if found.ways or found.ended else None

    def _part(self, alert: Alert, reached: str, now: datetime, old: str) -> int:
        """Hold the next households against the alert, in one transaction."""
        every = self._homes[alert.id]
        start = bisect_right(every, (reached, 1 << 62)) if reached else 0
        part = every[start : start + PART]
        with self.store.write() as tx:
            if not part:
                self._finish(tx, alert, now)
                return 0
            if not alerts.go_on(tx, alert.id, reached, part[-1][0]):
                return 0  # another was quicker, or it was taken back meanwhile
            hold(tx, self.keys, alert, part, now, old)
            if start + PART >= len(every):
                self._finish(tx, alert, now)
        return len(part)

    def _finish(self, tx: Transaction, alert: Alert, now: datetime) -> None:
        """Write that an alert reached its last household, and tell the log."""
        self._homes.pop(alert.id, None)
        self._since.pop(alert.id, None)
        if not alerts.done(tx, alert.id, now) or alert.kind is AlertKind.HELPER:
            return
        found = alerts.reasons(tx, alert.id)
        homes, mute = found.get(Because.CHOSEN, 0), found.get(Because.NO_CHANNEL, 0)
        more = f"、届ける方法のない世帯 {mute:,}" if mute else ""
        said = f"{title(alert)}：送る世帯 {homes:,}{more}"
        journal.add(tx, JournalEntry(now, "alert_spread", "clock", said, None, alert.id, f"alert_spread:{alert.id}"))

    def needed(self, now: datetime) -> str:
        """Give the digest that a brief must be of to name a minute; empty where all are of it."""
        present = "" if self.present is None else self.present(now)
        with self.store.read() as tx:
            return "" if briefs.stand(tx) == present else present

    def _stale(self, alert: Alert, at: Moment) -> str | None:
        """Give the digest that a brief must be of to name a minute ("" where any may); None: wait for the plans."""
        if alert.kind not in WITH_MINUTES or alert.level == LAST_LEVEL:
            return ""
        now = self.needed(at.now)
        if not now:
            return ""
        began = self._since.setdefault(alert.id, at.wall)
        # A clock that was set back makes nobody wait longer.
        return now if at.wall - began >= PATIENCE or at.wall < began else None
