"""What an officer needs beside a decision: how the criterion stands now, the decide-by minute, homes and people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.config import Config
from disaster_hub.desk.criteria_facts import areas
from disaster_hub.desk.decisions import DecisionBoard
from disaster_hub.desk.people import affected
from disaster_hub.rules.assess import RANK
from disaster_hub.store import decide_bys, drawn_areas
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.decision import (
    Affected,
    Assessment,
    DecideBy,
    Decision,
    DecisionState,
    EvacuationArea,
    Reason,
)
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import Judgement


@dataclass(frozen=True, slots=True)
class Card:
    """One decision with everything beside it."""

    decision: Decision
    now: tuple[Assessment, ...]
    """The criteria that speak of the same order, hazard and area, as they stand now."""
    verdict: Judgement | None
    """The highest of them; None where no criterion speaks of it."""
    fallen: bool
    """True where a criterion proposed it and none is met any more; a person closes it, not the clock."""
    above: Decision | None
    """A higher proposal or order for the same area and hazard."""
    below: tuple[Decision, ...]
    """Lower orders in force there, which go on when this one is lifted."""
    decide_by: DecideBy | None
    affected: Affected | None
    """None: nobody knows."""
    listed: bool = False
    """True where the area's outline is put together from listed blocks."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Give the reasons now, what is met first."""
        said = dict.fromkeys(reason for one in self.now for reason in one.reasons)
        return tuple(sorted(said, key=lambda reason: -RANK[reason.verdict]))

    @property
    def unmet(self) -> int:
        """Count the conditions that are not met."""
        return sum(reason.verdict is Judgement.NOT_MET for reason in self.reasons)

    @property
    def urgency(self) -> tuple[bool, bool, int, bool, bool, datetime]:
        """Give what cards are sorted by: waiting and overtaken ones last, then order, drafts, the next minute."""
        minute = self.decide_by.at if self.decide_by is not None else None
        one = self.decision
        waits, draft = one.state is DecisionState.WAITING, one.state is DecisionState.DRAFTED
        return waits, self.above is not None, -one.order, not draft, minute is None, minute or one.opened_at


def cards(
    tx: Transaction, config: Config, keys: Keyring, board: DecisionBoard, wanted: Sequence[Decision]
) -> list[Card]:
    """Give a card for each of *wanted*."""
    known = {area.code: area for area in areas(tx, config)} | drawn_areas.of(tx, [one.area for one in wanted])
    mine = [known[code] for code in dict.fromkeys(one.area for one in wanted) if code in known]
    people = affected(tx, mine, keys)
    minutes = {key: said.decide_by for key, said in decide_bys.rows(tx).items()}
    live = (*board.open, *board.issued)
    return [_card(one, board, live, known.get(one.area), people.get(one.area), minutes) for one in wanted]


def _card(
    one: Decision,
    board: DecisionBoard,
    live: Sequence[Decision],
    area: EvacuationArea | None,
    people: Affected | None,
    minutes: dict[tuple[str, Hazard], DecideBy],
) -> Card:
    same = tuple(a for a in board.assessments if (a.order, a.hazard, a.area) == (one.order, one.hazard, one.area))
    verdict = max((a.verdict for a in same), key=lambda v: RANK[v], default=None)
    fallen = bool(one.criterion) and verdict is not Judgement.MET and one.state is not DecisionState.ISSUED
    there = [d for d in live if (d.hazard, d.area) == (one.hazard, one.area) and d.id != one.id]
    above = max((d for d in there if d.order > one.order), key=_weight, default=None)
    below = tuple(d for d in there if d.order < one.order and d.state is DecisionState.ISSUED)
    shape = area is not None and area.shape is not None
    return Card(
        one, same, verdict, fallen, above, below, minutes.get((one.area, one.hazard)),
        people if shape or (people is not None and people.people is not None) else None,
        area is not None and area.approximate,
    )  # fmt: skip


def _weight(one: Decision) -> tuple[int, bool]:
    return one.order, one.state is DecisionState.ISSUED


def by_verdict(found: Iterable[Assessment]) -> dict[Judgement, list[Assessment]]:
    """Put assessments under their verdicts, the highest order first."""
    sorted_ = sorted(found, key=lambda a: (-a.order, a.area_name, a.criterion))
    return {verdict: [a for a in sorted_ if a.verdict is verdict] for verdict in Judgement}
