"""What an officer sees before anything goes out: homes and people, what changes, which proposals it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from disaster_hub.alerts.audience import Reach, count
from disaster_hub.config import Config
from disaster_hub.desk import grounds, people
from disaster_hub.desk.ordering import PENDING, in_force
from disaster_hub.desk.outgoing import audience_of
from disaster_hub.store import decisions
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.decision import Affected, Decision, EvacuationArea
from disaster_hub.terms.draft import Draft
from disaster_hub.terms.errors import BadInput

NEW, RAISED, LOWERED, SAME, ENDS, NONE = "新たに", "引き上げ", "引き下げ", "変わりません", "終わります", "発令なし"


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes in one area."""

    code: str
    name: str
    word: str
    """`NEW`, `RAISED` and so on."""
    before: int | None
    """The order in force now; None: there is none."""
    after: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """Everything beside a draft."""

    draft: Draft
    differences: tuple[Difference, ...]
    affected: Affected | None
    """None: nobody knows."""
    reach: Reach | None = None
    """Homes with a plan, their people and channels; None where the ground of an area is not known."""
    answers: tuple[Decision, ...] = ()
    """The proposals that this one draft answers."""
    unshaped: str = ""
    """Why it cannot be sent to anybody: the ground of an area is not known."""
    beside: tuple[Decision, ...] = ()
    """Orders in areas that lie over those of the draft, because one of the two was drawn; they stay as they are."""
    overlaps: tuple[str, ...] = ()
    """Names of the areas outside of it over which a drawn area lies."""

    @property
    def changes(self) -> Mapping[tuple[str, int | None, int | None], tuple[str, ...]]:
        """Give what changes, and the areas in which it does: many areas are read in one line."""
        found: dict[tuple[str, int | None, int | None], tuple[str, ...]] = {}
        for one in self.differences:
            key = one.word, one.before, one.after
            found[key] = (*found.get(key, ()), one.name)
        return found


def look(tx: Transaction, draft: Draft, config: Config, keys: Keyring) -> Look:
    """Give everything that an officer must see of *draft* as things stand now."""
    live = decisions.live(tx)
    here = grounds.of(tx, draft, config)
    differences = tuple(_difference(draft, here.get(code), code, live) for code in draft.areas)
    try:
        audience, wrong = audience_of(tx, draft, config), ""
    except BadInput as fault:
        audience, wrong = None, str(fault)
    areas = [here[code] for code in draft.areas if code in here]
    found = None
    if areas:
        found = _together(list(people.affected(tx, areas, keys).values()))
    reach = None if audience is None else count(tx, keys, audience, config)
    over = [area.name for area in grounds.overlapping(here.values(), draft)]
    orders = tuple(grounds.beside(live, here.values(), draft))
    return Look(draft, differences, found, reach, tuple(answers(live, draft)), wrong, orders, tuple(over))


def answers(live: Sequence[Decision], draft: Draft) -> list[Decision]:
    """Give the proposals that *draft* answers: its areas, its hazard, no higher an order than its own."""
    if draft.kind is not AlertKind.ORDER or draft.level is None:
        return []
    return [
        one for one in live
        if one.state in PENDING and one.hazard is draft.hazard and one.area in draft.areas and one.order <= draft.level
    ]  # fmt: skip


def _difference(draft: Draft, area: EvacuationArea | None, code: str, live: Sequence[Decision]) -> Difference:
    standing = in_force(live, code, draft.hazard)
    before = standing[0].order if standing else None
    name = area.name if area is not None else code
    if draft.kind is AlertKind.LIFT:
        return Difference(code, name, NONE if before is None else ENDS, before, None)
    if draft.kind is not AlertKind.ORDER or draft.level is None:
        return Difference(code, name, SAME, before, before)
    if before is None:
        return Difference(code, name, NEW, None, draft.level)
    word = SAME if before == draft.level else RAISED if before < draft.level else LOWERED
    return Difference(code, name, word, before, draft.level)


def _together(rows: Sequence[Affected]) -> Affected:
    """Add up the statistics of several areas; what is missing of one makes the sum a part."""

    def total(values: Sequence[int | None]) -> int | None:
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    return Affected(
        sum(row.plans for row in rows), sum(row.planned_people for row in rows),
        total([row.households for row in rows]), total([row.people for row in rows]),
        total([row.elderly for row in rows]), min((row.as_of for row in rows if row.as_of), default=None),
        any(row.partly or row.people is None for row in rows),
    )  # fmt: skip
