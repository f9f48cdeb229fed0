"""Alerts are spread: whoever is in the audience is held against it, part by part, and each way to them is written.

Killed anywhere, the next one goes on where this one stopped: a part is one transaction, and how far it has come lies
with the alert. Two at once are only in each other's way.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disaster_hub.alerts import following, once
from disaster_hub.alerts.audience import homes_in
from disaster_hub.alerts.crowd import Crowd
from disaster_hub.alerts.holding import WITH_MINUTES, Held, gives_way, hold, look, standing
from disaster_hub.alerts.issuing import FIRST, title
from disaster_hub.config import Config
from disaster_hub.store import alerts, briefs, journal, outbox, worlds
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.alert import Alert, AlertKind, Because
from disaster_hub.terms.errors import Unreachable, whereabouts
from disaster_hub.terms.notice import JournalEntry, Notice

log = logging.getLogger(__name__)
PART, FIRST_PART = 2000, 250
"""Households of one transaction; of the first one fewer, so that messages begin while the rest is spread."""
PATIENCE = timedelta(seconds=15)
"""Of the wall: so long an alert that names minutes waits for the plans to be right for the present state."""
SLICE_S = 4.0
"""How long one round works at most, in seconds of the machine."""
LAST_LEVEL = 5
"""At level 5 nobody is sent out, so that no minute is said."""
NOBODY_KNOWS = "?"
"""Digest of a state that cannot be told: no plan is right for it."""
Present = Callable[[datetime], str]
Home = tuple[str, int]
"""A household, and the version at which its home was found inside."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment: of the world, and of the wall, on which leases and patience run."""

    now: datetime
    wall: datetime


class Spreader:
    """Spreads the alerts of one world; what it keeps in memory can be lost."""

    def __init__(
        self, store: Store, keys: Keyring, present: Present | None = None, slice_s: float = SLICE_S,
        config: Config | None = None,
    ) -> None:  # fmt: skip
        """Take *present*, which gives the digest of the state of things; None: plans are as right as they are.

        *config* names the staff that hears of an alert that cannot go on.
        """
        self.store, self.keys, self.present, self.slice_s = store, keys, present, slice_s
        self.staff = [] if config is None else [(said.channel, said.address) for said in config.staff]
        self.mark = "【訓練】" if config is not None and config.world.exercise else ""
        self._since: dict[str, datetime] = {}
        self._homes: dict[str, Crowd] = {}

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
            try:
                done = self._step(alert, reached, at)
            except Unreachable:
                raise
            except Exception as fault:  # noqa: BLE001  # its text may hold what is personal: the log has its place alone
                # What is wrong with one must not keep the others; the officers hear which one goes to nobody.
                log.error("spread: %s cannot go on: %s", alert.id, whereabouts(fault))
                self._stuck(alert, at.now)
                done = None
            if done is None:
                resting.add(alert.id)  # it waits; what it waits for may be another one's turn
                continue
            seen += done
            if time.monotonic() > until:
                break
        return seen

    def _stuck(self, alert: Alert, now: datetime) -> None:
        """Write, and tell the staff once, that nobody can say to whom an alert goes; it is tried again."""
        what = f"{title(alert)}：送り先を選ぶところで止まっています。届いていない世帯へ、ほかの方法で知らせてください"
        key = f"alert_stuck:{alert.id}"
        with self.store.write() as tx:
            if not journal.add(tx, JournalEntry(now, "alert_refused", "clock", what, because=alert.id, key=key)):
                return
            notice = Notice(
                key, alert.world, "alert_refused", self.mark + title(alert), self.mark + what, now, alert.expires_at,
                FIRST, url=f"/hq/alerts/{alert.id}",
            )  # fmt: skip
            outbox.enqueue(tx, notice, self.staff)

    def _step(self, alert: Alert, reached: str, at: Moment) -> int | None:
        """Do one part of one alert; None where it must wait."""
        if self._strange(alert, at.now):
            return 0
        if alert.expires_at <= at.now:
            with self.store.write() as tx:
                self._finish(tx, alert, at.now)
            return 0
        if alert.audience.same_as:
            return self._follow(alert, at)
        if alert.id not in self._homes:
            with self.store.read() as tx:
                others = once.before(tx, alert, standing(tx, at.now), at.now) if gives_way(alert) else []
                if once.waits(others, tx, at.now):
                    return None
                self._homes[alert.id] = Crowd(homes_in(tx, alert.audience))
        return self._part(alert, reached, at)

    def _strange(self, alert: Alert, now: datetime) -> bool:
        """Tell whether an alert is of another world than the store it lies in: nobody gets it, and the log says so."""
        with self.store.read() as tx:
            here = worlds.kind(tx)
        if alert.world is here:
            return False
        what = f"世界の違う知らせ（{alert.world}）を送りませんでした"
        key = f"alert_refused:alert:{alert.id}"
        with self.store.write() as tx:
            alerts.done(tx, alert.id, now)
            journal.add(tx, JournalEntry(now, "alert_refused", "hub", what, because=alert.id, key=key))
        return True

    def _follow(self, alert: Alert, at: Moment) -> int | None:
        with self.store.write() as tx:
            found = following.follow(tx, self.keys, alert, at.now, at.wall)
            if found.ended:
                self._finish(tx, alert, at.now)
        return found.ways if found.ways or found.ended else None

    def _part(self, alert: Alert, reached: str, at: Moment) -> int | None:
        """Hold the next households against the alert, in one transaction; None where their plans are waited for."""
        size = PART if reached else min(PART, FIRST_PART)
        every = self._homes[alert.id].after(reached, size)
        part, old = self._right(alert, every, at)
        if every and not part:
            return None
        seen: list[Held] = []
        if not gives_way(alert):
            # Nobody who sends need wait while briefs are opened; what gives way must not miss what is written now.
            with self.store.read() as tx:
                seen = look(tx, self.keys, alert, part, at.now)
        with self.store.write() as tx:
            if not part:
                self._finish(tx, alert, at.now)
                return 0
            if not alerts.go_on(tx, alert.id, reached, part[-1][0]):
                return 0  # another was quicker, or it was taken back meanwhile
            hold(tx, self.keys, alert, part, at.now, old, seen)
            if len(part) == len(every) < size:
                self._finish(tx, alert, at.now)
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
        try:
            present = "" if self.present is None else self.present(now)
        except Unreachable:
            raise
        except Exception as fault:  # noqa: BLE001  # as above
            where = whereabouts(fault)
            log.error("spread: no minute is named, for which state plans must be right is not known: %s", where)
            present = NOBODY_KNOWS
        with self.store.read() as tx:
            return "" if briefs.stand(tx) == present else present

    def _right(self, alert: Alert, part: Sequence[Home], at: Moment) -> tuple[Sequence[Home], str]:
        """Give those of *part* whose turn it is, and the digest that a brief must be of to name a minute ("": any).

        Whoever's plan is right for the present state goes at once; the others wait for theirs, for a while.
        """
        if alert.kind not in WITH_MINUTES or alert.level == LAST_LEVEL:
            return part, ""
        present = self.needed(at.now)
        if not present:
            return part, ""
        with self.store.read() as tx:
            so_far = briefs.so_far(tx, present)
        if right := [one for one in part if one[0] <= so_far]:
            return right, ""
        began = self._since.setdefault(alert.id, at.wall)
        # A clock that was set back makes nobody wait longer.
        return (part, present) if at.wall - began >= PATIENCE or at.wall < began else ((), present)
