"""What a shelter's own people say of it: how many are there, what is missing; never who is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from disaster_hub.terms.way import ShelterState

STATE_WORDS = {
    ShelterState.OPEN: "開設",
    ShelterState.FILLING: "混んでいる",
    ShelterState.FULL: "満員",
    ShelterState.CLOSED: "閉鎖",
}


class Goods(StrEnum):
    """What a shelter may ask for."""

    WATER = "water"
    BLANKETS = "blankets"
    FOOD = "food"
    MILK = "milk"
    DIAPERS = "diapers"
    MEDICINE = "medicine"
    OTHER = "other"


GOODS_WORDS = {
    Goods.WATER: "飲み水",
    Goods.BLANKETS: "毛布",
    Goods.FOOD: "食料",
    Goods.MILK: "粉ミルク",
    Goods.DIAPERS: "おむつ",
    Goods.MEDICINE: "薬・衛生用品",
    Goods.OTHER: "その他",
}


class NeedState(StrEnum):
    """From asked to arrived."""

    ASKED = "asked"
    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    DROPPED = "dropped"
    """Asked for by mistake, or not needed any more."""


NEED_WORDS = {
    NeedState.ASKED: "要請中",
    NeedState.ON_THE_WAY: "輸送中",
    NeedState.ARRIVED: "到着",
    NeedState.DROPPED: "取り消し",
}
OPEN_NEEDS = frozenset({NeedState.ASKED, NeedState.ON_THE_WAY})


@dataclass(frozen=True, slots=True)
class Word:
    """The newest word of how a shelter stands."""

    state: ShelterState
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many people are there, as somebody counted them."""

    people: int
    households: int | None
    """None is not counted."""
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a shelter asks for."""

    id: str
    """Random, made with the form: sent twice, it is one."""
    shelter: str
    goods: Goods
    quantity: int
    said: str
    state: NeedState
    asked_at: datetime
    changed_at: datetime
    who: str
    version: int = 1
