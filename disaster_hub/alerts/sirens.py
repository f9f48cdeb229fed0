"""Does each channel work? What the last canaries say, and what nobody has measured."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from disaster_hub.config import Config
from disaster_hub.config_outside import Canary
from disaster_hub.store import canary as canaries
from disaster_hub.store import handsets
from disaster_hub.store.session import Transaction
from disaster_hub.terms.siren import Handset, Round, Siren, SirenState

RECEIPT = re.compile(r"/api/canary/([A-Za-z0-9_-]{16,64})(?![A-Za-z0-9_-])")
LOOK_S = 2.0
"""How often the clock looks, at most."""
SIGNS: Mapping[str, str] = {
    "our fault": "相手のサービスが、こちらの鍵か設定を受け付けません",
    "no answer": "相手のサービスから応答がありません", "no connection": "相手のサービスにつながりません",
    "broke off": "相手のサービスとの接続が切れました", "busy": "相手のサービスが混み合っているか、止まっています",
    "gone": "この端末の登録がなくなっています", "refused": "この端末の宛先が受け付けられません",
}  # fmt: skip
"""What stands in a channel's reason → what it means here; the first that fits counts."""
UNSET = (
    "試験用の端末がありません。プッシュは「試験用の端末」の画面で、"
    "ほかは管理者が設定（config.toml の [[canaries]]）で加えます"
)
LOST = timedelta(seconds=30)
"""Beyond a period without a new round, the measuring itself has stopped."""


def canaries_of(tx: Transaction, config: Config) -> list[Canary]:
    """Give every test handset by which a channel is judged: configured, or enrolled and proved."""
    enrolled = [as_canary(one) for one in handsets.every(tx) if one.proved_wall is not None]
    return [*config.canaries, *enrolled]


def as_canary(one: Handset) -> Canary:
    """Write an enrolled handset as the configuration would."""
    return Canary(one.channel, one.address, one.name)


def gap(one: Canary) -> timedelta:
    """Say how long after one canary the next is sent: so soon that a broken channel shows within one period."""
    return timedelta(seconds=max(one.every_s / 4, one.every_s - one.within_s - 2 * LOOK_S))


def state(tx: Transaction, config: Config, wall: datetime) -> list[Siren]:
    """Say how every channel stands, the worst first: each test handset, and each channel in use that has none."""
    known = canaries_of(tx, config)
    found = [of_canary(tx, one, wall) for one in known]
    measured = {one.channel for one in known}
    found += [Siren(channel, SirenState.NOT_SET, why=UNSET) for channel in in_use(config) if channel not in measured]
    order = (SirenState.BROKEN, SirenState.LATE, SirenState.UNKNOWN, SirenState.NOT_SET, SirenState.OK)
    return sorted(found, key=lambda one: order.index(one.state))


def shown(tx: Transaction, config: Config, wall: datetime) -> list[Siren]:
    """Give what the watch board shows: what is broken, and what has a test handset and was not measured."""
    return [one for one in state(tx, config, wall) if one.wrong or one.state is SirenState.UNKNOWN]


def receipt(tx: Transaction, text: str, wall: datetime) -> bool:
    """Count a receipt that came back over a channel: a reply or a tap that bears the address of a canary."""
    found = RECEIPT.search(text)
    return found is not None and canaries.receive(tx, found[1], wall) is not None


def in_use(config: Config) -> list[str]:
    """Name the channels that are set up here."""
    ours = {
        "webpush": config.push is not None, "line": config.line_bot is not None, "email": config.mail is not None,
    }  # fmt: skip
    kinds = dict.fromkeys(one.kind for one in config.gateways)
    return [name for name, there in ours.items() if there] + [one for one in kinds if one not in ours]


def of_canary(tx: Transaction, one: Canary, wall: datetime) -> Siren:
    """Say how one channel stands by its test handset."""
    handset = canaries.mark(one.channel, one.address)
    rounds = canaries.rounds(tx, one.channel, handset)
    word, why, rests_on = judge(rounds, one, wall)
    good = canaries.last_received(tx, one.channel, handset)
    last, seconds = (None, None) if good is None else (good.received_wall, good.seconds)
    return Siren(one.channel, word, last, seconds, why, one.name, handset, rests_on)


def judge(rounds: Sequence[Round], one: Canary, wall: datetime) -> tuple[SirenState, str, int]:
    """Judge by the newest round that is over: received, refused, past its time; one still on its way says nothing."""
    if not rounds:
        return SirenState.UNKNOWN, "まだ一度も確かめていません", 0
    if wall - rounds[0].sent_wall > timedelta(seconds=one.every_s) + LOST:
        return SirenState.UNKNOWN, "確認そのものが止まっています", rounds[0].id
    over = next((r for r in rounds if _over(r, wall)), None)
    if over is None:
        return SirenState.UNKNOWN, "はじめての確認を待っています", rounds[0].id
    return *_ended(over, one), over.id


def _ended(over: Round, one: Canary) -> tuple[SirenState, str]:
    """Say what one round that is over means."""
    if over.received_wall is not None:
        if over.received_wall <= over.due_wall:
            return SirenState.OK, ""
        return SirenState.LATE, f"届くまで{over.seconds:.0f}秒かかりました（{one.within_s:.0f}秒まで）"
    if over.state == "sent":
        return SirenState.LATE, f"送信は受け付けられ、{one.within_s:.0f}秒たっても届いた返事がありません"
    return SirenState.BROKEN, over.refused or _in_words(over.reason)


def _in_words(reason: str) -> str:
    """Say a channel's own reason to an officer; its own words stand behind it for whoever mends it."""
    if not reason:
        return "送信が進んでいません（post が止まっていませんか）"
    said = next((words for sign, words in SIGNS.items() if sign in reason), "送れませんでした")
    return f"{said}（{reason}）"


def _over(one: Round, wall: datetime) -> bool:
    return one.received_wall is not None or bool(one.refused) or one.state == "refused" or one.due_wall <= wall
