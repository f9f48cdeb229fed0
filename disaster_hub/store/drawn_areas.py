"""Areas that officers drew for a draft: they live as long as their draft, and count while an order stands in them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from disaster_hub.store import decisions, drafts
from disaster_hub.terms.decision import DRAWN, DecisionState, EvacuationArea, is_drawn


def of(tx: Connection, codes: Collection[str]) -> dict[str, EvacuationArea]:
    """Give those of *codes* that were drawn, by their code."""
    found: dict[str, EvacuationArea] = {}
    for code in filter(is_drawn, codes):
        draft = drafts.find(tx, code.removeprefix(DRAWN))
        area = None if draft is None else draft.drawn_area
        if area is not None:
            found[code] = area
    return found


def standing(tx: Connection) -> dict[str, EvacuationArea]:
    """Give those in which an order of the city is in force, by their code."""
    return of(tx, sorted({one.area for one in decisions.live(tx) if one.state is DecisionState.ISSUED}))
