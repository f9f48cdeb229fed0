"""Many briefs at once, as they lie in the store; where one is missing, what the plan alone can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from disaster_hub.planning.brief import not_reckoned
from disaster_hub.store import spreading
from disaster_hub.store.briefs import opened_brief
from disaster_hub.store.session import Transaction
from disaster_hub.store.spreading import Home
from disaster_hub.terms.alert import Brief
from disaster_hub.terms.errors import BadInput


def read_briefs(tx: Transaction, keys: Mapping[str, bytes], homes: Sequence[Home]) -> dict[str, Brief]:
    """Give the brief of each home's newest plan; whoever has a plan that cannot be opened is left out.

    Where no brief of that very version is there (saved a moment ago, or by a version before this one), the plan
    itself is opened: all its hazards count as not known, and no minute is said.
    """
    found: dict[str, Brief] = {}
    bare: list[Home] = []
    for one in homes:
        brief = _opened(keys, one)
        if brief is not None:
            found[one.id] = brief
        elif one.version > 0:
            bare.append(one)
    found |= {name: not_reckoned(saved) for name, saved in spreading.plans(tx, keys, bare).items()}
    return found


def _opened(keys: Mapping[str, bytes], one: Home) -> Brief | None:
    key = keys.get(one.id)
    if key is None or one.brief is None:
        return None
    try:
        brief = opened_brief(key, one.id, one.brief)
    except BadInput:
        return None
    return brief if brief.version == one.version else None
