"""Plans that change while an order is in force: whoever was told another place, or a later minute, is told again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from disaster_hub.alerts import city_word, issuing, lapsed
from disaster_hub.alerts.holding import standing
from disaster_hub.config import Config
from disaster_hub.rules.plan_update import PAUSE, worth_telling
from disaster_hub.store import alerts, briefs, spreading
from disaster_hub.store.briefs import opened_brief
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.alert import Alert, AlertKind, AlertState, Audience, Because, Told
from disaster_hub.terms.errors import BadInput

WHY = "道路・避難所・水位の状況が変わり、計画の行き先か出発の時刻が変わりました"
LAST_LEVEL = 5
PART = 2000


class PlanUpdates:
    """Looks once after each change of the state of things; what it remembers can be lost."""

    def __init__(self, store: Store, keys: Keyring, config: Config) -> None:
        self.store, self.keys, self.config = store, keys, config
        self._seen: tuple[str, frozenset[str]] | None = None

    def run(self, now: datetime) -> list[Alert]:
        """Issue an update for those whose place or minute is not what they were told; give what was issued."""
        with self.store.read() as tx:
            stand = briefs.stand(tx)
            firsts = [one for one in standing(tx, now) if _names_minutes(one)]
            mark = (stand or "", frozenset(one.id for one in firsts))
            if stand is None or not firsts or mark == self._seen:
                return []
            found, soon = self._changed(tx, firsts, now)
        made = []
        if any(found.values()):
            with self.store.write() as tx:
                made = [new for one in firsts if found[one.id] and (new := self._issue(tx, one, found[one.id], now))]
        # Who was told a moment ago is looked at again when the pause is over.
        self._seen = None if soon else mark
        return made

    def _changed(self, tx: Transaction, firsts: Sequence[Alert], now: datetime) -> tuple[dict[str, list[str]], bool]:
        """Name by alert whom to tell, each household once (by its newest alert); and whether some must wait."""
        found: dict[str, list[str]] = {one.id: [] for one in firsts}
        seen: set[str] = set()
        soon = False
        for one in firsts:
            ids = [other.id for other in alerts.chain(tx, one)]
            newest: dict[str, Told] = {}
            for name in ids[::-1]:
                newest |= {told.household: told for told in alerts.told_to(tx, name, [Because.CHOSEN])}
            arrived = {home for (_, home), said in alerts.answers(tx, ids).items() if said.word == "arrived"}
            left_out = seen | arrived | lapsed.homes(tx, one, newest)
            for home in self._other(tx, {name: told for name, told in newest.items() if name not in left_out}):
                at = newest[home].at
                if at is not None and at <= now < at + PAUSE:
                    soon = True
                else:
                    found[one.id].append(home)
            seen |= newest.keys()
        return found, soon

    def _other(self, tx: Transaction, told: Mapping[str, Told]) -> Iterator[str]:
        """Name whose brief says something else now than what they were told."""
        for part in briefs.parts(sorted(told), PART):
            # What is sealed is copied as it lies: where the bytes are the same, so is what they say.
            other = {
                name: sealed
                for name, sealed in briefs.rows(tx, part).items()
                if sealed is not None and sealed != told[name].sealed
            }
            known = self.keys.some(other)
            for name, sealed in other.items():
                if self._differs(known.get(name), name, told[name].sealed, sealed):
                    yield name

    def _differs(self, key: bytes | None, name: str, before: bytes | None, now: bytes) -> bool:
        if key is None or before is None:
            return False
        try:
            return worth_telling(opened_brief(key, name, before), opened_brief(key, name, now))
        except BadInput:
            return False

    def _issue(self, tx: Transaction, first: Alert, homes: Sequence[str], now: datetime) -> Alert | None:
        """Put the update on its way; its id comes of how many there were: two clocks make one."""
        number = 1 + sum(1 for other in alerts.after(tx, first.id) if other.audience.households)
        new = replace(
            first, id=f"{first.id}{MARK}{number}", kind=AlertKind.UPDATE, audience=Audience(households=tuple(homes)),
            why=WHY, decided_at=now, urgency=issuing.FIRST, revision=first.revision + number, earlier=first.id,
            author="", approver="", state=AlertState.SPREADING,
            city_order=city_word.highest(tx, self.config, first.areas) if first.rule else first.city_order,
        )  # fmt: skip
        return new if spreading.spread_at(tx, first.id) and issuing.issue(tx, new, self.config, now) else None


MARK = "~plans"
"""Stands in the id of every such update: it speaks of plans, and nobody can take the order back through it."""


def _names_minutes(one: Alert) -> bool:
    """Tell whether an alert sent people out: at level 5 nobody is, and an update stands with its first one."""
    return (
        one.kind in {AlertKind.ORDER, AlertKind.AUTOMATIC}
        and one.level != LAST_LEVEL
        and one.state is AlertState.SPREAD
        and not one.audience.households
    )
