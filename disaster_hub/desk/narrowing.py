"""Groups of households: some messages may be narrowed to them, an order that tells everybody to leave never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from disaster_hub.alerts.ledger_words import NEEDS
from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Need

LEAVE_WORDS: Mapping[int, str] = {
    3: "警戒レベル3で避難する計画の家", 4: "警戒レベル4で避難する計画の家",
}  # fmt: skip
NARROWEST_ORDER = 3


class Narrow(TypedDict):
    """Whom a draft is narrowed to."""

    leave_levels: tuple[int, ...]
    needs: tuple[Need, ...]


def narrowed(levels: Sequence[str], needs: Sequence[str], kind: AlertKind, level: int | None) -> Narrow:
    """Read the groups that were chosen; BadInput where such a message must go to everybody."""
    if any(text not in {str(one) for one in LEAVE_WORDS} for text in levels):
        raise BadInput("計画の段階は、一覧にあるものから選んでください")
    if any(text not in set(Need) for text in needs):
        raise BadInput("世帯の事情は、一覧にあるものから選んでください")
    if (levels or needs) and not may_narrow(kind, level):
        raise BadInput(
            "計画の段階や世帯の事情でしぼれるのは、お知らせと高齢者等避難だけです。"
            "避難指示・緊急安全確保・解除は、区域の全員に届けます"
        )
    return Narrow(
        leave_levels=tuple(one for one in LEAVE_WORDS if str(one) in levels),
        needs=tuple(one for one in NEEDS if one.value in needs),
    )


def may_narrow(kind: AlertKind, level: int | None) -> bool:
    """Tell whether a message of this kind may go to some households of its areas alone."""
    return kind is AlertKind.INFORMATION or (kind is AlertKind.ORDER and level == NARROWEST_ORDER)
