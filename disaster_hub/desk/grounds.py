"""The areas that a draft can speak of: the town's own, those drawn before that have an order, the one drawn now."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import shapely

from disaster_hub.config import Config
from disaster_hub.desk.criteria_facts import areas as known_areas
from disaster_hub.desk.ordering import in_force
from disaster_hub.store import decisions, drawn_areas
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.decision import Decision, DecisionState, EvacuationArea, is_drawn
from disaster_hub.terms.draft import Draft
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.level import ORDER_WORDS

SPECK = 1e-9
"""Square degrees, about ten square metres: so little lies upon another area by the hand that drew it alone."""


def every(tx: Transaction, config: Config) -> list[EvacuationArea]:
    """Give every area that can be chosen: the town's, then those drawn before in which an order stands."""
    return [*known_areas(tx, config), *drawn_areas.standing(tx).values()]


def of(tx: Transaction, draft: Draft, config: Config) -> dict[str, EvacuationArea]:
    """Give every area by its code that *draft* or what stands beside it may name."""
    found = {area.code: area for area in every(tx, config)} | drawn_areas.of(tx, draft.areas)
    own = draft.drawn_area
    return found if own is None else found | {own.code: own}


def overlapping(here: Collection[EvacuationArea], draft: Draft) -> list[EvacuationArea]:
    """Give the areas outside of *draft* that lie over one of its own where one of the two was drawn.

    The town's own areas stand side by side; whatever they share is their border.
    """
    mine = [area for area in here if area.code in draft.areas and area.shape is not None]
    return [
        other for other in here
        if other.code not in draft.areas and other.shape is not None
        and any((is_drawn(other.code) or is_drawn(area.code)) and _over(area, other) for area in mine)
    ]  # fmt: skip


def beside(live: Sequence[Decision], here: Collection[EvacuationArea], draft: Draft) -> list[Decision]:
    """Give the orders against the same hazard that stand in areas lying over those of *draft*, the highest first."""
    found = [one for area in overlapping(here, draft) for one in in_force(live, area.code, draft.hazard)]
    return sorted(found, key=lambda one: (-one.order, one.area))


def refuse_contradiction(tx: Transaction, draft: Draft, config: Config) -> None:
    """Refuse what would tell a home less than what stands over it: a drawn area may lie across others."""
    live, here = decisions.live(tx), of(tx, draft, config).values()
    level = draft.level if draft.kind is AlertKind.ORDER and draft.level is not None else 0
    if draft.kind not in {AlertKind.ORDER, AlertKind.LIFT}:
        return
    standing = [one for code in draft.areas for one in in_force(live, code, draft.hazard)]
    if (draft.leave_levels or draft.needs) and any(one.order > level for one in standing):
        raise BadInput(
            "より高い避難情報が発令中の区域では、家をしぼれません。引き下げは、前の知らせを受けた全員に届けます"
        )
    higher = [one for one in beside(live, here, draft) if one.order > level]
    if higher:
        names = "、".join(f"「{one.area_name}」（{ORDER_WORDS[one.order]}）" for one in higher)
        what = "解除" if draft.kind is AlertKind.LIFT else "低い避難情報"
        raise BadInput(
            f"重なっている区域 {names} が発令中です。同じ家に食い違う知らせが届くので、{what}は出せません。"
            "重なる区域もいっしょに選んでください"
        )
    if draft.kind is AlertKind.ORDER and _covered(live, here, draft):
        raise BadInput(
            "描いた区域には、同じかより高い避難情報がもう発令されています。文を直すときは、送った知らせから訂正してください"
        )


def _covered(live: Sequence[Decision], here: Collection[EvacuationArea], draft: Draft) -> bool:
    """Tell whether every home of a draft that only draws lies where the same order stands, or a higher one."""
    mine = [area for area in here if area.code in draft.areas]
    if not all(is_drawn(area.code) and area.shape is not None for area in mine):
        return False
    stands = {
        one.area for one in live
        if one.state is DecisionState.ISSUED and one.hazard is draft.hazard and one.order >= (draft.level or 0)
    }  # fmt: skip
    over = shapely.union_all([area.shape for area in here if area.code in stands and area.shape is not None])
    ground = shapely.union_all([area.shape for area in mine])
    return bool(shapely.area(shapely.difference(ground, over)) <= SPECK)


def _over(one: EvacuationArea, other: EvacuationArea) -> bool:
    return bool(shapely.area(shapely.intersection(one.shape, other.shape)) > SPECK)
