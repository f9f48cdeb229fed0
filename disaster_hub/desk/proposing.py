"""The clock's part in decisions: it looks, remembers how each criterion stands, and proposes; people issue."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from disaster_hub.config import Config
from disaster_hub.desk.decisions import evaluate
from disaster_hub.desk.say_decisions import ORDERS, VERDICTS, about, reasons_in_one_line
from disaster_hub.store import criteria as versions
from disaster_hub.store import decisions, journal
from disaster_hub.store.decisions import lane
from disaster_hub.store.session import Transaction
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.decision import Assessment, Decision, DecisionState
from disaster_hub.terms.level import Judgement
from disaster_hub.terms.notice import JournalEntry

CLOCK = "hub"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found; *stir* tells whether anything is to be written at all."""

    assessments: tuple[Assessment, ...]
    stir: bool


def see(tx: Transaction, config: Config, now: datetime) -> Seen:
    """Hold the criteria against the facts; this only reads, so that a calm night writes nothing."""
    before = _before(tx)
    after = tuple(_since(one, before.get((one.criterion, one.area)), now) for one in evaluate(tx, config, now))
    changed = {(a.criterion, a.area): a for a in after} != before
    due = any(_due(one, now) for one in decisions.live(tx))
    return Seen(after, changed or due or bool(_unmade(tx, after)))


def look(tx: Transaction, seen: Seen, config: Config, now: datetime) -> list[Decision]:
    """Write what a look found, and open the proposals that it calls for; give those that came onto the table.

    Everything is written in the one transaction, and what is written already changes nothing: this can be killed
    anywhere and run again.
    """
    back = _come_back(tx, now, config)
    before = _before(tx)
    after = [_since(one, before.get((one.criterion, one.area)), now) for one in seen.assessments]
    for one in after:
        _remember(tx, one, before.get((one.criterion, one.area)), now)
    versions.drop_assessments(tx, before.keys() - {(a.criterion, a.area) for a in after})
    return [*back, *_propose(tx, after, now)]


def _before(tx: Transaction) -> dict[tuple[str, str], Assessment]:
    return {(a.criterion, a.area): a for a in versions.assessments(tx)}


def _since(one: Assessment, before: Assessment | None, now: datetime) -> Assessment:
    """Say since when it has stood like this."""
    return replace(one, since=before.since if before is not None and before.verdict is one.verdict else now)


def _remember(tx: Transaction, one: Assessment, before: Assessment | None, now: datetime) -> None:
    """Write the assessment where anything of it changed; a changed verdict goes into the journal too."""
    if one == before:
        return
    versions.put_assessment(tx, one)
    calm = before is None and one.verdict in {Judgement.NOT_MET, Judgement.NOT_KNOWN}
    if calm or (before is not None and before.verdict is one.verdict):
        return
    old = "" if before is None else f"（これまで：{VERDICTS[before.verdict]}）"
    what = f"判断基準 {one.title}／{one.area_name}：{VERDICTS[one.verdict]}{old}"
    key = f"criterion:{one.criterion}:{one.area}:{zulu(now)}"
    because = reasons_in_one_line(one)
    journal.add(tx, JournalEntry(now, "criterion_stands", CLOCK, what, one.area, because, key))


def _propose(tx: Transaction, after: Sequence[Assessment], now: datetime) -> list[Decision]:
    """Open a proposal for every lane in which a criterion is met, unless people have dealt with it since it was met."""
    opened = []
    for one in _unmade(tx, after):
        proposal = _proposal(one, now)
        if decisions.open_once(tx, proposal):
            opened.append(proposal)
            _write(tx, "proposal_opened", proposal, f"{about(proposal)} の案：基準を満たしました", now)
    return opened


def _unmade(tx: Transaction, after: Sequence[Assessment]) -> list[Assessment]:
    """Give the assessments that call for a proposal which is not there, the highest order first."""
    live = decisions.live(tx)
    taken = {lane(one.order, one.hazard, one.area) for one in live}
    issued = [one for one in live if one.state is DecisionState.ISSUED]
    closed = decisions.closed_at(tx)
    found = []
    for one in sorted(after, key=lambda a: -a.order):
        mine = lane(one.order, one.hazard, one.area)
        higher = any((o.hazard, o.area) == (one.hazard, one.area) and o.order > one.order for o in issued)
        if one.verdict is Judgement.MET and mine not in taken and not higher and not _dealt_with(one, closed.get(mine)):
            found.append(one)
            taken.add(mine)
    return found


def _dealt_with(one: Assessment, closed: datetime | None) -> bool:
    """Tell whether people declined or lifted it while the criterion already stood as it stands now."""
    return closed is not None and one.since is not None and closed >= one.since


def _proposal(one: Assessment, now: datetime) -> Decision:
    since = zulu(one.since) if one.since is not None else ""
    mark = f"{one.order}|{one.hazard.value}|{one.area}|{one.criterion}|{since}"
    identity = hashlib.blake2b(mark.encode(), digest_size=8).hexdigest()
    because = f"{one.title}：{reasons_in_one_line(one)}"
    return Decision(
        identity, one.order, one.hazard, one.area, one.area_name, DecisionState.OPEN, now, because,
        criterion=one.criterion,
    )  # fmt: skip


def _come_back(tx: Transaction, now: datetime, config: Config) -> list[Decision]:
    """Put proposals whose time to look again has come back on the table."""
    found = []
    for one in decisions.live(tx):
        if _due(one, now):
            asked = one.look_again_at.astimezone(config.city.zone) if one.look_again_at else now
            note = f"{asked:%H:%M} に見直す約束の時刻になりました"
            fresh = replace(one, state=DecisionState.OPEN, look_again_at=None)
            kept = decisions.change(tx, fresh, CLOCK, now, note)
            _write(tx, "proposal_back", kept, f"{about(kept)} の案：{note}", now)
            found.append(kept)
    return found


def _due(one: Decision, now: datetime) -> bool:
    return one.state is DecisionState.WAITING and one.look_again_at is not None and one.look_again_at <= now


def _write(tx: Transaction, kind: str, one: Decision, what: str, now: datetime) -> None:
    key = f"{kind}:{one.id}:{one.version}"
    journal.add(tx, JournalEntry(now, kind, CLOCK, what, one.area, one.because, key))


def headline(one: Decision) -> str:
    """Give the first words of the notice that tells staff about a proposal."""
    return f"判断の案：{ORDERS[one.order]} {one.area_name}"
