"""Which world's store gets a draft: the one that its status names, and never another."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from disaster_hub.config import Config
from disaster_hub.config_outside import Sibling
from disaster_hub.store import staff, worlds
from disaster_hub.store.session import Transaction, open_store
from disaster_hub.terms.alert import Status
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.mark import EXERCISE
from disaster_hub.terms.role import Right, may
from disaster_hub.terms.world import World, WorldKind

log = logging.getLogger("disaster_hub.web")
STATUS_WORDS = {Status.ACTUAL: "実際", Status.EXERCISE: "訓練", Status.TEST: "試験"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a draft of one status goes."""

    status: Status
    sibling: Sibling | None
    """None: this very hub."""


def status_of(text: str) -> Status:
    """Read what an officer chose; nothing, or anything else, is refused: there is no default."""
    if text not in set(Status):
        raise BadInput("実際・訓練・試験のどれかを選んでください（はじめから選ばれてはいません）")
    return Status(text)


def place_of(status: Status, config: Config, world: World) -> Place:
    """Say where a draft of *status* goes; BadInput where no world of this city is for it."""
    if status is (Status.EXERCISE if world.exercise else Status.ACTUAL):
        return Place(status, None)
    found = next((one for one in config.siblings if one.status == status.value), None)
    if found is None:
        word = STATUS_WORDS[status]
        here = "訓練・再現" if world.exercise else "本番"
        raise BadInput(
            f"「{word}」の起案を置く世界が設定されていません。ここは{here}の世界です。"
            f"「{word}」はその世界の画面から起案するか、管理者に設定（siblings）を頼んでください"
        )
    return Place(status, found)


def leaves_as(status: Status, config: Config, world: World) -> str:
    """Say before anybody approves where a draft goes and how its messages will be marked; empty where no world is."""
    try:
        place = place_of(status, config, world)
    except BadInput:
        return ""
    name = world.name if place.sibling is None else place.sibling.name
    if status is Status.ACTUAL:
        return f"本番の世界「{name}」から、実際の知らせとして住民に届きます。印は付きません。"
    said = f"「{name}」から出ます。すべての知らせと渡す文面の先頭に{EXERCISE}と付きます。"
    return said + ("試験も訓練として出ます。【試験】とは付きません。" if status is Status.TEST else "")


def write_there(place: Place, who: str, write: Callable[[Transaction], None]) -> None:
    """Let *write* act in the sibling's store, once it has said that it is the world that is meant and knows *who*."""
    assert place.sibling is not None
    store = open_store(place.sibling.store)
    try:
        with store.write() as tx:
            kind = worlds.current(tx).kind
            if (kind is WorldKind.REAL) is not (place.status is Status.ACTUAL):
                log.error("siblings: %r is a store of the world %s: nothing was kept there", place.sibling.name, kind)
                raise BadInput(
                    f"「{place.sibling.name}」は別の世界（{kind}）の置き場です。管理者に設定を直してもらってください"
                )
            account = staff.find(tx, who)
            if account is None or account.disabled_at is not None or not may(account.role, Right.DECIDE):
                raise BadInput(f"「{place.sibling.name}」に、あなた（{who}）の起案の権限がありません")
            write(tx)
    finally:
        store.close()
